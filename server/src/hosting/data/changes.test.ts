/**
 * The one list of who changed what: every source in it, its order while things happen, who sees what, and its price with a million statements. Long because
 * each test goes on with what those before it have done: a list is only one with much in it.
 */
import { randomUUID } from 'node:crypto';
import { tmpdir } from 'node:os';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { z } from 'zod';
import { changesQuery, type DataChange } from '../../../../contract/data.ts';
import { DataKeys } from '../../accounts/data-keys.ts';
import { newRules, person, startedPlatform } from '../../accounts/fixtures.ts';
import { register } from '../../accounts/registration.ts';
import { markRemoved } from '../../apps/deletion.ts';
import { beginAct, endAct, giveUpAct, recordAct } from '../../databases/acts.ts';
import { applyChanges, type Change } from '../../databases/changes.ts';
import { DataCluster } from '../../databases/cluster.ts';
import { writeMasks } from '../../databases/mirror/masks.ts';
import { databasesOf, rolesOf, siteSchema } from '../../databases/names.ts';
import { reconcile } from '../../databases/reminders/reconcile.ts';
import { type Db, many, one, run, sql, transaction } from '../../db/database.ts';
import { startTestCluster, type TestCluster } from '../../db/test-database.ts';
import { AppError, messageOf } from '../../errors.ts';
import { appPlace } from '../../shipping/app-places.ts';
import { dropKeptRows } from '../../shipping/kept-rows.ts';
import { settleTableChanges } from '../settle-changes.ts';
import { placeOfAct, type RecordParts, recordedChange } from '../table-changes.ts';
import { answersTo } from './answers.ts';
import { listChanges, openChange } from './changes.ts';
import { dismissReminder, listReminders, openReminder, reopenReminder } from './reminders.ts';

let test: TestCluster;
let db: Db;
let parts: RecordParts;
let warned: string[];
let cluster: DataCluster;
let marta: string;
let container: { id: string; organisationId: string; slug: string };
let other: { id: string; organisationId: string };
let shop: string;
let chat: string;

const all = (more: Partial<z.input<typeof changesQuery>> = {}, of = container) =>
  listChanges(db, of, changesQuery.parse(more));
const change = (id: string, ...statements: string[]): Change => ({
  ...{ id, statements, destructive: false },
  origin: { chat: null, tool: 'spec', action: 'other', tables: ['books'], needs: [] },
});
const addChat = async (title: string, containerId = container.id, appId: string | null = shop) =>
  (
    await one(
      db,
      sql<{ id: string }>`insert into chats (container_id, app_id, chat8, title, created_by)
        values (${containerId}, ${appId}, left(md5(random()::text), 8), ${title}, ${marta}) returning id`,
    )
  ).id;
/** A recorded statement; who wrote it down matters here, not what ran. */
const statement = async (
  at: string,
  { writes = true, chatId = null as string | null, text = 'update books set a = 1' } = {},
) => {
  const { id } = await one(db, sql<{ id: string }>`select uuidv7() as id`);
  const sealed = await parts.keys.seal(container.organisationId, `sql ${id}`, text);
  await run(
    db,
    sql`insert into sql_calls (id, organisation_id, container_id, app_id, chat_id, agent, asked_by, agreed_by, target, environment, statement, writes, state, rows, called_at, ended_at, tables)
      values (${id}, ${container.organisationId}, ${container.id}, ${shop}, ${chatId}, 'builder', ${marta}, ${marta}, 'live', 'live', ${sealed}, ${writes}, 'done', 3, ${at}, now(), '{books}')`,
  );
  return id;
};

