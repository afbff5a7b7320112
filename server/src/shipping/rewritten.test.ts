/** Values that changes make others of: what leads a count astray is said to be not counted, and the same without harm asks nothing. */
import pg from 'pg';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { refuseForeignChanges } from '../databases/schema/gate.ts';
import { startTestCluster, type TestCluster } from '../db/test-database.ts';
import { whatGoes } from './what-goes.ts';

let test: TestCluster;
let client: pg.Client;

beforeAll(async () => {
  test = await startTestCluster();
});
afterAll(() => test?.stop());
beforeEach(async () => {
  client = new pg.Client({ connectionString: test.cluster.url('postgres') });
  await client.connect();
  await client.query('drop schema if exists shop cascade; create schema shop; set search_path = shop');
  return () => client.end();
});

const READS = 'language sql stable security invoker set search_path from current';
const WRITES = 'language sql volatile security invoker set search_path from current';
const WIPE = `create function wipe() returns integer ${WRITES} begin atomic update notes set text = null; select 1; end`;
const READ = `create function plain() returns integer ${READS} begin atomic select 1; end`;
const OF = 'with (security_invoker = true) as';
const MADE = [
  `create type mood as enum ('glad', 'sad')`,
  `create function is_off() returns boolean ${READS} begin atomic select false; end`,
];

async function prepare(): Promise<void> {
  await client.query(`${MADE.join(';')};
    create table notes (id int, text text, note text, feel mood, done boolean, due date, code varchar(3), arr varchar(3)[], ts timestamp(0), num numeric);
    insert into notes values (1, 'a', 'x', 'glad'), (2, 'b', null, null), (3, 'c', 'z', 'sad');
    update notes set done = true, due = '2020-02-02', code = 'abc', arr = '{abc}', ts = '2020-01-01', num = 1.5;
    create table flags (id int); insert into flags values (1);
    create view quiet with (security_invoker = true) as select 1 as a where false;
    create view shown with (security_invoker = true) as select text from notes`);
}

/** Each a change of its own that says that it removes nothing. */
async function goes(statements: readonly string[]): Promise<string[]> {
  const changes = statements.map((one, n) => ({ id: String(n), statements: [one], destructive: false }));
  refuseForeignChanges([{ id: 'made', statements: MADE, destructive: false }, ...changes]);
  const { removed, overwritten, uncounted } = (await whatGoes(client, changes)).loses;
  return [...removed, ...overwritten, ...uncounted.map((one) => `not counted: ${one}`)];
}

const notCounted = (...columns: string[]) => columns.map((column) => `not counted: values of ${column}`);
const writes = (...names: string[]) => names.map((name) => `not counted: what the function ${name} writes`);

