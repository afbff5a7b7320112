/** The router on a real PostgreSQL: what is answered, what asks, what is refused, and that nothing gets past it. */
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTestCluster, type TestCluster } from '../../db/test-database.ts';
import { DataCluster } from '../cluster.ts';
import { databasesOf } from '../names.ts';
import { ALLOWED_FUNCTIONS, ALLOWED_TYPES, HARMLESS_VOLATILE } from './allowed-names.ts';
import { type Agreed, type Outcome, type Question, Router } from './router.ts';
import type { Rule } from './rules.ts';

let test: TestCluster;
let cluster: DataCluster;
let router: Router;
let admin: pg.Client;
const container = 'home';
const { staging, live } = databasesOf(container);

const SHOP = `
create type mood as enum ('glad', 'sad');
create table customers (id int primary key generated always as identity, name text not null unique, mood mood, born date);
create table orders (id int primary key generated always as identity, customer int not null references customers on delete cascade, total numeric(10, 2) not null, at timestamptz not null default now());
create table lines (id serial primary key, "order" int not null references orders on delete cascade, what text);
create view open_view as select * from customers;
create view safe_view with (security_invoker = true) as select name from customers;
create function twice(n int) returns int language sql immutable as 'select n * 2';
create function sneaky() returns int language sql volatile as 'delete from orders returning 1';
insert into customers (name, mood, born) select 'Customer ' || n, (array['glad', 'sad']::mood[])[1 + n % 2], date '1990-01-01' + n from generate_series(1, 300) n;
insert into orders (customer, total) select 1 + n % 300, n from generate_series(1, 900) n;
insert into lines ("order", what) select 1 + n % 900, 'thing ' || n from generate_series(1, 1000) n;
`;

beforeAll(async () => {
  test = await startTestCluster();
  cluster = new DataCluster(test.cluster.url, Buffer.alloc(32, 7));
  router = new Router(cluster);
  await cluster.createDatabases({ staging, live });
  const make = async (database: string, schema: string, sql: string) => {
    await cluster.createSchema(database, container, schema);
    await cluster.asOwner(database, container, schema, (client) => client.query(sql));
  };
  await make(staging, 'shop', SHOP);
  await make(live, 'shop', SHOP);
  await make(staging, 'shop__caaaaaaaa', SHOP);
  await make(staging, 'zoo', "create table secrets (word text); insert into secrets values ('hidden')");
  admin = new pg.Client({ connectionString: test.cluster.url(staging) });
  await admin.connect();
  await admin.query('analyze');
});
afterAll(async () => {
  await admin?.end();
  await router?.close();
  await cluster?.close();
  await test?.stop();
});

const chat: Question['chat'] = {
  chatId: '11111111-1111-7111-8111-111111111111',
  chat8: 'aaaaaaaa',
  appId: '22222222-2222-7222-8222-222222222222',
  appSlug: 'shop',
  containerSlug: container,
  mode: 'vibe-coded',
};
const ask = (sql: string, more: Partial<Question> = {}): Promise<Outcome> =>
  router.ask({ chat, target: 'staging', sql, rules: [], frozen: false, ...more });
async function answer(sql: string, more: Partial<Question> = {}) {
  const outcome = await ask(sql, more);
  if (outcome.kind !== 'answer') throw new Error(`${sql}: ${JSON.stringify(outcome)}`);
  return outcome.result;
}
async function refusal(sql: string, more: Partial<Question> = {}): Promise<string> {
  const outcome = await ask(sql, more);
  return outcome.kind === 'refused' ? outcome.rule : `${outcome.kind}: ${JSON.stringify(outcome).slice(0, 200)}`;
}
const count = async (table: string): Promise<number> =>
  Number((await admin.query(`select count(*) from ${table}`)).rows[0].count);

const counts = async () => [await count('shop.orders'), await count('shop.customers'), await count('zoo.secrets')];

