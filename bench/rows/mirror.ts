/** How far a mirror is behind live under 1,000 writes a second, beside logical replication as PostgreSQL has it, by turns in the same run. */
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { DataCluster } from '../../server/src/databases/cluster.ts';
import { makeMirroredApp } from '../../server/src/databases/mirror/fixtures/app-row.ts';
import { Mirrors } from '../../server/src/databases/mirror/mirrors.ts';
import { mirrorPlace } from '../../server/src/databases/mirror/place.ts';
import { readMirror } from '../../server/src/databases/mirror/record.ts';
import { databasesOf } from '../../server/src/databases/names.ts';
import { startTestCluster } from '../../server/src/db/test-database.ts';
import { median, percentile, type Row } from '../support/row.ts';

const WRITES_A_SECOND = 1000;
const ROUND_MS = 3000;
const ROUNDS = 4;
const TABLE = 'create table books (id int primary key, title text not null)';

export async function mirror(): Promise<Row> {
  // what is committed is sent when it is on the disk: without waiting for that it would lie about for a while
  const test = await startTestCluster({ synchronous_commit: 'on' });
  const cluster = new DataCluster(test.cluster.url, Buffer.alloc(32, 7));
  const { db } = await test.platform();
  const open: pg.Client[] = [];
  const connect = async (database: string) => {
    const client = new pg.Client(test.cluster.url(database));
    await client.connect();
    open.push(client);
    return client;
  };
  let mirrors: Mirrors | undefined;
  try {
    const place = mirrorPlace('home', 'shop');
    await cluster.createDatabases(databasesOf('home'));
    await cluster.createSchema(place.live, 'home', 'shop');
    await cluster.asOwner(place.live, 'home', 'shop', (client) => client.query(TABLE));
    const appId = await makeMirroredApp(db, 'home');
    mirrors = new Mirrors({ db, cluster, changed: async () => {}, warn: (error) => console.error(error) });
    mirrors.start();
    while ((await readMirror(db, appId))?.state !== 'in_step') await sleep(100);

    const admin = await connect('postgres');
    for (const name of ['bare_live', 'bare_staging']) await admin.query(`create database ${name}`);
    const [bareLive, bareStaging] = [await connect('bare_live'), await connect('bare_staging')];
    for (const client of [bareLive, bareStaging])
      await client.query(`create schema shop; set search_path = shop; ${TABLE}`);
    await bareLive.query('create publication bare for table shop.books');
    await bareLive.query(`select pg_create_logical_replication_slot('bare', 'pgoutput')`);
    const url = new URL(test.cluster.url('bare_live').replace('postgresql:///', 'postgresql://localhost/'));
    await bareStaging.query(
      `create subscription bare connection 'host=${url.searchParams.get('host')} user=vibe dbname=bare_live' publication bare with (create_slot = false, slot_name = 'bare', origin = none)`,
    );
    await sleep(1500);

    const sides = {
      ours: { live: await connect(place.live), staging: await connect(place.staging), lags: [] as number[], id: 0 },
      bare: { live: bareLive, staging: bareStaging, lags: [] as number[], id: 0 },
    };
    // whoever looks must not take longer where the server has counted an empty table before: its last row is found by its key
    for (const { staging } of Object.values(sides)) await staging.query('set enable_seqscan = off');
    for (let round = 0; round < ROUNDS * 2; round++) {
      const side = round % 2 === 0 ? sides.ours : sides.bare;
      const lags = await writeAndWatch(side.live, side.staging, side.id);
      side.id += lags.length;
      // the first round of each warms up
      if (round > 1) side.lags.push(...lags);
    }
    const [a, b] = [median(sides.ours.lags), median(sides.bare.lags)];
    return {
      path: `mirror lag under ${WRITES_A_SECOND} writes/s`,
      beside: 'bare logical replication',
      ours: a,
      bare: b,
      unit: 'ms',
      result: a / b,
      kind: 'ratio',
      limit: 1.2,
      note: `p95 ${percentile(sides.ours.lags, 95).toFixed(1)} and ${percentile(sides.bare.lags, 95).toFixed(1)} ms, ${sides.ours.lags.length} rows`,
    };
  } finally {
    await mirrors?.close();
    await Promise.all(open.map((client) => client.end()));
    await cluster.close();
    await test.stop();
  }
}

/** Writes rows one by one at the rate, and looks all the time which have arrived. @returns milliseconds for each, from commit to seen */
async function writeAndWatch(live: pg.Client, staging: pg.Client, from: number): Promise<number[]> {
  const written = new Map<number, number>();
  const seen = new Map<number, number>();
  const count = (WRITES_A_SECOND * ROUND_MS) / 1000;
  const began = performance.now();
  const writing = (async () => {
    for (let n = 1; n <= count; n++) {
      const early = began + n * (1000 / WRITES_A_SECOND) - performance.now();
      if (early > 1) await sleep(early);
      await live.query({
        name: 'write',
        text: 'insert into shop.books values ($1, $2)',
        values: [from + n, 'Persuasion'],
      });
      written.set(from + n, performance.now());
    }
  })();
  for (let last = from; last < from + count && performance.now() - began < ROUND_MS * 4; ) {
    const { rows } = await staging.query<{ last: number }>({
      name: 'look',
      text: 'select coalesce(max(id), 0) as last from shop.books',
    });
    const now = performance.now();
    for (; last < rows[0]!.last; last++) seen.set(last + 1, now);
    await sleep(1);
  }
  await writing;
  return [...written].map(([row, at]) => Math.max(0, (seen.get(row) ?? Number.POSITIVE_INFINITY) - at));
}
