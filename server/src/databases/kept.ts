/**
 * What changes have dropped and a copy still has: tables and columns of the schemas that are kept beside an app's own. One comes back under a name of
 * its own beside what is there, with its rows: the app's changes know nothing of it, so no later change and no release can collide with it.
 */
import pg from 'pg';
import { AppError } from '../errors.ts';
import type { Applied } from './changes.ts';
import { appliedChanges } from './changes.ts';
import { type CatalogTable, readCatalog } from './router/catalog.ts';

const id = pg.escapeIdentifier;

export interface KeptCopy {
  /** the schema that the copy is in */
  schema: string;
  /** of the release that dropped it */
  release: number;
  /** hours since 1970 */
  hour: number;
}

export interface Dropped {
  release: number;
  table: string;
  /** null: the table as a whole */
  column: string | null;
  /** rows that the copy has, or values of the column, of at most MOST_COUNTED rows */
  rows: number;
  /** when it was dropped, and by the change of which chat */
  at: Date;
  chat: string | null;
  /** what it is called since it came back */
  back: string | null;
}

const MOST_COUNTED = 1_000_000;
const MOST_SHOWN = 200;

/** The copies of a schema by their names. */
export const keptCopies = (schema: string, names: readonly string[]): KeptCopy[] =>
  names.flatMap((name) => {
    const found = name.startsWith(`${schema}__k`) ? /^k(\d+)h(\d+)$/.exec(name.slice(schema.length + 2)) : null;
    return found ? [{ schema: name, release: Number(found[1]), hour: Number(found[2]) }] : [];
  });

/** What something is called when it is back: its name and the number of the release that dropped it. */
export const nameBack = (name: string, release: number): string => {
  const tail = `_kept${release}`;
  return `${name.slice(0, 63 - tail.length)}${tail}`;
};

/** Whether something is called as what came back is. */
export const isNameBack = (name: string): boolean => /_kept\d+$/.test(name);

/** What the copies have and the schema has no more. @param client connected as the owner, with the schema as its search_path */
export async function listDropped(client: pg.Client, schema: string, copies: readonly KeptCopy[]): Promise<Dropped[]> {
  const now = await tablesIn(client, schema);
  const applied = await appliedChanges(client);
  const found: Dropped[] = [];
  for (const copy of [...copies].sort((a, b) => b.release - a.release)) {
    const changes = await changesSince(client, copy, applied);
    for (const [name, kept] of await tablesIn(client, copy.schema)) {
      const table = now.get(name);
      const gone = table
        ? kept.columns.filter((one) => !table.columns.some((column) => column.name === one.name))
        : [undefined];
      for (const column of gone) {
        const change = changes.find((one) => drops(one, name, column?.name));
        // what is called otherwise since is not lost; what an older copy has as well was dropped later
        if (!change || found.some((one) => one.table === name && one.column === (column?.name ?? null))) continue;
        const back = nameBack(column?.name ?? name, copy.release);
        found.push({
          release: copy.release,
          table: name,
          column: column?.name ?? null,
          rows: await countRows(client, copy.schema, name, column?.name ?? null),
          at: change.at,
          chat: change.origin?.chat ?? null,
          back: (column ? table!.columns.some((one) => one.name === back) : now.has(back)) ? back : null,
        });
        if (found.length >= MOST_SHOWN) return found;
      }
    }
  }
  return found;
}

/**
 * Brings one back. Inside the caller's transaction; what is back already stays as it is.
 * @returns what it is called, and how many rows have something of it
 * @throws AppError `kept_gone`, `kept_no_key`
 */
