import { expect, it } from 'vitest';
import { Refusal } from './refusal.ts';
import { readStatement } from './statement.ts';

const rule = (sql: string): string => {
  try {
    readStatement(sql);
    return 'let through';
  } catch (error) {
    if (error instanceof Refusal) return error.rule;
    throw error;
  }
};

/** Each attack beside a harmless twin that passes. */
const PAIRS: [name: string, attack: string, rule: string, twin: string][] = [
  [
    'SQL in a string, called with a dot',
    "select ('select v from secrets'::text).ts_stat",
    'function',
    "select ('select v from secrets'::text).upper",
  ],
  [
    'SQL in a string, called by a name in FROM',
    "select q.ts_stat from unnest(array['select v from secrets']) q",
    'function',
    "select q.upper from unnest(array['select v from secrets']) q",
  ],
  [
    'the same by the function’s own name',
    "select unnest.query_to_xml from unnest(array['a'])",
    'function',
    "select unnest.unnest from unnest(array['a'])",
  ],
  ['an advisory lock with a dot', 'select (5::int8).pg_advisory_lock', 'function', 'select (5::int8).float8'],
  ['waiting with a dot', 'select (9::float8).pg_sleep', 'function', 'select (row(1, 2)).f1'],
  ['a catalogue entry with a dot', "select ('pg_authid'::text).regclass", 'function', "select ('x'::text).name"],
  [
    'a lock by a name in FROM',
    'select g.pg_advisory_lock from generate_series(1::int8, 2) g',
    'function',
    'select g.version from generate_series(1, 2) s join orders g on true',
  ],
  ['stacked statements', 'select 1; drop table orders', 'several', 'select 1;'],
  [
    'a statement behind a comment',
    'select 1 /* ; */ ; delete from orders -- x',
    'several',
    "select 'a; delete from orders' /* ; */",
  ],
  [
    'a CTE that deletes',
    'with gone as (delete from orders returning *) select * from gone',
    'nested_write',
    'with mine as (select * from orders) select * from mine',
  ],
  [
    'a CTE that inserts, under a write',
    'with a as (insert into orders (id) values (1) returning id) update orders set id = a.id from a',
    'nested_write',
    'with a as (select 1 as id) update orders set id = a.id from a',
  ],
  ['EXPLAIN ANALYZE of a write', 'explain analyze delete from orders', 'explain_runs', 'explain delete from orders'],
  [
    'EXPLAIN (ANALYZE) of a write, with a word for no',
    'explain (analyze off) delete from orders',
    'explain_runs',
    'explain (analyze, buffers) select * from orders',
  ],
  [
    'EXPLAIN of something else',
    'explain create table t as select 1',
    'statement_kind',
    'explain (format json) select 1',
  ],
  ['SELECT INTO', 'select * into copied from orders', 'grammar', 'select * from orders'],
  ['CREATE TABLE AS', 'create table copied as select * from orders', 'statement_kind', 'select id from orders'],
  ['COPY to a program', "copy orders to program 'sh'", 'statement_kind', 'select count(*) from orders'],
  ['COPY from a file', "copy orders from '/etc/passwd'", 'statement_kind', 'insert into orders (id) values (1)'],
  ['DO', 'do $$ begin perform 1; end $$', 'statement_kind', "select 'do $$ begin perform 1; end $$'"],
  ['PREPARE', 'prepare p as delete from orders', 'statement_kind', 'select 1 as prepare_'],
  ['EXECUTE', 'execute p', 'statement_kind', "select 'execute p'"],
  ['CALL', 'call something()', 'statement_kind', 'select abs(-1)'],
  ['a file of the server', "select pg_read_file('/etc/passwd')", 'function', "select 'pg_read_file'"],
  ['a folder of the server', "select * from pg_ls_dir('.')", 'function', 'select * from generate_series(1, 3)'],
  ['a large object', "select lo_import('/etc/passwd')", 'unknown', 'select length(name) from orders'],
  [
    'another database by dblink',
    "select * from dblink('dbname=other', 'select 1') as t(a int)",
    'unknown',
    "select * from jsonb_to_recordset('[]') as t(a int)",
  ],
  ['a setting', "select set_config('role', 'postgres', false)", 'unknown', "select 'set_config'"],
  ['a setting that is read', "select current_setting('data_directory')", 'unknown', 'select current_date'],
  ['who one is', 'select current_user', 'function', 'select current_timestamp'],
  ['SET ROLE', 'set role postgres', 'statement_kind', 'select 1'],
  ['SET search_path', 'set search_path to other', 'statement_kind', 'select 2'],
  ['leaving read-only', 'set transaction read write', 'statement_kind', 'select 3'],
  ['a transaction of its own', 'begin', 'statement_kind', 'select 4'],
  ['ending a session', 'select pg_terminate_backend(1)', 'function', 'select mod(5, 2)'],
  ['an advisory lock', 'select pg_advisory_lock(1)', 'function', 'select sign(1)'],
  ['NOTIFY as a function', "select pg_notify('room', 'x')", 'function', "select upper('x')"],
  ['NOTIFY', 'notify room', 'statement_kind', "select 'notify'"],
  ['a sequence that is set', "select setval('orders_id_seq', 1)", 'unknown', 'select max(id) from orders'],
  ['a sequence that is drawn from', "select nextval('orders_id_seq')", 'unknown', 'select min(id) from orders'],
  ['waiting', 'select pg_sleep(1000)', 'function', 'select now()'],
  [
    'SQL in a string',
    "select query_to_xml('delete from orders', true, false, '')",
    'unknown',
    "select to_jsonb('delete from orders'::text)",
  ],
  [
    'SQL in a string, of its kind',
    "select * from ts_stat('select v from secrets')",
    'unknown',
    "select to_tsvector('a b')",
  ],
  [
    'a table as XML',
    "select table_to_xml('secrets', true, false, '')",
    'unknown',
    'select to_json(orders) from orders',
  ],
  ['an XML expression', 'select xmlelement(name a)', 'grammar', "select json_build_object('a', 1)"],
  ['the catalogue', 'select * from pg_authid', 'catalogue', 'select * from authors'],
  ['the catalogue in capitals and quotes', 'select * from "pg_authid"', 'catalogue', 'select * from "Authors"'],
  ['the catalogue with its schema', 'select * from pg_catalog.pg_stats', 'catalogue', 'select * from shop.orders'],
  ['the information schema', 'select * from information_schema.tables', 'catalogue', 'select * from information'],
  [
    'the catalogue by unicode escapes',
    'select * from U&"pg\\005fauthid"',
    'catalogue',
    'select * from U&"auth\\006frs"',
  ],
  ['a file by unicode escapes', 'select U&"pg_read\\005ffile"(\'/etc/passwd\')', 'function', "select U&'\\0041'"],
  [
    'the catalogue hidden behind WITH',
    'with x as (select 1) select * from (with pg_class as (select 1) select 2) a, pg_authid',
    'catalogue',
    'with x as (select 1) select * from x',
  ],
  [
    'a temporary table that shadows',
    'create temp table orders (id int)',
    'statement_kind',
    'with orders as (select 1 as id) select * from orders',
  ],
  ['the temporary schema', 'select * from pg_temp.orders', 'catalogue', 'select * from orders'],
  ['another database by name', 'select * from other.public.orders', 'grammar', 'select * from public.orders'],
  ['object names as types', "select 'pg_authid'::regclass", 'type', "select '2026-01-01'::date"],
  [
    'object names as types, qualified',
    "select cast('f' as pg_catalog.regproc)",
    'type',
    "select cast('1' as pg_catalog.int4)",
  ],
  ['locks of rows', 'select * from orders for update', 'grammar', 'select * from orders limit 1'],
  ['LOCK', 'lock table orders', 'statement_kind', 'select 5'],
  ['TRUNCATE', 'truncate orders', 'statement_kind', 'delete from orders'],
  [
    'MERGE',
    'merge into orders using orders o on true when matched then delete',
    'statement_kind',
    'delete from orders using customers c where c.id = customer',
  ],
  ['GRANT', 'grant all on orders to public', 'statement_kind', 'select 6'],
  ['CREATE FUNCTION', "create function f() returns int language sql as 'select 1'", 'statement_kind', 'select 7'],
  ['LISTEN', 'listen room', 'statement_kind', 'select 8'],
  ['LOAD', "load 'x'", 'statement_kind', 'select 9'],
  ['VACUUM', 'vacuum', 'statement_kind', 'select 10'],
  ['an operator of somebody else', 'select 1 operator(other.+) 2', 'operator', 'select 1 operator(pg_catalog.+) 2'],
  ['where a row lies', 'select ctid from orders', 'system_column', 'select id from orders'],
  ['a cursor', 'declare c cursor for select 1', 'statement_kind', 'select 11'],
  ['WHERE CURRENT OF', 'delete from orders where current of c', 'grammar', 'delete from orders where id = 1'],
  ['parameters', 'select $1', 'grammar', "select '$1'"],
  ['NUL', 'select 1\0; drop table orders', 'nul', 'select 1'],
  ['a text without end', "select lpad('x', (select 1000000000))", 'function', "select lpad('x', 10)"],
  [
    'a text without end by a width',
    "select format('%1000000000s', 'x')",
    'function',
    "select format('%-10s|%1$s', 'x')",
  ],
  ['the same of a place', "select format('%1$-1000000000s', 'x')", 'function', "select format('%1$-100s %%', 'x')"],
  [
    'many places that are filled up',
    `select format('${'%1$1000s'.repeat(11)}', 'x')`,
    'function',
    `select format('${'%1$1000s'.repeat(10)}', 'x')`,
  ],
  ['the same by a value', "select format('%*s', 1000000000, 'x')", 'function', "select format('100 %% * 2 %s', 'x')"],
  [
    'the same by a text that is worked out',
    "select format('%' || '1000000000s', 'x')",
    'function',
    "select format('%s', 'a' || 'b')",
  ],
  [
    'a text without end by its type',
    "select 'x'::char(10000000)",
    'type',
    "select 'x'::char(100), 'x'::char, 'y'::bpchar",
  ],
  [
    'bits without end',
    "select '1'::bit(80000000)",
    'type',
    "select '1'::bit(8), '1'::varbit(80), 'x'::varchar(10000000)",
  ],
  ['repetition', "select repeat('x', 1000000000)", 'unknown', "select concat('x', 'x')"],
  ['megabytes', `select ${'1,'.repeat(60_000)}1`, 'too_long', `select ${'1,'.repeat(5_000)}1`],
  [
    'deep brackets',
    `select ${'('.repeat(5_000)}1${')'.repeat(5_000)}`,
    'too_deep',
    `select ${'('.repeat(100)}1${')'.repeat(100)}`,
  ],
  ['many signs', `select ${'- '.repeat(20_000)}1`, 'too_long', `select ${'- '.repeat(100)}1`],
  ['deep NOT', `select ${'not '.repeat(19_000)}true`, 'too_deep', `select ${'not '.repeat(100)}true`],
  ['nothing', ' -- only a comment', 'empty', 'select 1 -- a comment'],
  ['nonsense', 'selectt 1', 'syntax', 'select 1'],
];

