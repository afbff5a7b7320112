/**
 * Freezing a container and lifting it. The container's row is the truth and is written first; the databases follow it: now, or as soon as they can, or at the
 * next start. What waited is begun again when it is lifted.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { recordAct } from '../../databases/acts.ts';
import type { DataCluster } from '../../databases/cluster.ts';
import { bringFreeze, frozenDatabases } from '../../databases/freeze.ts';
import { databasesOf } from '../../databases/names.ts';
import { type Db, many, maybe, notify, run, sql, transaction } from '../../db/database.ts';
import { AppError, codeOf } from '../../errors.ts';
import type { Hub } from '../../events/hub.ts';
import { enqueue } from '../../jobs/queue.ts';

export interface FreezeParts {
  db: Db;
  cluster: DataCluster;
  hub: Hub;
  /** something went wrong that nobody was told of */
  warn?: (error: unknown, text: string) => void;
}

/** What does not follow is tried again this often. */
const AGAIN_MS = 5000;

type Side = 'staging' | 'live';
const BOTH: readonly Side[] = ['staging', 'live'];

/** What is being brought now. */
interface Round {
  containerId: string;
  /** what does not follow yet, as far as it is known */
  open: Set<Side>;
}

export class Freezes {
  readonly #parts: FreezeParts;
  readonly #againMs: number;
  readonly #end = new AbortController();
  /** by container: what does not follow yet, and is tried again */
  readonly #left = new Map<string, Set<Side>>();
  readonly #rounds = new Set<Round>();

  /** @param againMs after how long what does not follow is tried again */
  constructor(parts: FreezeParts, againMs: number = AGAIN_MS) {
    this.#parts = parts;
    this.#againMs = againMs;
  }

  /**
   * Writes it down and carries it out; what fails of it is tried again until it is done. Repeating it does nothing: what follows already is left alone.
   * @throws AppError `freeze_unfinished` when it is written and not carried out yet
   */
  async set({ containerId, by, frozen }: { containerId: string; by: string; frozen: boolean }): Promise<void> {
    const { db, hub } = this.#parts;
    const changes = await transaction(db, async (tx) => {
      const changed = await run(
        tx,
        frozen
          ? sql`update containers set frozen_at = now(), frozen_by = ${by} where id = ${containerId} and frozen_at is null`
          : sql`update containers set frozen_at = null, frozen_by = null where id = ${containerId} and frozen_at is not null`,
      );
      if (changed > 0) await recordAct(tx, { act: frozen ? 'freeze' : 'lift', containerId, appId: null, by });
      await notify(tx, 'vibe_access', 'container');
      return changed > 0;
    }).catch((error) => {
      // it may be written although the answer was lost, and repeating it would find nothing changed
      this.#later(containerId, BOTH);
      throw error;
    });
    // bringing what follows would cut apps that read, and keep them out until a server elsewhere has answered
    const sides = changes ? BOTH : this.#unfinished(containerId);
    if (sides.length === 0) return;
    try {
      const failed = await this.#try(containerId, sides);
      if (failed.size === 0) return;
      throw new AppError(
        'freeze_unfinished',
        'unavailable',
        frozen
          ? 'It is to be frozen, and the databases do not all follow yet.'
          : 'It is to be lifted, and the databases do not all follow yet.',
        { cause: [...failed.values()][0], detail: 'This is tried again by itself until they do.' },
      );
    } finally {
      await hub.changed(`container:${containerId}`, 'container');
    }
  }

  /**
   * After a start: every database is as its container says. A live database that is elsewhere is waited for by nobody: it is brought there after this
   * has returned, and as long as one that is to be frozen is not known to be, nobody comes into it (`DataCluster.withhold`).
   */
  async settle(): Promise<void> {
    const { db, cluster, warn } = this.#parts;
    const containers = await many(
      db,
      sql<{
        id: string;
        slug: string;
        frozen: boolean;
      }>`select id, slug, frozen_at is not null as frozen from containers where state = 'ready'`,
    );
    const far = containers.filter(({ slug }) => cluster.isOutside(databasesOf(slug).live));
    // before anything else, and whatever becomes of the others
    for (const { slug, frozen } of far) if (frozen) cluster.withhold(databasesOf(slug).live, true);
    for (const { id } of far) this.#later(id, ['live']);
    // where that is not known, each is looked at
    const frozen = await frozenDatabases(cluster).catch((error) => warn?.(error, 'what is frozen was not found'));
    const lifted: string[] = [];
    for (const container of containers) {
      const databases = databasesOf(container.slug);
      // one that was begun may not be finished
      if (frozen && !container.frozen && !BOTH.some((side) => frozen.has(databases[side]))) {
        if (!far.includes(container)) lifted.push(container.id);
        continue;
      }
      await this.#try(container.id, far.includes(container) ? ['staging'] : BOTH);
    }
    // a kill may have come between a lift and this
    await beginWaiting(db, lifted);
  }

