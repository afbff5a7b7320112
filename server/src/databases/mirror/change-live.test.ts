import type pg from 'pg';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { startTestCluster, type TestCluster } from '../../db/test-database.ts';
import { snapshotDraft } from '../drafts.ts';
import { bringBack, keptCopies } from '../kept.ts';
import { changeLive } from './change-live.ts';
import { Shop, until } from './fixtures/shop.ts';
import { follow } from './follow.ts';
import { setUpMirror } from './set-up.ts';

let test: TestCluster;
let shop: Shop;
let live: pg.Client;
let mirror: pg.Client;
let count = 0;

beforeAll(async () => {
  test = await startTestCluster();
});
afterAll(async () => {
  await test.stop();
});
beforeEach(async () => {
  await shop?.close();
  shop = new Shop(test, `home-${++count}`);
  await shop.open(`create table books (id int primary key, title text not null);
    insert into books values (1, 'Emma'), (2, 'Persuasion')`);
  await setUpMirror(shop.cluster, shop.place);
  [live, mirror] = [await shop.admin('live'), await shop.admin('staging')];
  await has('books', [
    { id: 1, title: 'Emma' },
    { id: 2, title: 'Persuasion' },
  ]);
});

/** Both sides have these rows and columns, and nothing stopped on the way. */
async function has(table: string, rows: object[]): Promise<void> {
  const all = async () => (await mirror.query(`select * from ${table} order by 1`)).rows;
  await until(
    () => all().catch((error) => error.message),
    (found) => JSON.stringify(found) === JSON.stringify(rows),
  );
}
const errors = async () =>
  (await mirror.query('select sum(apply_error_count)::int as n from pg_stat_subscription_stats')).rows[0].n;

it('follows new tables and new columns without a stop', async () => {
  const before = await errors();
  await shop.change('create table notes (id int primary key, book int references books (id), text text)');
  await shop.change(`alter table books add column pages int not null default 7`, 'create index on books (pages)');
  await live.query(`insert into books values (3, 'Lady Susan', 90); insert into notes values (1, 3, 'short')`);
  await has('books', [
    { id: 1, title: 'Emma', pages: 7 },
    { id: 2, title: 'Persuasion', pages: 7 },
    { id: 3, title: 'Lady Susan', pages: 90 },
  ]);
  await has('notes', [{ id: 1, book: 3, text: 'short' }]);
  expect(await errors()).toBe(before);
  expect(
    (await mirror.query(`select 1 from pg_indexes where schemaname = 'shop' and indexdef like '%(pages)'`)).rowCount,
  ).toBe(1);
});

it('copies a table again whose new column has a value of its own in each row', async () => {
  await shop.change('alter table books add column number int generated always as identity');
  await shop.change('alter table books add column code text default gen_random_uuid()');
  const rows = (await live.query('select * from books order by 1')).rows;
  await has('books', rows);
  await live.query(`insert into books (id, title) values (3, 'Sanditon')`);
  await has('books', (await live.query('select * from books order by 1')).rows);
});

it('keeps the rows of what is renamed, while live is written all the time', async () => {
  const before = await errors();
  let writing = true;
  let n = 100;
  const writer = (async () => {
    const own = await shop.admin('live');
    while (writing) {
      const column = (
        await own.query(
          `select attname from pg_attribute where attrelid = coalesce(to_regclass('books'), to_regclass('works')) and attnum = 2`,
        )
      ).rows[0].attname;
      const table = (
        await own.query(`select case when to_regclass('books') is null then 'works' else 'books' end as name`)
      ).rows[0].name;
      await own.query(`insert into ${table} (id, ${column}) values (${++n}, 'W')`).catch(() => {});
    }
  })();
  const writtenMore = async () => {
    const before = n;
    await expect.poll(() => n - before).toBeGreaterThan(10);
  };
  await writtenMore();
  await shop.change('alter table books rename column title to name');
  await writtenMore();
  await shop.change('alter table books rename to works');
  await writtenMore();
  writing = false;
  await writer;
  const rows = (await live.query('select * from works order by 1')).rows;
  expect(rows.length).toBeGreaterThan(20);
  await has('works', rows);
  expect(rows[0]).toEqual({ id: 1, name: 'Emma' });
  expect(await errors()).toBe(before);
});

it('takes away on the mirror only what has gone on live', async () => {
  await shop.change('alter table books add column notes text', 'create table extra (id int primary key)');
  await live.query(`update books set notes = 'n' where id = 1; insert into extra values (1)`);
  await shop.change('alter table books drop column notes', 'drop table extra');
  await live.query('delete from books where id = 2');
  await has('books', [{ id: 1, title: 'Emma' }]);
  expect((await mirror.query(`select to_regclass('extra') as gone`)).rows).toEqual([{ gone: null }]);
});

it('copies a table again when a type, a key or the table itself is another', async () => {
  await shop.change('alter table books alter column title type int using length(title)');
  await has('books', [
    { id: 1, title: 4 },
    { id: 2, title: 10 },
  ]);
  await shop.change('alter table books drop constraint books_pkey', 'alter table books add primary key (id, title)');
  await live.query('update books set title = 5 where id = 1');
  await shop.change('drop table books', 'create table books (id int primary key, year int)');
  await live.query('insert into books values (9, 1815)');
  await has('books', [{ id: 9, year: 1815 }]);
  await live.query('update books set year = 1816');
  await has('books', [{ id: 9, year: 1816 }]);
});

