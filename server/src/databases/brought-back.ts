/** What came back beside what is there: tables and columns under a name of their own, that no change of the app has made or used since. They can be removed again. */
import pg from 'pg';
import { AppError, messageOf } from '../errors.ts';
import { appliedChanges } from './changes.ts';
import { countRows, isNameBack, tablesIn } from './kept.ts';

const id = pg.escapeIdentifier;

export interface BroughtBack {
  table: string;
  /** null: the table as a whole came back */
  column: string | null;
  /** rows of the table, or with something in the column, among the first million */
  rows: number;
}

const MOST_SHOWN = 200;

/** @param client connected as the owner, with the schema as its search_path */
export async function listBroughtBack(client: pg.Client, schema: string): Promise<BroughtBack[]> {
  const found: Omit<BroughtBack, 'rows'>[] = [];
  const used = await wordsOfChanges(client);
  for (const [table, { columns }] of await tablesIn(client, schema)) {
    if (isNameBack(table) && !used(table)) found.push({ table, column: null });
    else for (const { name } of columns) if (isNameBack(name) && !used(name)) found.push({ table, column: name });
  }
  const shown: BroughtBack[] = [];
  for (const one of found.slice(0, MOST_SHOWN))
    shown.push({ ...one, rows: await countRows(client, schema, one.table, one.column) });
  return shown;
}

/**
 * Removes one. Inside the caller's transaction.
 * @throws AppError `not_brought_back` (it is the app's own by now, or is not there), `brought_back_used`
 */
export async function removeBroughtBack(
  client: pg.Client,
  schema: string,
  { table, column }: { table: string; column: string | null },
): Promise<void> {
  // no change that builds on it is made between the look and the removal
  await client.query('select pg_advisory_xact_lock(hashtextextended($1, 0))', [schema]);
  const there = (await tablesIn(client, schema)).get(table);
  const name = column ?? table;
  const isThere = column === null ? there : there?.columns.some((one) => one.name === column);
  if (!isThere || !isNameBack(name))
    throw new AppError('not_brought_back', 'missing', `There is nothing called ${name} that was brought back.`);
  if ((await wordsOfChanges(client))(name))
    throw new AppError('not_brought_back', 'conflict', `${name} belongs to the app by now.`, {
      detail: 'A change of the app uses it. Remove it in a chat.',
    });
  const place = `${id(schema)}.${id(table)}`;
  try {
    await client.query(
      column === null ? `drop table ${place} restrict` : `alter table ${place} drop column ${id(column)} restrict`,
    );
  } catch (cause) {
    if ((cause as pg.DatabaseError).code !== '2BP01') throw cause;
    throw new AppError('brought_back_used', 'conflict', `Something still uses ${name}: ${messageOf(cause)}.`, {
      detail: 'Remove that in a chat first.',
      cause,
    });
  }
}

/** Whether a name's every word is among those of the changes that were made here. */
async function wordsOfChanges(client: pg.Client): Promise<(name: string) => boolean> {
  const wordsOf = (text: string) => text.toLowerCase().match(/[\p{L}\p{N}_][\p{L}\p{M}\p{N}_$]*/gu) ?? [];
  const applied = await appliedChanges(client);
  const words = new Set(applied.flatMap(({ statements }) => wordsOf(statements.join('\n'))));
  return (name) => wordsOf(name).every((word) => words.has(word));
}