describe('an answer', () => {
  it('has typed columns, rows, what was read, where and how long', async () => {
    const result = await answer(
      'select id, name, born, mood, 1.50::numeric as price, null as gone, true as yes from customers order by id limit 1',
    );
    expect(result).toMatchObject({
      database: 'staging',
      more: false,
      affected: null,
      tables: ['customers'],
      rows: [[1, 'Customer 1', '1990-01-02', 'sad', '1.50', null, true]],
    });
    expect(result.columns.map(({ type }) => type)).toEqual([
      'integer',
      'text',
      'date',
      'other',
      'numeric',
      'text',
      'boolean',
    ]);
    expect(result.ms).toBeGreaterThan(0);
  });

  it('stops at the cap, and says that there is more', async () => {
    const many = await answer('select * from orders');
    expect(many.rows).toHaveLength(200);
    expect(many.more).toBe(true);
    expect(await answer('select * from orders limit 200')).toMatchObject({ more: false });
    const wide = await answer("select lpad('x', 5000) from orders");
    expect(wide.rows.length).toBeLessThan(60);
    expect(wide.more).toBe(true);
  });

  it('of EXPLAIN is the plan', async () => {
    expect((await answer('explain select * from orders where id = 1')).plan).toContain('orders_pkey');
    expect((await answer('explain (analyze) select count(*) from orders')).plan).toContain('actual time');
  });

  it('comes from the draft when that is named, from live under its pill', async () => {
    await answer("update customers set name = 'Only in the draft' where id = 1", { target: 'draft' });
    const name = async (target: Question['target']) =>
      (await answer('select name from customers where id = 1', { target })).rows[0]![0];
    expect([await name('staging'), await name('draft'), await name('live')]).toEqual([
      'Customer 1',
      'Only in the draft',
      'Customer 1',
    ]);
    await answer('insert into lines ("order", what) values (1, \'by a number of its own\') returning id', {
      target: 'draft',
    });
  });

  it('sees a table that was made a moment ago', async () => {
    await cluster.asOwner(staging, container, 'shop', (client) => client.query('create table fresh (id int)'));
    await new Promise((resolve) => setTimeout(resolve, 350));
    expect((await answer('select * from fresh')).rows).toEqual([]);
    await cluster.asOwner(staging, container, 'shop', (client) => client.query('drop table fresh'));
    expect(await refusal('select * from fresh')).toMatch(/unknown_table|failed/);
  });

  it('uses reviewed functions, lists of values and views that read as whoever asks', async () => {
    expect(
      (await answer("select twice(id) from customers where mood = 'glad'::mood order by id limit 1")).rows,
    ).toEqual([[4]]);
    expect((await answer('select count(*) from safe_view')).rows).toEqual([[300]]);
  });

  it('calls none of PostgreSQL’s own in the place of one of the same name', async () => {
    await cluster.asOwner(staging, 'home', 'shop', (client) =>
      client.query("create function set_config(text, text, boolean) returns text language sql stable return 'mine'"),
    );
    router.forget();
    expect(await ask("select set_config('default_transaction_read_only', 'off', false)")).toMatchObject({
      kind: 'refused',
      rule: 'function',
    });
    await cluster.asOwner(staging, 'home', 'shop', (client) =>
      client.query('drop function shop.set_config(text, text, boolean)'),
    );
  });
});

