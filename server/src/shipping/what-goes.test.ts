/** The words over which somebody says yes to losing data, held against attempts to make them say less than goes. */
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
  client = await connected();
  await client.query(`drop schema if exists shop cascade; create schema shop; set search_path = shop;
    create type mood as enum ('glad', 'sad');
    create table notes (id int, text text, note text, feel mood, feels mood[], done boolean, due date);
    insert into notes values (1, 'a', 'x', 'glad', null), (2, 'b', null, null, '{sad}'), (3, 'c', 'z', 'sad', '{}');
    update notes set done = true, due = '2020-02-02'`);
  return () => client.end();
});

async function connected(): Promise<pg.Client> {
  const one = new pg.Client({ connectionString: test.cluster.url('postgres') });
  one.on('error', () => {});
  await one.connect();
  await one.query('set search_path = shop').catch(() => {});
  return one;
}

const DESTROYS = /drop (?:table|column|type)|^delete/;
/** Each a change of its own, as it comes from a branch: such as the gate lets through. */
async function goes(...statements: string[]): Promise<string[]> {
  const changes = statements.map((one, n) => ({
    id: String(n),
    statements: [one],
    destructive: DESTROYS.test(one),
  }));
  const list = { id: 'mood', statements: [`create type mood as enum ('glad')`], destructive: false };
  refuseForeignChanges([list, ...changes]);
  return wordsOf(changes);
}

/** All of the words, each kind after what it is called. What is removed is called nothing. */
async function wordsOf(changes: { destructive: boolean; statements: string[] }[]): Promise<string[]> {
  const { removed, overwritten, uncounted } = (await whatGoes(client, changes)).loses;
  return [
    ...removed,
    ...overwritten.map((one) => `overwritten: ${one}`),
    ...uncounted.map((one) => `uncounted: ${one}`),
  ];
}

it('counts what goes by the name that it has now, whatever the same changes call it', async () => {
  expect(await goes('alter table notes rename to memos', 'drop table memos')).toEqual(['notes (3 rows)']);
  expect(
    await goes(
      'alter table notes rename to memos',
      'alter table memos rename column note to remark',
      'alter table memos drop column remark',
    ),
  ).toEqual(['note of notes (2 values)']);
  // the name is given to something new meanwhile
  expect(
    await goes(
      'alter table notes rename to memos',
      'create table notes (id int)',
      'drop table notes',
      'drop table memos',
    ),
  ).toEqual(['notes (0 rows)', 'notes (3 rows)']);
  expect(
    await goes(
      'alter table notes rename column note to remark',
      'alter table notes add column note text',
      'alter table notes drop column remark',
    ),
  ).toEqual(['note of notes (2 values)']);
});

it('names every part of a statement', async () => {
  expect(await goes('alter table notes drop column note, drop column "text"')).toEqual([
    'note of notes (2 values)',
    'text of notes (3 values)',
  ]);
  expect(await goes('alter table notes add column x int, drop column note')).toEqual(['note of notes (2 values)']);
  await client.query('create table "Other things" (id int); insert into "Other things" values (1)');
  expect(await goes('drop table notes, "Other things"')).toEqual(['notes (3 rows)', 'Other things (1 row)']);
  expect(await goes('delete from notes where id > 1')).toEqual(['rows of notes (not counted)']);
});

it('names the columns that go with their list of values, and none that is of another type by then', async () => {
  expect(await goes('drop type mood cascade')).toEqual(['feel of notes (2 values)', 'feels of notes (2 values)']);
  expect(
    await goes(
      'alter table notes alter column feel type text',
      'alter table notes alter column note type mood using note::mood',
      'alter table notes rename column note to state',
      'drop type mood cascade',
    ),
  ).toEqual(['feels of notes (2 values)', 'note of notes (2 values)']);
});

it('says that it did not count rather than a nought', async () => {
  expect(await goes('drop table unheard')).toEqual(['unheard (not counted)']);
  expect(await goes('alter table notes drop column unheard')).toEqual(['unheard of notes (not counted)']);
  expect(await goes('create table mine (id int)', 'drop table mine')).toEqual(['mine (0 rows)']);
  expect(await goes('alter table notes add column x int', 'alter table notes drop column x')).toEqual([
    'x of notes (0 values)',
  ]);
  expect(
    await wordsOf([{ destructive: true, statements: ['alter table notes alter column text type varchar(1)'] }]),
  ).toEqual(['overwritten: 0 values of text in notes']);
  const emptied = ['alter table notes rename column text to words', `update notes set words = null where words = 'a'`];
  expect(await wordsOf([{ destructive: true, statements: emptied }])).toEqual([
    'overwritten: 1 value of text in notes',
  ]);
  // what is counted beside it does not hide it
  const beside = [
    'alter table notes add column z int',
    'alter table notes drop column z',
    'alter table notes alter column text type varchar(1) using left(text, 1)',
  ];
  expect(await wordsOf([{ destructive: true, statements: beside }])).toEqual([
    'z of notes (0 values)',
    'overwritten: 0 values of text in notes',
  ]);
  await client.query(`update notes set text = 'abc' where id = 1`);
  expect(await wordsOf([{ destructive: true, statements: beside }])).toContain('overwritten: 1 value of text in notes');
  await client.end();
  expect(await goes('drop table notes')).toEqual(['notes (not counted)']);
});

