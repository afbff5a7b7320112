/** Freezing on a real PostgreSQL: nobody writes whatever they are, reading goes on, and lifting gives back exactly what there was. */
import pg from 'pg';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { startTestCluster, type TestCluster } from '../db/test-database.ts';
import { DataCluster } from './cluster.ts';
import { ensureDraft } from './drafts.ts';
import { attempts, LARGE_OBJECTS, SHOP } from './fixtures/frozen-attempts.ts';
import { bringFreeze, frozenDatabases } from './freeze.ts';
import { databasesOf, rolesOf } from './names.ts';
import { type Question, Router } from './router/router.ts';

const container = 'home';
const { staging, live } = databasesOf(container);

let test: TestCluster;
let cluster: DataCluster;
let router: Router;
let admin: pg.Client;
const open: pg.Client[] = [];
const CUT = /terminat|closed|ended|connection error/i;

const freeze = (frozen: boolean) =>
  Promise.all([staging, live].map((database) => cluster.alone(() => bringFreeze(cluster, database, frozen))));
const runtime = rolesOf(container, 'shop').runtime;
const owner = rolesOf(container, 'shop').owner;
async function connect(role: string, database = staging): Promise<pg.Client> {
  const client = new pg.Client(cluster.connection(database, role));
  client.on('error', () => {});
  await client.connect();
  open.push(client);
  return client;
}
/** Every privilege of every relation, as it holds: what is written out and what is the default are the same. */
const privileges = async () => {
  const { rows } = await admin.query(`
    select n.nspname || '.' || c.relname as name, x.grantee::regrole::text as grantee, x.privilege_type as may, x.is_grantable as further, '' as column
    from pg_class c join pg_namespace n on n.oid = c.relnamespace cross join lateral aclexplode(coalesce(c.relacl, acldefault((case c.relkind when 'S' then 's' else 'r' end)::"char", c.relowner))) x
    where n.nspname !~ '^(pg_|information_schema|vibe_freeze)'
    union all select n.nspname || '.' || c.relname, x.grantee::regrole::text, x.privilege_type, x.is_grantable, a.attname
    from pg_attribute a join pg_class c on c.oid = a.attrelid join pg_namespace n on n.oid = c.relnamespace cross join lateral aclexplode(a.attacl) x where n.nspname !~ '^(pg_|information_schema)'
    union all select p.proname, x.grantee::regrole::text, x.privilege_type, x.is_grantable, '' from pg_proc p cross join lateral aclexplode(coalesce(p.proacl, acldefault('f', p.proowner))) x where p.proname like 'lo%'
    union all select rolname, '', rolcanlogin::text, false, '' from pg_roles
    order by 1, 2, 3, 4, 5`);
  return rows;
};
const count = async (table = 'shop.customers') =>
  Number((await admin.query(`select count(*) from ${table}`)).rows[0].count);
/** How many sessions of a database run a statement like this and wait for what is said. */
const waiting = async (statement: string, event: 'Lock' | 'Timeout') =>
  (
    await admin.query(
      'select 1 from pg_stat_activity where datname = $1 and query like $2 and wait_event_type = $3 and pid <> pg_backend_pid()',
      [staging, statement, event],
    )
  ).rowCount;
/** As a kill does it, when freezing waits for somebody within its transaction. */
async function killFreezing(): Promise<void> {
  await expect.poll(() => waiting('do $freeze$%', 'Lock')).toBe(1);
  await admin.query(
    "select pg_terminate_backend(pid) from pg_stat_activity where query like 'do $freeze$%' and pid <> pg_backend_pid()",
  );
}
const chat: Question['chat'] = {
  chatId: '11111111-1111-7111-8111-111111111111',
  chat8: 'aaaaaaaa',
  appId: '22222222-2222-7222-8222-222222222222',
  appSlug: 'shop',
  containerSlug: container,
  mode: 'vibe-coded',
};
const allow = (['insert', 'update', 'delete'] as const).map((action) => ({
  environment: 'staging' as const,
  action,
  appId: null,
  table: null,
  verdict: 'allow' as const,
}));