describe('a write of rows in use', () => {
  const sql =
    "update orders set total = 0 from customers c where c.id = customer and c.name in ('Customer 7', 'Customer 8')";

  it('asks with the exact statement, the place and the number of rows, and has changed nothing', async () => {
    const outcome = await ask(sql);
    expect(outcome).toMatchObject({
      kind: 'ask',
      ask: { statement: sql, rows: 6, changes: ['changes rows of orders'], place: 'the app’s tables in use' },
    });
    expect(await count('shop.orders where total = 0')).toBe(0);
  });

  it('counts what an insert adds, and what a delete takes along', async () => {
    const rows = async (text: string) => {
      const outcome = await ask(text);
      return outcome.kind === 'ask' ? outcome.ask : outcome;
    };
    expect(await rows("insert into customers (name) values ('a'), ('b'), ('c')")).toMatchObject({ rows: 3 });
    expect(await rows("insert into customers (name) select name || '!' from customers where id < 5")).toMatchObject({
      rows: 4,
    });
    expect(
      await rows(
        'with old as (select id from customers where id < 3) delete from customers using old where customers.id = old.id',
      ),
    ).toMatchObject({
      rows: 2,
      changes: [
        'removes rows of customers',
        'removes rows of orders that point at customers',
        'removes rows of lines that point at orders',
      ],
    });
    expect(await count('shop.customers')).toBe(300);
  });

  it('runs that text after a yes, and asks again for another text or for more rows than were shown', async () => {
    const outcome = await ask(sql);
    if (outcome.kind !== 'ask') throw new Error(outcome.kind);
    const agreed: Agreed = { digest: outcome.ask.digest, rows: outcome.ask.rows };
    expect(await ask(`${sql} or true`, { agreed })).toMatchObject({ kind: 'ask' });
    expect(await ask(sql, { agreed, chat: { ...chat, chatId: '33333333-3333-7333-8333-333333333333' } })).toMatchObject(
      { kind: 'ask' },
    );
    expect(await ask(sql, { agreed, target: 'live' })).toMatchObject({ kind: 'ask' });
    expect(await ask(sql, { agreed: { ...agreed, rows: 5 } })).toMatchObject({ kind: 'ask', ask: { rows: 6 } });
    expect(await count('shop.orders where total = 0')).toBe(0);
    expect(await answer(sql, { agreed })).toMatchObject({ affected: 6 });
    expect(await count('shop.orders where total = 0')).toBe(6);
  });

  it('follows the narrowest rule, and the mirror is read-only whatever is set', async () => {
    const rule = (more: Partial<Rule>): Rule => ({
      environment: 'staging',
      action: 'delete',
      appId: null,
      table: null,
      verdict: 'deny',
      ...more,
    });
    const gone = "delete from lines where what = 'thing 1'";
    expect(await refusal(gone, { rules: [rule({})] })).toBe('rule_of_container');
    expect(await ask(gone, { rules: [rule({}), rule({ appId: chat.appId, verdict: 'ask' })] })).toMatchObject({
      kind: 'ask',
    });
    expect(await refusal('delete from customers where id = 1', { rules: [rule({ table: 'lines' })] })).toBe(
      'rule_of_container',
    );
    expect(await answer(gone, { rules: [rule({}), rule({ table: 'lines', verdict: 'allow' })] })).toMatchObject({
      affected: 1,
    });
    expect(await refusal('select * from lines', { rules: [rule({ action: 'read', table: 'lines' })] })).toBe(
      'rule_of_container',
    );
    expect(
      await refusal('delete from lines', {
        chat: { ...chat, mode: 'dual-repository' },
        rules: [rule({ environment: 'mirror', verdict: 'allow' })],
      }),
    ).toBe('copy_of_live');
  });

  it('lets nobody see a plan or an estimate of rows that a rule keeps back', async () => {
    const rules: Rule[] = [{ environment: 'staging', action: 'read', appId: null, table: 'lines', verdict: 'deny' }];
    for (const sql of [
      'explain select * from lines',
      'explain analyze select * from orders where id in (select "order" from lines)',
      "explain update orders set total = 0 from lines where lines.what = 'x'",
      'explain delete from customers using lines',
    ])
      expect(await refusal(sql, { rules }), sql).toBe('rule_of_container');
    expect((await ask('explain select * from orders', { rules })).kind).toBe('answer');
  });

  it('says of the copy of live what it is and where to write instead, and that the container is frozen as well', async () => {
    const dual = { ...chat, mode: 'dual-repository' as const };
    const words = {
      kind: 'refused',
      rule: 'copy_of_live',
      message: 'shop.lines is here the copy of live; nobody writes to it.',
      allowed: 'Change it in live, or in the staging site’s copy, shop__staging.lines.',
    };
    // also right after it became that
    await answer('select 1');
    expect(await ask('delete from lines', { chat: dual })).toEqual(words);
    const frozen = expect.stringMatching(/^shop\.lines is here the copy of live; .* The container is frozen as well: /);
    expect(await ask('delete from lines', { chat: dual, frozen: true })).toEqual({ ...words, message: frozen });
    const rules: Rule[] = [{ environment: 'staging', action: 'delete', appId: null, table: null, verdict: 'deny' }];
    expect(await ask('delete from lines', { rules })).toMatchObject({
      rule: 'rule_of_container',
      message:
        'To delete rows of shop.lines is not allowed. A rule that was set for every app in the app’s tables in use.',
    });
    expect(await ask('delete from lines', { rules, frozen: true })).toMatchObject({
      message: expect.stringContaining('frozen as well'),
    });
    // a read does not fail of it
    const unread: Rule[] = [{ ...rules[0]!, action: 'read' }];
    const read = await ask('select * from lines', { rules: unread });
    expect(read).toMatchObject({ kind: 'refused', rule: 'rule_of_container' });
    expect(await ask('select * from lines', { rules: unread, frozen: true })).toEqual(read);
  });

  it('is refused while the container is frozen, and reading goes on', async () => {
    expect(await refusal(sql, { frozen: true })).toBe('frozen');
    expect(await refusal('delete from lines', { frozen: true, target: 'draft' })).toBe('frozen');
    expect(await answer('select 1', { frozen: true })).toMatchObject({ rows: [[1]] });
  });
});

