/** How the mirrors of a data cluster are doing, all in one look at PostgreSQL's own records, and what that means for each. */

import { type AppError, messageOf } from '../../errors.ts';
import type { DataCluster } from '../cluster.ts';
import { isAway } from '../outside/server.ts';
import type { MirrorPlace } from './place.ts';

export interface Vitals {
  enabled: boolean;
  /** the process that applies what live sends */
  worker: boolean;
  errors: number;
  slot: 'fine' | 'idle' | 'lost' | 'missing' | 'away';
  /** why live is away */
  because?: string;
  /** bytes since the beginning of time: where live is, and how far the mirror has come */
  live: number;
  reached: number;
  /** as PostgreSQL measures it while rows come */
  lagMs: number;
}

/** By subscription, as `database.name`. */
export async function readVitals(cluster: DataCluster): Promise<Map<string, Vitals>> {
  const { rows } = await cluster.readCatalogue('postgres', (pool) => pool.query<Vitals & { key: string }>(VITALS));
  return new Map(rows.map(({ key, ...vitals }) => [key, vitals]));
}

export const vitalsKey = (place: MirrorPlace): string => `${place.staging}.${place.subscription}`;

const VITALS = `
select d.datname || '.' || s.subname as key, s.subenabled as enabled, w.pid is not null as worker,
  coalesce(e.apply_error_count + e.sync_error_count, 0)::float8 as errors,
  case when k.slot_name is null then 'missing' when k.wal_status = 'lost' or k.invalidation_reason is not null then 'lost' when k.active then 'fine' else 'idle' end as slot,
  pg_catalog.pg_wal_lsn_diff(pg_catalog.pg_current_wal_flush_lsn(), '0/0')::float8 as live,
  coalesce(pg_catalog.pg_wal_lsn_diff(greatest(k.confirmed_flush_lsn, r.replay_lsn), '0/0'), 0)::float8 as reached,
  coalesce(extract(epoch from r.replay_lag) * 1000, 0)::float8 as "lagMs"
from pg_catalog.pg_subscription s join pg_catalog.pg_database d on d.oid = s.subdbid
  left join pg_catalog.pg_replication_slots k on k.slot_name = s.subslotname
  left join pg_catalog.pg_stat_replication r on r.pid = k.active_pid
  left join pg_catalog.pg_stat_subscription w on w.subid = s.oid and w.worker_type = 'apply'
  left join pg_catalog.pg_stat_subscription_stats e on e.subid = s.oid
where s.subname like 'vibe\\_%'`;

/**
 * The same where live is on a server of its own: half of it is known only there.
 * @param vitals as `readVitals` has found them
 * @returns a slot that is `away` when that server does not answer
 */
export async function withLive(cluster: DataCluster, place: MirrorPlace, vitals: Vitals): Promise<Vitals> {
  if (!cluster.isOutside(place.live)) return vitals;
  const found = await cluster
    .readCatalogue(place.live, (pool) =>
      pool.query<Pick<Vitals, 'slot' | 'live' | 'reached' | 'lagMs'>>(THERE, [place.slot]),
    )
    .catch((error) => {
      if (isAway(error)) return messageOf((error as AppError).cause);
      throw error;
    });
  if (typeof found !== 'string') return { ...vitals, ...found.rows[0]! };
  return { ...vitals, slot: 'away', because: found, live: 0, reached: 0, lagMs: 0 };
}

const THERE = `
select case when k.slot_name is null then 'missing' when k.wal_status = 'lost' then 'lost' when k.active then 'fine' else 'idle' end as slot,
  pg_catalog.pg_wal_lsn_diff(pg_catalog.pg_current_wal_flush_lsn(), '0/0')::float8 as live,
  coalesce(pg_catalog.pg_wal_lsn_diff(greatest(k.confirmed_flush_lsn, r.replay_lsn), '0/0'), 0)::float8 as reached,
  coalesce(extract(epoch from r.replay_lag) * 1000, 0)::float8 as "lagMs"
from (select 1) one left join pg_catalog.pg_replication_slots k on k.slot_name = $1 left join pg_catalog.pg_stat_replication r on r.pid = k.active_pid`;

export type Trouble = 'away' | 'errors' | 'no_worker' | 'off' | 'lost' | 'missing';

export interface Reading {
  lagMs: number;
  lagBytes: number;
  trouble: Trouble | undefined;
}

/** An error is tried again twice a second; so long without a new one, it is over. */
const QUIET_MS = 2500;
/** A worker that ends begins again by itself, within half a second. */
const WORKER_MS = 2500;

/** What one mirror was like at the looks before this one. */
export class Pulse {
  #errors: number | undefined;
  #lastErrorAt = Number.NEGATIVE_INFINITY;
  #workerSeenAt: number | undefined;
  /** where live was and when, as far as the mirror has not come there */
  #marks: { at: number; position: number }[] = [];

  /** @param now milliseconds of a clock that never goes back */
  read(vitals: Vitals, now: number): Reading {
    if (this.#errors !== undefined && vitals.errors > this.#errors) this.#lastErrorAt = now;
    this.#errors = vitals.errors;
    if (vitals.worker && vitals.slot === 'fine') this.#workerSeenAt = now;
    this.#workerSeenAt ??= now;
    const last = this.#marks.at(-1);
    // one mark a second is enough, and a long stall needs only its beginning
    if ((!last || vitals.live > last.position) && this.#marks.length < 3600)
      this.#marks.push({ at: now, position: vitals.live });
    this.#marks = this.#marks.filter(({ position }) => position > vitals.reached);
    const waiting = this.#marks[0] ? now - this.#marks[0].at : 0;
    return {
      lagMs: Math.round(waiting > 0 ? waiting : vitals.lagMs),
      lagBytes: Math.max(0, Math.round(vitals.live - vitals.reached)),
      trouble: this.#trouble(vitals, now),
    };
  }

  #trouble(vitals: Vitals, now: number): Trouble | undefined {
    if (vitals.slot === 'away') return 'away';
    if (vitals.slot === 'lost' || vitals.slot === 'missing') return vitals.slot;
    if (!vitals.enabled) return 'off';
    if (now - this.#lastErrorAt < QUIET_MS) return 'errors';
    return now - this.#workerSeenAt! > WORKER_MS ? 'no_worker' : undefined;
  }
}
