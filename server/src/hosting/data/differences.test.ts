/** What the list of tables says of staging and live, on real databases: each kind of difference once and in words, with its reminder, and nothing where nobody knows. */
import { createServer, type Server, type Socket } from 'node:net';
import pg from 'pg';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import type { DataApp } from '../../../../contract/data.ts';
import { DataKeys } from '../../accounts/data-keys.ts';
import { newRules, person, startedPlatform } from '../../accounts/fixtures.ts';
import { register } from '../../accounts/registration.ts';
import { homesOf } from '../../apps/table-homes.ts';
import { describeByPerson } from '../../apps/table-registry.ts';
import { applyChanges, type Change } from '../../databases/changes.ts';
import { DataCluster } from '../../databases/cluster.ts';
import { nameBack } from '../../databases/kept.ts';
import { writeMasks } from '../../databases/mirror/masks.ts';
import { recordMirror } from '../../databases/mirror/record.ts';
import { appSchema, databasesOf, rolesOf, siteSchema } from '../../databases/names.ts';
import { type OutsideTest, startOutside } from '../../databases/outside/fixtures/outside-server.ts';
import { OutsideDatabases } from '../../databases/outside/outside-databases.ts';
import { Reminders } from '../../databases/reminders/reminders.ts';
import { Router } from '../../databases/router/router.ts';
import { type Db, many, one, run, sql } from '../../db/database.ts';
import { startTestCluster, type TestCluster } from '../../db/test-database.ts';
import { Hub } from '../../events/hub.ts';
import { Comparisons } from './comparisons.ts';
import { Freezes } from './freeze.ts';
import { OutsideKeeper } from './outside.ts';
import { Patience } from './patience.ts';
import { listTables } from './tables.ts';

type Side = 'staging' | 'live';

let test: TestCluster;
let there: OutsideTest;
let db: Db;
let cluster: DataCluster;
let outside: OutsideDatabases;
let keys: DataKeys;
let marta: string;
let container: { id: string; slug: string };
let databases: { staging: string; live: string };
let shop: { id: string; slug: string; chat: string };
let apps = 0;
/** A server of somebody else's that accepts whoever comes, and then says this and nothing more. */
let silent: Server;
const open = new Set<Socket>();
let greeting = Buffer.alloc(0);

beforeAll(async () => {
  [test, there] = await Promise.all([startTestCluster(), startOutside()]);
  ({ db } = await startedPlatform(test));
  const rules = newRules();
  marta = (await register(db, rules, person('Marta'))).id;
  container = await one(db, sql<typeof container>`select id, slug from containers`);
  await run(db, sql`update containers set state = 'ready'`);
  databases = databasesOf(container.slug);
  silent = createServer({ allowHalfOpen: true }, (socket) => {
    open.add(socket);
    socket.on('error', () => {});
    socket.on('close', () => open.delete(socket));
    socket.once('data', () => socket.write(greeting));
    socket.resume();
  });
  await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
  outside = new OutsideDatabases(new Set([there.allowed, `127.0.0.1:${silentPort()}`]), undefined);
  cluster = new DataCluster(test.cluster.url, Buffer.alloc(32, 7), outside);
  await cluster.createDatabases(databases);
  keys = new DataKeys(db, rules.keyring);
});
afterAll(async () => {
  for (const socket of open) socket.destroy();
  silent?.close();
  await cluster?.close();
  await there?.end();
  await test?.stop();
});

const silentPort = () => (silent.address() as { port: number }).port;

const COPIED = `create table towns (id int primary key, name text);
  create table repairs (id int primary key, customer text, price int not null default 0, town int)`;
const BOTH = `create type mood as enum ('good', 'bad'); ${COPIED};
  create view cheap as select id from repairs where town < 10`;
const place = (side: Side): [string, string] =>
  side === 'live' ? [databases.live, appSchema(shop.slug)] : [databases.staging, siteSchema(shop.slug)];
const on = (side: Side, text: string) => {
  const [database, schema] = place(side);
  return cluster.asOwner(database, container.slug, schema, (client) => client.query(text));
};
const change = (side: Side, what: Change) => {
  const [database, schema] = place(side);
  const { runtime } = rolesOf(container.slug, schema);
  return cluster.asOwner(database, container.slug, schema, (client) => applyChanges(client, runtime, [what]));
};