describe('what is refused', () => {
  it.each([
    ['another app’s rows', 'select * from zoo.secrets', 'unknown_table', 'select * from shop.customers limit 1'],
    [
      'another app’s rows in a subquery',
      'select (select word from zoo.secrets) from customers',
      'unknown_table',
      'select (select max(total) from orders) from customers',
    ],
    [
      'another chat’s draft',
      'select * from shop__caaaaaaaa.customers',
      'unknown_table',
      'select * from customers limit 1',
    ],
    ['statistics of other tables', 'select * from pg_stats', 'catalogue', 'select count(*) from customers'],
    ['a view that reads as its owner', 'select * from open_view', 'view', 'select * from safe_view'],
    ['a volatile function of the app', 'select sneaky()', 'function', 'select twice(2)'],
    ['what changes are kept in', 'select * from _vibe_changes', 'unknown_table', 'select * from lines limit 1'],
    [
      'an endless query',
      'with recursive n(i) as (select 1 union all select i from n) select count(*) from n',
      'timeout',
      'with recursive n(i) as (select 1 union all select i + 1 from n where i < 5) select count(*) from n',
    ],
    [
      'values without end',
      "select string_agg(lpad('x', 10000), '') from generate_series(1, 20000)",
      'too_much',
      "select string_agg(lpad('x', 10), '') from generate_series(1, 200)",
    ],
    [
      'values that take all of the machine’s memory',
      "with one as materialized (select string_agg(lpad('x', 10000), '') as a from generate_series(1, 50000)) select length(a || a) from one",
      'memory',
      "with one as materialized (select string_agg(lpad('x', 10), '') as a from generate_series(1, 50)) select length(a || a) from one",
    ],
    [
      'an estimate of another app’s rows',
      "explain select * from zoo.secrets where word = 'hidden'",
      'unknown_table',
      "explain select * from customers where name = 'Customer 1'",
    ],
    ['statistics by a function', "select pg_relation_size('zoo.secrets')", 'function', 'select max(id) from customers'],
    ['a division by zero, in words', 'select 1 / 0', 'failed', 'select 1 / 1'],
  ])(
    '%s, and its harmless twin passes',
    async (_name, attack, rule, twin) => {
      expect(await refusal(attack)).toBe(rule);
      expect((await ask(twin)).kind).toBe('answer');
    },
    40_000,
  );

  it('ten million rows are stopped at the cap at once', async () => {
    const began = performance.now();
    expect(await answer('select i from generate_series(1, 10000000) i')).toMatchObject({ more: true });
    expect(performance.now() - began).toBeLessThan(8000);
  });
});