describe('a change that says of itself that it removes nothing', () => {
  const overwrites: [string, string[], string[]][] = [
    [
      'empties a column by its new type',
      ['alter table notes alter column note type int using null'],
      ['overwritten: 2 values of note in notes'],
    ],
    [
      'gives every value another by its new type',
      [`alter table notes alter column text type text using 'x'`],
      ['overwritten: 3 values of text in notes'],
    ],
    ['writes over values', [`update notes set text = 'z' where id < 3`], ['uncounted: values of text in notes']],
    [
      'empties values',
      ['update notes set text = null, note = null'],
      ['overwritten: 3 values of text in notes', 'overwritten: 2 values of note in notes'],
    ],
    [
      'writes over those of another name',
      [`update notes as n set text = m.note from notes m where m.id = n.id and m.note is not null`],
      ['uncounted: values of text in notes'],
    ],
    [
      'writes over two at once',
      ['update notes set (text, note) = (select note, text from notes limit 1)'],
      ['uncounted: values of text in notes', 'uncounted: values of note in notes'],
    ],
    [
      'writes over what is there already',
      [
        `create unique index by_id on notes (id)`,
        `insert into notes (id, text) values (1, 'z') on conflict (id) do update set text = excluded.text`,
      ],
      ['uncounted: values of text in notes'],
    ],
    [
      'leads the count astray by a row',
      [
        `insert into notes (id, note) values (9, 'now')`,
        `update notes set text = null where exists (select from notes where id = 9)`,
      ],
      ['uncounted: values of text in notes'],
    ],
    [
      'leads the count astray by a value',
      [`update notes set note = 'y' where note is null`, `update notes set text = null where note = 'y'`],
      ['uncounted: values of text in notes'],
    ],
    [
      'writes under another name',
      ['alter table notes rename column text to words', 'update notes set words = null'],
      ['overwritten: 3 values of text in notes'],
    ],
    [
      'hides it in a function',
      [
        `create function wipe() returns integer language sql volatile security invoker set search_path from current begin atomic update notes set text = null; select 1; end`,
        `alter table notes add column one integer default wipe()`,
      ],
      ['uncounted: what the function wipe writes'],
    ],
    [
      'hides it in a function that fills what is empty',
      [
        `create function wipe() returns text language sql volatile security invoker set search_path from current begin atomic update notes set text = null; select 'x'; end`,
        `update notes set note = wipe() where note is null`,
      ],
      ['uncounted: what the function wipe writes'],
    ],
  ];
  it.each(overwrites)('%s', async (_, statements, words) => {
    const changes = statements.map((one, n) => ({ id: String(n), statements: [one], destructive: false }));
    refuseForeignChanges(changes);
    expect(await wordsOf(changes)).toEqual(words);
  });

  const harmless: [string, string[]][] = [
    [
      'another type with the same values',
      ['alter table notes alter column note type varchar(20) using left(note::text, 20)'],
    ],
    ['a shorter type that cuts nothing', ['alter table notes alter column text type varchar(1)']],
    [
      'a filled gap',
      [
        `update notes set note = 'Not set' where (note is null or note = '')`,
        'alter table notes alter column note set not null',
      ],
    ],
    [
      'a gap filled after another',
      [`update notes set note = 'x' where note is null`, `update notes set text = 'y' where text is null`],
    ],
    [
      'a gap filled in a column by its new name',
      ['alter table notes rename column note to remark', `update notes set remark = 'x' where remark is null`],
    ],
    ['a new column, filled', ['alter table notes add column z text', `update notes set z = text || 'x'`]],
    ['values that all fit', [`update notes set text = left(text, 9) where not (length(text) <= 9)`]],
    [
      'a function that reads',
      [
        `create function plain() returns integer language sql stable security invoker set search_path from current begin atomic select 1; end`,
        `alter table notes add column one integer default plain()`,
      ],
    ],
    [
      'what is the same in another type',
      [
        'alter table notes alter column id type numeric(12,2) using id::numeric',
        'alter table notes alter column done type integer using case when done then 1 else 0 end',
        'alter table notes alter column due type timestamp(0) using due::timestamp(0)',
      ],
    ],
    ['new rows', [`insert into notes (id) values (7)`]],
  ];
  it.each(harmless)('is believed: %s', async (_, statements) => {
    const changes = statements.map((one, n) => ({ id: String(n), statements: [one], destructive: false }));
    refuseForeignChanges(changes);
    expect(await wordsOf(changes)).toEqual([]);
    await client.query(`begin; ${statements.join(';\n')}; rollback`);
  });
});

it('waits for nobody who holds a table', async () => {
  const other = await connected();
  try {
    await other.query('begin; lock table notes in access exclusive mode');
    expect(await goes('drop table notes')).toEqual(['notes (not counted)']);
  } finally {
    await other.end();
  }
}, 20_000);

it('counts no further than a million, and says so', async () => {
  await client.query('create table many as select from generate_series(1, 1000001)');
  expect(await goes('drop table many')).toEqual(['many (1,000,000 or more rows)']);
});
