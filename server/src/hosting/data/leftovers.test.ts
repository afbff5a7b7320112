/** What was left on a server that did not answer: removed there when it answers, and nothing that is not ours with it. */
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { DataKeys } from '../../accounts/data-keys.ts';
import { newRules, person, startedPlatform } from '../../accounts/fixtures.ts';
import { register } from '../../accounts/registration.ts';
import { DataCluster } from '../../databases/cluster.ts';
import { databasesOf, mirrorNamesOf, rolesOf } from '../../databases/names.ts';
import { type OutsideTest, startOutside } from '../../databases/outside/fixtures/outside-server.ts';
import { OutsideDatabases } from '../../databases/outside/outside-databases.ts';
import { type Db, one, run, sql, transaction } from '../../db/database.ts';
import { startTestCluster, type TestCluster } from '../../db/test-database.ts';
import { Hub } from '../../events/hub.ts';
import { forgetFollowed, Leftovers, leftOf, listLeftovers, noteLeft } from './leftovers.ts';
import { OutsideKeeper } from './outside.ts';

let test: TestCluster;
let there: OutsideTest;
let db: Db;
let marta: string;
let container: { id: string; slug: string };
let cluster: DataCluster;
let keeper: OutsideKeeper;
let leftovers: Leftovers;
let appId: string;
const warned: string[] = [];
/** What is done to an app's mirror before it is its leftover's turn. */
let before: () => Promise<unknown> = async () => {};

beforeAll(async () => {
  [test, there] = await Promise.all([startTestCluster(), startOutside()]);
  ({ db } = await startedPlatform(test));
  const rules = newRules();
  marta = (await register(db, rules, person('Marta'))).id;
  container = await one(db, sql<typeof container>`select id, slug from containers`);
  await run(db, sql`update containers set state = 'ready'`);
  const keys = new DataKeys(db, rules.keyring);
  const outside = new OutsideDatabases(new Set([there.allowed]), undefined);
  cluster = new DataCluster(test.cluster.url, Buffer.alloc(32, 7), outside);
  await cluster.createDatabases(databasesOf(container.slug));
  const hub = new Hub(db, keys);
  keeper = new OutsideKeeper({ db, keys, cluster, outside, hub });
  leftovers = new Leftovers({
    db,
    keys,
    outside,
    hub,
    alone: async (_app, work) => {
      await before();
      await work();
    },
    warn: (error, text) => warned.push(`${text}: ${error}`),
  });
  await keeper.keep(container.id, marta, there.address);
});
afterAll(async () => {
  await leftovers.close();
  await cluster.close();
  await there.end();
  await test.stop();
});

const live = () => databasesOf(container.slug).live;
const names = () => mirrorNamesOf(container.slug, 'shop');
const ours = () => rolesOf(container.slug, 'shop');
const root = async (text: string) => {
  const client = await there.root();
  return client.query(text).finally(() => client.end());
};
const count = async (text: string): Promise<number> => (await root(text)).rowCount ?? 0;

/** An app's schema, roles, publication and slot, as they stay there. */
beforeEach(async () => {
  await run(db, sql`delete from outside_leftovers`);
  ({ id: appId } = await one(
    db,
    sql<{
      id: string;
    }>`insert into apps (container_id, slug, name, mode, removed_at) values (${container.id}, 'shop', 'Shop', 'dual-repository', now())
      on conflict (container_id, slug) do update set removed_at = now(), mode = 'dual-repository' returning id`,
  ));
  await cluster.createSchema(live(), container.slug, 'shop');
  await cluster.asOwner(live(), container.slug, 'shop', async (client) => {
    await client.query('create table if not exists books (id int primary key)');
    await client.query('insert into books values (1) on conflict do nothing');
  });
  await cluster.administer(
    live(),
    [
      ...cluster.roleStatements(live(), names().reader, { login: true, replication: true, connections: 2 }),
      `grant usage on schema shop to "${names().reader}"`,
      `alter default privileges for role "${ours().owner}" in schema shop grant select on tables to "${names().reader}"`,
    ].join(';'),
  );
  await root(`drop publication if exists ${names().publication}`);
  await root(
    `create publication ${names().publication}; alter publication ${names().publication} owner to "${ours().owner}"`,
  );
  await root(
    `select pg_create_logical_replication_slot('${names().slot}', 'pgoutput') where not exists (select from pg_replication_slots where slot_name = '${names().slot}')`,
  );
});

