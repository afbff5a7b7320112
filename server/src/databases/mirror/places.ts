/** How many mirrors a data cluster has places for, and how many are taken. */
import type { DataCluster } from '../cluster.ts';

interface Places {
  setting: string;
  most: number;
  /** taken now, copies of tables included */
  taken: number;
  /** mirrors that there are: each takes one for good */
  mirrors: number;
}

export async function readPlaces(cluster: DataCluster): Promise<Places[]> {
  const { rows } = await cluster.readCatalogue('postgres', (pool) =>
    pool.query<Places>(`
      select s.name as setting, s.setting::int as most, (select count(*)::int from pg_catalog.pg_subscription) as mirrors, case s.name
        when 'max_active_replication_origins' then (select count(*)::int from pg_catalog.pg_show_replication_origin_status())
        when 'max_replication_slots' then (select count(*)::int from pg_catalog.pg_replication_slots)
        when 'max_wal_senders' then (select count(*)::int from pg_catalog.pg_stat_replication)
        else (select count(*)::int from pg_catalog.pg_stat_subscription where pid is not null) end as taken
      from pg_catalog.pg_settings s
      where s.name in ('max_active_replication_origins', 'max_replication_slots', 'max_wal_senders', 'max_logical_replication_workers')
      order by 1`),
  );
  return rows;
}
