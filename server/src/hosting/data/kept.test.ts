/** What was dropped and brought back, as people see it and as it is written down: names of chats, second clicks, long names. */
import { tmpdir } from 'node:os';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { DataKeys } from '../../accounts/data-keys.ts';
import { newRules, person, startedPlatform } from '../../accounts/fixtures.ts';
import { register } from '../../accounts/registration.ts';
import { applyChanges } from '../../databases/changes.ts';
import { DataCluster } from '../../databases/cluster.ts';
import { Mirrors } from '../../databases/mirror/mirrors.ts';
import { databasesOf, rolesOf } from '../../databases/names.ts';
import { type Db, many, one, run, sql } from '../../db/database.ts';
import { startTestCluster, type TestCluster } from '../../db/test-database.ts';
import { Hub } from '../../events/hub.ts';
import { appPlace } from '../../shipping/app-places.ts';
import { keepRows } from '../../shipping/kept-rows.ts';
import { bringKeptBack, type KeptParts, listKept, removeBack } from './kept.ts';

let test: TestCluster;
let db: Db;
let cluster: DataCluster;
let parts: KeptParts;
let marta: string;
let shop: string;
let container: { id: string; slug: string };
let other: string;
let database: string;
const long = 'l'.repeat(62);

const onShop = <T>(work: Parameters<typeof cluster.asOwner<T>>[3]) =>
  cluster.asOwner(database, container.slug, 'shop', work);
const addChat = async (title: string, containerId: string) =>
  (
    await one(
      db,
      sql<{ id: string }>`insert into chats (container_id, chat8, title, created_by)
        values (${containerId}, left(md5(random()::text), 8), ${title}, ${marta}) returning id`,
    )
  ).id;
const acts = (act: string) =>
  many(
    db,
    sql<{
      name: string;
      place: string;
      state: string;
    }>`select table_name as name, environment as place, state from data_acts where act = ${act} order by id`,
  );
const bring = (table: string, column: string | null = null) =>
  bringKeptBack(parts, {
    ...{ containerId: container.id, by: marta, appId: shop, place: 'staging' },
    ...{ release: 7, table, column },
  });

beforeAll(async () => {
  test = await startTestCluster();
  ({ db } = await startedPlatform(test));
  const rules = newRules();
  marta = (await register(db, rules, person('Marta'))).id;
  container = await one(db, sql<typeof container>`select id, slug from containers`);
  await run(db, sql`update containers set state = 'ready'`);
  other = (
    await one(
      db,
      sql<{
        id: string;
      }>`with o as (insert into organisations (name, data_key) select 'Other', data_key from organisations returning id)
        insert into containers (organisation_id, slug, name, home_node_id, cluster_id) select o.id, 'other', 'Other', c.home_node_id, c.cluster_id
          from o, containers c returning id`,
    )
  ).id;
  shop = (
    await one(
      db,
      sql<{
        id: string;
      }>`insert into apps (container_id, slug, name, created_by) values (${container.id}, 'shop', 'Shop', ${marta}) returning id`,
    )
  ).id;
  cluster = new DataCluster(test.cluster.url, Buffer.alloc(32, 7));
  await cluster.createDatabases(databasesOf(container.slug));
  database = databasesOf(container.slug).staging;
  await cluster.createSchema(database, container.slug, 'shop');
  const dataDir = tmpdir();
  const keys = new DataKeys(db, rules.keyring);
  const mirrors = new Mirrors({ db, cluster, changed: async () => {}, warn: () => {} });
  parts = { db, dataDir, cluster, mirrors, hub: new Hub(db, keys) };
  const { runtime } = rolesOf(container.slug, 'shop');
  const make = (id: string, chat: string | null, ...statements: string[]) =>
    onShop((client) =>
      applyChanges(client, runtime, [
        {
          ...{ id, statements, destructive: true },
          origin: { chat, tool: 'spec', action: 'other', tables: [], needs: [] },
        },
      ]),
    );
  await make(
    '0001',
    null,
    'create table gifts (id int primary key)',
    'create table cups (id int primary key)',
    'create table mugs (id int primary key)',
    `create table ${long}a (id int primary key, ${long}x text, ${long}y text)`,
  );
  await keepRows(cluster, await appPlace(db, dataDir, shop), 'live', 7);
  const deleted = await addChat('Deleted thoughts', container.id);
  await run(db, sql`update chats set deleted_at = now() where id = ${deleted}`);
  await make('0002', await addChat('Secret plans', other), 'drop table gifts');
  await make('0003', await addChat('Away with cups', container.id), 'drop table cups');
  await make('0004', deleted, 'drop table mugs');
  await make('0005', null, `alter table ${long}a drop column ${long}x, drop column ${long}y`);
});
afterAll(async () => {
  await parts?.mirrors.close();
  await cluster?.close();
  await test?.stop();
});

it('names no chat that one may not open, whatever a database says whose change it was', async () => {
  const found = await listKept(parts, container.id);
  expect(found.filter(({ column }) => column === null).map(({ table, chat }) => [table, chat?.title ?? null])).toEqual(
    expect.arrayContaining([
      ['gifts', null],
      ['cups', 'Away with cups'],
      ['mugs', null],
    ]),
  );
  expect(JSON.stringify(found)).not.toMatch(/Secret|Deleted/);
});

it('keeps the row of the first click when a second one is refused', async () => {
  await bring('cups');
  const [first] = await acts('bring_back');
  expect(first).toMatchObject({ name: 'cups (7)', place: 'staging', state: 'done' });
  // the first is on its way still
  await run(db, sql`update data_acts set state = 'open' where act = 'bring_back'`);
  const [kept] = await cluster.schemasLike(database, 'shop__k');
  await cluster.administer(database, `alter table ${kept}.cups rename to away`);
  await expect(bring('cups')).rejects.toMatchObject({ code: 'kept_gone' });
  expect(await acts('bring_back')).toMatchObject([{ name: 'cups (7)', state: 'open' }]);
  await cluster.administer(database, `alter table ${kept}.away rename to cups`);
  // its own it gives up: nothing was done
  await expect(bring('nowhere')).rejects.toMatchObject({ code: 'kept_gone' });
  expect(await acts('bring_back')).toHaveLength(1);
  await bring('cups');
  expect(await acts('bring_back')).toMatchObject([{ name: 'cups (7)', state: 'done' }]);
});

it('tells long names apart', async () => {
  for (const column of [`${long}x`, `${long}y`]) await bring(`${long}a`, column);
  expect((await acts('bring_back')).slice(1).map(({ name }) => name)).toEqual([
    `${long}a.${long}x (7)`,
    `${long}a.${long}y (7)`,
  ]);
});

it('says it again where it was removed in between, in the same place', async () => {
  await removeBack(parts, {
    ...{ containerId: container.id, by: marta, appId: shop, place: 'staging' },
    ...{ table: 'cups_kept7', column: null },
  });
  await bring('cups');
  await bring('cups');
  expect((await acts('bring_back')).filter(({ name }) => name === 'cups (7)')).toHaveLength(2);
  // the same elsewhere is another act
  await run(db, sql`update data_acts set environment = 'live' where act = 'bring_back'`);
  await bring('cups');
  expect(
    (await acts('bring_back')).filter(({ name, place }) => name === 'cups (7)' && place === 'staging'),
  ).toHaveLength(1);
});