const leave = async () => noteLeft(db, appId, 'app', await leftOf(db, appId, 'app'), marta);

it('waits for the server, then removes schema, roles, publication and slot', async () => {
  await leave();
  await there.stop();
  await leftovers.look(true);
  expect(await listLeftovers(db, container.id)).toMatchObject([
    { app: 'Shop', kind: 'app', words: expect.stringContaining('nothing listens there') },
  ]);
  await there.start();
  await leftovers.look();
  // not tried again at once
  expect(await listLeftovers(db, container.id)).toHaveLength(1);
  await run(db, sql`update outside_leftovers set tried_at = now() - interval '2 minutes'`);
  await leftovers.look();
  expect(await listLeftovers(db, container.id)).toEqual([]);
  expect(await count(`select from pg_roles where rolname like '%.%'`)).toBe(0);
  expect(await count('select from pg_replication_slots')).toBe(0);
  expect(await count('select from pg_publication')).toBe(0);
  expect(await count(`select from pg_namespace where nspname = 'shop'`)).toBe(0);
  // the container is still there
  expect(await count(`select from pg_namespace where nspname = 'vibe_live'`)).toBe(1);
  expect(warned).toEqual([]);
});

it('touches nothing of a database that is not marked as this container’s any more', async () => {
  await leave();
  await root(`comment on schema vibe_live is 'somebody else'`);
  await leftovers.look(true);
  expect(await listLeftovers(db, container.id)).toMatchObject([
    { until: null, words: expect.stringContaining('not marked as this container’s') },
  ]);
  expect(await count(`select from shop.books`)).toBe(1);
  expect(await count('select from pg_replication_slots')).toBe(1);
  await root(`comment on schema vibe_live is '${container.id}'`);
});

it('drops nothing that somebody else has hung onto it, and says so', async () => {
  await leave();
  await root('create schema theirs; create view theirs.all_books as select * from shop.books');
  await leftovers.look(true);
  expect(await listLeftovers(db, container.id)).toMatchObject([
    { until: null, words: expect.stringContaining('Something else there hangs on it') },
  ]);
  expect(await count('select from theirs.all_books')).toBe(1);
  await root('drop schema theirs cascade');
});

it('leaves a schema of the same name that is somebody else’s, and a publication too', async () => {
  await leave();
  await root('create role stranger; alter schema shop owner to stranger; alter table shop.books owner to stranger');
  await leftovers.look(true);
  expect(await count('select from shop.books')).toBe(1);
  await root(`create publication ${names().publication}; drop schema shop cascade; drop role stranger`);
  await run(db, sql`delete from outside_leftovers`);
  await leave();
  await leftovers.look(true);
  expect(await listLeftovers(db, container.id)).toMatchObject([
    { until: null, words: expect.stringContaining('belongs to somebody else') },
  ]);
  expect(await count('select from pg_publication')).toBe(1);
});

it('never removes the rows of an app that was given up, and lets nobody take their place', async () => {
  await run(db, sql`update apps set removed_at = null, mode = 'vibe-coded'`);
  for (const kind of ['rows', 'mirror'] as const) await noteLeft(db, appId, kind, await leftOf(db, appId, kind));
  await leftovers.look(true);
  expect((await listLeftovers(db, container.id)).map(({ kind, until }) => [kind, until])).toEqual([['rows', null]]);
  expect(await count('select from shop.books')).toBe(1);
  expect(await count('select from pg_replication_slots')).toBe(0);
  await keeper.leave(container.id, marta);
  const again = await keeper.keep(container.id, marta, there.address).catch((error) => error);
  expect(again).toMatchObject({ code: 'outside_has_rows' });
  const [rows] = await listLeftovers(db, container.id);
  // what a person is told to run is what removes it
  const boss = await there.root();
  await boss.query('set role boss');
  await boss.query(rows!.sql);
  await boss.end();
  expect(await count(`select from pg_namespace where nspname = 'shop'`)).toBe(0);
  await leftovers.forget(container.id, rows!.id, marta);
  await expect(leftovers.forget(container.id, rows!.id, marta)).rejects.toMatchObject({ code: 'no_leftover' });
  await keeper.keep(container.id, marta, there.address);
});

