/**
 * The gate's verdict beside what a statement truly does, measured on a PostgreSQL where nothing but the gate stands in the way: run by a superuser in a
 * transaction. Whatever the gate calls reading assigns no transaction id, leaves catalogue, sequences and settings alone, and locks no more than a reader does.
 */
import fc from 'fast-check';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTestCluster, type TestCluster } from '../../db/test-database.ts';
import { ALLOWED_FUNCTIONS } from './allowed-names.ts';
import { Refusal } from './refusal.ts';
import { isServers } from './server-names.ts';
import { readStatement } from './statement.ts';

let test: TestCluster;
let client: pg.Client;
/** every function that the server has */
let functions: string[];

beforeAll(async () => {
  // the server would write in its catalogue by itself, while that is compared
  test = await startTestCluster({ autovacuum: 'off' });
  client = new pg.Client({ connectionString: await test.create() });
  await client.connect();
  await client.query(`create table orders (id int primary key, who text, total numeric, data jsonb, at timestamptz default now());
    insert into orders select n, 'Person ' || n, n * 1.5, jsonb_build_object('n', n), now() from generate_series(1, 20) n;
    create table lines (id serial primary key, "order" int references orders on delete cascade, what text);
    insert into lines ("order", what) select 1 + n % 20, 'thing' from generate_series(1, 40) n;
    create sequence counter; create view seen as select * from orders; create type mood as enum ('glad', 'sad');
    create function doing() returns int language sql volatile as 'delete from lines returning 1'; select nextval('counter');
    set statement_timeout = '2s'; set lock_timeout = '1s'`);
  const { rows } = await client.query<{ proname: string }>(
    'select distinct proname from pg_proc where pronargs <= 3 order by 1',
  );
  functions = rows.map(({ proname }) => proname);
});
afterAll(async () => {
  await client?.end();
  await test?.stop();
});

type Verdict = 'read' | 'write' | 'refused';
function verdictOf(sql: string): Verdict {
  try {
    const { kind } = readStatement(sql);
    return kind === 'read' || kind === 'explain' ? 'read' : 'write';
  } catch (error) {
    if (error instanceof Refusal) return 'refused';
    throw error;
  }
}

const OUTSIDE = `select (select coalesce(sum(hashtextextended(c::text, 0)), 0)::text from pg_catalog.pg_class c where c.relnamespace = 'public'::regnamespace)
  || (select last_value || '/' || is_called from counter) || (select last_value || '/' || is_called from lines_id_seq)
  || (select string_agg(name || '=' || setting, ',' order by name) from pg_catalog.pg_settings where name in ('search_path', 'role', 'statement_timeout', 'session_authorization', 'work_mem', 'default_transaction_read_only', 'application_name'))
  || (select count(*) from pg_catalog.pg_largeobject_metadata) as print`;

/** Statements that the server has run to their end. */
let ran = 0;

/** What a statement does, in words; nothing for one that fails, because nothing of it remains. */
async function effectsOf(sql: string): Promise<string[]> {
  const { print } = (await client.query(OUTSIDE)).rows[0];
  const found: string[] = [];
  await client.query('begin');
  try {
    await client.query({ text: sql, queryMode: 'extended' } as pg.QueryConfig);
    const { rows } = await client.query<{ xid: string | null; locks: string[] | null }>(
      `select pg_catalog.pg_current_xact_id_if_assigned()::text as xid, (select array_agg(locktype || ' ' || mode) from pg_catalog.pg_locks
         where pid = pg_catalog.pg_backend_pid() and locktype not in ('virtualxid') and mode <> 'AccessShareLock') as locks`,
    );
    ran++;
    if (rows[0]!.xid !== null) found.push('writes');
    found.push(...(rows[0]!.locks ?? []));
    const after = (await client.query(OUTSIDE)).rows[0];
    if (after.print !== print) found.push('changes what is outside of its rows');
  } catch {
    // refused by the server
  }
  await client.query('rollback').catch(() => {});
  await client.query(
    "select pg_advisory_unlock_all(); unlisten *; reset all; set statement_timeout = '2s'; set lock_timeout = '1s'",
  );
  if (found.length === 0 && (await client.query(OUTSIDE)).rows[0].print !== print)
    found.push('outlives its transaction');
  return found;
}

