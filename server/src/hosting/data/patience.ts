/**
 * How long whoever looks at a page waits for a live database that is elsewhere. A server that accepts connections and then says nothing keeps a look for
 * as long as the longest statement may take; so it is given up here after a few seconds, and not asked again for a few more.
 */
import type { DataCluster } from '../../databases/cluster.ts';
import { inTime, silent } from '../../databases/outside/in-time.ts';

/** More than its statements are given there, so that a server that is only slow says so by itself. */
const ANSWER_MS = 6000;
const SILENT_MS = 10_000;

export class Patience {
  readonly #cluster: DataCluster;
  readonly #answerMs: number;
  /** until when a database that said nothing is left alone */
  readonly #silent = new Map<string, number>();

  constructor(cluster: DataCluster, answerMs = ANSWER_MS) {
    this.#cluster = cluster;
    this.#answerMs = answerMs;
  }

  /**
   * What `look` finds in a database. What is of this platform's own server is waited for.
   * @param look its signal says that nobody waits any more: what is open is to be cut then
   * @throws AppError `live_away`
   */
  async ask<T>(database: string, look: (over: AbortSignal) => Promise<T>): Promise<T> {
    if (!this.#cluster.isOutside(database)) return look(new AbortController().signal);
    if ((this.#silent.get(database) ?? 0) > performance.now()) throw silent();
    this.#silent.delete(database);
    return inTime(this.#answerMs, (over) => {
      over.addEventListener('abort', () => this.#silent.set(database, performance.now() + SILENT_MS), { once: true });
      return look(over);
    });
  }
}
