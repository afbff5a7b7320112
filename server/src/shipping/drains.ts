/** Releases that were just replaced: each answers what it has begun, then ends. One that is to serve again meanwhile is spared. */
import type { Logger } from 'pino';
import type { Routes } from '../hosting/running/routes.ts';
import type { Runtime } from '../hosting/running/runtime.ts';

const DRAIN_MS = 30_000;
/** What was routed before the switch has entered by then. */
const ENTER_MS = 1000;

interface Drain {
  spared: boolean;
  ending: boolean;
  over: Promise<void>;
}

export class Drains {
  readonly #parts: { runtime: Runtime; routes: Routes; logger: Logger };
  readonly #underWay = new Map<string, Drain>();

  constructor(parts: { runtime: Runtime; routes: Routes; logger: Logger }) {
    this.#parts = parts;
  }

  /** To be called after the switch. It answers what it has begun, for at most half a minute. */
  begin(releaseId: string): void {
    const drain: Drain = { spared: false, ending: false, over: Promise.resolve() };
    this.#underWay.set(releaseId, drain);
    drain.over = this.#drain(releaseId, drain)
      .catch((error) => this.#parts.logger.warn({ err: error, releaseId }, 'a replaced release did not end'))
      .finally(() => {
        if (this.#underWay.get(releaseId) === drain) this.#underWay.delete(releaseId);
      });
  }

  /** To be called before a release is woken that may be draining. Resolves when nothing is going to end it. */
  async spare(releaseId: string): Promise<void> {
    const drain = this.#underWay.get(releaseId);
    if (!drain) return;
    drain.spared = true;
    this.#underWay.delete(releaseId);
    // one that is being ended cannot be kept: it is started anew when it is gone
    if (drain.ending) await drain.over;
  }

  async #drain(releaseId: string, drain: Drain): Promise<void> {
    const { runtime, routes } = this.#parts;
    const key = `release:${releaseId}`;
    const until = Date.now() + DRAIN_MS;
    await sleep(ENTER_MS);
    while (!drain.spared && Date.now() < until && runtime.instances.status(key).idleMs === 0) await sleep(200);
    if (drain.spared) return;
    drain.ending = true;
    routes.dropConnections(key);
    await runtime.stop(key, `r-${releaseId.slice(-12)}`);
  }
}

const sleep = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