it.each(PAIRS)('refuses %s, and lets its harmless twin through', (_name, attack, expected, twin) => {
  let found = rule(attack);
  // a function that is nobody's is refused by the target, which does not have it
  if (expected === 'unknown' && found === 'let through') {
    expect(readStatement(attack).functions).toHaveLength(1);
    found = 'unknown';
  }
  expect(found).toBe(expected);
  expect(rule(twin)).toBe('let through');
  expect(readStatement(twin).functions).toEqual([]);
});

it('takes down every table that is read or written, wherever it stands', () => {
  const touched = (sql: string) =>
    readStatement(sql)
      .touched.map(({ schema, table, action }) => `${action} ${schema ? `${schema}.` : ''}${table}`)
      .sort();
  expect(
    touched(`with a as (select * from one) select (select max(id) from two), array(select 1 from three) from a
      join four using (id), lateral (select * from five) f
      where exists (select 1 from six) and id in (select id from shop.seven) and x = any (select y from eight)
      group by (select 1 from nine) having count(*) filter (where (select true from ten)) > 0
      union select 1, 2 from eleven order by (select 1 from twelve) limit (select 1 from thirteen)`),
  ).toEqual(
    [
      'a',
      'eight',
      'eleven',
      'five',
      'four',
      'nine',
      'one',
      'shop.seven',
      'six',
      'ten',
      'thirteen',
      'three',
      'twelve',
      'two',
    ]
      .map((table) => `read ${table}`)
      .sort(),
  );
  expect(touched('insert into a (x) select y from b')).toEqual(['insert a', 'read b']);
  expect(
    touched(
      'insert into a (x) values ((select 1 from b)) on conflict (x) do update set x = (select 2 from c) returning x',
    ),
  ).toEqual(['insert a', 'read a', 'read b', 'read c', 'update a']);
  expect(touched('update a set x = b.y from b where a.id = b.id')).toEqual(['read a', 'read b', 'update a']);
  expect(touched('delete from a using b where a.id = b.id')).toEqual(['delete a', 'read a', 'read b']);
  expect(touched('explain update a set x = 1')).toEqual(['read a', 'update a']);
});

it('is as quick after what no parser can take as before', () => {
  for (let round = 0; round < 5; round++) {
    expect(rule(`select ${'('.repeat(15_000)}1`)).toBe('too_deep');
    expect(rule(`select ${'1+'.repeat(9_000)}1`)).toMatch(/too_deep|let through/);
    expect(rule('select 1 from orders')).toBe('let through');
  }
});
