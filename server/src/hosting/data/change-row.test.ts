/** Statements that a form writes: each is one that the gate reads as what it is, whatever people type, and does to the row what was asked. */
import fc from 'fast-check';
import pg from 'pg';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { ChangeRow } from '../../../../contract/data.ts';
import { readStatement } from '../../databases/router/statement.ts';
import { startTestCluster, type TestCluster } from '../../db/test-database.ts';
import { AppError } from '../../errors.ts';
import { statementOf } from './change-row.ts';

let test: TestCluster;
let client: pg.Client;

const TABLE = {
  primaryKey: ['id', 'Part'],
  columns: [
    ...[['id', 'integer', true] as const, ['Part', 'text', true] as const, ['order', 'text', false] as const],
    ...[
      ['price', 'numeric(10,2)', false] as const,
      ['paid', 'boolean', false] as const,
      ['tags', 'text[]', false] as const,
    ],
    ...[['about', 'jsonb', false] as const, ['due', 'date', false] as const],
    ...[['big', 'bigint', false] as const, ['share', 'real', false] as const],
    ...[['scan', 'bytea', false] as const, ['plain', 'json', false] as const],
  ].map(([name, type, notNull]) => ({ name, type, notNull, filled: false, writable: true })),
} as unknown as Parameters<typeof statementOf>[1];

beforeAll(async () => {
  test = await startTestCluster();
  client = new pg.Client({ connectionString: await test.create() });
  await client.connect();
});
beforeEach(() =>
  client.query(`drop table if exists sales; create table sales (id int, "Part" text, "order" text, price numeric(10,2), paid boolean default true, tags text[], about jsonb, due date, big bigint, share real, scan bytea, plain json, primary key (id, "Part"));
    insert into sales (id, "Part", "order") values (1, 'a', 'first'), (1, 'b', 'second'), (2, 'a', null)`),
);
afterAll(async () => {
  await client?.end();
  await test?.stop();
});

const keyOf = (...parts: string[]): string => Buffer.from(JSON.stringify(parts)).toString('base64url');
const written = (change: ChangeRow['change']): string => statementOf('sales', TABLE, change);

it('are as short as one writes them', () => {
  expect(
    written({
      kind: 'change',
      key: keyOf('1', 'b'),
      values: { order: 'third', price: '12.50', paid: 'false', due: null },
    }),
  ).toBe(`update sales set "order" = 'third', price = 12.50, paid = false, due = null where id = 1 and "Part" = 'b'`);
  expect(written({ kind: 'remove', key: keyOf('2', 'a') })).toBe(`delete from sales where id = 2 and "Part" = 'a'`);
  expect(written({ kind: 'add', values: { id: '3', Part: 'a' } })).toBe(
    `insert into sales (id, "Part") values (3, 'a')`,
  );
  expect(written({ kind: 'add', values: {} })).toBe('insert into sales default values');
  expect(written({ kind: 'change', key: keyOf('1', 'b'), values: { scan: '\\x01' } })).toBe(
    `update sales set scan = E'\\\\x01' where id = 1 and "Part" = 'b'`,
  );
});

describe('what a row held when it was read', () => {
  const long = 'it’s long '.repeat(30);
  const held: Record<string, [string, string]> = {
    order: ['A pen', `"order" = 'A pen'`],
    price: ['12.50', 'price = 12.50'],
    paid: ['true', 'paid = true'],
    due: ['2026-02-28', `due = '2026-02-28'`],
    big: ['9007199254740993', 'big = 9007199254740993'],
    share: ['0.1', `share = '0.1'`],
    tags: ['{a,"b c"}', `tags::text = '{a,"b c"}'`],
    about: ['{"a": [1, null]}', `about::text = '{"a": [1, null]}'`],
    plain: ['{"a":1,  "a":2}', `plain::text = '{"a":1,  "a":2}'`],
    scan: ['\\x01ff', `scan::text = E'\\\\x01ff'`],
  };
  const changeOf = (column: string, before: string | null): ChangeRow['change'] => ({
    kind: 'change',
    key: keyOf('1', 'b'),
    values: { [column]: null },
    before: { due: '1999-01-01', [column]: before },
  });

  it.each(Object.entries(held))('is asked of the row before %s is changed', async (column, [text, condition]) => {
    const change = changeOf(column, text);
    expect(written(change).endsWith(` where id = 1 and "Part" = 'b' and ${condition}`)).toBe(true);
    expect(readStatement(written(change))).toMatchObject({ kind: 'update' });
    await client.query('update sales set paid = false');
    // somebody else was faster
    expect((await client.query(written(change))).rowCount).toBe(0);
    await client.query(`update sales set ${column === 'order' ? '"order"' : column} = $1 where id = 1`, [text]);
    expect((await client.query(written(change))).rowCount).toBe(1);
  });

  it('is empty, or long, or of the key, or of a column that stays', async () => {
    expect(written(changeOf('order', null))).toBe(
      `update sales set "order" = null where id = 1 and "Part" = 'b' and "order" is null`,
    );
    const change = changeOf('order', long);
    expect(written(change)).toMatch(/and md5\("order"\) = '[0-9a-f]{32}'$/);
    expect((await client.query(written(change))).rowCount).toBe(0);
    await client.query('update sales set "order" = $1 where id = 1', [long]);
    expect((await client.query(written(change))).rowCount).toBe(1);
    const key = { kind: 'change' as const, key: keyOf('1', 'b'), values: { id: '8' }, before: { id: '1', order: 'a' } };
    expect(written(key)).toBe(`update sales set id = 8 where id = 1 and "Part" = 'b'`);
  });
});

