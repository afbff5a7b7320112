import type pg from 'pg';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import { type Db, run, sql } from '../../db/database.ts';
import { startTestCluster, type TestCluster } from '../../db/test-database.ts';
import { makeMirroredApp } from './fixtures/app-row.ts';
import { Shop, until } from './fixtures/shop.ts';
import { follow } from './follow.ts';
import { Mirrors } from './mirrors.ts';
import { mirroredApps, readMirror } from './record.ts';

let test: TestCluster;
let db: Db;
let shop: Shop;
let mirrors: Mirrors;
let appId: string;
let live: pg.Client;
let mirror: pg.Client;
let said: string[];
let count = 0;

beforeAll(async () => {
  test = await startTestCluster({ max_slot_wal_keep_size: '32MB', max_wal_size: '32MB', min_wal_size: '32MB' });
  ({ db } = await test.platform());
});
afterAll(async () => {
  await test.stop();
});
beforeEach(async () => {
  said = [];
  appId = await makeMirroredApp(db, `home-${++count}`);
  shop = new Shop(test, `home-${count}`);
  await shop.open(`create table books (id int primary key, title text); insert into books values (1, 'Emma')`);
  [live, mirror] = [await shop.admin('live'), await shop.admin('staging')];
});
afterEach(async () => {
  await mirrors.close();
  await run(db, sql`update apps set mode = 'vibe-coded' where id = ${appId}`);
  await shop.close();
});

function watch(rest?: { afterMs: number; forMs: number }): Mirrors {
  const made = new Mirrors({
    db,
    cluster: shop.cluster,
    ...(rest ? { rest } : {}),
    changed: async () => {
      const row = await readMirror(db, appId);
      if (row) said.push(`${row.state}: ${row.words}`);
    },
    warn: (error, text) => said.push(`${text}: ${(error as Error).message}`),
  });
  made.start();
  return made;
}
const state = () => readMirror(db, appId);
/** Begins to watch, and waits until the mirror is there. */
const begin = (more = 'select 1') =>
  shop.drift(more).then(() => {
    mirrors = watch();
    return inStep(20_000);
  });
const inStep = (ms?: number) =>
  until(state, (row) => row?.state === 'in_step', ms).catch((error) => {
    throw new Error(`${error.message} ${said.join(' | ')}`);
  });
const rows = (table: string) => async () => (await mirror.query(`select * from ${table} order by 1`)).rows;
/** Says within five seconds that it stands still, in these words. */
async function stalls(words: RegExp): Promise<void> {
  const began = performance.now();
  await until(
    async () => said,
    (all) => all.some((line) => words.test(line)),
    12_000,
  );
  expect(performance.now() - began).toBeLessThan(5000);
}

it('sets a mirror up that an app should have, and says how far behind it is', async () => {
  await begin();
  await until(rows('books'), (found) => found.length === 1);
  await live.query(`insert into books select n, 'x' from generate_series(10, 2000) n`);
  await until(rows('books'), (found) => found.length === 1992);
  const row = await inStep();
  expect(row!.lagMs).toBeLessThan(2000);
  expect(said.join()).not.toContain('could not');
});

it('notices a column that only live has, says which, adds it and goes on', async () => {
  await begin();
  await shop.drift('alter table books add column note text');
  await live.query(`insert into books values (2, 'Persuasion', 'late')`);
  await stalls(/stalled: .*The table books on live has a column note that the copy lacked/);
  await until(rows('books'), (found) => found[1]?.note === 'late');
  await inStep();
});

it('notices a table that only live has, and one whose mirror somebody dropped', async () => {
  await begin();
  await mirror.query('drop table books');
  await live.query(`insert into books values (2, 'Persuasion')`);
  await until(
    () => rows('books')().catch(() => []),
    (found) => found.length === 2,
  );
  await shop.drift(
    `create table films (id int primary key); alter publication ${shop.place.publication} add table films; insert into films values (1)`,
  );
  await until(
    () => rows('films')().catch(() => []),
    (found) => found.length === 1,
    20_000,
  );
  await inStep();
});