beforeAll(async () => {
  test = await startTestCluster();
  cluster = new DataCluster(test.cluster.url, Buffer.alloc(32, 7));
  router = new Router(cluster);
  await cluster.createDatabases({ staging, live });
  for (const database of [staging, live]) {
    await cluster.createSchema(database, container, 'shop');
    await cluster.asOwner(database, container, 'shop', (client) => client.query(SHOP));
  }
  admin = new pg.Client({ connectionString: test.cluster.url(staging) });
  await admin.connect();
  for (const database of [staging, live]) {
    const client = new pg.Client({ connectionString: test.cluster.url(database) });
    await client.connect();
    await client.query(`grant select, insert, update, delete on all tables in schema shop to "${runtime}"; grant usage on all sequences in schema shop to "${runtime}";
      grant update (city) on shop.customers to "${runtime}" with grant option; grant execute on function shop.behind_the_owner() to "${runtime}"`);
    await client.end();
  }
});
beforeEach(() => freeze(false));
afterEach(async () => void (await Promise.all(open.splice(0).map((client) => client.end().catch(() => {})))));
afterAll(async () => {
  await admin?.end();
  await router?.close();
  await cluster?.close();
  await test?.stop();
});

describe('while a container is frozen', () => {
  it.each([...attempts(owner), ...LARGE_OBJECTS])('an app in its own role gets nowhere with %s', async (sql) => {
    const before = await count();
    await freeze(true);
    const app = await connect(runtime);
    await expect(app.query(sql)).rejects.toThrow(/permission denied|not permitted|must be owner|cannot/);
    expect(await count()).toBe(before);
  });

  it('apps read on', async () => {
    await freeze(true);
    const app = await connect(runtime);
    expect((await app.query('select count(*)::int as n from customers')).rows[0].n).toBeGreaterThan(0);
    expect((await app.query('select * from names limit 1')).rows).toHaveLength(1);
  });

  it('a session that only reads stays, and its next write is refused', async () => {
    const app = await connect(runtime);
    await app.query({ name: 'add', text: "insert into customers (name) values ('prepared')" });
    await app.query('begin');
    await app.query('select * from customers');
    await freeze(true);
    await expect(app.query({ name: 'add', text: "insert into customers (name) values ('prepared')" })).rejects.toThrow(
      /permission denied/,
    );
  });

  it('a transaction that has written is cut off, and nothing of it stays', async () => {
    const before = await count();
    const app = await connect(runtime);
    await app.query('begin');
    await app.query("insert into customers (name) values ('half done')");
    await freeze(true);
    await expect(app.query('commit')).rejects.toThrow(CUT);
    expect(await count()).toBe(before);
  });

  it('a statement that is under way is cut off', async () => {
    const before = await count();
    const app = await connect(runtime);
    const slow = app
      .query("insert into customers (name) select 'slow' from (select pg_sleep(50)) s")
      .catch((error: Error) => error.message);
    await expect.poll(() => waiting('%pg_sleep(50)%', 'Timeout')).toBe(1);
    const began = performance.now();
    await freeze(true);
    expect(performance.now() - began).toBeLessThan(20_000);
    expect(await slow).toMatch(CUT);
    expect(await count()).toBe(before);
  });

  it('the owner is thrown out and cannot come in; changes, new drafts and removals wait, in words', async () => {
    const own = await connect(owner);
    await own.query('begin');
    await freeze(true);
    await expect(own.query('drop table orders')).rejects.toThrow(CUT);
    await expect(connect(owner)).rejects.toThrow(/not permitted to log in/);
    await expect(connect(owner, live)).rejects.toThrow(/not permitted to log in/);
    const said = { code: 'container_frozen', message: expect.stringContaining('The container is frozen') };
    await expect(cluster.asOwner(staging, container, 'shop', async () => {})).rejects.toMatchObject(said);
    await expect(cluster.createSchema(staging, container, 'other')).rejects.toMatchObject(said);
    await expect(cluster.dropSchema(staging, 'shop')).rejects.toMatchObject(said);
    await expect(cluster.dropSchemaAndRoles(staging, container, 'shop')).rejects.toMatchObject(said);
    expect(await cluster.schemaExists(staging, 'shop')).toBe(true);
  });

  it('the router refuses with its rule, also where its caller has not heard of it yet', async () => {
    const sql = "insert into customers (name) values ('routed')";
    const ask = (frozen: boolean) => router.ask({ chat, target: 'staging', sql, rules: allow, frozen });
    expect(await ask(false)).toMatchObject({ kind: 'answer' });
    const before = await count();
    await freeze(true);
    expect(await ask(true)).toMatchObject({ kind: 'refused', rule: 'frozen' });
    expect(await ask(false)).toMatchObject({ kind: 'refused', rule: 'frozen' });
    const writer = await connect(`${container}.q_aaaaaaaa.staging.w`);
    await expect(writer.query(sql)).rejects.toThrow(/permission denied/);
    expect(await count()).toBe(before);
    const read = await router.ask({
      chat,
      target: 'staging',
      sql: 'select 1 from customers',
      rules: allow,
      frozen: true,
    });
    expect(read.kind).toBe('answer');
  });

  it('a draft that is there can be looked at, and a new one waits', async () => {
    const place = (chat8: string) => ({
      database: staging,
      containerSlug: container,
      schema: `shop__c${chat8}`,
      source: 'shop',
    });
    const change = { id: 'a', statements: ['create table notes (id int)'], destructive: false };
    await ensureDraft(cluster, { ...place('bbbbbbbb'), source: 'none' }, [], [change]);
    await freeze(true);
    expect(await ensureDraft(cluster, place('bbbbbbbb'), [], [change])).toMatchObject({ applied: [] });
    await expect(ensureDraft(cluster, place('cccccccc'), [], [change])).rejects.toMatchObject({
      code: 'container_frozen',
    });
    const app = await connect(rolesOf(container, 'shop__cbbbbbbbb').runtime);
    await expect(app.query('insert into notes values (1)')).rejects.toThrow(/permission denied/);
  });
});