beforeAll(async () => {
  test = await startTestCluster();
  ({ db } = await startedPlatform(test));
  const rules = newRules();
  marta = (await register(db, rules, person('Marta'))).id;
  container = await one(
    db,
    sql<typeof container>`select id, organisation_id as "organisationId", slug from containers`,
  );
  await run(db, sql`update containers set state = 'ready'`);
  warned = [];
  cluster = new DataCluster(test.cluster.url, Buffer.alloc(32, 7));
  parts = {
    db,
    cluster,
    keys: new DataKeys(db, rules.keyring),
    warn: (error, text) => void warned.push(`${text}: ${messageOf(error)}`),
  };
  await cluster.createDatabases(databasesOf(container.slug));
  await run(db, sql`update installation set registration_open = true`);
  const app = (containerId: string, slug: string) =>
    one(
      db,
      sql<{
        id: string;
      }>`insert into apps (container_id, slug, name, mode, created_by) values (${containerId}, ${slug}, ${slug}, 'dual-repository', ${marta}) returning id`,
    );
  shop = (await app(container.id, 'shop')).id;
  chat = await addChat('Add books');
  // somebody else's place, beside it
  other = await one(
    db,
    sql<
      typeof other
    >`with o as (insert into organisations (name, data_key) select 'Other', data_key from organisations returning id)
      insert into containers (organisation_id, slug, name, home_node_id, cluster_id) select o.id, 'other', 'Other', c.home_node_id, c.cluster_id
        from o, containers c returning id, organisation_id as "organisationId"`,
  );
});
afterAll(async () => {
  await cluster?.close();
  await test?.stop();
});

const site = siteSchema('shop');
const onSite = <T>(work: Parameters<DataCluster['asOwner']>[3]) =>
  cluster.asOwner(databasesOf(container.slug).staging, container.slug, site, work) as Promise<T>;
const record = (changes: Change[], work: () => Promise<unknown>, more: object = {}) =>
  recordedChange(
    parts,
    { act: 'apply', appId: shop, environment: 'site', by: marta, changes, ...more },
    async () =>
      new Set(
        await onSite<string[]>(async (client) =>
          (await client.query('select id from _vibe_changes')).rows.map(({ id }) => id),
        ),
      ),
    work,
  );

it('has each kind of change in it, with who, what, where and the words of it', async () => {
  await cluster.createSchema(databasesOf(container.slug).staging, container.slug, site);
  const { runtime } = rolesOf(container.slug, site);
  const make = (changes: Change[]) => onSite((client) => applyChanges(client, runtime, changes));
  const first = change(
    '0001',
    'create table books (id int primary key)',
    'alter table "books" add column "phone" text',
  );
  await record([first], () => make([first]), { chatId: chat });
  await statement('2026-01-01');
  await statement('2026-01-02', { writes: false });
  await writeMasks(db, shop, marta, [{ table: 'books', column: 'phone', mask: 'null' }]);
  await writeMasks(db, shop, marta, [{ table: 'books', column: 'phone', mask: 'null' }]);
  await writeMasks(db, shop, marta, []);
  await recordAct(db, { act: 'fill_site', appId: shop, by: marta, environment: 'site', tables: ['books'], rows: 12 });
  const { items } = await all();
  expect(items.map(({ act }) => act)).toEqual(['fill_site', 'masks', 'masks', 'apply', 'call']);
  expect(items[0]).toMatchObject({ kind: 'rows', rows: 12, place: 'site', by: { name: 'Marta' } });
  expect(items[1]).toMatchObject({ kind: 'settings', note: 'books.phone: as it is', tables: ['books'] });
  expect(items[3]).toMatchObject({
    ...{ kind: 'tables', state: 'done', tables: ['books'], opens: true, place: 'site' },
    ...{ note: 'new table books, new column books.phone', chat: { id: chat, title: 'Add books' } },
  });
  expect(await openChange(parts, container, items[3]!)).toBe(
    'create table books (id int primary key);\n\nalter table "books" add column "phone" text;',
  );
  expect(items[4]).toMatchObject({
    kind: 'rows',
    rows: 3,
    place: 'live',
    agreedBy: { name: 'Marta' },
    agent: 'builder',
  });
  expect((await all({ reads: 'true' })).items).toHaveLength(6);
  for (const [kind, found] of Object.entries({ rows: 2, tables: 1, settings: 2 }))
    expect((await all({ kind: kind as never })).items, kind).toHaveLength(found);
  expect((await all({ table: 'books' })).items).toHaveLength(5);
  expect((await all({ table: 'book' })).items).toHaveLength(0);
  expect((await all({ person: randomUUID() })).items).toHaveLength(0);
  expect((await all({ appId: randomUUID() })).items).toHaveLength(0);
});

