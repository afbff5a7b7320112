/** A start beside a live database elsewhere that lets us in and says nothing: nobody waits for it, and until it is heard of nothing goes there. */
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { DataKeys } from '../accounts/data-keys.ts';
import { newRules, person, startedPlatform } from '../accounts/fixtures.ts';
import { register } from '../accounts/registration.ts';
import { DataCluster } from '../databases/cluster.ts';
import { frozenDatabases } from '../databases/freeze.ts';
import { appSchema, databasesOf, queryRoleOf, rolesOf } from '../databases/names.ts';
import { checkOutside } from '../databases/outside/check.ts';
import { type OutsideTest, startOutside } from '../databases/outside/fixtures/outside-server.ts';
import { OutsideDatabases, type OutsideServer } from '../databases/outside/outside-databases.ts';
import { openRelay, type Relay } from '../databases/relay.ts';
import { type Question, Router } from '../databases/router/router.ts';
import { type Db, one, run, sql } from '../db/database.ts';
import { startTestCluster, type TestCluster } from '../db/test-database.ts';
import { codeOf, messageOf } from '../errors.ts';
import { Hub } from '../events/hub.ts';
import { Freezes } from './data/freeze.ts';
import { closeCall } from './sql-calls.ts';
import { endLiveGrant, settleSql } from './sql-work.ts';

let test: TestCluster;
let there: OutsideTest;
let db: Db;
let cluster: DataCluster;
let outside: OutsideDatabases;
let parts: ConstructorParameters<typeof Freezes>[0];
let marta: string;
let container: { id: string; slug: string; organisationId: string };
let databases: { staging: string; live: string };
let app: string;
let server: OutsideServer;
let stalled: Server;
let relay: Relay;
let folder: string;
const sockets = new Set<Socket>();
const schema = appSchema('shop');

beforeAll(async () => {
  [test, there, folder] = await Promise.all([
    startTestCluster(),
    startOutside(),
    mkdtemp(join(tmpdir(), 'vibe-test-settle-')),
  ]);
  stalled = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => {});
    socket.on('close', () => sockets.delete(socket));
    socket.once('data', () => socket.write(Buffer.from([0x52, 0, 0, 0, 8, 0, 0, 0, 0, 0x5a, 0, 0, 0, 5, 0x49])));
  });
  await new Promise<void>((resolve) => stalled.listen(0, '127.0.0.1', resolve));
  ({ db } = await startedPlatform(test));
  const rules = newRules();
  marta = (await register(db, rules, person('Marta'))).id;
  container = await one(
    db,
    sql<typeof container>`select id, slug, organisation_id as "organisationId" from containers`,
  );
  await run(db, sql`update containers set state = 'ready'`);
  databases = databasesOf(container.slug);
  outside = new OutsideDatabases(new Set([there.allowed, `127.0.0.1:${port()}`]), undefined);
  cluster = new DataCluster(test.cluster.url, Buffer.alloc(32, 7), outside);
  const own = async () => new Set<string>();
  server = (await checkOutside({ outside, own, containerId: container.id }, there.address)).server!;
  outside.set(databases.live, server);
  await cluster.createDatabases(databases);
  for (const database of [databases.staging, databases.live]) {
    await cluster.createSchema(database, container.slug, schema);
    await cluster.asOwner(database, container.slug, schema, (client) =>
      client.query(`create table books (id int primary key); insert into books values (1);
        grant select, insert on books to "${rolesOf(container.slug, schema).runtime}"`),
    );
  }
  ({ id: app } = await one(
    db,
    sql<{ id: string }>`insert into apps (container_id, slug, name, mode, created_by)
      values (${container.id}, 'shop', 'Shop', 'dual-repository', ${marta}) returning id`,
  ));
  parts = { db, cluster, hub: new Hub(db, new DataKeys(db, rules.keyring)) };
  relay = await openRelay(
    join(folder, 'r'),
    cluster.connection(databases.live, rolesOf(container.slug, schema).runtime),
    cluster.doorOf(databases.live),
  );
});
afterAll(async () => {
  await relay?.close();
  await cluster?.close();
  for (const socket of sockets) socket.destroy();
  stalled?.close();
  await Promise.all([there?.end(), test?.stop(), rm(folder, { recursive: true, force: true })]);
});