/** What it is, an attempt, what is said of it, and what is the same apart from the harm. */
const attempts: [string, string[], string[], string[]][] = [
  [
    'a view under the name of the table',
    ['alter table notes rename to n', `create view notes ${OF} select * from n`, 'update notes set text = null'],
    notCounted('text in notes'),
    ['alter table notes rename to n', 'create table notes (text text)', 'update notes set text = null'],
  ],
  [
    'a view under the name of a table of the set',
    [
      ...['create table tmp (id int)', 'alter table tmp rename to tmp2', `create view tmp ${OF} select * from notes`],
      'update tmp set text = null',
    ],
    notCounted('text in tmp'),
    ['create table tmp (text text)', 'alter table tmp rename to tmp2', 'update tmp2 set text = null'],
  ],
  [
    'a view whose column had another name',
    [
      `create view v ${OF} select text from notes`,
      'alter table v rename column text to words',
      'drop view v',
      `create view v ${OF} select text from notes`,
      'update v set text = null',
    ],
    notCounted('text in v'),
    [
      `create view v ${OF} select text from notes`,
      'drop view v',
      'create table v (text text)',
      'update v set text = null',
    ],
  ],
  [
    'a view that is there',
    ['update shown set text = null'],
    notCounted('text in shown'),
    ['update notes set text = text'],
  ],
  [
    'a table that is renamed as an index',
    ['alter index notes rename to n', 'create table notes (id int)', 'update n set text = null'],
    ['3 values of text in notes'],
    ['alter index notes rename to n', 'create table notes (text text)', 'update notes set text = null'],
  ],
  [
    'columns that change names',
    [
      'alter table notes rename column text to x',
      'alter table notes rename column note to text',
      `update notes set feel = null where text = 'x'`,
    ],
    notCounted('feel in notes'),
    [
      'alter table notes rename column text to x',
      'alter table notes rename column note to text',
      `update notes set text = left(text, 9) where char_length(text) > 1`,
    ],
  ],
  [
    'an empty table under the name of one with rows',
    [
      ...['alter table flags rename to old', 'create table flags (id int)'],
      'update notes set text = null where not exists (select from flags)',
    ],
    notCounted('text in notes'),
    ['alter table flags rename to old', 'create table flags (id int)'],
  ],
  [
    'a function that says something else',
    [
      `create or replace function is_off() returns boolean ${READS} begin atomic select true; end`,
      'update notes set text = null where is_off()',
    ],
    notCounted('text in notes'),
    [`create or replace function is_off() returns boolean ${READS} begin atomic select true; end`],
  ],
  [
    'a view that says something else',
    [
      'drop view quiet',
      `create view quiet ${OF} select 1 as a`,
      'update notes set text = null where exists (select from quiet)',
    ],
    notCounted('text in notes'),
    ['drop view quiet', `create view quiet ${OF} select 1 as a`],
  ],
  [
    'a column that is looked for further out, until there is one',
    [
      'alter table flags add column done boolean default false',
      'update notes set text = null where exists (select from flags where done = false)',
    ],
    notCounted('text in notes'),
    ['alter table flags add column done boolean default false', 'update flags set done = true'],
  ],
  [
    'a default of a new table',
    [WIPE, 'create table z (id int, x int default wipe())', 'insert into z (id) values (1)'],
    writes('wipe'),
    [READ, 'create table z (id int, x int default plain())', 'insert into z (id) values (1)'],
  ],
  [
    'a rule of a new table',
    [WIPE, 'create table z (id int, constraint c check (wipe() > 0))', 'insert into z (id) values (1)'],
    writes('wipe'),
    [READ, 'create table z (id int, constraint c check (plain() > 0))', 'insert into z (id) values (1)'],
  ],
  [
    'a view that calls',
    [WIPE, 'create table z (x int)', `create view v ${OF} select wipe() as x`, 'insert into z select x from v'],
    writes('wipe'),
    [READ, 'create table z (x int)', `create view v ${OF} select plain() as x`, 'insert into z select x from v'],
  ],
  [
    'one that reads and calls one that writes',
    [
      WIPE,
      `create function calls() returns integer ${READS} begin atomic select wipe(); end`,
      'alter table notes add column one int default calls()',
    ],
    writes('calls'),
    [
      READ,
      `create function calls() returns integer ${READS} begin atomic select plain(); end`,
      'alter table notes add column one int default calls()',
    ],
  ],
  [
    'two of one name',
    [
      WIPE,
      `create function wipe(a integer) returns integer ${READS} begin atomic select 1; end`,
      'update notes set note = wipe()::text where note is null',
    ],
    writes('wipe'),
    [WIPE, 'update notes set note = 1::text where note is null'],
  ],
  [
    'a new type with more in it: a number',
    ['alter table notes alter column id type numeric using id + 0.4'],
    ['3 values of id in notes'],
    ['alter table notes alter column id type numeric using id + 0'],
  ],
  [
    'a new type with more in it: a text',
    [`alter table notes alter column code type text using code || 'zzz'`],
    ['3 values of code in notes'],
    [`alter table notes alter column code type text using code || ''`],
  ],
  [
    'a new type with more in it: yes as 77',
    ['alter table notes alter column done type integer using 77'],
    ['3 values of done in notes'],
    ['alter table notes alter column done type integer using case when done then 1 else 0 end'],
  ],
  [
    'a new type with more in it: another yes',
    [`alter table notes alter column done type text using case when done then 'No' else 'Yes' end`],
    ['3 values of done in notes'],
    [`alter table notes alter column done type text using case when done then 'Yes' else 'No' end`],
  ],
  [
    'a new type with more in it: a time',
    [`alter table notes alter column due type timestamp using due + time '13:00'`],
    ['3 values of due in notes'],
    [`alter table notes alter column due type timestamp using due + time '00:00'`],
  ],
  [
    'a new type with more in it: several',
    [`alter table notes alter column arr type text[] using array['abcdef']`],
    ['3 values of arr in notes'],
    ['alter table notes alter column arr type text[]'],
  ],
  [
    'a new type that cuts',
    ['alter table notes alter column num type integer using num::integer'],
    ['3 values of num in notes'],
    ['alter table notes alter column num type numeric(12,1) using num::numeric(12,1)'],
  ],
  [
    'a form that is what a later statement looks for',
    [
      `alter table notes alter column done type text using case when done then 'Yes' else 'No' end`,
      `update notes set done = '' where done = 'Yes'`,
    ],
    ['3 values of done in notes'],
    [
      `alter table notes alter column done type text using case when done then 'Yes' else 'No' end`,
      `update notes set done = '' where done = 'true'`,
    ],
  ],
  [
    'a time that comes',
    [`update notes set text = null where now() > '2999-11-23'`],
    notCounted('text in notes'),
    [`update notes set due = due where due > '2019-11-23'`],
  ],
  [
    'a time that comes, in other words',
    [
      `update notes set due = null where due > date 'tomorrow'`,
      `update notes set ts = null where ts > ('to' || 'day')::timestamp`,
    ],
    notCounted('due in notes', 'ts in notes'),
    [`update notes set due = null where due > date '2020-02-02'`],
  ],
  [
    'chance',
    ['update notes set text = null where random() < 0.000001'],
    notCounted('text in notes'),
    ['update notes set num = round(num, 1)'],
  ],
  [
    'a list of values that may get longer',
    [`update notes set text = null where pg_input_is_valid('new', 'mood')`],
    notCounted('text in notes'),
    [`update notes set text = null where pg_input_is_valid('new', 'int4')`],
  ],
  [
    'pairs that are more than the values',
    [`update notes set text = 'q' from flags f where f.id = 1`],
    notCounted('text in notes'),
    [`update notes set note = 'q' from flags f where f.id = 1 and note is null`],
  ],
  [
    'values that become those that a second write looks for',
    [`update notes set text = 'q' where text = 'a'`, `update notes set text = 'r' where text in ('q', 'b')`],
    ['2 values of text in notes'],
    [`update notes set text = 'q' where text = 'y'`, `update notes set text = 'r' where text in ('q', 'z')`],
  ],
  [
    'a second write after one that nobody can count',
    [`update notes set text = 'q' where note = 'x'`, `update notes set text = 'r' where text = 'q'`],
    notCounted('text in notes'),
    [`update notes set note = 'q' where note is null and id = 7`, `update notes set note = 'r' where note = 'q'`],
  ],
  [
    'a time of the clock that is put together, beside a choice that is called like one',
    [`update notes set due = null where due < btrim('xtodayx', 'x')::date`],
    notCounted('due in notes'),
    [`update notes set note = null where not (note in ('now', 'later', 'x', 'z'))`],
  ],
  [
    'a time of the clock that a column of days is compared with, beside a text',
    [`update notes set due = null where due < 'tomorrow'`],
    notCounted('due in notes'),
    [`update notes set text = null where text = 'tomorrow'`],
  ],
  [
    'a second write after one that made others',
    [`update notes set text = 'q' where text = 'a'`, `update notes set text = 'r' where text = 'q'`],
    ['1 value of text in notes'],
    [`update notes set text = 'q' where text = 'y'`, `update notes set text = 'r' where text = 'q'`],
  ],
];

