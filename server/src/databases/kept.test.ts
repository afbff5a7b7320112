/** What changes have dropped, on a real PostgreSQL: what is listed, and how it comes back. */
import pg from 'pg';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { startTestCluster, type TestCluster } from '../db/test-database.ts';
import { listBroughtBack, removeBroughtBack } from './brought-back.ts';
import { applyChanges, applyChangesWithin, inTransaction } from './changes.ts';
import { DataCluster } from './cluster.ts';
import { snapshotDraft } from './drafts.ts';
import { bringBack, keptCopies, listDropped } from './kept.ts';
import { databasesOf, rolesOf } from './names.ts';

let test: TestCluster;
let cluster: DataCluster;
let owner: pg.Client;
const { staging, live } = databasesOf('home');
const place = { database: staging, containerSlug: 'home', schema: 'shop', source: 'shop' };
const { runtime } = rolesOf('home', 'shop');
let count = 0;
const make = (...statements: string[]) =>
  applyChanges(owner, runtime, [{ id: `c${++count}`, destructive: true, statements }]);
const copies = async () => keptCopies('shop', await cluster.schemasLike(staging, 'shop__k'));
const listed = async () =>
  (await listDropped(owner, 'shop', await copies())).map(({ release, table, column, rows, back }) => ({
    release,
    what: column ? `${table}.${column}` : table,
    rows,
    back,
  }));
const bring = async (release: number, table: string, column: string | null = null) => {
  const copy = (await copies()).find((one) => one.release === release)!;
  return inTransaction(owner, () => bringBack(owner, 'shop', copy, { table, column }));
};
const rows = async (sql: string) => (await owner.query(sql)).rows;

beforeAll(async () => {
  test = await startTestCluster();
  cluster = new DataCluster(test.cluster.url, Buffer.alloc(32, 7));
  await cluster.createDatabases({ staging, live });
  await cluster.createSchema(staging, 'home', 'shop');
  owner = new pg.Client(cluster.connection(staging, rolesOf('home', 'shop').owner));
  await owner.connect();
  await make(
    "create type mood as enum ('glad', 'sad')",
    'create table customers (id int primary key, name text, city text, mood mood, score int)',
    'create table gifts (id int primary key, what text)',
    'create table pairs (a int, b int)',
  );
  await owner.query(`insert into customers select n, 'Customer ' || n, 'Bern', 'glad', n from generate_series(1, 5) n;
    insert into gifts values (1, 'Book'), (2, 'Cup'); insert into pairs values (1, 2)`);
  await snapshotDraft(cluster, place, 'k7h500000');
  await make('ALTER TABLE customers DROP COLUMN city', 'ALTER TABLE customers RENAME COLUMN name TO title');
  await make('alter table "customers" drop column "mood"');
  await snapshotDraft(cluster, place, 'k9h500001');
  await make('DROP TABLE gifts CASCADE', 'alter table pairs drop column b');
  await owner.query('delete from customers where id = 1');
  await owner.query("insert into customers (id, title) values (6, 'New')");
});
afterAll(async () => {
  await owner?.end();
  await cluster?.close();
  await test?.stop();
});

it('lists what changes have dropped, and not what is called otherwise', async () => {
  expect(await listed()).toEqual([
    { release: 9, what: 'gifts', rows: 2, back: null },
    { release: 9, what: 'pairs.b', rows: 1, back: null },
    { release: 7, what: 'customers.city', rows: 5, back: null },
    { release: 7, what: 'customers.mood', rows: 5, back: null },
  ]);
  expect(keptCopies('shop', ['shop__k7h1', 'shop__k7', 'shop__c12345678__k7h1', 'shopping__k7h1'])).toHaveLength(1);
});

it('brings a table back beside what is there, with rows and key, once', async () => {
  expect(await bring(9, 'gifts')).toEqual({ name: 'gifts_kept9', rows: 2 });
  expect(await bring(9, 'gifts')).toEqual({ name: 'gifts_kept9', rows: 2 });
  expect(await rows('select * from gifts_kept9 order by id')).toEqual([
    { id: 1, what: 'Book' },
    { id: 2, what: 'Cup' },
  ]);
  await expect(owner.query("insert into gifts_kept9 values (1, 'Twice')")).rejects.toThrow(/duplicate key/);
  // the name is free for whoever makes the table anew
  await make('create table gifts (id int primary key, what text)');
  expect((await listed()).find(({ what }) => what === 'gifts')).toBeUndefined();
});

