import type pg from 'pg';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { startTestCluster, type TestCluster } from '../../db/test-database.ts';
import { rolesOf } from '../names.ts';
import { Shop, until } from './fixtures/shop.ts';
import { asRole } from './follow.ts';
import { setUpMirror } from './set-up.ts';
import { refreshSite } from './site.ts';

const TABLES = `
  create table customers (id int generated always as identity primary key, name text not null, email text unique, phone text, born date,
    refers_to int references customers (id));
  create table orders (id int primary key, customer int not null references customers (id), total int, twice int generated always as (total * 2) stored);
  create table log (text text)`;

let test: TestCluster;
let shop: Shop;
let live: pg.Client;
let site: pg.Client;

beforeAll(async () => {
  test = await startTestCluster();
  shop = new Shop(test, 'home');
  await shop.open(`${TABLES};
    insert into customers (name, email, phone, born) values ('Emma', 'emma@example.org', '1', '1990-01-01'), ('Jane', 'jane@example.org', null, null), ('Anne', null, '3', null);
    update customers set refers_to = 1 where id > 1;
    insert into orders (id, customer, total) values (1, 1, 5), (2, 2, 6);
    insert into log values ('a')`);
  await setUpMirror(shop.cluster, shop.place);
  const { staging, containerSlug, site: schema } = shop.place;
  await shop.cluster.createSchema(staging, containerSlug, schema);
  // a table of staging alone, which points at what comes from live
  await shop.cluster.asOwner(staging, containerSlug, schema, (client) =>
    client.query(`${TABLES}; create table tests (id int primary key, orders int references orders (id)); insert into customers (name) values ('Old');
      insert into orders (id, customer, total) values (77, 1, 1), (78, 1, 1); insert into tests values (1, 77)`),
  );
  [live, site] = [await shop.admin('live'), await shop.admin('staging')];
  await site.query('set search_path = shop__staging');
});
afterAll(async () => {
  await shop.close();
  await test.stop();
});

const rows = async (query: string) => (await site.query(query)).rows;
const reached = () =>
  until(
    async () => [
      (await live.query('select count(*)::int as n from customers')).rows[0].n,
      (await rows('select count(*)::int as n from shop.customers'))[0].n,
    ],
    ([a, b]) => a === b,
  );

it('brings live’s rows, with what people’s data is replaced by, and keeps what staging alone has', async () => {
  await reached();
  const filled = await refreshSite(shop.cluster, shop.place, [
    { table: 'customers', column: 'email', mask: 'email' },
    { table: 'customers', column: 'name', mask: 'text', fixed: 'Somebody' },
    { table: 'customers', column: 'phone', mask: 'hash' },
    { table: 'customers', column: 'born', mask: 'null' },
  ]);
  expect(filled).toEqual({ tables: ['customers', 'log', 'orders'], rows: 6 });
  const customers = await rows('select * from customers order by id');
  expect(customers.map(({ id, name, born, refers_to }) => ({ id, name, born, refers_to }))).toEqual([
    { id: 1, name: 'Somebody', born: null, refers_to: null },
    { id: 2, name: 'Somebody', born: null, refers_to: 1 },
    { id: 3, name: 'Somebody', born: null, refers_to: 1 },
  ]);
  expect(customers[0].email).toMatch(/^person-[0-9a-f]{16}@example\.com$/);
  expect(customers[2].email).toBeNull();
  expect(customers[0].phone).toMatch(/^[0-9a-f]{16}$/);
  expect(JSON.stringify(customers)).not.toMatch(/Emma|emma|jane/);
  expect(await rows('select * from orders order by id')).toEqual([
    { id: 1, customer: 1, total: 5, twice: 10 },
    { id: 2, customer: 2, total: 6, twice: 12 },
    // live has none such, but a row of staging alone points at it
    { id: 77, customer: 1, total: 1, twice: 2 },
  ]);
  expect(await rows('select * from tests')).toEqual([{ id: 1, orders: 77 }]);
});

it('is written by the site afterwards, which goes on counting above what came', async () => {
  const { staging, containerSlug, site: schema } = shop.place;
  await shop.cluster.asOwner(staging, containerSlug, schema, (client) =>
    client.query(`insert into customers (name) values ('Mine'); update orders set total = 9 where id = 1`),
  );
  expect(await rows(`select id from customers where name = 'Mine'`)).toEqual([{ id: 4 }]);
  await refreshSite(shop.cluster, shop.place, []);
  expect(await rows('select id, name from customers order by id')).toEqual([
    { id: 1, name: 'Emma' },
    { id: 2, name: 'Jane' },
    { id: 3, name: 'Anne' },
  ]);
  expect(await rows('select total from orders where id = 1')).toEqual([{ total: 5 }]);
});

it('changes nothing where a rule cannot be kept, or names a column that is not there', async () => {
  const before = await rows('select * from customers order by id');
  for (const [rule, code] of [
    [{ table: 'customers', column: 'mail', mask: 'email' }, 'mask_unknown'],
    [{ table: 'customers', column: 'name', mask: 'null' }, 'mask_not_possible'],
    [{ table: 'orders', column: 'customer', mask: 'null' }, 'mask_not_possible'],
    [{ table: 'orders', column: 'total', mask: 'hash' }, 'mask_not_possible'],
  ] as const)
    await expect(refreshSite(shop.cluster, shop.place, [rule])).rejects.toMatchObject({ code });
  expect(await rows('select * from customers order by id')).toEqual(before);
});

it('leaves nobody able to switch checks off', async () => {
  const { staging, containerSlug, site: schema } = shop.place;
  const { owner, runtime } = rolesOf(containerSlug, schema);
  for (const role of [owner, runtime])
    await expect(
      asRole(shop.cluster, staging, role, (client) => client.query('set session_replication_role = replica')),
    ).rejects.toThrow(/permission denied/);
  await expect(
    asRole(shop.cluster, staging, owner, (client) => client.query('select * from shop.customers')),
  ).rejects.toThrow(/permission denied/);
});
