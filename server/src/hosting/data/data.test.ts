/** The Data page’s work on a real PostgreSQL: rows along their key, the console and its yes, rules, who did what, a freeze that a kill has cut off. */
import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { ChangeRow, DataPlace } from '../../../../contract/data.ts';
import { DataKeys } from '../../accounts/data-keys.ts';
import { newRules, person, startedPlatform } from '../../accounts/fixtures.ts';
import { register } from '../../accounts/registration.ts';
import { homesOf } from '../../apps/table-homes.ts';
import { DataCluster } from '../../databases/cluster.ts';
import { frozenDatabases } from '../../databases/freeze.ts';
import { databasesOf } from '../../databases/names.ts';
import { Reminders } from '../../databases/reminders/reminders.ts';
import { Router } from '../../databases/router/router.ts';
import { type Db, many, one, run, sql } from '../../db/database.ts';
import { startTestCluster, type TestCluster } from '../../db/test-database.ts';
import { Hub } from '../../events/hub.ts';
import { listOwnCalls, openStatement } from './calls.ts';
import { changeRow } from './change-row.ts';
import { listChanges } from './changes.ts';
import { Comparisons } from './comparisons.ts';
import { Console } from './console.ts';
import { Freezes } from './freeze.ts';
import { readCell, readRows } from './rows.ts';
import { rulesFor, setRule } from './rules.ts';
import { listTables } from './tables.ts';

let test: TestCluster;
let db: Db;
let cluster: DataCluster;
let router: Router;
let parts: {
  db: Db;
  keys: DataKeys;
  router: Router;
  cluster: DataCluster;
  comparisons: Comparisons;
  hub: Hub;
};
let desk: Console;
let marta: string;
let olu: string;
let container: { id: string; organisationId: string; slug: string };
let shop: string;
let choir: string;
let databases: { staging: string; live: string };

const SHOP = `create table customers (id uuid primary key default uuidv7(), name text not null, born date, paid boolean);
  create table lines (a int, b text, note text, primary key (a, b));
  create table loose (word text);
  insert into customers (name) select 'Customer ' || lpad(n::text, 3, '0') from generate_series(1, 120) n;
  insert into lines select n / 10, chr(97 + n % 10), null from generate_series(1, 130) n;
  update lines set note = repeat('long ', 60000) where a = 1 and b = 'b';
  insert into loose select 'word ' || n from generate_series(1, 80) n;`;

async function addApp(slug: string, mode: string): Promise<string> {
  const { id } = await one(
    db,
    sql<{
      id: string;
    }>`insert into apps (container_id, slug, name, mode, created_by) values (${container.id}, ${slug}, ${slug}, ${mode}, ${marta}) returning id`,
  );
  return id;
}
async function makeTables(database: string, schema: string, text: string): Promise<void> {
  await cluster.createSchema(database, container.slug, schema);
  await cluster.asOwner(database, container.slug, schema, (client) => client.query(text));
}

beforeAll(async () => {
  test = await startTestCluster();
  ({ db } = await startedPlatform(test));
  const rules = newRules();
  marta = (await register(db, rules, person('Marta'))).id;
  await run(db, sql`update installation set registration_open = true`);
  olu = (await register(db, rules, person('Olu'))).id;
  container = await one(
    db,
    sql<typeof container>`select id, organisation_id as "organisationId", slug from containers`,
  );
  await run(
    db,
    sql`insert into members (organisation_id, user_id, role) values (${container.organisationId}, ${olu}, 'member')`,
  );
  await run(db, sql`update containers set state = 'ready'`);
  databases = databasesOf(container.slug);
  cluster = new DataCluster(test.cluster.url, Buffer.alloc(32, 7));
  await cluster.createDatabases(databases);
  router = new Router(cluster);
  const keys = new DataKeys(db, rules.keyring);
  parts = { db, keys, router, cluster, comparisons: new Comparisons(cluster), hub: new Hub(db, keys) };
  const reminders = new Reminders({
    db,
    cluster,
    homes: (appId) => homesOf(db, appId),
    changed: async () => {},
    warn: (error) => {
      throw error;
    },
  });
  desk = new Console({ ...parts, reminders });
  shop = await addApp('shop', 'vibe-coded');
  choir = await addApp('choir', 'dual-repository');
  await makeTables(databases.staging, 'shop', SHOP);
  await makeTables(databases.staging, 'shop__caaaaaaaa', 'create table hidden_draft (id int primary key)');
  await makeTables(databases.staging, 'choir', 'create table customers (id int primary key, name text, refunded date)');
  await makeTables(databases.staging, 'choir__staging', 'create table songs (id int primary key)');
  await makeTables(
    databases.live,
    'choir',
    'create table customers (id int primary key, name varchar(20) not null); create table signups (id int primary key references customers)',
  );
});
beforeEach(() => run(db, sql`delete from data_rules`));
afterAll(async () => {
  await router?.close();
  await cluster?.close();
  await test?.stop();
});

