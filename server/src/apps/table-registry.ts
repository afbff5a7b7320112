/** What was said of an app's tables: what each is for and where it lives, by an assistant or a person. What a person said, only people change. */
import type { TableHome } from '../../../contract/schema-operations.ts';
import { recordAct } from '../databases/acts.ts';
import { type Db, many, maybe, one, run, sql, type Tx, transaction } from '../db/database.ts';
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

/** What an assistant says of tables in a turn; a table that a person described stays as it is. */
export async function describeByAssistant(
  db: Db,
  by: { appId: string; chatId: string; turnId: string },
  descriptions: readonly Description[],
): Promise<void> {
  if (descriptions.length === 0) return;
  const { appId, chatId, turnId } = by;
  await transaction(db, async (tx) => {
    const asked = await one(tx, sql<{ by: string }>`select asked_by as by from turns where id = ${turnId}`);
    for (const { table, purpose, home } of descriptions) {
      const before = await maybe(
        tx,
        sql<Said>`select purpose, home from crm_tabs where app_id = ${appId} and table_name = ${table} for update`,
      );
      const said = await maybe(
        tx,
        sql<Said>`insert into crm_tabs (app_id, table_name, purpose, home, chat_id)
          select ${appId}, ${table}, ${purpose ?? ''}, ${home ?? null}, ${chatId} where (select count(*) from crm_tabs where app_id = ${appId}) < ${MOST_TABLES}
          on conflict (app_id, table_name) do update set purpose = coalesce(${purpose ?? null}, crm_tabs.purpose), home = coalesce(${home ?? null}, crm_tabs.home),
            chat_id = excluded.chat_id, set_at = now() where crm_tabs.set_by is null
          returning purpose, home`,
      );
      if (said)
        await run(
          tx,
          sql`insert into crm_tab_turns (turn_id, app_id, table_name, purpose_before, home_before, purpose, home)
            values (${turnId}, ${appId}, ${table}, ${before?.purpose ?? ''}, ${before?.home ?? null}, ${said.purpose}, ${said.home})
            on conflict (turn_id, table_name) do update set purpose = excluded.purpose, home = excluded.home`,
        );
      if (said && (said.purpose !== (before?.purpose ?? '') || said.home !== (before?.home ?? null)))
        await recordAct(tx, {
          ...{ act: 'describe', appId, chatId, turnId, agent: 'builder', by: asked.by },
          ...{ name: table, tables: [table], note: said.purpose },
        });
    }
  });
}

interface Said {
  purpose: string;
  home: TableHome | null;
}

/**
 * Takes back what turns said of tables, or says it again: what the latest turn that is not taken back said is said then. What somebody else has
 * said since stays.
 * @param tx the transaction in which the turns are taken back
 */
export async function takeDescriptionsBack(tx: Tx, turnIds: readonly string[], again = false): Promise<void> {
  const tables = await many(
    tx,
    sql<{ appId: string; table: string; said: Said[] }>`select d.app_id as "appId", d.table_name as "table",
        json_agg(json_build_object('purpose', d.purpose, 'home', d.home) order by t.number desc) as said
      from crm_tab_turns d join turns t on t.id = d.turn_id where d.turn_id = any (${turnIds}::uuid[]) group by 1, 2`,
  );
  for (const { appId, table, said } of tables) {
    const without = (await maybe(
      tx,
      sql<Said>`select d.purpose, d.home from crm_tab_turns d join turns t on t.id = d.turn_id
        where d.app_id = ${appId} and d.table_name = ${table} and t.undone_at is null and d.turn_id <> all (${turnIds}::uuid[])
        order by coalesce(t.started_at, t.created_at) desc, t.id desc limit 1`,
    )) ?? { purpose: '', home: null };
    const [from, to] = again ? [[without], said[0]!] : [said, without];
    await run(
      tx,
      sql`update crm_tabs set purpose = ${to.purpose}, home = ${to.home}, set_at = now()
        where app_id = ${appId} and table_name = ${table} and set_by is null
          and exists (select from jsonb_to_recordset(${JSON.stringify(from)}::jsonb) s (purpose text, home text)
            where s.purpose = crm_tabs.purpose and s.home is not distinct from crm_tabs.home)`,
    );
  }
}

/** What a person says of a table, and that they did. @throws AppError `too_many_tables` */
export async function describeByPerson(
  db: Db,
  { appId }: { appId: string },
  by: string,
  { table, purpose, home }: Description,
): Promise<void> {
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
    await recordAct(tx, { act: 'describe', appId, by, name: table, tables: [table], note: purpose ?? null });
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
