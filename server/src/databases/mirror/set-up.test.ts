import type pg from 'pg';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { startTestCluster, type TestCluster } from '../../db/test-database.ts';
import { rolesOf } from '../names.ts';
import { Shop, until } from './fixtures/shop.ts';
import { asRole } from './follow.ts';
import { removeMirror, setUpMirror } from './set-up.ts';

let test: TestCluster;
let shop: Shop;
let live: pg.Client;
let mirror: pg.Client;

beforeAll(async () => {
  test = await startTestCluster();
  shop = new Shop(test, 'home');
  await shop.open(`
    create table customers (id int primary key, email text not null unique, note text default 'x' check (note <> 'bad'));
    create table orders (id int generated always as identity primary key, customer int not null references customers (id), total numeric(10, 2));
    create table visits (page text, at timestamptz default now());
    insert into customers values (1, 'emma@example.org');
    insert into orders (customer, total) values (1, 9.5);
    insert into visits (page) values ('/')`);
  await setUpMirror(shop.cluster, shop.place);
  [live, mirror] = [await shop.admin('live'), await shop.admin('staging')];
});
afterAll(async () => {
  await shop.close();
  await test.stop();
});

const all = async (table: string) => (await mirror.query(`select * from ${table} order by 1`)).rows;
const until2 = (table: string, rows: unknown[]) =>
  until(
    () => all(table),
    (found) => JSON.stringify(found) === JSON.stringify(rows),
  );

it('brings what live has, and every row that live gets', async () => {
  await until2('customers', [{ id: 1, email: 'emma@example.org', note: 'x' }]);
  await until2('orders', [{ id: 1, customer: 1, total: '9.50' }]);
  await live.query(
    `insert into customers values (2, 'knightley@example.org', 'y'); update orders set total = 3 where id = 1`,
  );
  await until2('orders', [{ id: 1, customer: 1, total: '3.00' }]);
  await live.query('delete from customers where id = 2');
  await until2('customers', [{ id: 1, email: 'emma@example.org', note: 'x' }]);
});

it('finds the rows of a table without a key by comparing whole rows', async () => {
  await live.query(`insert into visits values ('/a', null), ('/b', null)`);
  await live.query(`update visits set page = '/c' where page = '/b'`);
  await live.query(`delete from visits where page in ('/', '/a')`);
  await until2('visits', [{ page: '/c', at: null }]);
});

it('may be set up again without anything happening', async () => {
  const before = (await mirror.query('select oid, subowner::regrole::text as owner from pg_subscription')).rows;
  await setUpMirror(shop.cluster, shop.place);
  expect((await mirror.query('select oid, subowner::regrole::text as owner from pg_subscription')).rows).toEqual(
    before,
  );
  const { rows } = await mirror.query(`select rolsuper, rolcanlogin, rolreplication from pg_roles where rolname = $1`, [
    shop.place.subscriber,
  ]);
  expect(rows).toEqual([{ rolsuper: false, rolcanlogin: true, rolreplication: false }]);
});

it('is written by nobody but replication', async () => {
  const { containerSlug, schema, staging, site, subscriber, owner } = shop.place;
  await shop.cluster.createSchema(staging, containerSlug, site);
  await mirror.query(`grant connect on database ${staging} to "${rolesOf(containerSlug, schema).runtime}"`);
  for (const [role, database] of [
    [rolesOf(containerSlug, schema).runtime, staging],
    [rolesOf(containerSlug, site).runtime, staging],
    [rolesOf(containerSlug, site).owner, staging],
    [subscriber, staging],
  ] as const) {
    const attacks = [
      `insert into ${schema}.customers values (9, 'x')`,
      `update ${schema}.customers set email = 'x'`,
      `delete from ${schema}.customers`,
      `truncate ${schema}.customers`,
      `alter table ${schema}.customers add column x int`,
      `drop table ${schema}.customers`,
      `create table ${schema}.mine (id int)`,
      `create table ${schema}.child (id int references ${schema}.customers (id))`,
      `lock table ${schema}.customers in access exclusive mode`,
      `select * from ${schema}.customers for update`,
      `merge into ${schema}.customers c using (select 1 as id) s on s.id = c.id when matched then delete`,
      `copy ${schema}.customers from stdin`,
      `set role "${owner}"; set role none; set session authorization "${owner}"`,
      `drop subscription ${shop.place.subscription}`,
      `select pg_drop_replication_slot('${shop.place.slot}')`,
    ];
    // the subscriber drops what it made: it is the platform's own role, no app and no model has its password
    for (const attack of role === subscriber ? attacks.slice(0, 12) : attacks) {
      const result = await asRole(shop.cluster, database, role, (client) => client.query(attack)).then(
        () => 'done',
        () => 'refused',
      );
      expect([role, attack, result]).toEqual([role, attack, 'refused']);
    }
  }
  const reader = rolesOf(containerSlug, schema).runtime;
  const read = await asRole(shop.cluster, staging, reader, (client) =>
    client.query(`select id from ${schema}.customers`),
  );
  expect(read.rows).toEqual([{ id: 1 }]);
  await expect(asRole(shop.cluster, staging, owner, (client) => client.query('select 1'))).rejects.toThrow();
});

it('has no pointers, no checks, no defaults and no value that must be there but its key', async () => {
  const { rows } = await mirror.query(
    `select contype, count(*)::int as n from pg_constraint where connamespace = 'shop'::regnamespace group by 1 order by 1`,
  );
  expect(rows).toEqual([
    { contype: 'n', n: 2 },
    { contype: 'p', n: 2 },
  ]);
  expect(
    (
      await mirror.query(
        `select 1 from pg_attrdef d join pg_class c on c.oid = d.adrelid where c.relnamespace = 'shop'::regnamespace`,
      )
    ).rowCount,
  ).toBe(0);
});

it('is put right when the slot is gone', async () => {
  await mirror.query('alter subscription vibe_shop disable');
  await until(
    async () =>
      (await live.query('select active from pg_replication_slots where slot_name = $1', [shop.place.slot])).rows[0]
        .active,
    (active) => !active,
  );
  await live.query('select pg_drop_replication_slot($1)', [shop.place.slot]);
  await live.query(`insert into customers values (3, 'missed@example.org')`);
  await setUpMirror(shop.cluster, shop.place);
  await until2('customers', [
    { id: 1, email: 'emma@example.org', note: 'x' },
    { id: 3, email: 'missed@example.org', note: 'x' },
  ]);
});

it('leaves nothing behind when it is removed, and can be made again', async () => {
  await removeMirror(shop.cluster, shop.place);
  const left = await live.query(
    `select (select count(*) from pg_replication_slots)::int + (select count(*) from pg_subscription)::int
       + (select count(*) from pg_roles where rolname in ($1, $2, $3))::int + (select count(*) from pg_publication)::int
       + (select count(*) from pg_replication_origin)::int as n`,
    [shop.place.owner, shop.place.subscriber, shop.place.reader],
  );
  expect(left.rows).toEqual([{ n: 0 }]);
  expect((await live.query('select id from customers order by 1')).rows).toHaveLength(2);
  await setUpMirror(shop.cluster, shop.place);
  await until2('orders', [{ id: 1, customer: 1, total: '3.00' }]);
});