const at = (appId = shop, by = marta) => ({ containerId: container.id, appId, by });
const say = (text: string, more: { by?: string; appId?: string; target?: 'staging' | 'live' } = {}) =>
  desk.run({ ...at(more.appId, more.by), target: more.target ?? 'staging', sql: text });
const asked = async (text: string, by = marta) => {
  const outcome = await say(text, { by });
  if (outcome.kind !== 'ask') throw new Error(JSON.stringify(outcome));
  return outcome.ask;
};
const count = async (text: string) => {
  const outcome = await say(`select count(*) from ${text}`);
  return outcome.kind === 'answer' ? outcome.result.rows[0]![0] : outcome;
};

describe('the tables', () => {
  it('stand side by side, with what differs in words, and without drafts', async () => {
    const { apps } = await listTables(parts, container.id);
    const [first, second] = apps;
    expect(first).toMatchObject({ app: { slug: 'choir' }, mirror: { lagMs: null, state: 'preparing' } });
    expect(first!.tables.map(({ name, group }) => `${name}: ${group}`)).toEqual([
      'customers: mirrored',
      'signups: live_only',
      'songs: site',
    ]);
    expect(first!.notCompared).toBeNull();
    expect(first!.differences.map(({ table, between, words }) => [table, between, words])).toEqual([
      ['customers', 'site', 'the whole table only on live'],
      ['signups', 'site', 'the whole table only on live'],
      ['songs', 'site', 'the whole table only on the staging site'],
      ['customers', 'copy', 'name is text in the copy on staging and character varying(20) on live'],
      ['customers', 'copy', 'refunded only in the copy on staging'],
    ]);
    expect(second).toMatchObject({ differences: [], notCompared: null });
    expect(first!.tables[1]!.live!.columns).toMatchObject([{ name: 'id', key: true, references: 'customers' }]);
    expect(second!.tables.map(({ name, staging }) => [name, staging!.rows])).toEqual([
      ['customers', 120],
      ['lines', 130],
      ['loose', 80],
    ]);
    expect(JSON.stringify(apps)).not.toContain('hidden_draft');
  });
});

