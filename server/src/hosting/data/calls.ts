/** Who read and changed what: the recorded statements of a container, newest first. What one said is opened when somebody asks for it. */
import type { z } from 'zod';
import type { callsQuery, DataCall } from '../../../../contract/data.ts';
import type { DataKeys } from '../../accounts/data-keys.ts';
import { type Db, many, maybe, sql } from '../../db/database.ts';
import { AppError } from '../../errors.ts';
import { placeOfStatement } from '../sql-calls.ts';

const PAGE = 50;

type Row = Omit<DataCall, 'at'> & { at: Date; sealed: Buffer | null };

/** One page, along the ids. @param by whose own, where only those are wanted */
export async function listCalls(
  { db, keys }: { db: Db; keys: DataKeys },
  container: { id: string; organisationId: string },
  by: string,
  { appId, table, person, own, reads, after }: z.output<typeof callsQuery>,
): Promise<{ items: DataCall[]; next: string | null }> {
  const where = [
    sql`s.container_id = ${container.id}`,
    ...(after ? [sql`s.id < ${after}`] : []),
    ...(own ? [sql`s.asked_by = ${by} and s.agent = 'console'`] : reads ? [] : [sql`s.writes`]),
    ...(person ? [sql`s.asked_by = ${person}`] : []),
    ...(appId ? [sql`coalesce(s.app_id, h.app_id) = ${appId}`] : []),
    ...(table ? [sql`${table} = any (s.tables)`] : []),
  ];
  const rows = await many(
    db,
    sql<Row>`select s.id, s.called_at as at, s.agent, s.target, s.tables, s.writes, s.state, s.rule, s.rows, s.ms, ${own ? sql`s.statement` : sql`null`} as sealed,
        case when u.id is not null then json_build_object('id', u.id, 'name', u.name) end as "askedBy",
        case when g.id is not null then json_build_object('id', g.id, 'name', g.name) end as "agreedBy",
        case when h.id is not null then json_build_object('id', h.id, 'title', h.title) end as chat,
        case when a.id is not null then json_build_object('id', a.id, 'slug', a.slug, 'name', a.name, 'colour', a.colour, 'icon', a.icon) end as app
      from sql_calls s left join users u on u.id = s.asked_by left join users g on g.id = s.agreed_by left join chats h on h.id = s.chat_id
        left join apps a on a.id = coalesce(s.app_id, h.app_id)
      where ${sql.join(where, sql` and `)} order by s.id desc limit ${PAGE + 1}`,
  );
  const items = await Promise.all(
    rows.slice(0, PAGE).map(async ({ sealed, ...row }) => ({
      ...row,
      at: row.at.toISOString(),
      ...(sealed
        ? { statement: await keys.open<string>(container.organisationId, placeOfStatement(row.id), sealed) }
        : {}),
    })),
  );
  return { items, next: rows.length > PAGE ? items.at(-1)!.id : null };
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