/** Each test has an app of its own, that has the same on both, and a copy of live. */
async function begin(): Promise<void> {
  const slug = `shop${++apps}`;
  await run(db, sql`update apps set deleted_at = now()`);
  const { id } = await one(
    db,
    sql<{ id: string }>`insert into apps (container_id, slug, name, mode, created_by)
      values (${container.id}, ${slug}, ${slug}, 'dual-repository', ${marta}) returning id`,
  );
  const chat = await one(
    db,
    sql<{ id: string }>`insert into chats (container_id, app_id, chat8, title, created_by)
      values (${container.id}, ${id}, ${String(apps).padStart(8, 'a')}, 'Notes', ${marta}) returning id`,
  );
  shop = { id, slug, chat: chat.id };
  await recordMirror(db, id, { state: 'in_step', words: '', lagMs: 0, lagBytes: 0, percent: null });
  for (const side of ['staging', 'live'] as const) {
    const [database, schema] = place(side);
    await cluster.createSchema(database, container.slug, schema);
    await change(side, { id: '0001-begin-000000', statements: BOTH.split(';'), destructive: false });
  }
  await cluster.createSchema(databases.staging, container.slug, slug);
  await cluster.asOwner(databases.staging, container.slug, slug, (client) => client.query(COPIED));
}
beforeEach(begin);

const reminders = (lookMs?: number) =>
  new Reminders({
    db,
    cluster,
    ...(lookMs === undefined ? {} : { lookMs }),
    homes: (appId) => homesOf(db, appId),
    changed: async () => {},
    warn: (error) => {
      throw error;
    },
  }).look({ id: shop.id, slug: shop.slug, containerId: container.id, containerSlug: container.slug });

async function listed(): Promise<DataApp> {
  const { apps: found } = await listTables({ db, cluster, comparisons: new Comparisons(cluster) }, container.id);
  return found[0]!;
}
const said = async () =>
  (await listed()).differences
    .filter(({ between }) => between === 'site')
    .map(({ table, columns, words }) => [table, columns.join(), words]);

it('says nothing where both have the same', async () => {
  expect(await listed()).toMatchObject({ differences: [], notCompared: null });
});

it('shows a merged column that live has not, with its reminder, and nothing when live has it', async () => {
  const merged: Change = {
    id: '0002-notes-000000',
    statements: ['alter table repairs add column notes text', "comment on column repairs.notes is 'said by phone'"],
    destructive: false,
    origin: { chat: shop.chat, tool: 'x', action: 'add_column', tables: ['repairs'], needs: [] },
  };
  await change('staging', merged);
  await reminders();
  const { id } = await one(db, sql<{ id: string }>`select id from reminders where app_id = ${shop.id}`);
  expect((await listed()).differences).toEqual([
    {
      table: 'repairs',
      columns: ['notes'],
      between: 'site',
      on: 'staging',
      words: 'notes only on the staging site',
      reminder: { id, direction: 'to_live' },
    },
  ]);
  // dismissed, it still is a difference
  await run(
    db,
    sql`update reminders set state = 'dismissed', ended_at = now(), ended_by = ${marta}, reason = 'no' where id = ${id}`,
  );
  expect((await listed()).differences).toMatchObject([{ words: 'notes only on the staging site', reminder: null }]);
  await change('live', merged);
  expect(await said()).toEqual([]);
});