describe('rows', () => {
  const page = (more: Partial<Parameters<typeof readRows>[1]> = {}) =>
    readRows(parts, { ...at(), place: 'staging', table: 'lines', order: 'up', ...more });

  it('are walked along a key of two columns, forth and back, in both orders, each once', async () => {
    for (const order of ['up', 'down'] as const) {
      const seen: string[] = [];
      let after: string | undefined;
      let last = await page({ order });
      for (;;) {
        seen.push(...last.items.map(({ values }) => `${values[0]} ${values[1]}`));
        if (!last.next) break;
        after = last.next;
        last = await page({ order, after });
      }
      expect(seen).toHaveLength(130);
      expect(new Set(seen).size).toBe(130);
      const back: string[] = last.items.map(({ values }) => `${values[0]} ${values[1]}`);
      while (last.previous) {
        last = await page({ order, before: last.previous });
        back.unshift(...last.items.map(({ values }) => `${values[0]} ${values[1]}`));
      }
      expect(back).toEqual(seen);
    }
  });

  it('have types and short beginnings; a long value is given whole when it is asked for', async () => {
    const { items, columns } = await page();
    expect(columns.map(({ name, type, key }) => [name, type, key])).toEqual([
      ['a', 'integer', true],
      ['b', 'text', true],
      ['note', 'text', false],
    ]);
    const long = items.find(({ cut }) => cut.length > 0)!;
    expect(long.cut).toEqual([2]);
    expect(String(long.values[2])).toHaveLength(200);
    const cell = await readCell(parts, { ...at(), place: 'staging', table: 'lines', key: long.key!, column: 'note' });
    expect(cell).toMatchObject({ type: 'text', length: 300_000, whole: false });
    expect(cell.value!.length).toBe(150_000);
  });

  it('of a table without a key are its first ones', async () => {
    const { items, keyed, next } = await page({ table: 'loose' });
    expect([items.length, keyed, next]).toEqual([50, false, null]);
  });

  it.each([
    [{ table: 'hidden_draft' }, 'table_not_found'],
    [{ table: 'pg_authid' }, 'table_not_found'],
    [{ table: '_vibe_changes' }, 'table_not_found'],
    [{ table: 'customers"; drop table lines; --' }, 'table_not_found'],
    [{ place: 'live' as const }, 'table_not_found'],
    [{ after: 'nonsense' }, 'bad_cursor'],
    [{ after: Buffer.from('["1"]').toString('base64url') }, 'bad_cursor'],
    [{ after: Buffer.from('[1, {"a": 2}]').toString('base64url') }, 'bad_cursor'],
    [{ by: '99999999-9999-7999-8999-999999999999' }, 'app_not_found'],
    [{ containerId: '99999999-9999-7999-8999-999999999999' }, 'app_not_found'],
  ])('are refused for %j', async (more, code) => {
    await expect(page(more)).rejects.toMatchObject({ code });
  });

  it('cannot be talked into another statement by a cursor', async () => {
    const after = Buffer.from(JSON.stringify(['1', "x') or true; drop table lines; --"])).toString('base64url');
    expect((await page({ after })).items.length).toBeGreaterThan(0);
    expect(await count('lines')).toBe(130);
  });

  it('are not shown where a rule denies or asks', async () => {
    const rule = { environment: 'staging' as const, action: 'read' as const, appId: null, table: 'lines' };
    await setRule(db, container.id, marta, { ...rule, verdict: 'deny' });
    await expect(page()).rejects.toMatchObject({ code: 'data_refused' });
    expect((await page({ table: 'customers' })).items).toHaveLength(50);
    await setRule(db, container.id, marta, { ...rule, verdict: 'ask' });
    await expect(page()).rejects.toMatchObject({ code: 'data_asks' });
    const ask = await asked('select count(*) from lines');
    expect(await desk.agree(ask.id, container.id, marta)).toMatchObject({ kind: 'answer', result: { rows: [[130]] } });
    // a yes to one is none to another, and a read that needs no yes is no answer
    await asked('select max(a) from lines');
    await asked('select min(a) from lines');
    await say('select 1 from customers limit 1');
    const [yes, no] = [await asked('select a from lines limit 1'), await asked('select b from lines limit 1')];
    await desk.agree(yes.id, container.id, marta);
    expect(no.rows).toBe(0);
    const { items } = await listChanges(db, container, { reads: true, person: marta });
    const said = new Map<string, string | undefined>();
    for (const { id, answer } of items.slice(0, 6))
      said.set(
        await openStatement(parts, container, id),
        answer?.said ?? said.get(await openStatement(parts, container, id)),
      );
    expect(Object.fromEntries(said)).toEqual({
      'select max(a) from lines': 'waits',
      'select min(a) from lines': 'waits',
      'select 1 from customers limit 1': undefined,
      'select a from lines limit 1': 'yes',
      'select b from lines limit 1': 'waits',
    });
    await setRule(db, container.id, marta, { ...rule, verdict: null });
  });
});

