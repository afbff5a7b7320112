import fc from 'fast-check';
import { scanSync } from 'libpg-query';
import { describe, expect, it } from 'vitest';
import { Refusal } from './refusal.ts';
import { shapeOf } from './shape.ts';
import { readStatement } from './statement.ts';

const tokensOf = (sql: string): string => {
  try {
    return (scanSync(sql) as { tokens: { tokenName: string }[] }).tokens.map(({ tokenName }) => tokenName).join(' ');
  } catch {
    return 'none';
  }
};

const saysOf = (sql: string): unknown => {
  try {
    const { kind, touched, own, functions, types, byValue } = readStatement(sql);
    return { kind, touched, own: [...own], functions, types, byValue };
  } catch (error) {
    if (error instanceof Refusal) return error.rule;
    throw error;
  }
};

/** What a text is made of that wants to be taken for another: ends and beginnings of strings, numbers and names in all neighbourhoods. */
const PIECES = [
  ...["'", "''", "'a'", "'a,'", "' '", "'!'", "E'", "E'x'", "U&'", "X'1F'", "B'01'", "N'a'", "'\n'", "'a'\n'b'", "\\'"],
  ...['1', '23', '007', '1.5', '.5', '1e3', '0x1F', '1_000', '2147483648', '99999999999', 'a1', '1a', '$1', '-1', '..'],
  ...['"a"', '"a 1"', '$$', '$x$', '--', '/*', '*/', '\n', ' ', ',', ';', '&', '::', '@', ':', '+', '\0', 'ü'],
  ...['select', 'id', 'from', 'secrets', 'union', 'where', '=', '(', ')', 'lpad(name, 5)', 'order by 1', 'limit 3'],
];
const texts = fc.array(fc.constantFrom(...PIECES), { maxLength: 14 }).map((pieces) => pieces.join(''));
const statements = fc
  .tuple(
    fc.constantFrom(
      "select id, name from customers where id = 1 and city = 'Bern' limit 10",
      "select count(*) from orders where at > '2026-01-01 10:00' and total in (1, 2, 3) group by 2 having sum(a) > 5",
      "select rpad(name, 7), lpad('x', 100000) from orders where id = 5",
      "with a as (select 1 as n) select interval '1 day', cast('5' as int), n::numeric(10) from a, b where b.c[1] = 3",
      "select date '2026-01-01', E'plain', pg_sleep(5) from orders",
      "update orders set total = 5 where id = 7 and name = 'a b'",
    ),
    fc.array(fc.tuple(fc.nat(), fc.constantFrom(...PIECES)), { maxLength: 2 }),
  )
  .map(([text, edits]) =>
    edits.reduce<string>((sql, [at, piece]) => {
      const place = at % (sql.length + 1);
      return sql.slice(0, place) + piece + sql.slice(place);
    }, text),
  );

describe('the shape of a statement', () => {
  it.each([
    ['numbers', 'select name from t where id = 7', 'select name from t where id = 12345'],
    ['words in quotes', "select name from t where city = 'Bern'", "select name from t where city = 'St. Gallen'"],
    ['ids', "select a from t where id = '0190a-b'", "select a from t where id = '777'"],
  ])('is one for texts that differ in %s', (_, one, other) => {
    expect(shapeOf(one)).toBeDefined();
    expect(shapeOf(one)).toBe(shapeOf(other));
  });

  it.each([
    ['the table', 'select a from t where id = 7', 'select a from u where id = 7'],
    ['a name’s digits', 'select a1 from t', 'select a2 from t'],
    ['whole and not', 'select 1', 'select 1.5'],
    ['the size of a number', 'select 1', 'select 12345678901'],
    ['a string and none', "select 'a' from t", "select 'a' a from t"],
  ])('is another for texts that differ in %s', (_, one, other) => {
    expect(shapeOf(one)).toBeDefined();
    expect(shapeOf(one)).not.toBe(shapeOf(other));
  });

  it.each([
    ["select '!' from a union select pass from secrets where name like '!'", 'a string that is not plain'],
    ["select 'it,s' from t", 'a comma in a string'],
    ['select 1 -- 2', 'a comment'],
    ['select /* 1 */ 2', 'a comment between'],
    ['select $$a$$', 'a dollar quote'],
    ['select $1', 'a parameter'],
    ['select "a 1"', 'a quoted name'],
    ["select U&'d\\0061t'", 'an escape'],
    ['select 1\0', 'a NUL'],
    ['select ü', 'other letters'],
    [`select ${'1,'.repeat(1000)} 1`, 'length'],
    ["select 'a", 'an open string'],
  ])('%s has none, for %s', (sql) => {
    expect(shapeOf(sql)).toBeUndefined();
  });

  it('is the same tokens as its text, whatever the text', () => {
    let some = 0;
    fc.assert(
      fc.property(fc.oneof(texts, statements), (sql) => {
        const shape = shapeOf(sql);
        if (shape === undefined) return;
        some++;
        expect(shapeOf(shape)).toBe(shape);
        expect(tokensOf(shape)).toBe(tokensOf(sql));
      }),
      { numRuns: 20_000 },
    );
    expect(some).toBeGreaterThan(2000);
  });

  it('says of a text what the gate says of it, where that is not by a value', () => {
    let some = 0;
    fc.assert(
      fc.property(statements, (sql) => {
        const shape = shapeOf(sql);
        const said = saysOf(sql);
        if (shape === undefined || typeof said === 'string' || (said as { byValue: boolean }).byValue) return;
        some++;
        expect(saysOf(shape)).toEqual(said);
      }),
      { numRuns: 5000 },
    );
    expect(some).toBeGreaterThan(500);
  });

  it('is not what is gone by where the gate looks at a value', () => {
    expect(readStatement("select lpad('x', 10)").byValue).toBe(true);
    expect(saysOf("select lpad('x', 10)")).not.toEqual(saysOf("select lpad('x', 100000)"));
    expect(readStatement("select upper('x')").byValue).toBe(false);
  });
});