it('says what was said to a statement that asked, where it is another question each time', async () => {
  const asks = async (minutesAgo: number, agreed: boolean, more: { person?: string; fingerprint?: string } = {}) => {
    const id = await statement(new Date(Date.now() - minutesAgo * 60_000).toISOString());
    await run(
      db,
      sql`update sql_calls set agent = 'console', action = 'update', fingerprint = ${more.fingerprint ?? 'a'}, agreed_by = ${agreed ? marta : null},
        state = ${agreed ? 'done' : 'refused'}, rule = ${agreed ? null : 'asks'} where id = ${id}`,
    );
    return id;
  };
  const [left, twice, agreed] = [await asks(90, false), await asks(60, false), await asks(55, false)];
  await asks(54, true);
  // a yes to something else, and one that came when the question was no longer open
  const other = await asks(40, false);
  await asks(39, true, { fingerprint: 'b' });
  await asks(20, true);
  const open = await asks(2, false, { fingerprint: 'c' });
  // a no beside which the same was run later: that was another question
  const declined = await asks(12, false, { fingerprint: 'd' });
  await run(db, sql`insert into sql_declines (call_id, declined_by) values (${declined}, ${marta})`);
  await asks(10, true, { fingerprint: 'd' });
  const ids = [left, twice, agreed, other, open, declined];
  const { items } = await all({ kind: 'rows' });
  const answers = ids.map((id) => items.find((one) => one.id === id)!.answer);
  expect(answers.map((answer) => answer?.said)).toEqual(['none', 'none', 'yes', 'none', 'waits', 'no']);
  expect(answers[5]).toMatchObject({ by: { name: 'Marta' } });
  expect(answers[2]).toMatchObject({ by: { name: 'Marta' } });
  // of statements elsewhere nothing is said
  expect(await answersTo(db, randomUUID(), ids)).toEqual(new Map());
  await run(db, sql`delete from sql_calls where agent = 'console'`);
});

it('says what came of changes that did not end well, also when a kill came in between', async () => {
  const { runtime } = rolesOf(container.slug, site);
  const [good, bad] = [
    change('0002', 'alter table books add column a int'),
    change('0003', 'alter table nowhere add column b int'),
  ];
  const make = () => onSite((client) => applyChanges(client, runtime, [good, bad]));
  await expect(record([good, bad], make)).rejects.toMatchObject({ code: 'change_failed' });
  expect((await all()).items[0]).toMatchObject({ act: 'apply', state: 'partly' });
  await expect(record([bad], make)).rejects.toMatchObject({ code: 'change_failed' });
  expect((await all()).items[0]).toMatchObject({ state: 'failed' });
  // killed after it was made, before that was written; and in a draft, of which nothing is known
  const open = async (environment: string, changes: Change[]) => {
    await record(changes, async () => {}, { environment });
    const [{ id }] = (await all()).items as [DataChange];
    await run(db, sql`update data_acts set state = 'open', ended_at = null where id = ${id}`);
    return id;
  };
  const ids = [await open('site', [good]), await open('site', [bad]), await open('draft', [good])];
  (await settleTableChanges({ ...parts, cluster }))();
  expect(warned).toEqual([]);
  const { items } = await all();
  expect(ids.map((id) => items.find((one) => one.id === id)!.state)).toEqual(['done', 'failed', 'unknown']);
});

it('has what other databases were asked for from its beginning, and not what was refused', async () => {
  const begin = () => beginAct(db, { act: 'fill_site', appId: shop, by: marta, environment: 'site' });
  const top = async () => (await all({ kind: 'rows' })).items[0]!;
  const [away, broken] = [await begin(), await begin()];
  const [refused, lost, killed, ended] = [await begin(), await begin(), await begin(), await begin()];
  await endAct(db, ended, { rows: 5, tables: ['books'] });
  expect(await top()).toMatchObject({ id: ended, state: 'done', rows: 5, tables: ['books'] });
  await giveUpAct(db, refused, new AppError('mirror_copying', 'conflict', ''));
  await giveUpAct(db, lost, new Error('connection lost'));
  // these may have taken effect before
  await giveUpAct(db, away, new AppError('live_away', 'unavailable', ''));
  await giveUpAct(db, broken, new AppError('half_done', 'bug', ''));
  (await settleTableChanges({ ...parts, cluster }))();
  const { items } = await all({ kind: 'rows' });
  const states = [refused, lost, killed, ended, away, broken].map((id) => items.find((one) => one.id === id)?.state);
  expect(states).toEqual([undefined, 'unknown', 'unknown', 'done', 'unknown', 'unknown']);
});