describe('the console', () => {
  it('refuses what a model is refused, in the same words', async () => {
    expect(await say('drop table lines')).toMatchObject({ kind: 'refused', rule: 'statement_kind' });
    expect(await say('select 1; select 2')).toMatchObject({ kind: 'refused', rule: 'several' });
    expect(await say('select * from shop__caaaaaaaa.hidden_draft')).toMatchObject({
      kind: 'refused',
      rule: 'unknown_table',
    });
    expect(await say('select * from choir.customers')).toMatchObject({ kind: 'refused', rule: 'unknown_table' });
    expect(await say('select 1', { target: 'live' })).toMatchObject({ kind: 'refused', rule: 'no_live' });
    expect(await say('select * from customers', { appId: choir, target: 'live' })).toMatchObject({ kind: 'answer' });
    expect(await say('insert into customers (id) values (1)', { appId: choir })).toMatchObject({
      kind: 'refused',
      rule: 'copy_of_live',
      message: 'choir.customers is here the copy of live; nobody writes to it.',
      allowed: 'Change it in live, or in the staging site’s copy, choir__staging.customers.',
    });
  });

  it('runs exactly what was shown, once, for the one who was asked', async () => {
    const ask = await asked("update customers set paid = true where name = 'Customer 001'");
    expect(ask).toMatchObject({ rows: 1, changes: ['changes rows of customers'], mayAgree: true });
    expect(await count('customers where paid')).toBe(0);
    await expect(desk.agree(ask.id, container.id, olu)).rejects.toMatchObject({ code: 'ask_gone' });
    await expect(desk.agree(ask.id, '99999999-9999-7999-8999-999999999999', marta)).rejects.toMatchObject({
      code: 'ask_gone',
    });
    expect(await desk.agree(ask.id, container.id, marta)).toMatchObject({ kind: 'answer', result: { affected: 1 } });
    await expect(desk.agree(ask.id, container.id, marta)).rejects.toMatchObject({ code: 'ask_gone' });
    expect(await count('customers where paid')).toBe(1);
  });

  it('asks for what may change rows as such, and not as adding them', async () => {
    const all = `insert into lines (a, b) select a, b from lines on conflict (a, b) do update set note = 'taken'`;
    expect(await asked(all)).toMatchObject({
      rows: 130,
      action: 'upsert',
      changes: ['adds rows to lines', 'changes rows of lines'],
    });
    expect(await asked(all.replace('do update', 'do nothing').replace(/ set .*/, ''))).toMatchObject({
      action: 'insert',
    });
    const { items } = await listChanges(db, container, { reads: false, table: 'lines', kind: 'rows' });
    expect(items.slice(0, 2).map(({ action }) => action)).toEqual(['insert', 'upsert']);
  });

  it('asks again when it would be more rows by now', async () => {
    const ask = await asked("delete from loose where word like 'new%'");
    expect(ask.rows).toBe(0);
    await cluster.asOwner(databases.staging, container.slug, 'shop', (client) =>
      client.query("insert into loose values ('new one')"),
    );
    expect(await desk.agree(ask.id, container.id, marta)).toMatchObject({ kind: 'ask', ask: { rows: 1 } });
    expect(await count("loose where word like 'new%'")).toBe(1);
  });

  it('lets who does not manage the container read and be asked, and not say yes', async () => {
    expect(await say('select 1', { by: olu })).toMatchObject({ kind: 'answer' });
    const ask = await asked('delete from customers', olu);
    expect(ask.mayAgree).toBe(false);
    await expect(desk.agree(ask.id, container.id, olu)).rejects.toMatchObject({ code: 'not_allowed' });
    expect(await count('customers')).toBe(120);
  });

  it('one who stopped managing it between the question and the yes does not get through', async () => {
    const ask = await asked('delete from customers');
    await run(db, sql`update members set role = 'member' where user_id = ${marta}`);
    await expect(desk.agree(ask.id, container.id, marta)).rejects.toMatchObject({ code: 'not_allowed' });
    await run(db, sql`update members set role = 'owner' where user_id = ${marta}`);
  });

  it('connects as a role of its own, which can read this app and nothing else', async () => {
    await say('select 1 from customers');
    await say('select 1 from customers', { appId: choir });
    const { rows } = await asAdmin(
      databases.staging,
      "select rolname from pg_roles where rolname ~ '\\.q_u[a-z0-9]{7}\\.staging$'",
    );
    const may: string[] = [];
    for (const { rolname } of rows) {
      const client = new pg.Client(cluster.connection(databases.staging, rolname));
      await client.connect();
      for (const table of ['shop.customers', 'choir.customers']) {
        const denied = (error: Error) => error.message;
        expect(await client.query(`delete from ${table}`).catch(denied)).toMatch(/permission denied|read-only/);
        if (typeof (await client.query(`select * from ${table}`).catch(denied)) !== 'string') may.push(table);
      }
      await client.end();
    }
    // Marta's two apps and Olu's one
    expect(may.sort()).toEqual(['choir.customers', 'shop.customers', 'shop.customers']);
    await say('select 1 from customers', { appId: choir, target: 'live' });
    const live = await asAdmin(databases.live, "select 1 from pg_roles where rolname ~ '\\.q_u[a-z0-9]{7}\\.live$'");
    expect(live.rowCount, 'the role of a statement to live is gone after it').toBe(0);
  });

  it('is recorded, statement by statement, sealed, and found by app, table and person', async () => {
    const mark = `select 'remember me' as word from customers limit 1`;
    await say(mark, { by: olu });
    const { items } = await listChanges(db, container, { reads: true, person: olu });
    expect(items[0]).toMatchObject({
      agent: 'console',
      by: { id: olu },
      app: { slug: 'shop' },
      tables: ['customers'],
      state: 'done',
      rows: 1,
    });
    expect(await openStatement(parts, container, items[0]!.id)).toBe(mark);
    const { statement } = await one(
      db,
      sql<{ statement: Buffer }>`select statement from sql_calls where id = ${items[0]!.id}`,
    );
    expect(statement.includes('remember')).toBe(false);
    await expect(openStatement(parts, { ...container, id: shop }, items[0]!.id)).rejects.toMatchObject({
      code: 'call_not_found',
    });
    const own = await listOwnCalls(parts, container, olu);
    expect(own[0]).toMatchObject({ statement: mark });
    const theirs = await many(
      db,
      sql<{ by: string }>`select asked_by as by from sql_calls where id = any (${own.map(({ id }) => id)}::uuid[])`,
    );
    expect(new Set(theirs.map(({ by }) => by))).toEqual(new Set([olu]));
    const changes = await listChanges(db, container, { reads: false, kind: 'rows' });
    expect(changes.items.every(({ writes }) => writes)).toBe(true);
    expect(changes.items.some(({ agreedBy }) => agreedBy?.id === marta)).toBe(true);
    const ofTable = await listChanges(db, container, { reads: true, table: 'lines', appId: shop });
    expect(ofTable.items.length).toBeGreaterThan(0);
    expect(ofTable.items.every(({ tables }) => tables.includes('lines'))).toBe(true);
  });
});