describe('numbers', () => {
  it('are not rounded where the column holds whole ones', async () => {
    const change = (big: string) => written({ kind: 'change', key: keyOf('1', 'b'), values: { big } });
    expect(change('-7')).toContain('big = -7 ');
    await expect(client.query(change('1.5'))).rejects.toThrow(/invalid input syntax for type bigint/);
  });

  it('of a key are found as they are shown', async () => {
    await client.query('create table shares (share real primary key, note text); insert into shares values (0.1)');
    const table = {
      primaryKey: ['share'],
      columns: [
        ...[{ name: 'share', type: 'real', notNull: true, filled: false, writable: true }],
        ...[{ name: 'note', type: 'text', notNull: false, filled: false, writable: true }],
      ],
    };
    const key = keyOf((await client.query('select share::text from shares')).rows[0].share);
    const statement = statementOf('shares', table, { kind: 'change', key, values: { note: 'x' } });
    expect((await client.query(statement)).rowCount).toBe(1);
  });
});

it('refuse what names no row and no column', () => {
  const code = (change: ChangeRow['change'], table = TABLE) => {
    try {
      return statementOf('sales', table, change);
    } catch (error) {
      return error instanceof AppError ? error.code : error;
    }
  };
  expect(code({ kind: 'change', key: keyOf('1', 'b'), values: { nothing: '1' } })).toBe('table_not_found');
  expect(code({ kind: 'remove', key: keyOf('1') })).toBe('bad_cursor');
  expect(code({ kind: 'remove', key: 'x' })).toBe('bad_cursor');
  expect(code({ kind: 'remove', key: keyOf('1', 'b') }, { ...TABLE, primaryKey: [] })).toBe('no_key');
  expect(code({ kind: 'add', values: { order: 'a\0b' } })).toBe('bad_value');
});

describe('whatever is typed', () => {
  const attacks = [
    `x'; drop table sales; --`,
    `\\'; delete from sales; --`,
    `' || (select current_user) || '`,
    '$$; truncate sales; $$',
    `U&'\\0027'`,
    `1; select 1`,
    '1e5',
    '-- nothing',
    `null`,
    `default`,
    'a\nb\tc \u2028 \u{1f600}',
    `\\`,
  ];
  it.each(attacks)('is the value, and nothing else: %j', async (text) => {
    const statement = written({ kind: 'change', key: keyOf('1', 'b'), values: { order: text } });
    expect(readStatement(statement)).toMatchObject({ kind: 'update', functions: [] });
    expect((await client.query(statement)).rowCount).toBe(1);
    const { rows } = await client.query(`select "order" from sales order by id, "Part"`);
    expect(rows.map(({ order }) => order)).toEqual(['first', text, null]);
    // where the key is text
    await client.query(written({ kind: 'change', key: keyOf('1', 'b'), values: { Part: text } }));
    await client.query(written({ kind: 'remove', key: keyOf('1', text) }));
    expect((await client.query('select 1 from sales')).rowCount).toBe(2);
  });

  it('comes back as it was, for any text', async () => {
    await fc.assert(
      fc.asyncProperty(fc.string({ unit: 'binary', maxLength: 40 }), async (given) => {
        const text = given.replaceAll('\0', '').toWellFormed();
        const change = { kind: 'change' as const, key: keyOf('2', 'a'), values: { order: text } };
        expect(readStatement(written(change)).kind).toBe('update');
        await client.query(written(change));
        expect((await client.query(`select "order" from sales where id = 2`)).rows[0].order).toBe(text);
      }),
      { numRuns: 150 },
    );
  });

  it('of every type is read by the table', async () => {
    const values = {
      id: '-4',
      Part: '',
      price: '3',
      paid: 'true',
      tags: '{a,"b c"}',
      about: '{"a": [1, null]}',
      due: '2026-02-28',
    };
    await client.query(written({ kind: 'add', values }));
    const { rows } = await client.query(`select price::text, paid, tags, about, due::text from sales where id = -4`);
    expect(rows).toEqual([
      { price: '3.00', paid: true, tags: ['a', 'b c'], about: { a: [1, null] }, due: '2026-02-28' },
    ]);
  });
});