describe('an attempt, and what is the same without harm', () => {
  beforeEach(prepare);
  it.each(attempts)('%s', async (_, statements, words, twin) => {
    expect(await goes(statements)).toEqual(words);
    expect(await goes(twin)).toEqual([]);
    await client.query('set statement_timeout = 0; set lock_timeout = 0');
    await client.query(`begin; ${twin.join(';\n')}; rollback`);
  });

  it('does not forget what is there already: a default that writes, and a new row', async () => {
    await client.query(`${WIPE}; create table log (id int, x int default wipe())`);
    expect(await goes(['insert into log (id) values (1)'])).toEqual(writes('wipe'));
    await client.query('alter table log alter x drop default');
    expect(await goes(['insert into log (id) values (1)'])).toEqual([]);
  });

  it('asks of functions where they run, and not of every table', async () => {
    await client.query(`${WIPE}; create view off with (security_invoker = true) as select is_off() as off;
      create table log (id int, off boolean default is_off(), check (not is_off() or id > 0))`);
    expect(await goes(['alter table flags add column x text', 'create index on flags (id)'])).toEqual([]);
    expect(await goes(['insert into flags (id) values (7)', 'alter table flags alter column id type bigint'])).toEqual(
      [],
    );
    expect(await goes(['insert into log (id) values (7)'])).toEqual(writes('is_off'));
    expect(await goes(['alter table log alter column id type bigint'])).toEqual(writes('is_off'));
    expect(await goes(['insert into flags (id) select 1 from off'])).toEqual(writes('is_off'));
    expect(await goes(['alter table log rename to l', 'insert into l (id) values (7)'])).toEqual(writes('is_off'));
  });

  it('names the changes that do it, and no others', async () => {
    const quiet = { destructive: false, statements: ['alter table notes add column z int'] };
    const overwrites = { destructive: false, statements: ['update notes set text = null'] };
    const drops = { destructive: true, statements: ['drop table flags'] };
    const { loses, by } = await whatGoes(client, [quiet, overwrites, drops]);
    expect(by).toEqual([overwrites, drops]);
    expect(loses).toEqual({ removed: ['flags (1 row)'], overwritten: ['3 values of text in notes'], uncounted: [] });
  });
});