describe('a row changed by hand', () => {
  const change = (
    table: string,
    what: ChangeRow['change'],
    more: { by?: string; appId?: string; place?: DataPlace } = {},
  ) =>
    changeRow(
      { ...parts, console: desk },
      { ...at(more.appId, more.by), place: more.place ?? 'staging', table, change: what },
    );
  const firstKey = async (table: string, appId = shop, place: DataPlace = 'staging') =>
    (await readRows(parts, { ...at(appId), place, table, order: 'up' })).items[0]!.key!;

  it('asks with the statement that would run, and runs it after a yes', async () => {
    const key = await firstKey('lines');
    const outcome = await change('lines', { kind: 'change', key, values: { note: 'it’s new' } });
    expect(outcome).toMatchObject({
      kind: 'ask',
      ask: {
        rows: 1,
        action: 'update',
        statement: `update lines set note = 'it’s new' where a = 0 and b = 'b'`,
        mayAgree: true,
      },
    });
    if (outcome.kind !== 'ask') return;
    expect(await desk.agree(outcome.ask.id, container.id, marta)).toMatchObject({
      kind: 'answer',
      result: { affected: 1 },
    });
    const [row] = (await readRows(parts, { ...at(), place: 'staging', table: 'lines', order: 'up' })).items;
    expect(row!.values).toEqual([0, 'b', 'it’s new']);
  });

  it('of the staging site is the site’s own and needs no yes; the copy of live is only read', async () => {
    expect(await change('songs', { kind: 'add', values: { id: '7' } }, { appId: choir, place: 'site' })).toMatchObject({
      kind: 'answer',
      result: { affected: 1, action: 'insert', tables: ['songs'] },
    });
    const key = await firstKey('songs', choir, 'site');
    expect(await change('songs', { kind: 'remove', key }, { appId: choir, place: 'site' })).toMatchObject({
      kind: 'answer',
      result: { affected: 1 },
    });
    expect(await change('customers', { kind: 'add', values: { id: '7' } }, { appId: choir })).toMatchObject({
      kind: 'refused',
      rule: 'copy_of_live',
    });
  });

  it('is said yes to by nobody who may not, and reaches no other app’s tables', async () => {
    const key = await firstKey('lines');
    expect(await change('lines', { kind: 'remove', key }, { by: olu })).toMatchObject({
      kind: 'ask',
      ask: { mayAgree: false },
    });
    await expect(change('hidden_draft', { kind: 'add', values: {} })).rejects.toMatchObject({
      code: 'table_not_found',
    });
    await expect(change('lines', { kind: 'add', values: {} }, { place: 'live' })).rejects.toMatchObject({
      code: 'table_not_found',
    });
  });
});

