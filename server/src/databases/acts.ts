/**
 * What was done to a container's tables, rows and their settings and no other table says: who, what, where, when. What the platform's own database has is
 * written in the same transaction; what another one has is there before (`open`) and closed after. Nobody else writes in this table.
 */
import type { DataAct, DataAction, DataEnvironment, Verdict } from '../../../contract/data.ts';
import { type Db, maybe, one, run, sql } from '../db/database.ts';
import { AppError, type ErrorKind } from '../errors.ts';

export interface Act {
  act: DataAct | 'release';
  /** null: of the container as a whole, which is named then */
  appId: string | null;
  containerId?: string;
  /** null: Vibe by itself, or somebody who is not known */
  by: string | null;
  agent?: string | null;
  agreedBy?: string | null;
  /** where the rows are that it changed, as rules name the places */
  environment?: DataEnvironment | null;
  chatId?: string | null;
  turnId?: string | null;
  releaseId?: string | null;
  /** what was named, where that is more than tables */
  name?: string | null;
  tables?: readonly string[];
  rows?: number | null;
  note?: string | null;
  /** of a rule */
  action?: DataAction | null;
  verdict?: Verdict | null;
  /** what ran, and the id that it was sealed for */
  sealed?: { id: string; text: Buffer } | null;
}

export type ActState = 'done' | 'partly' | 'failed' | 'unknown';

const MOST_WORDS = 2000;
const MOST_NAME = 300;
const MOST_TABLES = 200;
/** Of a name in PostgreSQL. */
const LONGEST_NAME = 63;

/** @param db the transaction in which it is done */
export async function recordAct(db: Db, act: Act): Promise<void> {
  await insertAct(db, act, 'done');
}

/** An act in another database is there before it is done: a kill leaves it open, and the next start says that nobody knows. @returns its id */
export const beginAct = (db: Db, act: Act): Promise<string> => insertAct(db, act, 'open');

/** It is done. @param db the transaction in which the platform hears of it */
export async function endAct(db: Db, id: string, { rows, tables }: Pick<Act, 'rows' | 'tables'> = {}): Promise<void> {
  await run(
    db,
    sql`update data_acts set state = 'done', ended_at = now(), rows = ${rows ?? null}, tables = coalesce(${tables ? capped(tables) : null}::text[], tables)
      where id = ${id} and state <> 'done'`,
  );
}

/** With what came of it. @param by whoever did it knows better than who only looked afterwards, and finds that it is not over */
export const closeAct = (db: Db, id: string, state: ActState, by: 'doing' | 'settling' = 'doing'): Promise<number> =>
  run(
    db,
    sql`update data_acts set state = ${state}, ended_at = now() where id = ${id} ${by === 'settling' ? sql`and ended_at is null` : sql``}`,
  );

/** Nobody waits any longer for what becomes of it, and it is not over: whoever does it closes it all the same, or the next start does. */
export const stopWaiting = (db: Db, id: string): Promise<number> =>
  run(db, sql`update data_acts set state = 'unknown' where id = ${id} and state = 'open'`);

/** Nothing was done by then. */
const REFUSALS: ReadonlySet<ErrorKind> = new Set([
  'invalid',
  'unauthenticated',
  'forbidden',
  'missing',
  'conflict',
  'limit',
]);

/** It was refused, so there was no such act; what went wrong in any other way may have taken effect. */
export async function giveUpAct(db: Db, id: string, error: unknown): Promise<void> {
  if (error instanceof AppError && REFUSALS.has(error.kind)) await forgetAct(db, id);
  else await closeAct(db, id, 'unknown', 'settling');
}

/** There was nothing to do. */
export const forgetAct = (db: Db, id: string): Promise<number> =>
  run(db, sql`delete from data_acts where id = ${id} and state = 'open'`);

/** A release that was killed goes on with what it had begun. @returns its act, open again, with what is sealed in it */
export const openAgain = (db: Db, releaseId: string): Promise<{ id: string; sealed: Buffer | null } | undefined> =>
  maybe(
    db,
    sql<{
      id: string;
      sealed: Buffer | null;
    }>`update data_acts set state = 'open', ended_at = null where release_id = ${releaseId} returning id, sealed`,
  );

/** Nothing is left to be made of a release's changes: a kill came between the last of them and its record. */
export const releaseChanged = (db: Db, releaseId: string): Promise<number> =>
  run(
    db,
    sql`update data_acts set state = 'done', ended_at = now() where release_id = ${releaseId} and state in ('open', 'partly', 'unknown')`,
  );

/** Who did this to an app last: what follows from it is theirs too. */
export const lastAct = (db: Db, appId: string, act: DataAct): Promise<{ by: string | null } | undefined> =>
  maybe(
    db,
    sql<{
      by: string | null;
    }>`select d.by_user as by from data_acts d join apps a on a.container_id = d.container_id and a.id = d.app_id
      where a.id = ${appId} and d.act = ${act} order by d.at desc, d.id desc limit 1`,
  );

const capped = (tables: readonly string[]): string[] =>
  [...new Set(tables.map((table) => table.slice(0, LONGEST_NAME)))].slice(0, MOST_TABLES);

/** A chat is named only in the container that it is of. */
async function insertAct(db: Db, act: Act, state: 'open' | 'done'): Promise<string> {
  const { id } = await one(
    db,
    sql<{
      id: string;
    }>`insert into data_acts (id, container_id, act, app_id, by_user, agent, agreed_by, environment, chat_id, turn_id, release_id, table_name, tables, rows, note, action, verdict, sealed, state)
      select coalesce(${act.sealed?.id ?? null}::uuid, uuidv7()), c.id, ${act.act}, ${act.appId}, ${act.by}, ${act.agent ?? null}, ${act.agreedBy ?? null}, ${act.environment ?? null},
        (select h.id from chats h where h.id = ${act.chatId ?? null} and h.container_id = c.id), ${act.turnId ?? null}, ${act.releaseId ?? null},
        ${act.name?.slice(0, MOST_NAME) ?? null}, ${capped(act.tables ?? [])}::text[], ${act.rows ?? null}, ${act.note?.slice(0, MOST_WORDS) || null},
        ${act.action ?? null}, ${act.verdict ?? null}, ${act.sealed?.text ?? null}, ${state}
      from containers c where c.id = coalesce((select container_id from apps where id = ${act.appId}), ${act.containerId ?? null}) returning id`,
  );
  return id;
}