it('has what is kept no longer once, and an app that is removed', async () => {
  const { live } = databasesOf(container.slug);
  const place = await appPlace(db, tmpdir(), shop);
  const fresh = `shop__k4h${Math.floor(Date.now() / 3_600_000)}`;
  for (const schema of ['shop__k3h1', fresh]) await cluster.createSchema(live, container.slug, schema);
  for (const _again of [1, 2]) await dropKeptRows({ db, cluster }, place, 'live');
  expect(await cluster.schemasLike(live, 'shop__k')).toEqual([fresh]);
  // killed after it was written down: it goes the next time, and is said once
  await cluster.createSchema(live, container.slug, 'shop__k3h1');
  await dropKeptRows({ db, cluster }, place, 'live');
  expect(await cluster.schemasLike(live, 'shop__k')).toEqual([fresh]);
  expect((await all({ kind: 'tables' })).items.filter(({ act }) => act === 'kept_over')).toMatchObject([
    { by: null, place: 'live', note: 'what release 3 had dropped', state: 'done' },
  ]);
  const { id } = await one(
    db,
    sql<{
      id: string;
    }>`insert into apps (container_id, slug, name, deleted_at, deleted_by) values (${container.id}, 'gone', 'Gone', now() - interval '3 days', ${marta}) returning id`,
  );
  expect(await Promise.all([markRemoved(db, id), markRemoved(db, id), markRemoved(db, shop)])).toEqual([
    true,
    true,
    false,
  ]);
  expect((await all()).items.filter(({ act }) => act === 'app_removed')).toMatchObject([
    { by: { name: 'Marta' }, app: { name: 'Gone' } },
  ]);
});

it('has a release once, with the tables that it changed, and who went back', async () => {
  const release = async (number: number, state: string, environment = 'live') =>
    one(
      db,
      sql<{
        id: string;
      }>`insert into releases (app_id, number, commit, merge_id, state, environment, told_in, created_by, problem)
        values (${shop}, ${number}, 'abc', uuidv7(), ${state}, ${environment}, ${chat}, ${marta}, ${state === 'failed' ? 'It did not start.' : null}) returning id`,
    );
  const [merged, deployed] = [await release(1, 'serving', 'staging'), await release(2, 'failed')];
  for (const _again of [1, 2])
    await record([change('0009', 'alter table books drop column a')], async () => {}, {
      ...{ act: 'release', environment: 'live', releaseId: deployed.id },
    });
  await run(
    db,
    sql`insert into audit_log (organisation_id, container_id, call_id, agent, tool, input_hash, permission, decision, outcome, receipt, completed_at, by_user)
      values (${container.organisationId}, ${container.id}, ${merged.id}, 'person', 'go_back', '', 'app:release', 'allowed', 'done', '{"from":2,"to":1}', now(), ${marta})`,
  );
  const { items } = await all({ kind: 'tables' });
  expect(items.slice(0, 3)).toMatchObject([
    { act: 'go_back', release: { number: 1, from: 2 }, app: { slug: 'shop' }, opens: false, place: 'live' },
    {
      ...{ act: 'deploy', state: 'failed', reason: 'It did not start.', release: { number: 2 }, place: 'live' },
      ...{ tables: ['books'], note: 'removed column books.a', opens: true, chat: { title: 'Add books' } },
    },
    { act: 'merge', state: 'done', release: { number: 1 }, place: 'site', tables: [], opens: false },
  ]);
  expect(items.filter(({ source }) => source === 'release')).toHaveLength(2);
  expect(await openChange(parts, container, items[1]!)).toContain('drop column a;');
  await expect(openChange(parts, container, items[2]!)).rejects.toMatchObject({ code: 'change_not_found' });
  expect((await all({ kind: 'tables', table: 'books' })).items.map(({ act }) => act)).toContain('deploy');
  // one that changed nothing is of no table
  await run(db, sql`update data_acts set state = 'failed' where release_id = ${deployed.id}`);
  expect((await all({ kind: 'tables', table: 'books' })).items.map(({ act }) => act)).not.toContain('deploy');
  await run(db, sql`update data_acts set state = 'done' where release_id = ${deployed.id}`);
  const ofShop = items.filter(({ app }) => app?.slug === 'shop').length;
  expect((await all({ appId: shop, kind: 'tables' })).items).toHaveLength(ofShop);
});

