import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Db, run, sql } from '../../db/database.ts';
import { startTestCluster, type TestCluster } from '../../db/test-database.ts';
import { makeMirroredApp } from './fixtures/app-row.ts';
import { Shop, until } from './fixtures/shop.ts';
import { Mirrors } from './mirrors.ts';
import { readMirror } from './record.ts';
import { removeMirror } from './set-up.ts';

let test: TestCluster;
let db: Db;
let mirrors: Mirrors;
const shops: { shop: Shop; appId: string }[] = [];

beforeAll(async () => {
  test = await startTestCluster({ max_active_replication_origins: '5' });
  ({ db } = await test.platform());
  for (let n = 0; n < 6; n++) {
    const shop = new Shop(test, `home-${n}`);
    await shop.open('create table books (id int primary key)');
    shops.push({ shop, appId: await makeMirroredApp(db, `home-${n}`) });
  }
  mirrors = new Mirrors({ db, cluster: shops[0]!.shop.cluster, changed: async () => {}, warn: () => {} });
  mirrors.start();
});
afterAll(async () => {
  await mirrors.close();
  for (const { shop } of shops) await shop.close();
  await test.stop();
});

const states = async () => Promise.all(shops.map(({ appId }) => readMirror(db, appId)));

it('says of those that a cluster has no place for what to raise, and lets one go on when a place is free', async () => {
  const found = await until(
    states,
    (all) =>
      all.filter((row) => row?.state === 'in_step').length === 3 &&
      all.filter((row) => row?.state === 'waiting').length === 3,
    40_000,
  );
  for (const row of found.filter((one) => one?.state === 'waiting'))
    expect(row!.words).toContain('raise max_active_replication_origins (now 5)');
  const gone = found.findIndex((row) => row?.state === 'in_step');
  const { shop, appId } = shops[gone]!;
  await run(db, sql`update apps set mode = 'vibe-coded' where id = ${appId}`);
  await mirrors.forget(appId);
  await removeMirror(shop.cluster, shop.place);
  await run(db, sql`delete from mirrors where app_id = ${appId}`);
  await until(states, (all) => all.filter((row) => row?.state === 'waiting').length === 2, 20_000);
});

it('says of a cluster that cannot mirror at all what it lacks', async () => {
  const plain = await startTestCluster({ wal_level: 'replica' });
  const shop = new Shop(plain, 'home');
  const { db: platform } = await plain.platform();
  const appId = await makeMirroredApp(platform, 'home');
  await shop.open('create table books (id int primary key)');
  const watch = new Mirrors({ db: platform, cluster: shop.cluster, changed: async () => {}, warn: () => {} });
  watch.start();
  try {
    const row = await until(
      () => readMirror(platform, appId),
      (found) => found?.state === 'waiting',
    );
    expect(row!.words).toContain('Set wal_level = logical');
  } finally {
    await watch.close();
    await shop.close();
    await plain.stop();
  }
});
