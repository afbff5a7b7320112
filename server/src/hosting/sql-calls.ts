/** The record of every statement: there before it runs, closed with what came of it. What it said is sealed. */
import type { DataKeys } from '../accounts/data-keys.ts';
import { writeOf } from '../databases/reminders/write-of.ts';
import type { Outcome } from '../databases/router/router.ts';
import type { ChatData, TargetName } from '../databases/router/targets.ts';
import { type Db, one, run, sql } from '../db/database.ts';

export interface SqlCall {
  organisationId: string;
  containerId: string;
  appId: string;
  chatId?: string | undefined;
  turnId?: string | undefined;
  agent: string;
  askedBy: string;
  agreedBy?: string | undefined;
  target: TargetName;
  mode: ChatData['mode'];
  sql: string;
  /** the call whose statement this repeats on the other database: what becomes of it counts as the same change */
  replays?: string | undefined;
}

/** Where the statement of a call is sealed to. */
export const placeOfStatement = (id: string): string => `sql ${id}`;

/**
 * Records the call, makes it and closes the record.
 * @param ask is given the id under which a write leaves its receipt
 */
export async function recorded(
  parts: { db: Db; keys: DataKeys },
  call: SqlCall,
  ask: (receipt: string) => Promise<Outcome>,
): Promise<Outcome> {
  const { id } = await one(parts.db, sql<{ id: string }>`select uuidv7() as id`);
  const statement = await parts.keys.seal(call.organisationId, placeOfStatement(id), call.sql.slice(0, 100_000));
  const writes = writeOf(call.sql);
  const fingerprint = await printOf(parts.keys, call, writes?.canonical);
  const environment = call.target === 'staging' && call.mode === 'dual-repository' ? 'site' : call.target;
  await run(
    parts.db,
    sql`insert into sql_calls (id, organisation_id, container_id, app_id, chat_id, turn_id, agent, asked_by, agreed_by, target, statement, writes, state,
        environment, action, tables, fingerprint, replays)
      values (${id}, ${call.organisationId}, ${call.containerId}, ${call.appId}, ${call.chatId ?? null}, ${call.turnId ?? null}, ${call.agent}, ${call.askedBy},
        ${call.agreedBy ?? null}, ${call.target}, ${statement}, ${writes !== undefined}, 'open',
        ${environment}, ${writes?.action ?? null}, ${writes?.tables ?? []}::text[], ${fingerprint ?? null}, ${call.replays ?? null})`,
  );
  let outcome: Outcome;
  try {
    outcome = await ask(id);
  } catch (error) {
    await closeCall(parts.db, id, writes ? { state: 'unknown' } : { state: 'refused', rule: 'unavailable' });
    throw error;
  }
  await closeCall(parts.db, id, endOf(outcome));
  return outcome;
}

/** By it a write is known on the other database; a read of the console only by a yes to exactly this text. */
async function printOf(keys: DataKeys, call: SqlCall, canonical: string | undefined): Promise<string | undefined> {
  if (canonical !== undefined) return keys.print(call.organisationId, 'sql', canonical);
  return call.turnId === undefined ? keys.print(call.organisationId, 'sql read', call.sql) : undefined;
}

interface End {
  state: 'done' | 'refused' | 'unknown';
  rule?: string;
  rows?: number;
  ms?: number;
  tables?: string[];
}

function endOf(outcome: Outcome): End {
  if (outcome.kind === 'ask') return { state: 'refused', rule: 'asks' };
  if (outcome.kind === 'refused') return { state: 'refused', rule: outcome.rule };
  const { affected, rows, ms, tables } = outcome.result;
  return { state: 'done', rows: affected ?? rows.length, ms, tables };
}

/** What came of a call. @param by whoever made it knows better than who only looked afterwards, and finds it still open */
export async function closeCall(db: Db, id: string, end: End, by: 'making' | 'settling' = 'making'): Promise<void> {
  await run(
    db,
    sql`update sql_calls set state = ${end.state}, rule = ${end.rule ?? null}, rows = ${end.rows ?? null}, ms = ${end.ms ?? null},
      tables = coalesce(${end.tables ?? null}::text[], tables), ended_at = now() where id = ${id} ${by === 'settling' ? sql`and state = 'open'` : sql``}`,
  );
}