it('knows what somebody did outside of Vibe, and what people say about it', async () => {
  const { live } = databasesOf(container.slug);
  await cluster.createSchema(live, container.slug, 'shop');
  const look = () =>
    reconcile(
      { db, cluster },
      { id: shop, slug: 'shop', containerId: container.id, containerSlug: container.slug },
      new Map(),
    );
  await look();
  await run(
    db,
    sql`insert into mirrors (app_id, state, site_filled_at) values (${shop}, 'in_step', now() - interval '1 hour')`,
  );
  await run(
    db,
    sql`update data_acts set ended_at = now() - interval '1 hour', state = 'done' where sealed is not null`,
  );
  await look();
  await run(db, sql`delete from data_acts where act = 'drift'`);
  await cluster.asOwner(live, container.slug, 'shop', (client) =>
    client.query('create table visits (id int primary key)'),
  );
  const drifts = async () => (await all()).items.filter(({ act }) => act === 'drift');
  const mine = async (more: string) => {
    await run(db, sql`update mirrors set site_filled_at = now() - interval '1 hour'`);
    await run(
      db,
      sql`update data_acts set ended_at = now() - interval '1 hour', state = 'done' where sealed is not null`,
    );
    await run(db, sql.raw(more));
    await look();
  };
  // what Vibe itself is in the middle of, or has just ended, is nobody's outside of it
  await mine('update mirrors set site_filled_at = null');
  await mine(`update mirrors set site_filled_at = now() + interval '1 minute'`);
  const last = '(select id from data_acts where sealed is not null limit 1)';
  await mine(`update data_acts set state = 'open' where id = ${last}`);
  await mine(`update data_acts set ended_at = now() + interval '1 minute' where id = ${last}`);
  expect(await drifts()).toEqual([]);
  await mine('select 1');
  await look();
  const [seen, ...more] = (await all()).items;
  expect(seen).toMatchObject({ act: 'drift', by: null, tables: ['visits'], kind: 'tables' });
  expect(seen!.note).toContain('table visits');
  expect(more.some(({ act, tables }) => act === 'drift' && tables.includes('visits'))).toBe(false);
  const { id } = await one(db, sql<{ id: string }>`select id from reminders where source = 'visits'`);
  await dismissReminder(db, await openReminder(db, container.id, id), marta, 'Only live counts visits');
  await reopenReminder(db, container.id, id, marta);
  const said = await all({ kind: 'settings' });
  expect(said.items.slice(0, 2)).toMatchObject([
    { act: 'reopen', by: { name: 'Marta' }, tables: ['visits'] },
    { act: 'dismiss', note: 'Only live counts visits' },
  ]);
  // a reminder leads to its chat only where that can be opened
  const of = async (chatId: string) => {
    await run(db, sql`update reminders set chat_id = ${chatId} where id = ${id}`);
    return (await listReminders(db, container.id)).find((one) => one.id === id)!.chat;
  };
  const deleted = await addChat('Thrown away');
  await run(db, sql`update chats set deleted_at = now() where id = ${deleted}`);
  expect(await of(chat)).toEqual({ id: chat, title: 'Add books' });
  expect([await of(deleted), await of(await addChat('Elsewhere', other.id, null))]).toEqual([null, null]);
  await run(db, sql`update reminders set chat_id = null where id = ${id}`);
});

it('says of the releases that come with a live database, and with its end, who asked for that', async () => {
  const { id: yard } = await one(
    db,
    sql<{
      id: string;
    }>`insert into apps (container_id, slug, name, mode, created_by) values (${container.id}, 'yard', 'Yard', 'dual-repository', ${marta}) returning id`,
  );
  const release = (number: number, environment: 'staging' | 'live') =>
    run(
      db,
      sql`insert into releases (app_id, number, commit, merge_id, state, environment) values (${yard}, ${number}, 'abc', uuidv7(), 'retired', ${environment})`,
    );
  await release(1, 'staging');
  await recordAct(db, { act: 'give_live', appId: yard, by: marta });
  await release(2, 'staging');
  await release(3, 'live');
  await recordAct(db, { act: 'give_up', appId: null, containerId: container.id, by: marta, name: 'db.example.com' });
  await release(4, 'live');
  const whose = async (more: object = {}) =>
    (await all({ appId: yard, kind: 'tables', ...more })).items.map(({ release, by }) => [release?.number, by?.name]);
  // what came before anybody asked is of nobody
  expect(await whose()).toEqual([
    [4, 'Marta'],
    [3, undefined],
    [2, 'Marta'],
    [1, undefined],
  ]);
  expect(await whose({ person: marta })).toEqual([
    [4, 'Marta'],
    [2, 'Marta'],
  ]);
  await run(db, sql`delete from releases where app_id = ${yard}`);
});

