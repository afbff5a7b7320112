/** How far live is, and how far its mirror. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { DataCluster } from '../cluster.ts';
import type { MirrorPlace } from './place.ts';

const LOOK_MS = 20;
const FLUSHES = 170_000;

/** Marks where live is now, on the disk: everything committed before is behind the mark. */
export async function markLive(cluster: DataCluster, place: MirrorPlace): Promise<string> {
  // before this version only a transaction's end reaches the disk
  const flushes = (cluster.versionOf(place.live) ?? FLUSHES) >= FLUSHES;
  return cluster.readCatalogue(place.live, async (pool) => {
    const { rows } = await pool.query<{ at: string }>(
      `select pg_catalog.pg_logical_emit_message(${flushes ? `false, 'vibe', '', true` : `true, 'vibe', ''`})::text as at`,
    );
    return rows[0]!.at;
  });
}

/** Waits until the mirror has what live had at the mark. @returns whether it came so far within `ms` */
export async function caughtUp(cluster: DataCluster, place: MirrorPlace, mark: string, ms: number): Promise<boolean> {
  const until = Date.now() + ms;
  for (;;) {
    const reached = await cluster.readCatalogue(place.live, async (pool) => {
      const { rows } = await pool.query<{ reached: boolean | null }>(
        `select greatest(s.confirmed_flush_lsn, r.replay_lsn) >= $2::pg_lsn or s.wal_status = 'lost' as reached
         from pg_catalog.pg_replication_slots s left join pg_catalog.pg_stat_replication r on r.pid = s.active_pid where s.slot_name = $1`,
        [place.slot, mark],
      );
      // without a slot nothing is on its way
      return rows[0] === undefined || rows[0].reached === true;
    });
    if (reached) return true;
    if (Date.now() > until) return false;
    await sleep(LOOK_MS);
  }
}

/** Waits until no table of the mirror is being copied. @returns whether that was so within `ms` */
export async function copied(cluster: DataCluster, place: MirrorPlace, ms: number): Promise<boolean> {
  const until = Date.now() + ms;
  for (;;) {
    const done = await cluster.readCatalogue(place.staging, async (pool) => {
      const { rows } = await pool.query<{ done: boolean }>(
        `select not exists (select from pg_catalog.pg_subscription_rel r join pg_catalog.pg_subscription s on s.oid = r.srsubid
           where s.subname = $1 and s.subdbid = (select oid from pg_catalog.pg_database where datname = current_database()) and r.srsubstate <> 'r') as done`,
        [place.subscription],
      );
      return rows[0]!.done;
    });
    if (done) return true;
    if (Date.now() > until) return false;
    await sleep(LOOK_MS);
  }
}