/** By what each of them truly does. */
const READS = `select 1
select * from orders where id = any (array[1, 2]) order by total desc nulls last limit 3 offset 1
table orders
values (1, 'a'), (2, 'b')
select who, sum(total) filter (where id > 3) over (partition by id % 2 order by id rows between 1 preceding and current row) from orders
select distinct on (id % 3) id, who from orders order by id % 3, id
with recursive t (n) as (values (1) union all select n + 1 from t where n < 5) select sum(n) from t
select o.id, l.what from orders o left join lateral (select * from lines where "order" = o.id limit 1) l on true
select data -> 'n', data ->> 'n', data #>> '{n}', data @> '{"n": 1}' from orders
select grouping(id % 2), count(*) from orders group by grouping sets ((id % 2), ())
select count(*) from orders group by rollup (id % 2, id % 3) having count(*) > 1
select id from orders union all select id from lines except select 3 intersect select 4
select case when total > 3 then 'a' else null end, coalesce(who, ''), nullif(id, 1), greatest(1, 2) from orders
select extract(year from at), date_trunc('day', at), at + interval '1 day', at at time zone 'UTC' from orders
select * from generate_series(1, 3) with ordinality as g (n, place)
select row(1, 2) = (3, 4), (array[1, 2, 3])[1]
select exists (select 1 from lines), id in (select "order" from lines), id = all (select 1) from orders
select 'glad'::mood, cast('1' as int), '{1,2}'::int[], 'x' collate "C"
select string_agg(who, ',' order by id), percentile_cont(0.5) within group (order by total), json_agg(orders) from orders
select u.* from unnest(array[1, 2], array['a', 'b']) as u (n, s)
select $$ ; drop table orders; $$, $x$ insert $x$, E'\\\\x41', U&'\\0041', B'101', X'1F'
select /* insert into orders */ 1 -- delete from orders
explain select * from orders
explain (analyze, buffers, format json) select count(*) from orders
select current_date, localtimestamp, random(), gen_random_uuid()
select * from only orders
select id from orders order by id fetch first 3 rows with ties
select count(*) from orders group by distinct cube (id % 2, id % 3)
select sum(id) over (order by id range between 1 preceding and 1 following exclude ties) from orders
select sum(id) over w, lag(id) over (w groups unbounded preceding) from orders window w as (partition by id % 2 order by id)
select * from orders o natural full join lines l
select format('%s', variadic array['a']), concat_ws(',', variadic array['a', 'b'])
with recursive t (n) as (select 1 union all select n + 1 from t where n < 3) search depth first by n set place cycle n set again using path select * from t
with t as not materialized (select * from orders) select * from t union all select * from t
select 'x'::char(100), '1.5'::numeric(3, 1), '1 day'::interval(3), now()::timestamptz(0), '1'::bit(8)
select id is distinct from 1, id between symmetric 3 and 1, who ilike 'p%' escape '\\', who similar to 'P%', not (id = 1) is unknown from orders
explain (verbose, costs off, settings on, summary off, memory, wal, analyze, timing off, format xml) select 1
select regexp_replace(who, '(.)', '\\1\\1', 'g'), format('%s', who), position('a' in who), substring(who from 1 for 2), trim(both ' ' from who) from orders`.split(
  '\n',
);