export async function bringBack(
  client: pg.Client,
  schema: string,
  copy: KeptCopy,
  what: { table: string; column: string | null },
): Promise<{ name: string; rows: number }> {
  await client.query('select pg_advisory_xact_lock(hashtextextended($1, 0))', [schema]);
  const { table, column } = what;
  const kept = (await tablesIn(client, copy.schema)).get(table);
  const now = await tablesIn(client, schema);
  const from = `${id(copy.schema)}.${id(table)}`;
  if (!kept || (column !== null && !kept.columns.some(({ name }) => name === column)))
    throw new AppError('kept_gone', 'missing', 'It is not kept any more.', {
      detail: 'What a change drops is kept for 48 hours.',
    });
  if (column === null) {
    const name = nameBack(table, copy.release);
    if (!now.has(name)) {
      await client.query(`create table ${id(schema)}.${id(name)} as select * from ${from}`);
      await keyOf(client, `${id(schema)}.${id(name)}`, kept);
      await client.query(
        `comment on table ${id(schema)}.${id(name)} is ${pg.escapeLiteral(`${table} as it was before release ${copy.release} dropped it`)}`,
      );
    }
    return { name, rows: await countRows(client, schema, name) };
  }
  const name = nameBack(column, copy.release);
  const there = now.get(table);
  if (!there)
    throw new AppError('kept_gone', 'missing', `There is no table ${table} any more.`, {
      detail: 'Bring the table back.',
    });
  const target = `${id(schema)}.${id(table)}`;
  if (!there.columns.some((one) => one.name === name)) {
    const key = there.primaryKey;
    if (key.length === 0 || key.some((part) => !kept.columns.some((one) => one.name === part)))
      throw new AppError(
        'kept_no_key',
        'conflict',
        `${table} has no key by which its rows of now are found in the copy.`,
      );
    const type = kept.columns.find((one) => one.name === column)!.type;
    await client.query(`alter table ${target} add column ${id(name)} ${type}`);
    await client.query(
      `update ${target} t set ${id(name)} = k.${id(column)} from ${from} k
       where ${key.map((part) => `t.${id(part)} = k.${id(part)}`).join(' and ')} and k.${id(column)} is not null`,
    );
  }
  const { rows } = await client.query<{ n: number }>(`select count(${id(name)})::int as n from ${target}`);
  return { name, rows: rows[0]!.n };
}

/** A copy has no rules; where its id is unique it is the key again, so that rows can be looked at page by page. */
async function keyOf(client: pg.Client, table: string, { columns }: CatalogTable): Promise<void> {
  if (!columns.some(({ name }) => name === 'id')) return;
  await client.query('savepoint key');
  try {
    await client.query(`alter table ${table} add primary key (id)`);
    await client.query('release savepoint key');
  } catch {
    await client.query('rollback to savepoint key');
  }
}

/** A schema's tables by their names. */
export async function tablesIn(client: pg.Client, schema: string): Promise<Map<string, CatalogTable>> {
  const { tables } = await readCatalog(client, [schema]);
  return new Map([...tables.values()].filter(({ kind }) => kind === 'table').map((table) => [table.name, table]));
}

/** The changes that were made after the copy. */
async function changesSince(client: pg.Client, { schema }: KeptCopy, applied: Applied[]): Promise<Applied[]> {
  const { rows } = await client.query<{ id: string }>(`select id from ${id(schema)}._vibe_changes`);
  const before = new Set(rows.map((row) => row.id));
  return applied.filter((change) => !before.has(change.id));
}

/** Whether a change drops the table or column, by the forms in which changes are written. */
function drops({ statements }: Applied, table: string, column: string | undefined): boolean {
  const named = (name: string) => `"?${name.replaceAll(/[^\w]/g, '\\$&')}"?`;
  const form = column
    ? new RegExp(`^alter table ${named(table)} .*drop column (?:if exists )?${named(column)}(?:\\W|$)`, 'is')
    : new RegExp(`^drop table (?:if exists )?${named(table)}(?:\\W|$)`, 'i');
  return statements.some((statement) => form.test(statement));
}

/** At most MOST_COUNTED. @param column counts rows with something in it, of as many */
export async function countRows(
  client: pg.Client,
  schema: string,
  table: string,
  column: string | null = null,
): Promise<number> {
  const { rows } = await client.query<{ n: number }>(
    `select count(one)::int as n from (select ${column === null ? '1' : id(column)} as one from ${id(schema)}.${id(table)} limit ${MOST_COUNTED}) counted`,
  );
  return rows[0]!.n;
}
