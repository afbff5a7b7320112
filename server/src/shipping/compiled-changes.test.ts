/** What the spec's compiler writes for each type that becomes another without loss, and for rules that change: it asks nothing. */
import pg from 'pg';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Field, FieldType } from '../../../contract/spec.ts';
import { alterColumn } from '../builds/changes/statements.ts';
import { canConvert, losesValues } from '../builds/spec/conversions.ts';
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

/** Each a change of its own that says that it removes nothing. */
async function goes(statements: readonly string[]): Promise<string[]> {
  const changes = statements.map((one, n) => ({ id: String(n), statements: [one], destructive: false }));
  refuseForeignChanges(changes);
  const { removed, overwritten, uncounted } = (await whatGoes(client, changes)).loses;
  return [...removed, ...overwritten, ...uncounted.map((one) => `not counted: ${one}`)];
}

const VALUES: Record<string, [string, string[]]> = {
  text: ['text', ['abc']],
  longtext: ['text', ['abc']],
  email: ['text', ['a@b.c']],
  url: ['text', ['https://a.b']],
  phone: ['text', ['123']],
  number: ['numeric', ['1.5', '-2', '0']],
  money: ['numeric', ['1.50']],
  percent: ['numeric', ['5']],
  integer: ['integer', ['5', '0']],
  duration: ['integer', ['90', '5', '0']],
  rating: ['integer', ['3']],
  boolean: ['boolean', ['true', 'false']],
  date: ['date', ['2020-02-02']],
  datetime: ['timestamp(0)', ['2020-02-02 10:00', '2020-02-02 00:00']],
  time: ['time(0)', ['10:00']],
  choice: ['text', ['in_progress']],
};
const CHOICES = [
  { value: 'in_progress', label: 'In progress' },
  { value: 'done', label: 'Done' },
];
const field = (type: string, more: object = {}): Field =>
  ({
    ...{ id: 'f', name: 'C', label: 'C', column: 'c', type, required: type === 'boolean', unique: false },
    ...(type === 'choice' ? { choices: CHOICES } : {}),
    ...more,
  }) as Field;
const alter = (before: Field, after: Field): string[] => alterColumn('t', before, after, () => '');
const most = (maxLength: number, more: object = {}) => field('text', { maxLength, ...more });
const more = field('choice', { choices: [...CHOICES, { value: 'unknown', label: 'Unknown' }] });
const NOW = { value: 'now', label: 'Now' };
const TYPES = Object.keys(VALUES) as FieldType[];
const pairs = TYPES.flatMap((from) => TYPES.map((to): [FieldType, FieldType] => [from, to])).filter(
  ([from, to]) => from !== to && from !== 'choice' && canConvert(from, to) && !losesValues(from, to),
);

describe('what the compiler writes asks nothing', () => {
  const believed = async (type: string, statements: string[]) => {
    const [name, values] = VALUES[type]!;
    const rows = [...values.map((one) => `'${one}'`), ...(type === 'boolean' ? [] : ['null'])];
    await client.query(`drop table if exists t; create table t (id int primary key, c ${name}, d text);
      insert into t values ${rows.map((one, n) => `(${n}, ${one}, 'x')`).join(', ')}`);
    expect(await goes(statements)).toEqual([]);
    await client.query('set statement_timeout = 0; set lock_timeout = 0');
    // the table here begins without the rules that it would have
    const run = statements.join(';\n').replaceAll('DROP CONSTRAINT', 'DROP CONSTRAINT IF EXISTS');
    await client.query(`begin; ${run}; rollback`);
  };
  it.each(pairs)('of %s to %s', (from, to) => believed(from, alter(field(from), field(to))));

  const renamed = ['alter table t rename column c to c2'];
  const as = { column: 'c2' };
  it.each<[string, string, string[]]>([
    ['a limit twice', 'text', [...alter(most(100), most(200)), ...alter(most(200), most(300))]],
    [
      'required, and then a limit',
      'text',
      [
        ...alter(most(100), most(100, { required: true })),
        ...alter(most(100, { required: true }), most(200, { required: true })),
      ],
    ],
    ['another name and a limit', 'text', [...renamed, ...alter(most(100, as), most(200, as))]],
    ['another name and another type', 'number', [...renamed, ...alter(field('number', as), field('money', as))]],
    [
      'two types, one after the other',
      'duration',
      [...alter(field('duration'), field('text')), ...alter(field('text'), field('longtext'))],
    ],
    ['a choice twice', 'choice', [...alter(field('choice'), more), ...alter(more, field('choice'))]],
    ['a choice that has to be made', 'choice', alter(field('choice'), field('choice', { required: true }))],
    [
      'a number that every row has for itself, after a gap was filled',
      'integer',
      [
        `update t set d = 'Not set' where (d is null or d = '')`,
        ...alter(field('integer'), field('integer', { required: true, unique: true })),
      ],
    ],
    [
      'the same in a column called as the numbers are',
      'integer',
      [
        'alter table t rename column c to position',
        ...alter(
          field('integer', { column: 'position' }),
          field('integer', { column: 'position', required: true, unique: true }),
        ),
      ],
    ],
    ['a choice called as a time is', 'choice', alter(more, field('choice', { choices: [...CHOICES, NOW] }))],
    ['a yes as a number with limits', 'boolean', alter(field('boolean'), field('number', { min: 0, max: 10 }))],
  ])('%s', (_, type, statements) => believed(type, statements));

  it('is told apart from what cuts a value, in the same words', async () => {
    await client.query(`create table t (id int primary key, c integer); insert into t values (1, 90), (2, 600)`);
    expect(await goes(alter(field('duration'), most(4)))).toEqual(['1 value of c in t']);
    await client.query(
      `drop table t; create table t (id int primary key, c time(0)); insert into t values (1, '10:00:30')`,
    );
    expect(await goes(alter(field('time'), field('text')))).toEqual(['1 value of c in t']);
    await client.query(
      `drop table t; create table t (id int primary key, c text); insert into t values (1, 'abc'), (2, '5')`,
    );
    expect(await goes(alter(field('text'), field('integer')))).toEqual(['1 value of c in t']);
  });
});