describe('rules', () => {
  it('say what holds, why, and who set it', async () => {
    await setRule(db, container.id, marta, {
      environment: 'staging',
      action: 'delete',
      appId: shop,
      table: null,
      verdict: 'deny',
    });
    await setRule(db, container.id, olu, {
      environment: 'staging',
      action: 'delete',
      appId: shop,
      table: 'lines',
      verdict: 'allow',
    });
    const of = async (table: string) =>
      (await rulesFor(db, container.id, { id: shop, mode: 'vibe-coded' }, table, marta)).find(
        ({ environment, action }) => environment === 'staging' && action === 'delete',
      );
    expect(await of('customers')).toMatchObject({ verdict: 'deny', setBy: { name: 'Marta' } });
    const may = async (person: string) =>
      (await rulesFor(db, container.id, { id: shop, mode: 'vibe-coded' }, 'lines', person))
        .filter(({ verdict }) => verdict === 'ask')
        .map(({ mayAgree }) => mayAgree);
    expect(new Set(await may(marta))).toEqual(new Set([true]));
    expect(new Set(await may(olu))).toEqual(new Set([false]));
    await expect(may(randomUUID())).rejects.toMatchObject({ code: 'person_not_found' });
    await run(db, sql`update containers set frozen_at = now() where id = ${container.id}`);
    expect(await of('lines')).toMatchObject({ verdict: 'deny', because: expect.stringContaining('frozen') });
    await run(db, sql`update containers set frozen_at = null where id = ${container.id}`);
    expect(await of('lines')).toMatchObject({
      verdict: 'allow',
      setBy: { name: 'Olu' },
      because: expect.stringContaining('for lines'),
    });
    expect(await say('delete from customers')).toMatchObject({ kind: 'refused', rule: 'rule_of_container' });
    await setRule(db, container.id, marta, {
      environment: 'staging',
      action: 'delete',
      appId: shop,
      table: null,
      verdict: null,
    });
    expect(await of('customers')).toMatchObject({ verdict: 'ask', setBy: null });
    const { items } = await listChanges(db, container, { reads: false, kind: 'settings' });
    expect(items.slice(0, 3).map(({ by, rule }) => [by?.name, rule?.verdict, rule?.table])).toEqual([
      ['Marta', null, null],
      ['Olu', 'allow', 'lines'],
      ['Marta', 'deny', null],
    ]);
  });

  it('are not set for an app of somebody else', async () => {
    const rule = { environment: 'staging', action: 'delete', appId: marta, table: null, verdict: 'allow' } as const;
    await expect(setRule(db, container.id, marta, rule)).rejects.toMatchObject({ code: 'app_not_found' });
  });
});

