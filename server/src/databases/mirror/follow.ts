/**
 * Makes the mirror follow what live's tables have become. Called after a change, and by the watch whenever something differs: it reads both
 * catalogues and does what is missing, so it may be repeated at any time, and a killed one is made up for by the next.
 */
import pg from 'pg';
import { inTransaction } from '../changes.ts';
import type { DataCluster } from '../cluster.ts';
import { compareShapes, type Differences } from './compare.ts';
import type { MirrorPlace } from './place.ts';
import { caughtUp, markLive } from './position.ts';
import { readShape, type Shape } from './shape.ts';

const id = pg.escapeIdentifier;
const CATCH_UP_MS = 3000;
const SAFE = 'set local search_path = pg_catalog';

/** Both sides as they are now. */
export async function readBoth(cluster: DataCluster, place: MirrorPlace): Promise<{ live: Shape; mirror: Shape }> {
  const [live, mirror] = await Promise.all(
    [place.live, place.staging].map((database) => readSide(cluster, place, database)),
  );
  return { live: live!, mirror: mirror! };
}

/** With nothing in the search path every name of the app's own comes with its schema. */
export async function readSide(cluster: DataCluster, place: MirrorPlace, database: string): Promise<Shape> {
  return cluster.readCatalogue(database, async (pool) => {
    const client = await pool.connect();
    try {
      await client.query(`begin read only; ${SAFE}`);
      return await readShape(client as unknown as pg.Client, place.schema, place.publication);
    } finally {
      await client.query('rollback').catch(() => {});
      client.release();
    }
  });
}

/** Runs statements on the mirror in one transaction, in the name of its owner. */
export async function changeMirror(cluster: DataCluster, place: MirrorPlace, statements: string[]): Promise<void> {
  if (statements.length === 0) return;
  const before = [`set local lock_timeout = '2s'`, SAFE, `set local role ${id(place.owner)}`];
  await cluster.alone(() => cluster.administer(place.staging, [...before, ...statements].join(';\n')));
}

/** What live must say for its tables to be sent: which, and by what a row is found. To be run as the owner of live's tables. */
export function publishing(place: MirrorPlace, live: Shape): string[] {
  return live.tables.flatMap((table) => [
    ...table.loose.map((name) => `alter table ${name} replica identity full`),
    ...table.keyed.map((name) => `alter table ${name} replica identity default`),
    ...(table.published
      ? []
      : [`alter publication ${id(place.publication)} add table ${id(place.schema)}.${id(table.name)}`]),
  ]);
}

/** Brings the mirror's tables to what live has. @returns what differed, in words */
export async function follow(cluster: DataCluster, place: MirrorPlace): Promise<string[]> {
  const { live, mirror } = await readBoth(cluster, place);
  const found = compareShapes(live, mirror);
  await changeMirror(cluster, place, found.add);
  await publish(cluster, place, live);
  if (found.exact.length > 0) {
    // what still comes by the old name goes first; a row that waits behind a stall is by the new name already
    const before = (await errorsOf(cluster, place)).apply;
    const clear = await caughtUp(cluster, place, await markLive(cluster, place), CATCH_UP_MS);
    // merely slow: a later look finds it done
    if (clear || (await errorsOf(cluster, place)).apply > before) await changeMirror(cluster, place, found.exact);
  }
  await refreshSubscription(cluster, place);
  if (found.drop.length > 0 && (await caughtUp(cluster, place, await markLive(cluster, place), CATCH_UP_MS)))
    await dropSettled(cluster, place, found);
  return found.words;
}

/** Copies tables again whose rows on the mirror are not what live's were. */
export async function copyAgain(cluster: DataCluster, place: MirrorPlace, names: string[]): Promise<void> {
  const { live, mirror } = await readBoth(cluster, place);
  const others = mirror.tables.filter(({ name }) => !names.includes(name));
  const { add } = compareShapes({ ...live, lists: [] }, { ...mirror, tables: others });
  const drops = mirror.tables
    .filter(({ name }) => names.includes(name))
    .map(({ name }) => `drop table ${id(place.schema)}.${id(name)}`);
  await changeMirror(cluster, place, [...drops, ...add]);
  await refreshSubscription(cluster, place);
}

