/** Structured changes as SQL, run on a real PostgreSQL; what they say of locks is held against the locks that are taken. */
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type SchemaOperation, schemaOperations } from '../../../../contract/schema-operations.ts';
import { startTestCluster, type TestCluster } from '../../db/test-database.ts';
import { applyChanges, type Change } from '../changes.ts';
import { readCatalog } from '../router/catalog.ts';
import { Refusal } from '../router/refusal.ts';
import { readAccess } from './access.ts';
import { stepsOf } from './statements.ts';
import type { Step } from './steps.ts';

let test: TestCluster;
let client: pg.Client;

beforeAll(async () => {
  test = await startTestCluster();
  const connectionString = test.cluster.url('postgres');
  client = new pg.Client({ connectionString });
  await client.connect();
  await client.query(`create role runtime; create schema shop; set search_path = shop;
    create table customers (id uuid primary key default uuidv7(), name text not null, city text);
    create table busy (id int primary key, n int, note text);
    insert into customers (name, city) values ('Ada', 'Bern'), ('Ben', null);
    insert into busy select n, n, 'note' from generate_series(1, 20000) n; analyze`);
});
afterAll(async () => {
  await client?.end();
  await test?.stop();
});

const steps = async (...operations: unknown[]): Promise<Step[]> =>
  stepsOf(
    schemaOperations.parse(operations) as SchemaOperation[],
    await readCatalog(client, ['shop']),
    await readAccess(client, 'shop'),
  );
let count = 0;
async function make(...operations: unknown[]): Promise<Step[]> {
  const made = await steps(...operations);
  const changes = made.map(
    ({ statements, destructive, concurrently }): Change => ({
      id: `c${++count}`,
      statements,
      destructive,
      concurrently,
    }),
  );
  await applyChanges(client, 'runtime', changes);
  return made;
}
const rule = async (...operations: unknown[]): Promise<string> => {
  try {
    await steps(...operations);
    return 'made';
  } catch (error) {
    if (error instanceof Refusal) return error.rule;
    throw error;
  }
};
const rows = async (sql: string) => (await client.query(sql)).rows;