describe('lifting', () => {
  it('gives back exactly what there was, however often either is repeated', async () => {
    const before = await privileges();
    await freeze(true);
    expect(await privileges()).not.toEqual(before);
    await freeze(true);
    expect(await frozenDatabases(cluster)).toEqual(new Set([staging, live]));
    await freeze(false);
    await freeze(false);
    expect(await privileges()).toEqual(before);
    expect(await frozenDatabases(cluster)).toEqual(new Set());
    const app = await connect(runtime);
    await app.query("insert into customers (name) values ('again')");
    await cluster.asOwner(staging, container, 'shop', (client) => client.query('select 1'));
  });

  it('is finished from wherever a kill has left it', async () => {
    const before = await privileges();
    // one of two databases only, as after a kill between them
    await cluster.alone(() => bringFreeze(cluster, staging, true));
    await freeze(false);
    expect(await privileges()).toEqual(before);
    await freeze(true);
    await cluster.alone(() => bringFreeze(cluster, staging, false));
    await freeze(true);
    await expect(connect(owner)).rejects.toThrow(/not permitted/);
    await freeze(false);
    expect(await privileges()).toEqual(before);
  });

  it('leaves a database as it was when it is killed in the middle', async () => {
    const before = await privileges();
    const blocker = new pg.Client({ connectionString: test.cluster.url(staging) });
    await blocker.connect();
    // holds the row of one role, so that freezing waits within its transaction
    await blocker.query('begin');
    await blocker.query(`alter role "${owner}" connection limit 4`);
    const freezing = freeze(true).catch((error: Error) => error.message);
    await killFreezing();
    expect(await freezing).toMatch(/terminat/);
    await blocker.query('rollback');
    await blocker.end();
    expect((await frozenDatabases(cluster)).has(staging)).toBe(false);
    await freeze(false);
    expect(await privileges()).toEqual(before);
  });

  it('of many tables takes several transactions, and is finished from between them, forth and back', async () => {
    await cluster.createSchema(staging, container, 'wide');
    const many = rolesOf(container, 'wide').runtime;
    await cluster.asOwner(staging, container, 'wide', (client) =>
      client.query(
        `do $$ begin for n in 1..600 loop execute format('create table t%s (id int)', n); execute format('grant select, insert on t%s to "${many}"', n); end loop; end $$`,
      ),
    );
    const before = await privileges();
    const cutOff = async (frozen: boolean, stuck: RegExp) => {
      const blocker = new pg.Client({ connectionString: test.cluster.url(staging) });
      await blocker.connect();
      await blocker.query('begin');
      await blocker.query('lock table wide.t9, wide.t500, wide.t99 in access exclusive mode');
      const going = cluster.alone(() => bringFreeze(cluster, staging, frozen)).catch((error: Error) => error.message);
      await killFreezing();
      expect(await going).toMatch(stuck);
      await blocker.end();
    };
    await cutOff(true, /terminat/);
    await freeze(false);
    expect(await privileges()).toEqual(before);
    await cutOff(true, /terminat/);
    await freeze(true);
    const app = await connect(many);
    for (const table of ['t1', 't99', 't500', 't600'])
      await expect(app.query(`insert into ${table} values (1)`)).rejects.toThrow(/permission denied/);
    await cutOff(false, /terminat/);
    await freeze(false);
    expect(await privileges()).toEqual(before);
  });
});
