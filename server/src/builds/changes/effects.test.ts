import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { emptySpec, type Spec } from '../../../../contract/spec.ts';
import type { SpecOperation } from '../../../../contract/spec-operations.ts';
import { startTestCluster, type TestCluster } from '../../db/test-database.ts';
import { applyOperations } from '../spec/apply.ts';
import { planWithEffects } from './plan.ts';

let cluster: TestCluster;
let client: pg.Client;
beforeAll(async () => {
  cluster = await startTestCluster();
  client = new pg.Client({ connectionString: await cluster.create() });
  await client.connect();
  await run(planWithEffects(emptySpec('Test'), start, []));
  await client.query(`insert into books (title, pages, price, status, note) values
    ('Dune', '412', '12,50 €', 'read', 'long ago'), ('Emma', 'many', 'free', 'lost', null), ('Emma', null, '7', null, 'x')`);
});
afterAll(async () => {
  await client.end();
  await cluster.stop();
});

const apply = (spec: Spec, ...operations: SpecOperation[]): Spec => {
  const applied = applyOperations(spec, operations);
  if (!applied.ok) throw new Error(applied.message);
  return applied.spec;
};
const start = apply(emptySpec('Test'), {
  op: 'add_entity',
  name: 'Book',
  fields: [
    { name: 'Title' },
    { name: 'Pages' },
    { name: 'Price' },
    { name: 'Status', type: 'choice', choices: ['Read', 'Lost'] },
    { name: 'Note', type: 'longtext' },
  ],
});

async function run(planned: ReturnType<typeof planWithEffects>): Promise<void> {
  for (const { change } of planned) for (const statement of change.statements) await client.query(statement);
}

/** Counts, makes the change, looks at the rows with `sql`, and takes it all back. */
async function tried(operation: SpecOperation, sql?: string) {
  const planned = planWithEffects(start, apply(start, operation), []);
  const counted: [string, string, number][] = [];
  await client.query('begin');
  try {
    for (const { change, effects } of planned) {
      for (const { kind, what, sql } of effects) counted.push([kind, what, (await client.query(sql)).rows[0].rows]);
      if (!counted.some(([kind, , rows]) => kind === 'clashes' && rows > 0))
        for (const statement of change.statements) await client.query(statement);
    }
    return { counted, after: sql ? (await client.query(sql)).rows[0].n : undefined };
  } finally {
    await client.query('rollback');
  }
}

describe('what a change does to rows, counted before it is made', () => {
  it.each<[string, SpecOperation, [string, string, number][], string?, number?]>([
    [
      'values that cannot be read as the new type',
      { op: 'alter_field', entity: 'Book', field: 'Pages', changes: { type: 'integer' } },
      [['empties', 'Pages of Books', 1]],
      'select count(pages)::int as n from books',
      1,
    ],
    [
      'amounts as people write them',
      { op: 'alter_field', entity: 'Book', field: 'Price', changes: { type: 'money' } },
      [['empties', 'Price of Books', 1]],
      'select sum(price * 100)::int as n from books',
      1950,
    ],
    [
      'rows of a choice that goes',
      { op: 'remove_choice', entity: 'Book', field: 'Status', choice: 'Lost' },
      [['empties', 'Status of Books', 1]],
      'select count(status)::int as n from books',
      1,
    ],
    [
      'texts that are cut',
      { op: 'alter_field', entity: 'Book', field: 'Note', changes: { maxLength: 3 } },
      [['cuts', 'Note of Books', 1]],
      `select count(*)::int as n from books where note in ('lon', 'x')`,
      2,
    ],
    [
      'empty ones that must be filled in now',
      { op: 'alter_field', entity: 'Book', field: 'Note', changes: { required: true } },
      [['fills', 'Note of Books', 1]],
      `select count(*)::int as n from books where note = 'Not set'`,
      1,
    ],
    [
      'rows that are the same where they must differ',
      { op: 'alter_field', entity: 'Book', field: 'Title', changes: { unique: true } },
      [['clashes', 'Title of Books', 2]],
    ],
    [
      'what a field held that goes',
      { op: 'remove_field', entity: 'Book', field: 'Note' },
      [['removes', 'Note of Books', 2]],
    ],
    ['a list that goes', { op: 'remove_entity', entity: 'Book' }, [['removes', 'Books', 3]]],
    ['nothing, when nothing is lost', { op: 'rename_field', entity: 'Book', field: 'Note', name: 'Remark' }, []],
  ])('counts %s', async (_, operation, counted, sql, after) => {
    expect(await tried(operation, sql)).toEqual({ counted, after });
  });
});