it('goes page by page without losing or repeating anything while more happens, also at one moment', async () => {
  const moment = '2025-06-01 12:00:00.123456+00';
  for (let n = 0; n < 60; n++) {
    await statement(moment);
    await recordAct(db, { act: 'samples', appId: shop, by: marta, rows: n });
    await run(
      db,
      sql`insert into releases (app_id, number, commit, merge_id, state, created_at) values (${shop}, ${1000 + n}, 'x', uuidv7(), 'retired', ${moment})`,
    );
  }
  await run(db, sql`update data_acts set at = ${moment} where act = 'samples'`);
  const key = ({ source, id }: DataChange) => `${source} ${id}`;
  const there = await many(
    db,
    sql<{ key: string }>`select 'call ' || id as key from sql_calls where writes and container_id = ${container.id}
      union all select 'act ' || id from data_acts where act <> 'release' union all select 'release ' || id from releases
      union all select 'switch ' || id from audit_log`,
  );
  const seen: string[] = [];
  let after: string | undefined;
  do {
    const page = await all(after ? { after } : {});
    seen.push(...page.items.map(key));
    after = page.next ?? undefined;
    // at the top, and at the same moment as what is being gone through
    await recordAct(db, { act: 'undo', appId: shop, by: marta });
  } while (after);
  const before = new Set(there.map((one) => one.key));
  expect(new Set(seen).size).toBe(seen.length);
  expect(seen.filter((one) => before.has(one)).sort()).toEqual([...before].sort());
  // the order holds, however it is filtered
  const times = (await all({ reads: 'true' })).items.map(({ at }) => at);
  expect(times).toEqual([...times].sort().reverse());
});

it('refuses a place in the list that is none', () => {
  for (const attack of ["2026-01-01' or true --", '2026-01-01T00:00:00.000000Z_users_x', 'x_call_y', ''])
    expect(changesQuery.safeParse({ after: attack }).success, attack).toBe(false);
  // of the right form, but on no calendar
  for (const second of [
    '2026-13-45T99:99:99',
    '2026-02-30T00:00:00',
    '2025-02-29T00:00:00',
    '2026-01-01T24:00:00',
    '2026-01-01T23:59:60',
    '2026-00-01T00:00:00',
    '0000-01-01T00:00:00',
  ])
    expect(changesQuery.safeParse({ after: `${second}.000000Z_act_${randomUUID()}` }).success, second).toBe(false);
  const twin = `2028-02-29T23:59:59.999999Z_call_${randomUUID()}`;
  expect(changesQuery.safeParse({ after: twin }).success).toBe(true);
});

it('shows another organisation nothing, and opens nothing for it', async () => {
  expect((await all({ reads: 'true' }, other as never)).items).toEqual([]);
  // also where it names the app or the person
  expect((await all({ reads: 'true', appId: shop }, other as never)).items).toEqual([]);
  expect((await all({ reads: 'true', person: marta }, other as never)).items).toEqual([]);
  const { items } = await all();
  const opening = items.filter(({ opens }) => opens);
  expect(new Set(opening.map(({ source }) => source))).toEqual(new Set(['act', 'call', 'release']));
  for (const one of opening) {
    await expect(openChange(parts, other, one), key(one)).rejects.toMatchObject({ kind: 'missing' });
    expect(await openChange(parts, container, one), key(one)).not.toBe('');
  }
  // nor may one source be asked for what another one has
  const act = opening.find(({ source }) => source === 'act')!;
  await expect(openChange(parts, container, { ...act, source: 'call' })).rejects.toMatchObject({ kind: 'missing' });
  await expect(openChange(parts, container, { ...act, source: 'release' })).rejects.toMatchObject({ kind: 'missing' });
});
const key = ({ source, act }: DataChange) => `${source} ${act}`;

