/**
 * Both databases of an app for the list of its tables, read the way reminders read them. An owner has few connections: however many people look, an app is read
 * by one look at a time, and what is being changed is not waited for.
 */
import pg from 'pg';
import type { DataCluster } from '../../databases/cluster.ts';
import { isFrozen } from '../../databases/frozen.ts';
import type { MirrorApp } from '../../databases/mirror/record.ts';
import { databasesOf } from '../../databases/names.ts';
import { OneLook } from '../../databases/one-look.ts';
import { cutWhenOver } from '../../databases/outside/in-time.ts';
import { isAway } from '../../databases/outside/server.ts';
import type { Sides } from '../../databases/reminders/alike.ts';
import { lookAtObjects, type Objects } from '../../databases/reminders/objects.ts';
import { atSide } from '../../databases/reminders/reconcile.ts';
import { AppError } from '../../errors.ts';
import { Patience } from './patience.ts';

/** How long a change of the tables that is under way, or a slow server, is waited for. */
const PATIENCE = "set local lock_timeout = '1s'; set local statement_timeout = '5s'";

/** What both have, or in words why nobody knows now. */
export type Comparison = Sides | { why: string };

export class Comparisons {
  readonly #cluster: DataCluster;
  readonly #looks = new OneLook<Comparison>();
  readonly patience: Patience;

  constructor(cluster: DataCluster, patience = new Patience(cluster)) {
    this.#cluster = cluster;
    this.patience = patience;
  }

  /** As both are at a moment after this call. */
  read(app: MirrorApp): Promise<Comparison> {
    return this.#looks.ask(app.id, () => this.#compare(app));
  }

  async #compare(app: MirrorApp): Promise<Comparison> {
    const [staging, live] = await Promise.allSettled([this.#objects(app, 'staging'), this.#objects(app, 'live')]);
    for (const [side, found] of [
      ['staging', staging],
      ['live', live],
    ] as const)
      if (found.status === 'rejected') return { why: this.#whyNot(app, side, found.reason) };
    return {
      staging: (staging as PromiseFulfilledResult<Objects>).value,
      live: (live as PromiseFulfilledResult<Objects>).value,
    };
  }

  #objects(app: MirrorApp, side: 'staging' | 'live'): Promise<Objects> {
    return this.patience.ask(databasesOf(app.containerSlug)[side], (over) =>
      atSide(this.#cluster, app, side, async (client, runtime) => {
        cutWhenOver(over, client);
        await client.query(`begin read only; ${PATIENCE}`);
        return lookAtObjects(client, runtime);
      }),
    );
  }

  /** @throws what is no matter of waiting */
  #whyNot(app: MirrorApp, side: 'staging' | 'live', error: unknown): string {
    if (isFrozen(error)) return 'The container is frozen: what differs is shown when the freeze is lifted.';
    if (error instanceof pg.DatabaseError && BUSY.has(error.code ?? ''))
      return `Tables on ${side} are being changed: what differs is shown when that is done.`;
    if (error instanceof AppError && error.code === 'too_many_objects')
      return 'Live has too many objects to compare, so nobody knows what differs.';
    const outside = side === 'live' && this.#cluster.isOutside(databasesOf(app.containerSlug).live);
    if (outside || isAway(error)) return 'Live does not answer, so nobody knows now what differs.';
    if (error instanceof AppError) return `The tables on ${side} cannot be read now, so nobody knows what differs.`;
    throw error;
  }
}

/** A lock that was not given in time, and an answer that took too long. */
const BUSY = new Set(['55P03', '57014']);