/** How often the mirror's worker has been refused something. */
export async function errorsOf(cluster: DataCluster, place: MirrorPlace): Promise<{ apply: number; all: number }> {
  return cluster.readCatalogue('postgres', async (pool) => {
    const { rows } = await pool.query<{ apply: number; all: number }>(
      `select coalesce(sum(e.apply_error_count), 0)::float8 as apply, coalesce(sum(e.apply_error_count + e.sync_error_count), 0)::float8 as all from pg_catalog.pg_stat_subscription_stats e
       join pg_catalog.pg_subscription s on s.oid = e.subid join pg_catalog.pg_database d on d.oid = s.subdbid where s.subname = $1 and d.datname = $2`,
      [place.subscription, place.staging],
    );
    return rows[0]!;
  });
}

async function publish(cluster: DataCluster, place: MirrorPlace, live: Shape): Promise<void> {
  const statements = publishing(place, live);
  if (statements.length === 0) return;
  await cluster.asOwner(place.live, place.containerSlug, place.schema, (client) =>
    inTransaction(client, async () => {
      for (const statement of statements) await client.query(statement);
    }),
  );
}

/** Takes away what live has not: while live holds still, so that a change which is about to bring it back is not missed. */
async function dropSettled(cluster: DataCluster, place: MirrorPlace, seen: Differences): Promise<void> {
  await cluster.asOwner(place.live, place.containerSlug, place.schema, (client) =>
    inTransaction(client, async () => {
      const before = await readSide(cluster, place, place.live);
      await client.query(`set local lock_timeout = '1s'`);
      for (const { name } of before.tables)
        await client.query(`lock table only ${id(place.schema)}.${id(name)} in access share mode`);
      const { live, mirror } = await readBoth(cluster, place);
      const { drop } = compareShapes(live, mirror);
      await changeMirror(
        cluster,
        place,
        drop.filter((statement) => seen.drop.includes(statement)),
      );
    }),
  );
}

/** Lets the subscription know of tables that were added or made anew: they are copied. */
export async function refreshSubscription(cluster: DataCluster, place: MirrorPlace): Promise<boolean> {
  if (!(await lacksTables(cluster, place))) return false;
  await asRole(cluster, place.staging, place.subscriber, (client) =>
    client.query(`alter subscription ${id(place.subscription)} refresh publication`),
  );
  return true;
}

async function lacksTables(cluster: DataCluster, place: MirrorPlace): Promise<boolean> {
  const names = (database: string, query: string, name: string) =>
    cluster.readCatalogue(database, async (pool) => (await pool.query(query, [name])).rows.map((row) => row.name));
  const made = `select s.subname as name from pg_catalog.pg_subscription s join pg_catalog.pg_database d on d.oid = s.subdbid and d.datname = current_database()
    where s.subname = $1 and s.subenabled`;
  if ((await names(place.staging, made, place.subscription)).length === 0) return false;
  const [sent, taken] = await Promise.all([
    names(
      place.live,
      `select c.relname as name from pg_catalog.pg_publication_rel r join pg_catalog.pg_publication p on p.oid = r.prpubid
       join pg_catalog.pg_class c on c.oid = r.prrelid where p.pubname = $1 order by 1`,
      place.publication,
    ),
    names(
      place.staging,
      `select c.relname as name from pg_catalog.pg_subscription s join pg_catalog.pg_database d on d.oid = s.subdbid and d.datname = current_database()
       join pg_catalog.pg_subscription_rel r on r.srsubid = s.oid join pg_catalog.pg_class c on c.oid = r.srrelid where s.subname = $1 order by 1`,
      place.subscription,
    ),
  ]);
  return sent.join() !== taken.join();
}

/** Connects as one of the mirror's roles: never as the superuser, whose subscription could do more. */
export async function asRole<T>(
  cluster: DataCluster,
  database: string,
  role: string,
  work: (client: pg.Client) => Promise<T>,
): Promise<T> {
  const client = new pg.Client({ ...cluster.connection(database, role), application_name: 'vibe mirror' });
  client.on('error', () => {});
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end().catch(() => {});
  }
}
