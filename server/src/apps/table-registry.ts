/** What was said of an app's tables: what each is for and where it lives, by an assistant or a person. What a person said, only people change. */
import type { TableHome } from '../../../contract/schema-operations.ts';
import { type Db, many, run, sql, transaction } from '../db/database.ts';
import { AppError } from '../errors.ts';

export interface TableEntry {
  purpose: string;
  /** null: what the app's mode says */
  home: TableHome | null;
  /** values that several rows have, by column */
  examples: Record<string, string[]>;
  examplesAt: Date | null;
  /** a person who described it */
  setBy: { id: string; name: string } | null;
}

/** Tables of an app of which something is known are at most so many. */
const MOST_TABLES = 1000;

/** By table. */
export async function readRegistry(db: Db, appId: string): Promise<Map<string, TableEntry>> {
  const rows = await many(
    db,
    sql<
      TableEntry & { table: string }
    >`select t.table_name as "table", t.purpose, t.home, t.examples, t.examples_at as "examplesAt",
        case when u.id is not null then json_build_object('id', u.id, 'name', u.name) end as "setBy"
      from crm_tabs t left join users u on u.id = t.set_by where t.app_id = ${appId}`,
  );
  return new Map(rows.map(({ table, ...entry }) => [table, entry]));
}

export interface Description {
  table: string;
  purpose?: string | undefined;
  home?: TableHome | null | undefined;
}

/** What an assistant says of tables; a table that a person described stays as it is. */
export async function describeByAssistant(
  db: Db,
  appId: string,
  chatId: string,
  descriptions: readonly Description[],
): Promise<void> {
  for (const { table, purpose, home } of descriptions)
    await run(
      db,
      sql`insert into crm_tabs (app_id, table_name, purpose, home, chat_id)
        select ${appId}, ${table}, ${purpose ?? ''}, ${home ?? null}, ${chatId} where (select count(*) from crm_tabs where app_id = ${appId}) < ${MOST_TABLES}
        on conflict (app_id, table_name) do update set purpose = coalesce(${purpose ?? null}, crm_tabs.purpose), home = coalesce(${home ?? null}, crm_tabs.home),
          chat_id = excluded.chat_id, set_at = now() where crm_tabs.set_by is null`,
    );
}

/** What a person says of a table, and that they did. @throws AppError `too_many_tables` */
export async function describeByPerson(
  db: Db,
  place: { appId: string; containerId: string },
  by: string,
  { table, purpose, home }: Description,
): Promise<void> {
  const { appId, containerId } = place;
  await transaction(db, async (tx) => {
    const [written] = await many(
      tx,
      sql<{ ok: boolean }>`insert into crm_tabs (app_id, table_name, purpose, home, set_by)
        select ${appId}, ${table}, ${purpose ?? ''}, ${home ?? null}, ${by} where (select count(*) from crm_tabs where app_id = ${appId}) < ${MOST_TABLES}
        on conflict (app_id, table_name) do update set purpose = excluded.purpose, home = excluded.home, chat_id = null, set_by = excluded.set_by, set_at = now()
        returning true as ok`,
    );
    if (!written)
      throw new AppError('too_many_tables', 'limit', `At most ${MOST_TABLES} tables of an app are described.`);
    await run(
      tx,
      sql`insert into data_acts (container_id, by_user, act, app_id, table_name) values (${containerId}, ${by}, 'describe', ${appId}, ${table})`,
    );
  });
}

/** Keeps the examples of tables as they are now. */
export async function writeExamples(
  db: Db,
  appId: string,
  examples: ReadonlyMap<string, Record<string, string[]>>,
): Promise<void> {
  for (const [table, found] of examples)
    await run(
      db,
      sql`insert into crm_tabs (app_id, table_name, examples, examples_at)
        select ${appId}, ${table}, ${JSON.stringify(found)}::jsonb, now() where (select count(*) from crm_tabs where app_id = ${appId}) < ${MOST_TABLES}
        on conflict (app_id, table_name) do update set examples = excluded.examples, examples_at = now()`,
    );
}