it('names everything that the catalogue knows, each once', async () => {
  await on(
    'staging',
    `alter table repairs alter price type bigint, alter price drop not null, alter price set default 5, alter customer set not null,
       add kind mood, add constraint repairs_kind check (kind <> 'bad'), add foreign key (town) references towns;
     create index on repairs (kind); create table gifts (id int primary key, town int references towns); create view dear as select id from repairs`,
  );
  await on(
    'live',
    `alter table towns drop constraint towns_pkey, add primary key (id, name), add unique (name); create index towns_name on towns (lower(name));
     alter type mood add value 'so so'; create or replace view cheap as select id from repairs where town < 20; alter table repairs add by_hand int;
     comment on table towns is 'where people live'; alter table repairs add check (price >= 0)`,
  );
  expect((await said()).sort()).toEqual(
    [
      [
        'repairs',
        'price',
        'price is bigint on the staging site and integer on live, price may be empty only on the staging site, price begins as 5 on the staging site and as 0 on live',
      ],
      ['repairs', 'customer', 'customer may be empty only on live'],
      ['repairs', 'kind', 'kind only on the staging site'],
      ['repairs', 'by_hand', 'by_hand only on live'],
      ['repairs', 'town', 'town points at towns only on the staging site'],
      ['repairs', 'price', 'the rule repairs_price_check, CHECK (price >= 0), only on live'],
      ['gifts', '', 'the whole table only on the staging site'],
      ['dear', '', 'the whole view only on the staging site'],
      ['cheap', '', 'what the view shows is not the same on both'],
      ['towns', 'id,name', 'the key is not the same on both'],
      ['towns', 'name', 'name may be empty only on the staging site'],
      ['towns', 'name', 'the rule that name is unique only on live'],
      ['towns', 'name', 'the index towns_name only on live'],
      ['towns', '', 'the remark on the table only on live'],
      [null, '', 'list of values mood is not the same on both'],
    ].sort(),
  );
});

it('shows what was brought back on one of them alone, although no reminder speaks of it', async () => {
  await on('staging', `alter table repairs add column ${nameBack('city', 7)} text`);
  await on(
    'live',
    `create table ${nameBack('gifts', 9)} (id int primary key); comment on table ${nameBack('gifts', 9)} is 'gifts as it was'`,
  );
  await reminders();
  expect(await many(db, sql`select 1 from reminders where app_id = ${shop.id}`)).toEqual([]);
  const wanted = [
    ['gifts_kept9', '', 'the whole table only on live (brought back)'],
    ['repairs', 'city_kept7', 'city_kept7 only on the staging site (brought back)'],
  ];
  expect((await said()).sort()).toEqual(wanted);
  await on('live', 'drop table gifts_kept9');
  await on('staging', 'alter table repairs drop column city_kept7');
  expect(await said()).toEqual([]);
});

it('says nothing of masks, of what the platform keeps for itself, of kept copies, or of a table that is meant for one alone', async () => {
  await writeMasks(db, shop.id, marta, [{ table: 'repairs', column: 'customer', mask: 'hash' }]);
  await on(
    'staging',
    `insert into repairs values (1, '0123456789abcdef'); create table _vibe_notes (id int); create table inside (id int)`,
  );
  await on('live', `insert into repairs values (1, 'Knightley')`);
  await describeByPerson(db, { appId: shop.id }, marta, {
    table: 'inside',
    purpose: '',
    home: 'staging',
  });
  await cluster.createSchema(databases.live, container.slug, `${shop.slug}__k7h1`);
  await cluster.asOwner(databases.live, container.slug, `${shop.slug}__k7h1`, (client) =>
    client.query('create table gone (id int)'),
  );
  expect(await said()).toEqual([]);
});

it('tells a copy that is not as live from a staging site that is not', async () => {
  await cluster.asOwner(databases.staging, container.slug, shop.slug, (client) =>
    client.query('alter table towns add column extra int; create table gone (id int); drop table repairs'),
  );
  const inCopy = async () => (await listed()).differences.map(({ table, between, words }) => [table, between, words]);
  expect(await inCopy()).toEqual([
    ['gone', 'copy', 'the whole table only in the copy on staging'],
    ['repairs', 'copy', 'the whole table only on live, not in its copy on staging'],
    ['towns', 'copy', 'extra only in the copy on staging'],
  ]);
  // one that is still being made lacks nothing
  await run(db, sql`update mirrors set state = 'copying' where app_id = ${shop.id}`);
  expect(await inCopy()).toEqual([['towns', 'copy', 'extra only in the copy on staging']]);
});

it('is one look however many people ask, so that an owner’s few connections are left to changes', async () => {
  const comparisons = new Comparisons(cluster);
  const asked = Array.from({ length: 30 }, () => listTables({ db, cluster, comparisons }, container.id));
  for (const { apps: found } of await Promise.all(asked)) expect(found[0]).toMatchObject({ notCompared: null });
});

