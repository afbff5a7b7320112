/** Takes turns and runs them: one at a time per chat, kept by a lease, stopped within a second, handed back when this process ends. */
import type { Logger } from 'pino';
import { readHead } from '../conversations/chats.ts';
import { type ClaimedTurn, claimTurn, renewLease, workerName } from '../conversations/turns.ts';
import { many, sql } from '../db/database.ts';
import { type TurnParts, TurnRun } from './run-turn.ts';

const RENEW_MS = 3000;

interface Running {
  turn: ClaimedTurn;
  stop: AbortController;
  lost: AbortController;
  finished: Promise<void>;
}

export class TurnWorker {
  readonly #parts: TurnParts;
  readonly #log: Logger;
  readonly #name = workerName();
  readonly #running = new Map<string, Running>();
  readonly #claiming = new Set<string>();
  #closed = false;

  constructor(parts: TurnParts) {
    this.#parts = parts;
    this.#log = parts.logger;
  }

  /** Runs the turns of a chat that can be run, one after the other. Returns when none is left, or at once when it is being worked on. */
  async take(chatId: string): Promise<void> {
    if (this.#closed || this.#claiming.has(chatId)) return;
    this.#claiming.add(chatId);
    try {
      while (!this.#closed) {
        const turn = await claimTurn(this.#parts.db, chatId, this.#name);
        if (!turn) return;
        await this.#run(turn);
      }
    } finally {
      this.#claiming.delete(chatId);
    }
  }

  async #run(turn: ClaimedTurn): Promise<void> {
    const stop = new AbortController();
    const lost = new AbortController();
    if (turn.stopRequested) stop.abort();
    const renewal = setInterval(() => {
      renewLease(this.#parts.db, turn).then(
        (kept) => kept || lost.abort(),
        () => {},
      );
    }, RENEW_MS);
    const finished = (async () => {
      const chat = await readHead(this.#parts.db, turn.chatId);
      await new TurnRun(this.#parts, turn, chat, { stop: stop.signal, lost: lost.signal }).run();
    })()
      .catch((error) => this.#log.error({ err: error, turnId: turn.id }, 'a turn could not be ended'))
      .finally(() => {
        clearInterval(renewal);
        this.#running.delete(turn.id);
      });
    this.#running.set(turn.id, { turn, stop, lost, finished });
    await finished;
  }

  /** Stops a turn if it runs here. */
  stop(turnId: string): void {
    this.#running.get(turnId)?.stop.abort();
  }

  /** Chats with a turn that nobody runs: left by a dead worker, or a queue entry that was lost. */
  async sweep(): Promise<void> {
    const rows = await many(
      this.#parts.db,
      sql<{
        chat_id: string;
      }>`select distinct t.chat_id from turns t join chats h on h.id = t.chat_id join containers c on c.id = h.container_id
        where c.state = 'ready' and ((t.state = 'running' and t.lease_until < now())
          or (t.state = 'waiting' and not exists (select 1 from questions q where q.turn_id = t.id and q.answered_at is null))
          or (t.state = 'queued' and t.created_at < now() - interval '2 seconds' and not exists (select 1 from turns o where o.chat_id = t.chat_id and o.state in ('running', 'waiting'))))`,
    );
    for (const row of rows)
      void this.take(row.chat_id).catch((error) => this.#log.error({ err: error }, 'a swept turn failed'));
  }

  /** Hands running turns back: their leases end, and the next worker goes on from the last stored step. */
  async close(graceMs: number): Promise<void> {
    this.#closed = true;
    const all = [...this.#running.values()];
    for (const { lost } of all) lost.abort();
    const ids = all.map(({ turn }) => turn.id);
    await Promise.race([
      Promise.all(all.map((one) => one.finished)),
      new Promise((resolve) => setTimeout(resolve, graceMs)),
    ]);
    if (ids.length > 0)
      await sql`update turns set lease_until = now() where id = any(${ids}) and state = 'running'`.execute(
        this.#parts.db,
      );
  }
}