it('is tried from the start when more is left there, and not gone before that is', async () => {
  await leave();
  await root(`comment on schema vibe_live is 'somebody else'`);
  await leftovers.look(true);
  expect(await listLeftovers(db, container.id)).toMatchObject([{ until: null }]);
  await root(`comment on schema vibe_live is '${container.id}'`);
  await run(db, sql`update outside_leftovers set left_at = now() - interval '20 days'`);
  await leave();
  expect(await listLeftovers(db, container.id)).toMatchObject([{ until: expect.any(String), words: '' }]);
  // written down while it is being tried
  await run(
    db,
    sql`create function more() returns trigger language plpgsql as 'begin new.roles := new.roles || array[''x.later'']; return new; end'`,
  );
  await run(
    db,
    sql`create trigger more before update of tried_at on outside_leftovers for each row execute function more()`,
  );
  await leftovers.look(true);
  expect(await listLeftovers(db, container.id)).toMatchObject([{ roles: expect.arrayContaining(['x.later']) }]);
  await run(db, sql`drop function more cascade`);
  await leftovers.look(true);
  expect(await listLeftovers(db, container.id)).toEqual([]);
});

it('leaves what follows an app that was given a live database there again', async () => {
  await run(db, sql`update apps set removed_at = null, mode = 'vibe-coded'`);
  await noteLeft(db, appId, 'mirror', await leftOf(db, appId, 'mirror'));
  before = () => run(db, sql`update apps set mode = 'dual-repository'`);
  await leftovers.look(true);
  before = async () => {};
  expect(await count('select from pg_replication_slots')).toBe(1);
  expect(await listLeftovers(db, container.id)).toHaveLength(1);
  await transaction(db, (tx) => forgetFollowed(tx, appId));
  expect(await listLeftovers(db, container.id)).toEqual([]);
});

it('goes on with the others when the way in of one cannot be read, and frees a place that is another now', async () => {
  await leave();
  await run(
    db,
    sql`insert into outside_leftovers (container_id, app_id, kind, host, port, database, username, sealed, tls, left_at)
      select container_id, app_id, kind, 'gone.example', port, database, username, 'nonsense', tls, left_at - interval '1 minute' from outside_leftovers`,
  );
  await run(db, sql`update outside_databases set host = 'new.example'`);
  await leftovers.look(true);
  const [first, ...others] = await listLeftovers(db, container.id);
  expect([first?.where, others]).toEqual([expect.stringContaining('gone.example'), []]);
  expect(first?.words).not.toBe('');
  expect(await count(`select from pg_namespace where nspname = 'vibe_live'`)).toBe(0);
  await run(db, sql`delete from outside_databases`);
  await keeper.keep(container.id, marta, there.address);
});

it('is given up only by its name and while it does not answer', async () => {
  await run(db, sql`update apps set removed_at = null`);
  await expect(keeper.giveUp(container.id, marta, 'elsewhere')).rejects.toMatchObject({ code: 'not_confirmed' });
  await expect(keeper.giveUp(container.id, marta, '127.0.0.1')).rejects.toMatchObject({ code: 'live_answers' });
  await there.stop();
  await run(db, sql`update containers set frozen_at = now(), frozen_by = ${marta}`);
  await expect(keeper.giveUp(container.id, marta, '127.0.0.1')).rejects.toMatchObject({ code: 'container_frozen' });
  await run(db, sql`update containers set frozen_at = null, frozen_by = null`);
  await keeper.giveUp(container.id, marta, ' 127.0.0.1 ');
  await keeper.giveUp(container.id, marta, '127.0.0.1');
  // an app is still there
  await expect(keeper.finishGivingUp(container.id)).rejects.toMatchObject({ code: 'live_in_use' });
  await there.start();
  const kept = await keeper.keep(container.id, marta, there.address).catch((error) => error);
  expect(kept).toMatchObject({ code: 'outside_given_up' });
  await run(db, sql`update apps set mode = 'vibe-coded'`);
  await keeper.finishGivingUp(container.id);
  await keeper.finishGivingUp(container.id);
  expect(cluster.isOutside(live())).toBe(false);
});