/** None of these may pass as reading. */
const WRITES = `insert into orders (id) values (100)
insert into orders (id) select 200 + id from orders on conflict (id) do update set who = excluded.who returning *
update orders set total = 0 where id = 1 returning *
delete from orders using lines where lines."order" = orders.id
with gone as (delete from lines returning *) select count(*) from gone
with a as (select 1), b as (update orders set who = 'x' returning 1) table b
with a as (insert into lines (what) values ('x') returning id) select id from a union all select 1
merge into orders o using lines l on o.id = l."order" when matched then delete
merge into orders o using (select 500 as id) s on o.id = s.id when not matched then insert (id) values (s.id) returning o.id
select * into copied from orders
create table copied as select * from orders
create temp table copied (a int)
explain analyze delete from lines
explain analyze create table copied as select 1
select * from orders for update
select * from orders for no key update
select * from orders for share skip locked
select * from orders for key share nowait
select * from (select * from orders for update) o
with o as (select * from orders for share) select * from o
truncate lines
lock table orders
select nextval('counter')
select setval('counter', 9)
select pg_advisory_lock(1)
select pg_advisory_xact_lock(1), 1
select set_config('work_mem', '1MB', false)
set work_mem = '1MB'
set local search_path = pg_catalog
reset search_path
select lo_create(0)
select lo_from_bytea(0, 'x')
select doing()
select * from doing()
select count(*) from orders where doing() = 1
select pg_notify('x', 'y')
notify x
select txid_current()
select pg_current_xact_id()
select query_to_xml('delete from lines', true, true, '')
select ts_stat('select nextval(''counter'')::text::tsvector')
do $$ begin delete from lines; end $$
call doing()
copy lines to program 'true'
copy lines from stdin
create view v as select 1
create or replace function f() returns int language sql as 'select 1'
create sequence s
create schema s
create type t as enum ('a')
create index on orders (who)
alter table orders add column x int
drop table lines
drop function doing
grant select on orders to public
comment on table orders is 'x'
create role r
alter role current_user set work_mem = '1MB'
vacuum orders
analyze orders
cluster orders using orders_pkey
reindex table orders
refresh materialized view seen
prepare p as delete from lines
execute p
declare c cursor for select 1
savepoint s
commit
begin
security label on table orders is 'x'
import foreign schema s from server s into public
create extension pg_trgm
select pg_terminate_backend(0)
select pg_reload_conf()
select pg_create_physical_replication_slot('s')
select pg_logical_emit_message(true, 'a', 'b')
select dblink('', 'delete from lines')
select pg_export_snapshot()
select pg_read_file('PG_VERSION')
select pg_stat_reset()
checkpoint
discard all
load 'auto_explain'
listen x`.split('\n');

describe('the verdict beside the truth', () => {
  it.each(READS)('reads, and is let through: %s', async (sql) => {
    expect(verdictOf(sql)).toBe('read');
    expect(await effectsOf(sql)).toEqual([]);
  });

  it('calls nothing reading that does more', () => {
    expect(WRITES.filter((sql) => verdictOf(sql) === 'read' && readStatement(sql).functions.length === 0)).toEqual([]);
    // a function of the app's own is looked up by the router, which lets none through that writes
    for (const sql of WRITES.filter((one) => verdictOf(one) === 'read'))
      expect(
        readStatement(sql).functions.some(({ name }) => !ALLOWED_FUNCTIONS.has(name)),
        sql,
      ).toBe(true);
  });

  it('is measured by something that sees what is done', async () => {
    const seen: string[] = [];
    // the server would wait for what is to be copied
    for (const sql of WRITES) if (!/stdin/.test(sql) && (await effectsOf(sql)).length > 0) seen.push(sql);
    expect(seen.length).toBeGreaterThan(45);
    expect(seen).toEqual(
      expect.arrayContaining([
        "select nextval('counter')",
        'select * from orders for key share nowait',
        'select doing()',
      ]),
    );
  });
});