const port = () => (stalled.address() as { port: number }).port;
/** As from a start on: that server says nothing. */
async function stall(): Promise<void> {
  await cluster.forget(databases.live);
  outside.set(databases.live, { ...server, address: { ...server.address, port: port(), tls: false, ca: null } });
}
async function answers(): Promise<void> {
  outside.set(databases.live, server);
  await cluster.forget(databases.live);
  for (const socket of sockets) socket.destroy();
}
const asApp = async (text: string) => {
  const client = new pg.Client({ host: relay.folder, user: 'x', database: 'x' });
  client.on('error', () => {});
  try {
    await client.connect();
    return (await client.query(text)).rows;
  } finally {
    await client.end().catch(() => {});
  }
};
/** As that server's own superuser. */
const thereIs = async (text: string, values: unknown[] = []): Promise<boolean> => {
  const root = await there.root();
  try {
    return Boolean((await root.query(text, values)).rowCount);
  } finally {
    await root.end();
  }
};
const isFrozenThere = () => thereIs("select 1 where to_regclass('vibe_freeze.taken') is not null");
const chat: Question['chat'] = {
  ...{ chatId: '11111111-1111-7111-8111-111111111111', chat8: 'aaaaaaaa', appId: '', appSlug: 'shop' },
  ...{ containerSlug: '', mode: 'dual-repository' },
};
const ask = (router: Router, text: string) =>
  router.ask({
    ...{ chat: { ...chat, containerSlug: container.slug }, target: 'live', sql: text, frozen: false },
    rules: [{ environment: 'live', action: 'insert', appId: null, table: null, verdict: 'allow' }],
  });

it('carries out a freeze elsewhere when that server answers, and until then lets neither app nor owner in', async () => {
  await run(db, sql`update containers set frozen_at = now(), frozen_by = ${marta}`);
  expect(await asApp('select id from books')).toEqual([{ id: 1 }]);
  await stall();
  const warned: string[] = [];
  const began = performance.now();
  const freezes = new Freezes({ ...parts, warn: (error) => warned.push(messageOf(error)) }, 200);
  await freezes.settle();
  expect(performance.now() - began).toBeLessThan(3000);
  // what is ours is settled by then
  expect(await frozenDatabases(cluster)).toEqual(new Set([databases.staging]));
  await expect(asApp('insert into books values (2)')).rejects.toThrow('the container is frozen');
  const owner = () => cluster.asOwner(databases.live, container.slug, schema, (client) => client.query('select 1'));
  await expect(owner()).rejects.toMatchObject({ code: 'container_frozen' });
  // it was asked, and said nothing
  await expect.poll(() => sockets.size).toBeGreaterThan(0);
  await answers();
  await expect.poll(() => cluster.isWithheld(databases.live)).toBe(false);
  expect(await isFrozenThere()).toBe(true);
  await expect(asApp('insert into books values (2)')).rejects.toThrow('permission denied');
  await expect(owner()).rejects.toMatchObject({ code: 'container_frozen' });
  expect(warned).toEqual(['Live does not answer.']);
  // a lift that was cut off is as much made up for
  await run(db, sql`update containers set frozen_at = null, frozen_by = null`);
  const again = new Freezes(parts, 200);
  await again.settle();
  await expect.poll(isFrozenThere).toBe(false);
  expect(await asApp('insert into books values (2) returning id')).toEqual([{ id: 2 }]);
  freezes.close();
  again.close();
});

it('cuts who is in when a freeze by a person does not come through, lets nobody in, and carries it out by itself', async () => {
  const warned: string[] = [];
  const freezes = new Freezes({ ...parts, warn: (error) => warned.push(messageOf(error)) }, 200);
  const by = { containerId: container.id, by: marta };
  const inside = new pg.Client({ host: relay.folder, user: 'x', database: 'x' });
  const cut = new Promise<Error>((resolve) => inside.on('error', resolve));
  await inside.connect();
  await inside.query('insert into books values (20)');
  await stall();
  const freezing = freezes.set({ ...by, frozen: true }).catch((error) => error);
  expect(await cut).toBeInstanceOf(Error);
  await expect(inside.query('insert into books values (21)')).rejects.toThrow();
  await expect(asApp('select 1')).rejects.toThrow('the container is frozen');
  await expect.poll(() => sockets.size).toBeGreaterThan(0);
  await answers();
  expect(await freezing).toMatchObject({ code: 'freeze_unfinished' });
  await expect.poll(isFrozenThere).toBe(true);
  await expect.poll(() => cluster.isWithheld(databases.live)).toBe(false);
  expect(await asApp('select id from books where id >= 20')).toEqual([{ id: 20 }]);
  await expect(asApp('insert into books values (21)')).rejects.toThrow('permission denied');
  await freezes.set({ ...by, frozen: false });
  expect(await asApp('insert into books values (22) returning id')).toEqual([{ id: 22 }]);
  freezes.close();
});