it('swaps the names of two tables', async () => {
  await shop.change('create table films (id int primary key, title text)', `insert into films values (5, 'Clueless')`);
  await shop.change(
    'alter table books rename to x',
    'alter table films rename to books',
    'alter table x rename to films',
  );
  await has('books', [{ id: 5, title: 'Clueless' }]);
  await has('films', [
    { id: 1, title: 'Emma' },
    { id: 2, title: 'Persuasion' },
  ]);
});

it('is as before when live takes its change back', async () => {
  await expect(shop.change('alter table books rename column title to name', 'select 1 / 0')).rejects.toThrow();
  await expect(
    shop.change(
      'alter table books rename column title to name',
      'create table child (id int references books (id) deferrable initially deferred)',
      'insert into child values (99)',
    ),
  ).rejects.toThrow();
  await live.query(`insert into books values (3, 'Sanditon')`);
  await until(
    async () =>
      (
        await mirror.query(
          `select attname from pg_attribute where attrelid = 'shop.books'::regclass and attnum > 0 and not attisdropped`,
        )
      ).rows.map((row) => row.attname),
    (names) => names.join() === 'id,title',
  );
  await has('books', [
    { id: 1, title: 'Emma' },
    { id: 2, title: 'Persuasion' },
    { id: 3, title: 'Sanditon' },
  ]);
  expect((await mirror.query(`select to_regclass('child') as gone`)).rows).toEqual([{ gone: null }]);
});

it('knows what it cannot take over as what it is: values that live computes, lists of values, types of its own, partitions', async () => {
  await shop.change(
    `create type mood as enum ('calm', 'glad')`,
    'create domain price as numeric(8, 2) check (value > 0)',
    'create type pair as (a int, b int)',
    `create table things (id int primary key, mood mood, moods mood[], price price, two pair, twice int generated always as (id * 2) stored, thrice int generated always as (id * 3) virtual)`,
    `insert into things (id, mood, moods, price, two) values (1, 'glad', '{calm}', 2, row (1, 2))`,
  );
  await shop.change(`alter type mood add value 'cross'`);
  await shop.change(
    'create table parts (id int, year int, primary key (id, year)) partition by range (year)',
    'create table parts_1 partition of parts for values from (1800) to (1900)',
  );
  await shop.change(
    'create table loose (id int, year int) partition by range (year)',
    'create table loose_1 partition of loose for values from (1800) to (1900)',
  );
  await live.query(
    `insert into things (id, mood) values (2, 'cross'); insert into parts values (1, 1815); insert into loose values (1, 1815)`,
  );
  await has('things', [
    { id: 1, mood: 'glad', moods: '{calm}', price: '2.00', two: '(1,2)', twice: 2, thrice: 3 },
    { id: 2, mood: 'cross', moods: null, price: null, two: null, twice: 4, thrice: 6 },
  ]);
  await shop.change(
    'create table parts_2 partition of parts for values from (1900) to (2000)',
    'create table loose_2 partition of loose for values from (1900) to (2000)',
  );
  await live.query(
    `insert into parts values (2, 1915); update parts set year = 1916 where id = 2; insert into loose values (2, 1915); update loose set year = 1816 where id = 2`,
  );
  await has('parts', [
    { id: 1, year: 1815 },
    { id: 2, year: 1916 },
  ]);
  await has('loose', [
    { id: 1, year: 1815 },
    { id: 2, year: 1816 },
  ]);
});

it('is made up for by the next look when the process died between live and its mirror', async () => {
  // as if live’s transaction had been all that was done
  await shop.drift(
    'alter table books rename column title to name; alter table books add column pages int default 3; create table films (id int)',
  );
  await live.query(`insert into books values (3, 'Sanditon', 80); insert into films values (1)`);
  expect((await follow(shop.cluster, shop.place)).length).toBe(3);
  await has('books', [
    { id: 1, name: 'Emma', pages: 3 },
    { id: 2, name: 'Persuasion', pages: 3 },
    { id: 3, name: 'Sanditon', pages: 80 },
  ]);
  await has('films', [{ id: 1 }]);
  expect(await follow(shop.cluster, shop.place)).toEqual([]);
});

it('goes along when something that was dropped comes back on live', async () => {
  const { cluster, place } = shop;
  const before = await errors();
  await shop.change('alter table books add column pages int', 'create table notes (id int primary key, text text)');
  await live.query("update books set pages = id * 100; insert into notes values (1, 'short')");
  const tables = { database: place.live, containerSlug: place.containerSlug, schema: 'shop', source: 'shop' };
  await snapshotDraft(cluster, tables, 'k4h500000');
  await shop.change('alter table books drop column pages', 'drop table notes');
  await live.query("insert into books values (3, 'Lady Susan')");
  const [copy] = keptCopies('shop', await cluster.schemasLike(place.live, 'shop__k'));
  for (const what of [
    { table: 'books', column: 'pages' },
    { table: 'notes', column: null },
  ])
    await cluster.asOwner(place.live, place.containerSlug, 'shop', (client) =>
      changeLive(cluster, place, client, (open) => bringBack(open, 'shop', copy!, what)),
    );
  const back = [
    { id: 1, title: 'Emma', pages_kept4: 100 },
    { id: 2, title: 'Persuasion', pages_kept4: 200 },
    { id: 3, title: 'Lady Susan', pages_kept4: null },
  ];
  expect((await live.query('select * from books order by id')).rows).toEqual(back);
  await has('books', back);
  await has('notes_kept4', [{ id: 1, text: 'short' }]);
  expect(await errors()).toBe(before);
});