it('switches on again what was switched off', async () => {
  await begin();
  await mirror.query(`alter subscription ${shop.place.subscription} disable`);
  await live.query(`insert into books values (2, 'Persuasion')`);
  await stalls(/stalled: The copy was switched off/);
  await until(rows('books'), (found) => found.length === 2);
  await inStep();
});

it('copies a table again whose rows somebody has written on the mirror', async () => {
  await begin();
  await mirror.query(`insert into books values (2, 'Not live’s')`);
  await live.query(`insert into books values (2, 'Persuasion')`);
  await stalls(/stalled: The copy refuses what live sends next, in the table books/);
  await until(rows('books'), (found) => found[1]?.title === 'Persuasion');
  await inStep();
});

it('says which table needs a primary key, and goes on once it has one', async () => {
  await begin(`create table events (at int, data json); insert into events values (1, '{}')`);
  await live.query('update events set at = 2');
  await stalls(/stalled: The table events has no primary key, and its column data .* Give events a primary key/);
  await shop.drift('alter table events add primary key (at)');
  await until(rows('events'), (found) => found[0]?.at === 2, 12_000);
  await inStep();
});

it('copies everything again when live could not keep what staging missed', async () => {
  await begin();
  await mirrors.close();
  await mirror.query(`alter subscription ${shop.place.subscription} disable`);
  await until(
    async () => {
      await live.query(`create table if not exists bulk (id int, text text)`);
      await live.query(`insert into bulk select n, repeat('x', 2000) from generate_series(1, 12000) n`);
      await live.query('drop table bulk; checkpoint');
      return (await live.query('select wal_status from pg_replication_slots where slot_name = $1', [shop.place.slot]))
        .rows[0]?.wal_status;
    },
    (status) => status === 'lost',
    20_000,
  );
  await live.query(`insert into books values (2, 'Persuasion')`);
  mirrors = watch();
  await until(rows('books'), (found) => found.length === 2, 15_000);
  await inStep();
});

it('says how far a large first copy is, while what is there already is kept in step', async () => {
  await begin();
  const [app] = await mirroredApps(db);
  await shop.drift(
    `create table big (id int primary key, text text); insert into big select n, repeat('x', 500) from generate_series(1, 20000) n`,
  );
  // a copy begins at a moment when nobody is in the middle of writing
  await live.query('begin; select pg_current_xact_id()');
  await mirrors.alone(app!, (place) => follow(shop.cluster, place));
  const copying = await until(state, (row) => row?.state === 'copying');
  expect(copying?.percent).toBeLessThan(60);
  await shop.drift(`insert into books values (2, 'Persuasion')`);
  await until(rows('books'), (found) => found.length === 2);
  await live.query('commit');
  expect((await inStep())?.percent).toBeNull();
  expect((await mirror.query('select count(*)::int as n from big')).rows).toEqual([{ n: 20_000 }]);
});

it('rests where only a person can help, and goes on by itself once they have', async () => {
  await shop.drift(`create table events (at int, data json); insert into events values (1, '{}')`);
  mirrors = watch({ afterMs: 1000, forMs: 1500 });
  await inStep(20_000);
  await live.query('update events set at = 2');
  const enabled = async () =>
    (
      await mirror.query(
        'select subenabled as on from pg_subscription where subname = $1 and subdbid = (select oid from pg_database where datname = current_database())',
        [shop.place.subscription],
      )
    ).rows[0].on;
  await until(enabled, (on) => on === false, 15_000);
  await until(enabled, (on) => on === true, 15_000);
  await until(enabled, (on) => on === false, 15_000);
  expect((await state())?.words).toContain('Give events a primary key');
  expect(said.slice(said.findIndex((line) => line.startsWith('stalled'))).join()).not.toContain('in_step');
  await shop.drift('alter table events add primary key (at)');
  await until(rows('events'), (found) => found[0]?.at === 2, 15_000);
  await inStep();
});