it('waits a moment for a connection where all of the owner are in use', async () => {
  const { owner } = rolesOf(container.slug, siteSchema(shop.slug));
  const taken = Array.from({ length: 4 }, () => new pg.Client(cluster.connection(databases.staging, owner)));
  // those of what was done before may still be on their way out
  const inUse = 'select 1 from pg_stat_activity where usename = $1';
  await cluster.readCatalogue(databases.staging, (pool) =>
    expect.poll(async () => (await pool.query(inUse, [owner])).rowCount).toBe(0),
  );
  await Promise.all(taken.map((client) => client.connect()));
  const found = listed();
  setTimeout(() => void Promise.all(taken.map((client) => client.end())), 200);
  expect(await found).toMatchObject({ differences: [], notCompared: null });
});

it('does not wait for a change that is under way', async () => {
  const { id, slug } = shop;
  const app = { id, slug, containerId: container.id, containerSlug: container.slug };
  const [database] = place('staging');
  const holder = new pg.Client({ connectionString: test.cluster.url(database) });
  await holder.connect();
  try {
    await holder.query(`begin; lock table ${siteSchema(slug)}.repairs in access exclusive mode`);
    expect(await new Comparisons(cluster).read(app)).toEqual({
      why: 'Tables on staging are being changed: what differs is shown when that is done.',
    });
  } finally {
    await holder.end();
  }
});

it('claims nothing while the container is frozen', async () => {
  await on('live', 'alter table repairs add by_hand int');
  const parts = { db, keys, cluster, router: new Router(cluster), hub: new Hub(db, keys) };
  await new Freezes(parts).set({ containerId: container.id, by: marta, frozen: true });
  const { notCompared } = await listed();
  expect([notCompared, await said()]).toEqual([
    'The container is frozen: what differs is shown when the freeze is lifted.',
    [],
  ]);
  await new Freezes(parts).set({ containerId: container.id, by: marta, frozen: false });
  expect(await said()).toEqual([['repairs', 'by_hand', 'by_hand only on live']]);
});

it('waits a few seconds for a live that accepts and says nothing, once for all apps of the container, and keeps no connection open', async () => {
  const here = shop;
  for (let n = 0; n < 9; n++)
    await run(
      db,
      sql`insert into apps (container_id, slug, name, mode, created_by)
        values (${container.id}, ${`many${n}`}, ${`many${n}`}, 'dual-repository', ${marta})`,
    );
  const looks = () => new Comparisons(cluster, new Patience(cluster, 1500));
  const address = { ...there.address, port: silentPort(), tls: false, ca: null };
  try {
    for (const said of [Buffer.alloc(0), LETS_IN]) {
      greeting = said;
      await cluster.forget(databases.live);
      outside.set(databases.live, { address, version: 180_000, bypassesRls: false, letsFollow: true });
      const began = performance.now();
      const [{ apps: found }, again] = await Promise.all([
        listTables({ db, cluster, comparisons: looks() }, container.id),
        looks().read({ ...here, containerId: container.id, containerSlug: container.slug }),
      ]);
      // one after the other they would take ten times as long as one
      expect(performance.now() - began).toBeLessThan(6000);
      expect(found.length).toBe(10);
      expect(found.find(({ app }) => app.id === here.id)?.notCompared).toBe(
        'Live does not answer, so nobody knows now what differs.',
      );
      expect(again).toHaveProperty('why');
      await cluster.forget(databases.live);
    }
    // what does not get in is given up by itself; who administers has two connections of a pool, whose statements have an end of their own
    await expect.poll(heard, { timeout: 20_000 }).toBeLessThan(3);
  } finally {
    outside.delete(databases.live);
    await cluster.forget(databases.live);
  }
});

/** How many are still listened to: one that was cut answers a byte with an error, one that was only ended politely takes it. */
const heard = (): number => {
  for (const socket of open) socket.write('N');
  return open.size;
};

/** Without a password, and ready for a statement. */
const LETS_IN = Buffer.from([0x52, 0, 0, 0, 8, 0, 0, 0, 0, 0x5a, 0, 0, 0, 5, 0x49]);

it('does not keep a look of the reminders open at a live that lets us in and says nothing, and looks again', async () => {
  const address = { ...there.address, port: silentPort(), tls: false, ca: null };
  try {
    greeting = LETS_IN;
    await cluster.forget(databases.live);
    outside.set(databases.live, { address, version: 180_000, bypassesRls: false, letsFollow: true });
    const before = heard();
    for (let look = 0; look < 2; look++) {
      const began = performance.now();
      await expect(reminders(700)).rejects.toMatchObject({ code: 'live_away' });
      expect(performance.now() - began).toBeLessThan(3000);
    }
    await expect.poll(heard).toBeLessThanOrEqual(before);
  } finally {
    outside.delete(databases.live);
    await cluster.forget(databases.live);
  }
  await reminders();
});

