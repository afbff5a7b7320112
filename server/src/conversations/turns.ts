/**
 * Turns: claimed by a lease with a fence number, so that one worker runs a chat's turn and one that was away too long is refused.
 */
import { hostname } from 'node:os';
import type { TurnKind } from '../../../contract/chats.ts';
import { type Db, many, maybe, notify, one, quickTransaction, run, sql, type Tx, transaction } from '../db/database.ts';
import { enqueue } from '../jobs/queue.ts';

export const STOP_CHANNEL = 'vibe_stop';
const LEASE = '10 seconds';

export interface ClaimedTurn {
  id: string;
  chatId: string;
  number: number;
  fence: number;
  /** it had begun before: its worker died, or it waited for a person */
  resumed: boolean;
  /** it waited for a person, who has answered */
  answered: boolean;
  database: 'staging' | 'live';
  mode: TurnKind;
  askedBy: string;
  stopRequested: boolean;
  startedAt: Date;
}

/** A name for this worker that no other living one has. */
export const workerName = (): string => `${hostname()}:${process.pid}`;

/**
 * Takes the chat's next turn: one that was left running by a dead worker, one whose question was answered, or the oldest queued one.
 * @returns undefined when there is none to take (or somebody else has it)
 */
export function claimTurn(db: Db, chatId: string, worker: string): Promise<ClaimedTurn | undefined> {
  return quickTransaction(db, async (tx) => {
    const ready = await maybe(
      tx,
      sql<{
        state: string;
      }>`select c.state from chats h join containers c on c.id = h.container_id where h.id = ${chatId} for update of h`,
    );
    if (ready?.state !== 'ready') return undefined;
    // one that has begun comes before those that wait
    const next = await maybe(
      tx,
      sql<{
        id: string;
        state: string;
        free: boolean;
        asking: boolean;
      }>`select t.id, t.state, coalesce(t.lease_until < now(), true) as free,
          exists (select 1 from questions q where q.turn_id = t.id and q.answered_at is null) as asking
        from turns t where t.chat_id = ${chatId} and t.state in ('running', 'waiting', 'queued') order by (t.state = 'queued'), t.number limit 1`,
    );
    const open = next && next.state !== 'queued' ? next : undefined;
    if (open && (open.state === 'waiting' ? open.asking : !open.free)) return undefined;
    if (!next) return undefined;
    const row = await one(
      tx,
      sql<{
        fence: number;
        number: number;
        database: 'staging' | 'live';
        mode: TurnKind;
        asked_by: string;
        stop: boolean;
        started_at: Date;
      }>`
        with c as (update chats set fence = fence + 1 where id = ${chatId} returning fence)
        update turns set state = 'running', worker = ${worker}, fence = c.fence, lease_until = now() + ${LEASE}::interval, started_at = coalesce(started_at, now())
        from c where id = ${next.id} returning turns.fence, number, database, mode, asked_by, stop_requested_at is not null as stop, started_at`,
    );
    return {
      id: next.id,
      chatId,
      number: row.number,
      fence: row.fence,
      resumed: open !== undefined,
      answered: open?.state === 'waiting',
      database: row.database,
      mode: row.mode,
      askedBy: row.asked_by,
      stopRequested: row.stop,
      startedAt: row.started_at,
    };
  });
}

/**
 * Frees the leases of workers of this machine whose process is gone: a restarted one goes on at once, not when they run out. The fence
 * keeps whatever the dead one had begun from being written.
 */
export async function freeLeases(db: Db): Promise<void> {
  const rows = await many(
    db,
    sql<{ worker: string }>`select distinct worker from turns where state = 'running' and worker is not null`,
  );
  const dead = rows.map(({ worker }) => worker).filter((worker) => isGone(worker));
  if (dead.length > 0)
    await run(db, sql`update turns set lease_until = now() where state = 'running' and worker = any(${dead})`);
}

function isGone(worker: string): boolean {
  const at = worker.lastIndexOf(':');
  if (worker.slice(0, at) !== hostname()) return false;
  try {
    process.kill(Number(worker.slice(at + 1)), 0);
    return false;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ESRCH';
  }
}

/** Keeps the lease. @returns false when it was lost: stop working at once */
export async function renewLease(db: Db, turn: ClaimedTurn): Promise<boolean> {
  const kept = await run(
    db,
    sql`update turns set lease_until = now() + ${LEASE}::interval where id = ${turn.id} and fence = ${turn.fence} and state = 'running'`,
  );
  return kept > 0;
}

/** Puts a claimed turn to sleep until a person answers. */
export async function waitForPerson(tx: Tx, turn: ClaimedTurn): Promise<void> {
  await run(
    tx,
    sql`update turns set state = 'waiting', lease_until = null where id = ${turn.id} and fence = ${turn.fence}`,
  );
}

/** Asks the running turn of a chat to stop; its worker hears it at once. @returns the turn, undefined when none runs */
export async function requestStop(db: Db, chatId: string): Promise<{ id: string; state: string } | undefined> {
  return transaction(db, async (tx) => {
    const turn = await maybe(
      tx,
      sql<{ id: string; state: string }>`update turns set stop_requested_at = coalesce(stop_requested_at, now())
        where chat_id = ${chatId} and state in ('running', 'waiting') returning id, state`,
    );
    if (!turn) return undefined;
    // a turn that waits for a person has no worker: its question is closed, and a worker takes it to end it
    await run(tx, sql`update questions set answered_at = now() where turn_id = ${turn.id} and answered_at is null`);
    if (turn.state === 'waiting') await enqueue(tx, 'turn.run', { chatId }, { key: `turn.run:${chatId}` });
    await notify(tx, STOP_CHANNEL, turn.id);
    return turn;
  });
}