describe('behind the first wall', () => {
  /** A connection as the role itself, as if every check of the text had been talked round. */
  async function asRole<T>(work: (client: pg.Client) => Promise<T>, write = false): Promise<T> {
    await answer('select 1');
    const client = new pg.Client(cluster.connection(staging, `home.q_aaaaaaaa.staging${write ? '.w' : ''}`));
    await client.connect();
    try {
      return await work(client);
    } finally {
      await client.end();
    }
  }

  it.each([
    "update customers set name = 'x'",
    'delete from orders',
    "set default_transaction_read_only = off; update customers set name = 'x'",
    'begin read write; delete from orders',
    'select * from zoo.secrets',
    'select * from shop__caaaaaaaa.customers',
    'select * from pg_authid',
    'set role postgres',
    'set session authorization "home.shop.own"',
    "select set_config('role', 'home.shop.own', false)",
    "do $$ begin execute 'delete from shop.orders'; end $$",
    'create table mine (id int)',
    'create temp table orders (id int)',
    "select pg_read_file('/etc/passwd')",
    "select pg_logical_emit_message(true, 'x', 'y')",
    "copy customers to program 'cat'",
    "copy customers from '/etc/passwd'",
    "select lo_import('/etc/passwd')",
    'create extension dblink',
    "select query_to_xml('select * from zoo.secrets', true, false, '')",
    "select * from ts_stat('select to_tsvector(word) from zoo.secrets')",
    "select pg_terminate_backend(pid) from pg_stat_activity where usename <> current_user and pid is not null and usename = 'home.shop.own'",
    "select ts_stat('select to_tsvector(name) from customers')",
    'alter role current_user superuser',
    'alter system set fsync = off',
    'grant select on customers to public',
    'truncate orders',
    'drop table orders',
    "select setval('lines_id_seq', 1)",
    'select sneaky()',
  ])('the role itself gets nowhere with %s', async (sql) => {
    const before = await counts();
    const failed = await asRole((client) =>
      client.query(sql).then(
        (found) => found,
        (error: Error) => error,
      ),
    );
    if (!(failed instanceof Error)) {
      // it may run, and must have no effect and show nothing
      const { rows } = failed as { rows: unknown[] };
      expect(rows ?? [], sql).toEqual([]);
    }
    expect(await counts()).toEqual(before);
  });

  it('the role of a yes has nothing before and after its statement', async () => {
    await answer('update customers set name = name where id = 1', {
      rules: [{ environment: 'staging', action: 'update', appId: null, table: null, verdict: 'allow' }],
    });
    await asRole(async (client) => {
      for (const sql of ["update customers set name = 'x'", 'select * from customers', 'delete from orders'])
        await expect(client.query(sql), sql).rejects.toThrow(/permission denied/);
    }, true);
  });

  it('live is out of reach once its turn is over', async () => {
    await answer('select 1', { target: 'live' });
    await router.dropRoles(chat, ['live']);
    const client = new pg.Client(cluster.connection(live, 'home.q_aaaaaaaa.live'));
    await expect(client.connect()).rejects.toThrow(/authentication failed|does not exist/);
    await client.end().catch(() => {});
    expect((await answer('select count(*) from customers', { target: 'live' })).rows).toEqual([[300]]);
  });
});

it('allows only functions and types that PostgreSQL has, and none that changes anything', async () => {
  const { rows } = await admin.query<{ proname: string; volatile: boolean; kinds: string }>(
    "select proname, bool_or(provolatile = 'v') as volatile, string_agg(prokind::text, '') as kinds from pg_proc where pronamespace = 'pg_catalog'::regnamespace group by 1",
  );
  const known = new Map(rows.map((row) => [row.proname, row]));
  const grammarsOwn = new Set(['coalesce', 'nullif', 'greatest', 'least']);
  const missing = [...ALLOWED_FUNCTIONS].filter((name) => !known.has(name) && !grammarsOwn.has(name));
  expect(missing).toEqual([]);
  expect([...ALLOWED_FUNCTIONS].filter((name) => known.get(name)?.volatile && !HARMLESS_VOLATILE.has(name))).toEqual(
    [],
  );
  const types = new Set(
    (await admin.query("select typname from pg_type where typnamespace = 'pg_catalog'::regnamespace")).rows.map(
      (row) => row.typname,
    ),
  );
  expect([...ALLOWED_TYPES].filter((name) => !types.has(name))).toEqual([]);
});