describe('each operation', () => {
  it('makes what it says', async () => {
    await make(
      { op: 'create_enum', name: 'mood', values: ['glad', 'sad', "o'so"] },
      {
        op: 'create_table',
        table: 'orders',
        comment: 'What was bought',
        columns: [
          { name: 'customer', type: 'uuid', required: true, references: { table: 'customers', onDelete: 'cascade' } },
          { name: 'total', type: 'numeric(10,2)', required: true, default: '0', check: 'total >= 0' },
          { name: 'mood', type: 'mood' },
          { name: 'tags', type: 'text[]', default: "'{}'" },
        ],
      },
      { op: 'create_index', table: 'orders', name: 'orders_total', columns: ['total'], where: 'total > 0' },
      { op: 'create_view', name: 'spending', select: 'select customer, sum(total) from orders group by 1' },
      {
        op: 'add_column',
        table: 'customers',
        column: { name: 'loyalty_points', type: 'integer', required: true, default: '0', comment: 'Collected' },
      },
    );
    await client.query("insert into orders (customer, total, mood) select id, 5, 'o''so' from customers");
    expect(await rows('select sum(sum)::int from spending')).toEqual([{ sum: 10 }]);
    await expect(client.query('update orders set total = -1')).rejects.toThrow(/check/);
    expect(await rows('select loyalty_points from customers limit 1')).toEqual([{ loyalty_points: 0 }]);
    expect(await rows("select reloptions from pg_class where relname = 'spending'")).toEqual([
      { reloptions: ['security_invoker=true'] },
    ]);
    expect(await rows("select has_table_privilege('runtime', 'spending', 'select') as may")).toEqual([{ may: true }]);
    await make(
      { op: 'rename_column', table: 'orders', column: 'tags', to: 'labels' },
      { op: 'alter_column', table: 'orders', column: 'labels', default: null },
      { op: 'add_enum_value', name: 'mood', value: 'calm' },
      { op: 'add_unique', table: 'customers', name: 'customers_name', columns: ['name'] },
      { op: 'comment', table: 'orders', column: 'total', text: "What it's worth" },
      { op: 'drop_view', name: 'spending' },
      { op: 'alter_column', table: 'orders', column: 'total', type: 'numeric(12,1)', using: 'round(total, 1)' },
      { op: 'drop_index', name: 'orders_total' },
    );
    await make(
      { op: 'rename_table', table: 'orders', to: 'purchases' },
      { op: 'drop_column', table: 'purchases', column: 'labels' },
    );
    expect(await rows('select total from purchases limit 1')).toEqual([{ total: '5.0' }]);
    await make({ op: 'drop_table', table: 'purchases' });
    expect(await rows("select to_regclass('purchases') as there")).toEqual([{ there: null }]);
  });

  it('on a busy table is taken apart, so that nobody waits for long', async () => {
    const made = await make(
      { op: 'alter_column', table: 'busy', column: 'note', required: true },
      { op: 'create_index', table: 'busy', name: 'busy_n', columns: ['n'] },
      { op: 'add_check', table: 'busy', name: 'busy_positive', check: 'n > 0' },
    );
    expect(made.map(({ statements }) => statements[0]!.replace(/"/g, ''))).toEqual([
      'alter table busy add constraint busy_note_is_there check (note is not null) not valid',
      'alter table busy validate constraint busy_note_is_there',
      'alter table busy alter column note set not null',
      'create index concurrently busy_n on busy using btree (n)',
      'alter table busy add constraint busy_positive check ((n > 0)) not valid'.replace('((n > 0))', '(n > 0)'),
      'alter table busy validate constraint busy_positive',
    ]);
    expect(
      await rows("select attnotnull from pg_attribute where attrelid = 'busy'::regclass and attname = 'note'"),
    ).toEqual([{ attnotnull: true }]);
    expect(await rows("select indisvalid from pg_index where indexrelid = 'busy_n'::regclass")).toEqual([
      { indisvalid: true },
    ]);
    expect(
      await rows("select conname, convalidated from pg_constraint where conrelid = 'busy'::regclass and contype = 'c'"),
    ).toEqual([{ conname: 'busy_positive', convalidated: true }]);
    expect(await steps({ op: 'add_check', table: 'customers', name: 'named', check: "name <> ''" })).toHaveLength(1);
  });

  it('finishes an index that a kill had left half made', async () => {
    const [step] = await steps({
      op: 'create_index',
      table: 'busy',
      name: 'busy_half',
      columns: ['note'],
      unique: true,
    });
    await expect(client.query(step!.statements[0]!)).rejects.toThrow(/duplicated|unique/);
    expect(await rows("select indisvalid from pg_index where indexrelid = 'busy_half'::regclass")).toEqual([
      { indisvalid: false },
    ]);
    await client.query('update busy set note = n::text');
    await applyChanges(client, 'runtime', [
      { id: 'half', statements: step!.statements, destructive: false, concurrently: true },
    ]);
    expect(await rows("select indisvalid from pg_index where indexrelid = 'busy_half'::regclass")).toEqual([
      { indisvalid: true },
    ]);
  });

  it.each([
    ['"victim""x"', '"victim"'],
    ['keyü', 'key'],
  ])('takes %s for the whole name of an index, and leaves %s', async (name, other) => {
    await client.query(`create index ${other} on busy (n)`);
    await applyChanges(client, 'runtime', [
      {
        id: name,
        statements: [`create index concurrently ${name} on busy (note)`],
        destructive: false,
        concurrently: true,
      },
    ]);
    for (const one of [name, other])
      expect(await rows(`select to_regclass('${one}') is not null as there`)).toEqual([{ there: true }]);
    await client.query(`drop index ${name}, ${other}`);
    const form = { id: 'x', statements: ['create index concurrently "a"on busy (n)'], destructive: false };
    await expect(applyChanges(client, 'runtime', [{ ...form, concurrently: true }])).rejects.toMatchObject({
      code: 'change_failed',
    });
  });

  it.each([
    [
      { op: 'add_column', table: 'customers', column: { name: 'a1', type: 'text' } },
      'AccessExclusiveLock',
      /for a moment/,
      false,
    ],
    [
      { op: 'add_column', table: 'busy', column: { name: 'a2', type: 'uuid', default: 'gen_random_uuid()' } },
      'AccessExclusiveLock',
      /written anew/,
      true,
    ],
    [{ op: 'alter_column', table: 'busy', column: 'n', type: 'bigint' }, 'AccessExclusiveLock', /written anew/, true],
    [{ op: 'create_index', table: 'customers', name: 'i1', columns: ['city'] }, 'ShareLock', /Whoever writes/, false],
  ])('says what it locks and rewrites: %j', async (operation, lock, words, rewrites) => {
    const [step] = await steps(operation);
    const [effect] = step!.effects;
    expect(effect!.locks).toMatch(words);
    expect(effect!.rewrites).toBe(rewrites);
    const table = effect!.tables[0]!;
    const node = async () => (await rows(`select pg_relation_filenode('${table}') as node`))[0].node;
    const before = await node();
    await client.query('begin');
    await client.query(step!.statements[0]!);
    const locks = (
      await rows(`select mode from pg_locks where pid = pg_backend_pid() and relation = '${table}'::regclass`)
    ).map((row) => row.mode);
    expect(locks).toContain(lock);
    expect((await node()) !== before).toBe(rewrites);
    await client.query('rollback');
  });
});

describe('is refused', () => {
  it.each([
    ['a table that is not there', { op: 'drop_table', table: 'ghosts' }, 'unknown_table'],
    ['a column that is not there', { op: 'drop_column', table: 'customers', column: 'ghost' }, 'unknown_column'],
    [
      'a name that is taken',
      { op: 'create_table', table: 'customers', columns: [{ name: 'x', type: 'text' }] },
      'taken',
    ],
    [
      'a type that is none',
      { op: 'add_column', table: 'customers', column: { name: 'x', type: 'regclass' } },
      'unknown_type',
    ],
    [
      'SQL as a type',
      { op: 'add_column', table: 'customers', column: { name: 'x', type: 'text; drop table customers' } },
      'unknown_type',
    ],
    [
      'SQL in a default',
      {
        op: 'add_column',
        table: 'customers',
        column: { name: 'x', type: 'text', default: "''); drop table customers; --" },
      },
      'several',
    ],
    [
      'a second statement in a condition',
      { op: 'add_check', table: 'customers', name: 'c', check: 'true); drop table customers; select (1' },
      'several',
    ],
    [
      'a select in a default',
      {
        op: 'add_column',
        table: 'customers',
        column: { name: 'x', type: 'text', default: '(select name from customers limit 1)' },
      },
      'expression',
    ],
    [
      'a comment that hides the rest',
      { op: 'add_check', table: 'customers', name: 'c', check: 'true /* x */' },
      'expression',
    ],
    [
      'a function of the server’s own',
      {
        op: 'add_column',
        table: 'customers',
        column: { name: 'x', type: 'text', default: "pg_read_file('/etc/passwd')" },
      },
      'function',
    ],
    ['a view of the catalogue', { op: 'create_view', name: 'v', select: 'select * from pg_authid' }, 'catalogue'],
    ['a view that writes', { op: 'create_view', name: 'v', select: 'delete from customers returning *' }, 'view'],
    ['a view of another schema', { op: 'create_view', name: 'v', select: 'select * from zoo.secrets' }, 'view'],
    [
      'a required column without a default',
      { op: 'add_column', table: 'customers', column: { name: 'x', type: 'text', required: true } },
      'needs_default',
    ],
  ])('%s', async (_name, operation, expected) => {
    expect(await rule(operation)).toBe(expected);
  });

  it('what is no plain name, before anything is looked at', () => {
    for (const table of ['Customers', 'a b', 'pg_class', 'x"; drop table y; --', '', 'a'.repeat(64)])
      expect(schemaOperations.safeParse([{ op: 'drop_table', table }]).success, table).toBe(false);
  });

  it('nothing of a batch is made when one of it cannot be', async () => {
    const made = await steps(
      { op: 'add_column', table: 'customers', column: { name: 'kept', type: 'text' } },
      { op: 'add_unique', table: 'busy', name: 'twice', columns: ['n', 'n'] },
    );
    expect(made.length).toBeGreaterThan(1);
    expect(
      await rule(
        { op: 'add_column', table: 'customers', column: { name: 'kept', type: 'text' } },
        { op: 'drop_column', table: 'customers', column: 'ghost' },
      ),
    ).toBe('unknown_column');
    expect(
      await rows("select 1 from pg_attribute where attrelid = 'customers'::regclass and attname = 'kept'"),
    ).toEqual([]);
  });
});