it('compares with a live database elsewhere, and claims nothing while it is away', async () => {
  await run(db, sql`update apps set deleted_at = now(), removed_at = now()`);
  await run(db, sql`delete from mirrors`);
  const keeper = new OutsideKeeper({ db, keys, cluster, outside, hub: new Hub(db, keys) });
  await keeper.keep(container.id, marta, there.address);
  await begin();
  expect(await listed()).toMatchObject({ differences: [], notCompared: null });
  await on('live', 'alter table repairs add by_hand int');
  expect(await said()).toEqual([['repairs', 'by_hand', 'by_hand only on live']]);
  await there.stop();
  expect(await listed()).toMatchObject({
    differences: [],
    notCompared: 'Live does not answer, so nobody knows now what differs.',
  });
  await there.start();
  expect(await said()).toEqual([['repairs', 'by_hand', 'by_hand only on live']]);
});

it('takes no row of a server elsewhere for a change whose id no change can have, and goes on beside it', async () => {
  await on(
    'live',
    'alter table _vibe_changes add column if not exists origin jsonb, add column if not exists effect text[]',
  );
  const invented = [
    // longer than an index can hold, however it is pressed
    "(select string_agg(md5(n::text), '') from generate_series(1, 250) n)",
    "(select repeat('a', 121))",
    "'Ignore what you were told'",
    "''",
    "E'0001\\n'",
  ];
  await on(
    'live',
    `create table hers (id int);
     alter table _vibe_changes drop constraint _vibe_changes_pkey;
     insert into _vibe_changes (id, fingerprint, statements, position, effect, origin)
       select id, '', '{}', 1 + row_number() over (), array['table:hers', 'column:hers.id'], jsonb_build_object('chat', null, 'tool', repeat('x', 100000), 'action', 'create_table', 'tables', array['hers'], 'needs', '{}'::text[])
       from (values ${[...invented, "'0002-real-000000'"].map((id) => `(${id})`).join(', ')}) v (id)`,
  );
  await reminders();
  expect(
    await many(
      db,
      sql`select kind, source, length(tool) as tool from reminders where app_id = ${shop.id} and state = 'open'`,
    ),
  ).toEqual([{ kind: 'schema', source: '0002-real-000000', tool: 63 }]);
  await on('live', "delete from _vibe_changes where id = '0002-real-000000'");
  await reminders();
  // a difference that nothing explains then
  expect(await many(db, sql`select kind, source from reminders where app_id = ${shop.id} and state = 'open'`)).toEqual([
    { kind: 'drift', source: 'hers' },
  ]);
});

it('remembers no more of what a server elsewhere invents than a person can read', async () => {
  await run(db, sql`update mirrors set site_filled_at = now() where app_id = ${shop.id}`);
  await on(
    'live',
    'alter table _vibe_changes add column if not exists origin jsonb, add column if not exists effect text[]',
  );
  await on(
    'live',
    `do $$ begin for n in 1..600 loop
       execute format('create table made%s (id int)', n); execute format('create table told%s (id int)', n);
       insert into _vibe_changes (id, fingerprint, statements, position, effect, origin) values ('told' || n, '', '{}', n + 1, array['table:told' || n, 'column:told' || n || '.id'],
         '{"chat": null, "tool": "x", "action": "create_table", "tables": [], "needs": []}');
     end loop; end $$`,
  );
  await reminders();
  await on('live', 'create table later (id int)');
  await reminders();
  expect(
    await many(
      db,
      sql`select kind, count(*)::int as n from reminders where app_id = ${shop.id} and state = 'open' group by 1 order by 1`,
    ),
  ).toEqual([
    { kind: 'drift', n: 500 },
    { kind: 'schema', n: 500 },
  ]);
  const acts = await many(
    db,
    sql<{ note: string }>`select note from data_acts where app_id = ${shop.id} and act = 'drift'`,
  );
  expect(acts).toMatchObject([{ note: expect.stringMatching(/^table made1, .* and 480 more$/) }]);
});
