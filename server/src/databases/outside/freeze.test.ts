/** The freeze on somebody else's server, whose administrator is no superuser: everything that the embedded one is tried with, and what it cannot stop. */
import pg from 'pg';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { startTestCluster, type TestCluster } from '../../db/test-database.ts';
import { DataCluster } from '../cluster.ts';
import { attempts, LARGE_OBJECTS, SHOP } from '../fixtures/frozen-attempts.ts';
import { bringFreeze } from '../freeze.ts';
import { databasesOf, queryRoleOf, rolesOf } from '../names.ts';
import { type Question, Router } from '../router/router.ts';
import { checkOutside } from './check.ts';
import { type OutsideTest, startOutside } from './fixtures/outside-server.ts';
import { OutsideDatabases } from './outside-databases.ts';

const container = 'home';
const { live } = databasesOf(container);
const { owner, runtime } = rolesOf(container, 'shop');
let test: TestCluster;
let there: OutsideTest;
let cluster: DataCluster;
let router: Router;
let root: pg.Client;
const open: pg.Client[] = [];
const CUT = /terminat|closed|ended|connection error/i;

const freeze = (frozen: boolean) => cluster.alone(() => bringFreeze(cluster, live, frozen), live);
async function connect(role: string): Promise<pg.Client> {
  const client = new pg.Client(cluster.connection(live, role));
  client.on('error', () => {});
  await client.connect();
  open.push(client);
  return client;
}
const count = async () => Number((await root.query('select count(*) from shop.customers')).rows[0].count);
const asked: Omit<Question, 'sql' | 'frozen'> = {
  chat: {
    chatId: '11111111-1111-7111-8111-111111111111',
    chat8: 'aaaaaaaa',
    appId: '22222222-2222-7222-8222-222222222222',
    appSlug: 'shop',
    containerSlug: container,
    mode: 'dual-repository',
  },
  target: 'live',
  rules: (['insert', 'update', 'delete'] as const).map((action) => ({
    environment: 'live' as const,
    action,
    appId: null,
    table: null,
    verdict: 'allow' as const,
  })),
};

beforeAll(async () => {
  [test, there] = await Promise.all([startTestCluster(), startOutside()]);
  const outside = new OutsideDatabases(new Set([there.allowed]), undefined);
  const own = async () => new Set<string>();
  const { server } = await checkOutside({ outside, own, containerId: container }, there.address);
  outside.set(live, server!);
  cluster = new DataCluster(test.cluster.url, Buffer.alloc(32, 7), outside);
  router = new Router(cluster);
  await cluster.createSchema(live, container, 'shop');
  await cluster.asOwner(live, container, 'shop', async (client) => {
    await client.query(SHOP);
    await client.query(`grant select, insert, update, delete on all tables in schema shop to "${runtime}"; grant usage on all sequences in schema shop to "${runtime}";
      grant update (city) on shop.customers to "${runtime}" with grant option; grant execute on function shop.behind_the_owner() to "${runtime}"`);
  });
  root = await there.root();
});
afterEach(async () => {
  await Promise.all(open.splice(0).map((client) => client.end().catch(() => {})));
  await freeze(false);
});
afterAll(async () => {
  await router.close();
  await cluster.close();
  await there.end();
  await test.stop();
});

describe('while it is frozen', () => {
  it.each(attempts(owner))('an app in its own role gets nowhere with %s', async (sql) => {
    const before = await count();
    await freeze(true);
    const app = await connect(runtime);
    await expect(app.query(sql)).rejects.toThrow(/permission denied|not permitted|must be (?:owner|superuser)|cannot/);
    expect(await count()).toBe(before);
  });

  it('what has written is cut off, and what only reads is refused its next write', async () => {
    const before = await count();
    const writes = await connect(runtime);
    await writes.query('begin');
    await writes.query("insert into customers (name) values ('half done')");
    const slow = (await connect(runtime))
      .query("insert into customers (name) select 'slow' from (select pg_sleep(50)) s")
      .catch((error: Error) => error.message);
    const reads = await connect(runtime);
    await reads.query('begin');
    await reads.query('select * from customers');
    await expect
      .poll(async () => (await root.query("select 1 from pg_stat_activity where wait_event = 'PgSleep'")).rowCount)
      .toBe(1);
    await freeze(true);
    await expect(writes.query('commit')).rejects.toThrow(CUT);
    expect(await slow).toMatch(CUT);
    await expect(reads.query("insert into customers (name) values ('x')")).rejects.toThrow(/permission denied/);
    expect(await count()).toBe(before);
  });

  it('the owner is thrown out and cannot come in, and nothing new is made', async () => {
    const own = await connect(owner);
    await own.query('begin');
    await freeze(true);
    await expect(own.query('drop table orders')).rejects.toThrow(CUT);
    await expect(connect(owner)).rejects.toThrow(/not permitted to log in/);
    const said = { code: 'container_frozen' };
    await expect(cluster.createSchema(live, container, 'other')).rejects.toMatchObject(said);
    await expect(cluster.dropSchema(live, 'shop')).rejects.toMatchObject(said);
  });

  it('a chat is refused, also where its role is there already', async () => {
    const sql = "insert into customers (name) values ('routed')";
    expect(await router.ask({ ...asked, sql, frozen: false })).toMatchObject({ kind: 'answer' });
    const before = await count();
    await freeze(true);
    expect(await router.ask({ ...asked, sql, frozen: false })).toMatchObject({ kind: 'refused', rule: 'frozen' });
    const writer = await connect(queryRoleOf(container, 'aaaaaaaa', 'live', true));
    await expect(writer.query(sql)).rejects.toThrow(/permission denied/);
    for (const statement of LARGE_OBJECTS)
      expect(await router.ask({ ...asked, sql: statement, frozen: true })).toMatchObject({ kind: 'refused' });
    expect(await count()).toBe(before);
  });

  it('cannot stop new large objects and temporary tables, as is said where it is frozen; no row changes by them', async () => {
    const before = await count();
    await freeze(true);
    const app = await connect(runtime);
    for (const statement of [...LARGE_OBJECTS, 'create temporary table mine (id int)'])
      await expect(app.query(statement)).resolves.toBeDefined();
    expect(await count()).toBe(before);
  });

  it('what the owner of the database says of it stays', async () => {
    await root.query(`comment on database shopdb is 'the shop'`);
    await freeze(true);
    await freeze(false);
    const { rows } = await root.query(
      `select shobj_description(oid, 'pg_database') as words from pg_database where datname = 'shopdb'`,
    );
    expect(rows).toEqual([{ words: 'the shop' }]);
  });
});