it('brings a column back for the rows that are still there; new ones have nothing', async () => {
  expect(await bring(7, 'customers', 'city')).toEqual({ name: 'city_kept7', rows: 4 });
  await owner.query("update customers set city_kept7 = 'Basel' where id = 2");
  // what somebody has changed since stays
  expect(await bring(7, 'customers', 'city')).toEqual({ name: 'city_kept7', rows: 4 });
  expect(await rows('select id, city_kept7 from customers where id in (2, 3, 6) order by id')).toEqual([
    { id: 2, city_kept7: 'Basel' },
    { id: 3, city_kept7: 'Bern' },
    { id: 6, city_kept7: null },
  ]);
  expect(await bring(7, 'customers', 'mood')).toMatchObject({ rows: 4 });
  expect((await listed()).find(({ what }) => what === 'customers.city')).toMatchObject({ back: 'city_kept7' });
});

it('brings nothing back that is not kept, or where rows cannot be found', async () => {
  await expect(bring(9, 'ghosts')).rejects.toMatchObject({ code: 'kept_gone' });
  await expect(bring(7, 'customers', 'ghost')).rejects.toMatchObject({ code: 'kept_gone' });
  await expect(bring(9, 'pairs', 'b')).rejects.toMatchObject({ code: 'kept_no_key' });
  await expect(bring(9, 'x"; drop table customers; --')).rejects.toMatchObject({ code: 'kept_gone' });
});

it('removes again what came back, and nothing else', async () => {
  const remove = (table: string, column: string | null = null) =>
    inTransaction(owner, () => removeBroughtBack(owner, 'shop', { table, column }));
  expect(await listBroughtBack(owner, 'shop')).toEqual([
    { table: 'customers', column: 'city_kept7', rows: 4 },
    { table: 'customers', column: 'mood_kept7', rows: 4 },
    { table: 'gifts_kept9', column: null, rows: 2 },
  ]);
  await expect(remove('customers')).rejects.toMatchObject({ code: 'not_brought_back' });
  await expect(remove('customers', 'title')).rejects.toMatchObject({ code: 'not_brought_back' });
  await expect(remove('ghosts_kept9')).rejects.toMatchObject({ code: 'not_brought_back' });
  await expect(remove('x"; drop table customers; --_kept1')).rejects.toMatchObject({ code: 'not_brought_back' });
  // what a chat has built on is the app's
  await make('create view presents as select id, what from gifts_kept9');
  await expect(remove('gifts_kept9')).rejects.toMatchObject({ code: 'not_brought_back' });
  await make('drop view presents');
  // also where a name is not of Latin letters alone
  await owner.query('create table "größe_kept9" (id int, "two words_kept9" int)');
  await make('create view sizes as select id from größe_kept9');
  await expect(remove('größe_kept9')).rejects.toMatchObject({ code: 'not_brought_back' });
  await make('drop view sizes', 'drop table "größe_kept9"');
  // a change that is being made meanwhile counts
  await owner.query('create table late_kept9 (id int)');
  const other = new pg.Client(cluster.connection(staging, rolesOf('home', 'shop').owner));
  await other.connect();
  await other.query('begin');
  const built = { id: `c${++count}`, destructive: false, statements: ["comment on table late_kept9 is 'Ours'"] };
  await applyChangesWithin(other, runtime, [built]);
  const removing = expect(remove('late_kept9')).rejects.toMatchObject({ code: 'not_brought_back' });
  await new Promise((done) => setTimeout(done, 100));
  await other.query('commit');
  await other.end();
  await removing;
  await owner.query('drop table late_kept9');
  // what somebody else has built on it is not lost with it
  await owner.query('create view moods as select id, mood_kept7 from customers');
  await expect(remove('customers', 'mood_kept7')).rejects.toMatchObject({ code: 'brought_back_used' });
  await owner.query('drop view moods');
  await remove('customers', 'mood_kept7');
  expect((await listBroughtBack(owner, 'shop')).map(({ column }) => column)).toEqual(['city_kept7']);
  expect((await listed()).find(({ what }) => what === 'customers.mood')).toMatchObject({ back: null, rows: 5 });
  expect(await bring(7, 'customers', 'mood')).toMatchObject({ rows: 4 });
});

it('is whole or not at all when the connection goes in the middle', async () => {
  await make('create table notes (id int primary key, text text)');
  await owner.query("insert into notes select n, 'note' from generate_series(1, 20) n");
  await snapshotDraft(cluster, place, 'k11h500002');
  await make('alter table notes drop column text');
  const copy = (await copies()).find(({ release }) => release === 11)!;
  const other = new pg.Client(cluster.connection(staging, rolesOf('home', 'shop').owner));
  other.on('error', () => {});
  await other.connect();
  await other.query('begin');
  await bringBack(other, 'shop', copy, { table: 'notes', column: 'text' });
  await cluster.administer(
    staging,
    `select pg_terminate_backend(${(other as never as { processID: number }).processID})`,
  );
  await expect(other.query('commit')).rejects.toThrow();
  expect((await listed()).find(({ what }) => what === 'notes.text')).toMatchObject({ back: null });
  expect(await bring(11, 'notes', 'text')).toEqual({ name: 'text_kept11', rows: 20 });
});
