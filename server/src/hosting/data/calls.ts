/** Recorded statements: a person's own of the console, and what one said. */
import type { DataCall } from '../../../../contract/data.ts';
import type { DataKeys } from '../../accounts/data-keys.ts';
import { type Db, many, maybe, sql } from '../../db/database.ts';
import { AppError } from '../../errors.ts';
import { placeOfStatement } from '../sql-calls.ts';

const PAGE = 50;

/** The latest of a person's own statements of the console, newest first. */
export async function listOwnCalls(
  { db, keys }: { db: Db; keys: DataKeys },
  container: { id: string; organisationId: string },
  by: string,
): Promise<DataCall[]> {
  const rows = await many(
    db,
    sql<Omit<DataCall, 'at' | 'statement'> & { at: Date; sealed: Buffer }>`
      select id, called_at as at, target, state, statement as sealed from sql_calls
      where container_id = ${container.id} and asked_by = ${by} and agent = 'console' order by called_at desc, id desc limit ${PAGE}`,
  );
  return Promise.all(
    rows.map(async ({ sealed, ...row }) => ({
      ...row,
      at: row.at.toISOString(),
      statement: await keys.open<string>(container.organisationId, placeOfStatement(row.id), sealed),
    })),
  );
}

/** What a recorded statement said. @throws AppError `call_not_found` */
export async function openStatement(
  { db, keys }: { db: Db; keys: DataKeys },
  container: { id: string; organisationId: string },
  id: string,
): Promise<string> {
  const row = await maybe(
    db,
    sql<{ statement: Buffer }>`select statement from sql_calls where id = ${id} and container_id = ${container.id}`,
  );
  if (!row) throw new AppError('call_not_found', 'missing', 'There is no such statement.');
  return keys.open<string>(container.organisationId, placeOfStatement(id), row.statement);
}