it('names no chat that one may not open: of another place, or deleted', async () => {
  const foreign = await addChat('Secret plans', other.id, null);
  // a live database of somebody else's says whose change it was: here, that of a chat elsewhere
  const hostile = {
    ...change('0666', 'alter table books add column x int'),
    origin: { ...change('').origin!, chat: foreign },
  };
  await record([hostile], async () => {}, { chatId: foreign });
  const twin = await addChat('Harmless');
  await record([change('0667', 'alter table books add column y int')], async () => {}, { chatId: twin });
  await recordAct(db, { act: 'undo', appId: shop, by: marta, chatId: foreign });
  await run(
    db,
    sql`insert into releases (app_id, number, commit, merge_id, state, told_in) values (${shop}, 5000, 'x', uuidv7(), 'retired', ${foreign})`,
  );
  await statement(new Date().toISOString(), { chatId: foreign });
  const { items } = await all();
  expect(
    items
      .slice(0, 5)
      .map(({ chat }) => chat?.title ?? null)
      .filter(Boolean),
  ).toEqual(['Harmless']);
  // nor is it written down, there or with a reminder
  expect(await many(db, sql`select 1 from data_acts where chat_id = ${foreign}`)).toEqual([]);
  const { runtime } = rolesOf(container.slug, site);
  const harmless = { ...change('0668', 'alter table books add column q int') };
  harmless.origin = { ...harmless.origin!, chat: twin };
  await onSite((client) => applyChanges(client, runtime, [hostile, harmless]));
  await reconcile(
    { db, cluster },
    { id: shop, slug: 'shop', containerId: container.id, containerSlug: container.slug },
    new Map(),
  );
  expect(
    await many(db, sql`select source, chat_id from reminders where source in ('0666', '0668') order by source`),
  ).toEqual([
    { source: '0666', chat_id: null },
    { source: '0668', chat_id: twin },
  ]);
  await run(db, sql`update chats set deleted_at = now() where id = ${twin}`);
  expect(JSON.stringify(await all())).not.toContain('Harmless');
  expect(JSON.stringify(await all())).not.toContain('Secret plans');
});

it('keeps what ran sealed, each for its own row', async () => {
  const mark = change('0777', "alter table books add column note text default 'remember me'");
  await record([mark], async () => {});
  await record([change('0778', 'alter table books add column z int')], async () => {});
  const rows = await many(
    db,
    sql<{
      id: string;
      text: string;
      sealed: Buffer;
    }>`select id, d::text as text, sealed from data_acts d where sealed is not null order by at desc limit 2`,
  );
  for (const { text, sealed } of rows) expect(text.includes('remember') || sealed.includes('remember')).toBe(false);
  // what was sealed for one row says nothing in another
  await expect(parts.keys.open(container.organisationId, placeOfAct(rows[0]!.id), rows[1]!.sealed)).rejects.toThrow();
  expect(await openChange(parts, container, { source: 'act', id: rows[1]!.id })).toContain('remember me');
});

it('is as quick with very many statements, by each filter', async () => {
  // 40,000 here keep the suite quick; `VIBE_MANY_CALLS=1000000` is how it was measured
  const many_ = Number(process.env.VIBE_MANY_CALLS ?? 40_000);
  const sealed = Buffer.from('x');
  await transaction(db, (tx) =>
    run(
      tx,
      sql`insert into sql_calls (organisation_id, container_id, app_id, agent, asked_by, target, statement, writes, state, rows, called_at, tables)
        select ${container.organisationId}, ${container.id}, ${shop}, 'builder', ${marta}, 'live', ${sealed}, n % 10 = 0, 'done', 1, timestamptz '2024-01-01' - n * interval '1 second',
          case when n % 1000 = 1 then '{rare}' else '{books}' end::text[] from generate_series(1, ${many_}) n`,
    ),
  );
  await run(db, sql`analyze sql_calls`);
  const deep = `2023-12-31T23:00:00.000000Z_call_${randomUUID()}`;
  const slow: string[] = [];
  for (const query of [
    {},
    { reads: 'true' },
    { after: deep },
    { person: marta },
    { appId: shop, reads: 'true' },
    { appId: shop, kind: 'rows' },
    { table: 'books' },
    { table: 'rare', reads: 'true' },
    { table: 'nowhere', reads: 'true' },
    { kind: 'settings' },
  ] as const) {
    // the quickest of a few: what else the machine does is not in it
    let ms = Number.POSITIVE_INFINITY;
    for (let n = 0; n < 5; n++) {
      const began = performance.now();
      await all(query);
      ms = Math.min(ms, performance.now() - began);
    }
    if (process.env.VIBE_MANY_CALLS) console.log(JSON.stringify(query), `${ms.toFixed(1)} ms`);
    if (ms > 150) slow.push(`${JSON.stringify(query)}: ${ms} ms`);
  }
  expect(slow).toEqual([]);
}, 240_000);