/** Pieces of statements, many of which make no sense together: the gate and the server both have to say so. */
const statements = () => {
  const pick = (...all: string[]) => fc.constantFrom(...all);
  const name = fc.oneof(
    { weight: 4, arbitrary: fc.constantFrom(...ALLOWED_FUNCTIONS) },
    { weight: 3, arbitrary: fc.constantFrom(...functions.filter((one) => !DEADLY.test(one))) },
    {
      weight: 1,
      arbitrary: pick('doing', 'pg_catalog.lower', 'public.doing', '"nextval"', 'NEXTVAL', 'pg_catalog."set_config"'),
    },
  );
  const gap = pick(' ', '\n', '\t', ' /* x */ ', ' /* /* ; */ */ ', ' -- ; drop table lines\n');
  const leaf = pick(
    ...[
      'id',
      'who',
      'total',
      'data',
      'orders',
      'orders.*',
      '*',
      'null',
      '1',
      '2.5',
      "'a'",
      "'counter'",
      '$$a$$',
      "$q$it's$q$",
      "E'\\n'",
    ],
    ...[
      "'counter'::text",
      "'1'::int",
      "'{}'::jsonb",
      'current_date',
      "'lines'::regclass",
      'true',
      '\'{"a": 1}\'::jsonb',
      'now()',
      'current_user',
    ],
  );
  return fc.letrec<Record<'expression' | 'query' | 'source', string>>((tie) => ({
    expression: fc.oneof(
      { maxDepth: 3, depthSize: 'small' },
      leaf,
      fc
        .tuple(name, fc.array(tie('expression'), { maxLength: 3 }))
        .map(([called, given]) => `${called}(${given.join(', ')})`),
      fc
        .tuple(
          tie('expression'),
          pick('+', '||', '=', '<', 'and', 'or', '->', 'is distinct from', 'like'),
          tie('expression'),
        )
        .map(([a, op, b]) => `(${a} ${op} ${b})`),
      fc
        .tuple(tie('expression'), pick('int', 'text', 'jsonb', 'regclass', 'text[]', 'timestamptz'))
        .map(([a, type]) => `(${a})::${type}`),
      tie('query').map((query) => `(${query})`),
      fc.tuple(tie('expression'), tie('expression')).map(([a, b]) => `case when ${a} then ${b} end`),
      // a function by another spelling
      fc.tuple(tie('expression'), name).map(([a, called]) => `(${a}).${called}`),
      name.map((called) => `f.${called}`),
      tie('expression').map((a) => `array[${a}]`),
    ),
    source: fc.oneof(
      { maxDepth: 3, depthSize: 'small' },
      pick(
        'orders',
        'lines',
        'public.orders',
        'only orders',
        'seen',
        'pg_class',
        'counter',
        'orders tablesample bernoulli (50)',
      ),
      tie('query').map((query) => `(${query}) s`),
      fc.tuple(name, tie('expression')).map(([called, a]) => `${called}(${a}) f`),
      tie('query').map((query) => `lateral (${query}) l`),
    ),
    query: fc.oneof(
      { maxDepth: 3, depthSize: 'small' },
      fc
        .tuple(
          gap,
          tie('expression'),
          fc.option(tie('source')),
          fc.option(tie('expression')),
          fc.option(
            pick('for update', 'for share of orders', 'limit 3', 'order by 1', 'group by 1', 'fetch first 1 rows only'),
            { freq: 3 },
          ),
          fc.option(pick('into copied', 'into temp copied'), { freq: 12 }),
        )
        .map(([space, what, from, where, tail, into]) =>
          [
            `select${space}${what}`,
            into ?? '',
            from ? `from${space}${from}` : '',
            where ? `where ${where}` : '',
            tail ?? '',
          ]
            .filter(Boolean)
            .join(' '),
        ),
      fc
        .tuple(
          fc.oneof(
            { weight: 3, arbitrary: tie('query') },
            {
              weight: 1,
              arbitrary: pick(
                'delete from lines returning *',
                "insert into lines (what) values ('x') returning *",
                'update orders set total = 0 returning *',
              ),
            },
          ),
          pick('', 'materialized', 'not materialized'),
          tie('query'),
        )
        .map(([inner, how, outer]) => `with c as ${how} (${inner}) ${outer}`),
      fc
        .tuple(tie('query'), pick('union', 'union all', 'except'), tie('query'))
        .map(([a, op, b]) => `(${a}) ${op} (${b})`),
      pick(
        'table orders',
        'values (1, 2)',
        'delete from lines',
        'explain analyze select 1',
        'explain analyze delete from lines',
      ),
    ),
  })).query;
};
/** Ends the server, or waits for as long as one likes: never run, not even to see what comes of it. */
const DEADLY =
  /terminate|cancel|shutdown|promote|crash|sleep|wal_replay|backup|rotate|checkpoint|import|export|binary_upgrade|file|ls_|dir/;

it('knows every name that the server has for functions and types of its own', async () => {
  const { rows } = await client.query<{ name: string }>(
    `select proname::text as name from pg_proc where pronamespace = 'pg_catalog'::regnamespace
     union select typname from pg_type where typnamespace = 'pg_catalog'::regnamespace and typname !~ '^_'`,
  );
  expect(rows.length).toBeGreaterThan(2500);
  expect(rows.map(({ name }) => name).filter((name) => !isServers(name))).toEqual([]);
});

it('calls nothing reading that writes or locks, whatever pieces it is made of', async () => {
  const before = ran;
  await fc.assert(
    fc.asyncProperty(statements(), async (sql) => {
      if (verdictOf(sql) !== 'read') return;
      // the app's own functions are the router's to look up
      if (readStatement(sql).functions.length > 0) return;
      expect(await effectsOf(sql), sql).toEqual([]);
    }),
    { numRuns: 1500, interruptAfterTimeLimit: 12_000, markInterruptAsFailure: false },
  );
  // those that the server ran to their end
  expect(ran - before).toBeGreaterThan(40);
});