describe('freezing', () => {
  const freeze = (frozen: boolean) => new Freezes(parts).set({ containerId: container.id, by: marta, frozen });

  it('is written down once, stops the console, and is lifted; a release that waited is begun again', async () => {
    const { id } = await one(
      db,
      sql<{
        id: string;
      }>`insert into releases (app_id, number, commit, merge_id, state) values (${shop}, 1, 'abc', uuidv7(), 'queued') returning id`,
    );
    await freeze(true);
    await freeze(true);
    expect(await say('delete from customers')).toMatchObject({ kind: 'refused', rule: 'frozen' });
    expect(await count('customers')).toBe(120);
    await freeze(false);
    expect(await say('delete from customers')).toMatchObject({ kind: 'ask' });
    const { items } = await listChanges(db, container, { reads: false, kind: 'settings' });
    expect(items.slice(0, 2).map(({ act }) => act)).toEqual(['lift', 'freeze']);
    const jobs = await one(
      db,
      sql<{ n: number }>`select count(*)::int as n from graphile_worker.jobs where key = ${`app.release:${id}`}`,
    );
    expect(jobs.n).toBe(1);
    // a kill came after the lift and before that
    await run(db, sql`select graphile_worker.remove_job(${`app.release:${id}`})`);
    await new Freezes(parts).settle();
    const { n } = await one(
      db,
      sql<{ n: number }>`select count(*)::int as n from graphile_worker.jobs where key = ${`app.release:${id}`}`,
    );
    expect(n).toBe(1);
  });

  it('is carried out at the next start when a kill came between the row and the databases, both ways', async () => {
    await run(db, sql`update containers set frozen_at = now(), frozen_by = ${marta}`);
    await new Freezes(parts).settle();
    expect(await frozenDatabases(cluster)).toEqual(new Set(Object.values(databases)));
    await run(db, sql`update containers set frozen_at = null, frozen_by = null`);
    await new Freezes(parts).settle();
    expect(await frozenDatabases(cluster)).toEqual(new Set());
    await cluster.asOwner(databases.staging, container.slug, 'shop', (client) => client.query('select 1'));
  });

  it('is carried out at a start although the databases of another container do not answer', async () => {
    const add = (slug: string) =>
      run(
        db,
        sql`insert into containers (organisation_id, home_node_id, cluster_id, slug, name, state, frozen_at)
          select organisation_id, home_node_id, cluster_id, ${slug}, ${slug}, 'ready', now() from containers where id = ${container.id}`,
      );
    const warned: string[] = [];
    const freezes = new Freezes({ ...parts, warn: (_error, text) => warned.push(text) }, 50);
    await add('lost-a');
    await run(db, sql`update containers set frozen_at = now(), frozen_by = ${marta} where id = ${container.id}`);
    await add('lost-b');
    await freezes.settle();
    expect(await frozenDatabases(cluster)).toEqual(new Set(Object.values(databases)));
    // said once of each; tried again until the container is gone
    await expect.poll(() => warned).toHaveLength(2);
    await sleep(500);
    expect(warned).toHaveLength(2);
    await run(db, sql`delete from containers where slug like 'lost-%'`);
    await expect.poll(() => freezes.trying).toBe(0);
    await freeze(false);
  });

  it('of two at once ends as the row says', async () => {
    await Promise.all([freeze(true), freeze(false), freeze(true), freeze(false)].map((one) => one.catch(() => {})));
    const { frozen } = await one(db, sql<{ frozen: boolean }>`select frozen_at is not null as frozen from containers`);
    expect((await frozenDatabases(cluster)).size).toBe(frozen ? 2 : 0);
    await freeze(false);
  });
});

async function asAdmin(database: string, text: string): Promise<pg.QueryResult> {
  return cluster.readCatalogue(database, (client) => client.query(text));
}