it('freezes live where staging fails, tries that again, and says each failure once', async () => {
  const warned: string[] = [];
  const freezes = new Freezes({ ...parts, warn: (error) => warned.push(codeOf(error)) }, 50);
  const by = { containerId: container.id, by: marta };
  const staging = (allowed: boolean) =>
    cluster.administer('postgres', `alter database "${databases.staging}" with allow_connections ${allowed}`);
  await cluster.forget(databases.staging);
  await staging(false);
  await expect(freezes.set({ ...by, frozen: true })).rejects.toMatchObject({ code: 'freeze_unfinished' });
  expect(await isFrozenThere()).toBe(true);
  expect(cluster.isWithheld(databases.live)).toBe(false);
  await expect.poll(() => warned).toEqual(['55000']);
  await sleep(400);
  expect(warned).toEqual(['55000']);
  await staging(true);
  await expect.poll(() => frozenDatabases(cluster)).toEqual(new Set([databases.staging]));
  await freezes.set({ ...by, frozen: false });
  expect(await frozenDatabases(cluster)).toEqual(new Set());
  freezes.close();
});

it('begins a release that waited when the last of both is lifted, by a person and after a start', async () => {
  const freezes = new Freezes(parts, 50);
  const by = { containerId: container.id, by: marta };
  const { id } = await one(
    db,
    sql<{ id: string }>`insert into releases (app_id, number, commit, merge_id, state)
      values (${app}, 1, 'abc', uuidv7(), 'queued') returning id`,
  );
  const key = `app.release:${id}`;
  const begun = async () =>
    (await one(db, sql<{ n: number }>`select count(*)::int as n from graphile_worker.jobs where key = ${key}`)).n;
  const staging = (allowed: boolean) =>
    cluster.administer('postgres', `alter database "${databases.staging}" with allow_connections ${allowed}`);
  await freezes.set({ ...by, frozen: true });
  await cluster.forget(databases.staging);
  await staging(false);
  await expect(freezes.set({ ...by, frozen: false })).rejects.toMatchObject({ code: 'freeze_unfinished' });
  expect(await isFrozenThere()).toBe(false);
  await sleep(200);
  expect(await begun()).toBe(0);
  await staging(true);
  await expect.poll(begun).toBe(1);
  expect(await frozenDatabases(cluster)).toEqual(new Set());
  // killed before the databases, and then before the release
  await freezes.set({ ...by, frozen: true });
  freezes.close();
  await run(db, sql`select graphile_worker.remove_job(${key})`);
  await run(db, sql`update containers set frozen_at = null, frozen_by = null`);
  await stall();
  const again = new Freezes(parts, 50);
  await again.settle();
  expect(await frozenDatabases(cluster)).toEqual(new Set());
  expect(await begun()).toBe(0);
  await answers();
  await expect.poll(begun).toBe(1);
  again.close();
  await run(db, sql`delete from releases`);
});

it('leaves apps that read alone when a freeze is repeated', async () => {
  const freezes = new Freezes(parts, 200);
  const by = { containerId: container.id, by: marta };
  await freezes.set({ ...by, frozen: true });
  const inside = new pg.Client({ host: relay.folder, user: 'x', database: 'x' });
  const cut: Error[] = [];
  inside.on('error', (error) => cut.push(error));
  await inside.connect();
  await stall();
  await freezes.set({ ...by, frozen: true });
  expect(cluster.isWithheld(databases.live)).toBe(false);
  expect((await inside.query('select id from books where id = 1')).rows).toEqual([{ id: 1 }]);
  expect(cut).toEqual([]);
  await inside.end();
  await answers();
  await freezes.set({ ...by, frozen: false });
  freezes.close();
});

it('keeps live shut for who freezes it while a lift is still under way there', async () => {
  const freezes = new Freezes(parts, 200);
  const by = { containerId: container.id, by: marta };
  await freezes.set({ ...by, frozen: true });
  const root = await there.root();
  await root.query('begin; lock table vibe_freeze.taken in access exclusive mode');
  const lifting = freezes.set({ ...by, frozen: false });
  const isHeld = async () => Boolean((await root.query('select 1 from pg_locks where not granted')).rowCount);
  await expect.poll(isHeld).toBe(true);
  // its turn is between the two
  const between = cluster.alone(async () => cluster.isWithheld(databases.live), databases.live);
  const freezing = freezes.set({ ...by, frozen: true });
  await expect.poll(() => cluster.isWithheld(databases.live)).toBe(true);
  await root.query('commit');
  await root.end();
  await lifting;
  expect(await between).toBe(true);
  await freezing;
  expect([cluster.isWithheld(databases.live), await isFrozenThere()]).toEqual([false, true]);
  await freezes.set({ ...by, frozen: false });
  freezes.close();
});