  /** How many containers do not follow yet. */
  get trying(): number {
    return this.#left.size;
  }

  /** Nothing is tried again after this. */
  close(): void {
    this.#end.abort();
  }

  /** By itself, until it is done: no server that is not ours keeps another's freeze waiting. One at a time for each container. */
  #later(containerId: string, sides: readonly Side[]): void {
    const left = this.#left.get(containerId);
    if (left) {
      for (const side of sides) left.add(side);
      return;
    }
    const begun = new Set(sides);
    this.#left.set(containerId, begun);
    const { signal } = this.#end;
    void this.#untilDone(containerId, begun).catch((error) => {
      if (this.#left.get(containerId) === begun) this.#left.delete(containerId);
      if (!signal.aborted) this.#parts.warn?.(error, `the freeze of ${containerId} is not looked after any more`);
    });
  }

  async #untilDone(containerId: string, left: Set<Side>): Promise<void> {
    const { hub, warn } = this.#parts;
    for (let said: string | undefined; ; ) {
      const sides = [...left];
      left.clear();
      const failed = await this.#try(containerId, sides);
      // one that failed for a person meanwhile is among them; what fails from here on begins anew
      if (left.size === 0) {
        this.#left.delete(containerId);
        return await hub.changed(`container:${containerId}`, 'container');
      }
      const [error] = failed.values();
      if (error !== undefined && codeOf(error) !== said && !this.#end.signal.aborted) {
        said = codeOf(error);
        warn?.(error, `the freeze of ${containerId} was not carried out`);
      }
      await sleep(this.#againMs, undefined, { signal: this.#end.signal, ref: false });
    }
  }

  /** What does not follow, or is not known to. */
  #unfinished(containerId: string): Side[] {
    const rounds = [...this.#rounds].filter((round) => round.containerId === containerId);
    return [...new Set([...(this.#left.get(containerId) ?? []), ...rounds.flatMap(({ open }) => [...open])])];
  }

  /**
   * What fails is tried again later. Who is last, of all that are at it, begins what waited: a release that meets one that is still frozen waits again.
   * @returns which failed, and of what
   */
  async #try(containerId: string, sides: readonly Side[]): Promise<Map<Side, unknown>> {
    const round: Round = { containerId, open: new Set(sides) };
    this.#rounds.add(round);
    let failed = await this.#bring(round, sides).catch((error: unknown) => new Map(sides.map((side) => [side, error])));
    // from here to where what failed is kept nothing else runs
    this.#rounds.delete(round);
    if (failed.size === 0 && this.#unfinished(containerId).length === 0)
      failed = await beginWaiting(this.#parts.db, [containerId]).then(
        () => failed,
        (error: unknown) => new Map([['staging', error]]),
      );
    if (failed.size > 0) this.#later(containerId, [...failed.keys()]);
    return failed;
  }

  /** Each of them by itself: one that fails keeps the other from nothing. */
  async #bring({ containerId, open }: Round, sides: readonly Side[]): Promise<Map<Side, unknown>> {
    const { db, cluster } = this.#parts;
    const read = () =>
      maybe(
        db,
        sql<{
          slug: string;
          frozen: boolean;
        }>`select slug, frozen_at is not null as frozen from containers where id = ${containerId}`,
      );
    const failed = new Map<Side, unknown>();
    const container = await read();
    if (!container) return failed;
    const databases = databasesOf(container.slug);
    if (sides.includes('live') && cluster.isOutside(databases.live)) cluster.withhold(databases.live, container.frozen);
    const bring = async (side: Side): Promise<void> => {
      const database = databases[side];
      // read when it is its turn: of two people at once, the one who was last is followed
      await cluster.alone(async () => {
        const before = await read();
        if (before) await bringFreeze(cluster, database, before.frozen);
        // who froze it while a lift was still under way there has withheld it: that is theirs to end
        if ((await read())?.frozen === before?.frozen) cluster.withhold(database, false);
        open.delete(side);
      }, database);
    };
    await Promise.all(sides.map((side) => bring(side).catch((error) => failed.set(side, error))));
    return failed;
  }
}

/** Whether a person has frozen it, carried out or not. */
export async function isFrozenContainer(db: Db, containerId: string): Promise<boolean> {
  return Boolean(await maybe(db, sql`select 1 from containers where id = ${containerId} and frozen_at is not null`));
}

/** Releases that waited for the lift, where it has not been frozen again. */
async function beginWaiting(db: Db, containerIds: string[]): Promise<void> {
  const waiting = await many(
    db,
    sql<{
      id: string;
    }>`select r.id from releases r join apps a on a.id = r.app_id join containers c on c.id = a.container_id
      where c.id = any (${containerIds}::uuid[]) and c.frozen_at is null and r.state in ('queued', 'building', 'starting')`,
  );
  for (const { id } of waiting)
    await enqueue(db, 'app.release', { releaseId: id }, { key: `app.release:${id}`, attempts: 3 });
}
