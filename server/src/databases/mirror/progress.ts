/** How much of a copy is done. */
import type { DataCluster } from '../cluster.ts';
import type { MirrorPlace } from './place.ts';

/** @returns percent by the size of the tables, undefined when nothing is being copied */
export async function copyProgress(cluster: DataCluster, place: MirrorPlace): Promise<number | undefined> {
  const waiting = await cluster.readCatalogue(place.staging, async (pool) => {
    const { rows } = await pool.query<{ copying: boolean }>(
      `select exists (select from pg_catalog.pg_subscription_rel r join pg_catalog.pg_subscription s on s.oid = r.srsubid
         where s.subname = $1 and s.subdbid = (select oid from pg_catalog.pg_database where datname = current_database()) and r.srsubstate in ('i', 'd')) as copying`,
      [place.subscription],
    );
    return rows[0]!.copying;
  });
  if (!waiting) return undefined;
  const [all, done] = await Promise.all([sizeOf(cluster, place, place.live), sizeOf(cluster, place, place.staging)]);
  return all === 0 ? 0 : Math.min(99, Math.floor((done / all) * 100));
}

/** Bytes of rows, indexes left out: they are not the same on both sides. */
async function sizeOf(cluster: DataCluster, place: MirrorPlace, database: string): Promise<number> {
  return cluster.readCatalogue(database, async (pool) => {
    const { rows } = await pool.query<{ bytes: number }>(
      `select coalesce(sum(pg_catalog.pg_table_size(c.oid)), 0)::float8 as bytes from pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid = c.relnamespace
       where n.nspname = $1 and c.relkind = 'r' and c.relname <> '_vibe_changes'`,
      [place.schema],
    );
    return rows[0]!.bytes;
  });
}

/** Lets the server count the mirror's rows: what was copied shows no number before. */
export async function countRows(cluster: DataCluster, { staging, schema }: MirrorPlace): Promise<void> {
  const tables = await cluster.readCatalogue(staging, async (pool) => {
    const { rows } = await pool.query<{ name: string }>(
      `select pg_catalog.format('%I.%I', n.nspname, c.relname) as name from pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid = c.relnamespace
       where n.nspname = $1 and c.relkind = 'r' and c.reltuples < 0`,
      [schema],
    );
    return rows.map(({ name }) => name);
  });
  if (tables.length > 0) await cluster.administer(staging, `analyze ${tables.join(', ')}`);
}
