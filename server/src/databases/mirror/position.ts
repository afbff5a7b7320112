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

/**
 * Whether the mirror has rows that can be relied on: it follows live, and no table of it is only half there. One that was taken apart is not
 * whole although nothing of it is being copied.
 */
export async function isWhole(cluster: DataCluster, place: MirrorPlace): Promise<boolean> {
  return cluster.readCatalogue(place.staging, async (pool) => {
    const { rows } = await pool.query<{ whole: boolean }>(
      `with ours as (select s.oid from pg_catalog.pg_subscription s
         where s.subname = $1 and s.subdbid = (select oid from pg_catalog.pg_database where datname = current_database())),
       ready as (select r.srrelid, r.srsubstate = 'r' as ready from pg_catalog.pg_subscription_rel r join ours on ours.oid = r.srsubid)
       select exists (select from ours) and not exists (select from ready where not ready.ready)
         -- a table that was made anew is empty until the subscription knows of it
         and not exists (select from pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid = c.relnamespace
           where n.nspname = $2 and c.relkind in ('r', 'p') and not c.relispartition and c.oid not in (select srrelid from ready)) as whole`,
      [place.subscription, place.schema],
    );
    return rows[0]!.whole;
  });
}