it('settles statements elsewhere when that server answers, and lets none in before', async () => {
  const router = new Router(cluster);
  const call = async (n: number) => {
    const id = `00000000-0000-7000-8000-00000000000${n}`;
    await run(
      db,
      sql`insert into sql_calls (id, organisation_id, container_id, app_id, agent, asked_by, target, statement, writes, state, environment)
        values (${id}, ${container.organisationId}, ${container.id}, ${app}, 'builder', ${marta}, 'live', '\\x00', true, 'open', 'live')`,
    );
    return id;
  };
  const states = async () =>
    one(
      db,
      sql<{
        states: string;
      }>`select string_agg(concat_ws(' ', state, rule, rows), ', ' order by id) as states from sql_calls`,
    );
  // one left its receipt, and one took no effect
  const done = await router.ask({
    ...{
      chat: { ...chat, containerSlug: container.slug },
      target: 'live',
      sql: 'insert into books values (3)',
      frozen: false,
    },
    rules: [{ environment: 'live', action: 'insert', appId: null, table: null, verdict: 'allow' }],
    receipt: await call(1),
  });
  expect(done.kind).toBe('answer');
  await call(2);
  await stall();
  const after = new Router(cluster);
  const began = performance.now();
  const end = await settleSql({ db, router: after, cluster }, { againMs: 200, answerMs: 4000 });
  expect(performance.now() - began).toBeLessThan(4000);
  await expect(ask(after, 'insert into books values (4)')).rejects.toMatchObject({ code: 'live_away' });
  expect(performance.now() - began).toBeLessThan(20_000);
  expect(await states()).toEqual({ states: 'open, open' });
  await answers();
  await expect.poll(states).toEqual({ states: 'done 1, refused cut_off' });
  // who comes late with it changes nothing of what is recorded
  const { id } = await one(db, sql<{ id: string }>`select id from sql_calls where state = 'done'`);
  await closeCall(db, id, { state: 'refused', rule: 'cut_off' }, 'settling');
  expect(await states()).toEqual({ states: 'done 1, refused cut_off' });
  await expect.poll(async () => (await ask(after, 'select count(*)::int from books')).kind).toBe('answer');
  end();
  await Promise.all([router.close(), after.close()]);
});

it('takes a turn’s live grant away when live is back, and waits for nobody with it', async () => {
  const router = new Router(cluster);
  const warned: string[] = [];
  const { id: chatId } = await one(
    db,
    sql<{ id: string }>`insert into chats (container_id, app_id, chat8, title, created_by)
      values (${container.id}, ${app}, 'aaaaaaaa', 'Books', ${marta}) returning id`,
  );
  const turn = (state: string) =>
    one(
      db,
      sql<{ id: string }>`insert into turns (chat_id, asked_by, mode, state, database, number)
        select ${chatId}, ${marta}, 'build', ${state}, 'live', count(*) + 1 from turns returning id`,
    );
  const role = queryRoleOf(container.slug, 'aaaaaaaa', 'live', false);
  const isThere = () => thereIs('select 1 from pg_roles where rolname = $1', [role]);
  expect((await ask(router, 'select 1')).kind).toBe('answer');
  expect(await isThere()).toBe(true);
  const ended = await turn('ended');
  await there.stop();
  const grant = { db, router, warn: (error: unknown) => void warned.push(messageOf(error)) };
  await endLiveGrant(grant, { ...chat, containerSlug: container.slug, id: chatId }, ended.id);
  await there.start();
  await expect.poll(isThere, { timeout: 20_000 }).toBe(false);
  // what a later turn under a live pill runs as is not taken away under it: its own end does that
  expect((await ask(router, 'select 1')).kind).toBe('answer');
  await there.stop();
  await endLiveGrant(grant, { ...chat, containerSlug: container.slug, id: chatId }, ended.id);
  await turn('running');
  await there.start();
  await new Promise((resolve) => setTimeout(resolve, 3000));
  expect(await isThere()).toBe(true);
  expect(warned).toEqual([]);
  await router.close();
});
