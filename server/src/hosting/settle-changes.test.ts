/** What becomes of changes of tables that did not end: after a kill, beside a release that goes on, and where a database is somebody else's. */
import { createServer, type Server, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { DataKeys } from '../accounts/data-keys.ts';
import { newRules, person, startedPlatform } from '../accounts/fixtures.ts';
import { register } from '../accounts/registration.ts';
import { appliedIds, applyChanges, type Change } from '../databases/changes.ts';
import { DataCluster } from '../databases/cluster.ts';
import { databasesOf, rolesOf } from '../databases/names.ts';
import { OutsideDatabases } from '../databases/outside/outside-databases.ts';
import { type Db, one, run, sql } from '../db/database.ts';
import { startTestCluster, type TestCluster } from '../db/test-database.ts';
import { messageOf } from '../errors.ts';
import { settleTableChanges } from './settle-changes.ts';
import { openAct, type RecordParts, recordedChange, type TableChange } from './table-changes.ts';

let test: TestCluster;
let db: Db;
let cluster: DataCluster;
let parts: RecordParts;
let marta: string;
let shop: string;
let slug: string;
let staging: string;
let live: string;
let container: { id: string; organisationId: string };
let stalled: Server;
const sockets: Socket[] = [];
const warned: string[] = [];
const allowed = new Set<string>();
const outside = new OutsideDatabases(allowed, undefined);

const change = (id: string, ...statements: string[]): Change => ({ id, statements, destructive: false });
const onStaging = <T>(work: Parameters<typeof cluster.asOwner<T>>[3]) => cluster.asOwner(staging, slug, 'shop', work);
const make = (...changes: Change[]) =>
  onStaging((client) => applyChanges(client, rolesOf(slug, 'shop').runtime, changes));
const record = (changes: Change[], work: () => Promise<unknown>, more: Partial<TableChange> = {}) =>
  recordedChange(
    parts,
    { act: 'apply', appId: shop, environment: 'staging', by: marta, changes, ...more },
    () => onStaging(appliedIds),
    work,
  );
const last = () =>
  one(
    db,
    sql<{
      id: string;
      state: string;
      tables: string[];
      chat: string | null;
    }>`select id, state, tables, chat_id as chat from data_acts order by id desc limit 1`,
  );
const stateOf = async (id: string) =>
  (await one(db, sql<{ state: string }>`select state from data_acts where id = ${id}`)).state;
const endedAt = async () =>
  (await one(db, sql<{ at: Date | null }>`select ended_at as at from data_acts order by id desc limit 1`)).at;
/** As a kill leaves it. */
const cutOff = async (changes: Change[], more: Partial<TableChange> = {}) => {
  await record(changes, async () => {}, more);
  const { id } = await last();
  await run(db, sql`update data_acts set state = 'open', ended_at = null where id = ${id}`);
  return id;
};
const settled = (againMs?: number) => settleTableChanges(parts, againMs);
const release = () =>
  one(
    db,
    sql<{
      id: string;
    }>`insert into releases (app_id, number, commit, merge_id, state) select ${shop}, coalesce(max(number), 0) + 1, 'x', uuidv7(), 'building' from releases returning id`,
  );

/** A server that lets everybody in and answers nothing that it is asked. */
const letsInAndStalls = (socket: Socket) => {
  sockets.push(socket);
  socket.on('error', () => {});
  socket.once('data', () => socket.write(Buffer.from([0x52, 0, 0, 0, 8, 0, 0, 0, 0, 0x5a, 0, 0, 0, 5, 0x49])));
};

beforeAll(async () => {
  test = await startTestCluster();
  ({ db } = await startedPlatform(test));
  const rules = newRules();
  marta = (await register(db, rules, person('Marta'))).id;
  cluster = new DataCluster(test.cluster.url, Buffer.alloc(32, 7), outside);
  parts = {
    ...{ db, keys: new DataKeys(db, rules.keyring), cluster },
    warn: (error, text) => void warned.push(`${text}: ${messageOf(error)}`),
  };
  const found = await one(
    db,
    sql<typeof container & { slug: string }>`select id, organisation_id as "organisationId", slug from containers`,
  );
  container = found;
  slug = found.slug;
  ({ staging, live } = databasesOf(slug));
  await cluster.createDatabases({ staging, live });
  await cluster.createSchema(staging, slug, 'shop');
  shop = (
    await one(
      db,
      sql<{
        id: string;
      }>`insert into apps (container_id, slug, name, mode, created_by) values (${container.id}, 'shop', 'Shop', 'dual-repository', ${marta}) returning id`,
    )
  ).id;
  await make(change('0001', 'create table books (id int primary key)'));
  stalled = createServer(letsInAndStalls);
  await new Promise<void>((resolve) => stalled.listen(0, '127.0.0.1', resolve));
});
afterAll(async () => {
  for (const socket of sockets) socket.destroy();
  stalled?.close();
  await cluster?.close();
  await test?.stop();
});

it('starts while a live database that is elsewhere lets us in and says nothing, and settles all others', async () => {
  const { port } = stalled.address() as { port: number };
  allowed.add(`127.0.0.1:${port}`);
  const address = { host: '127.0.0.1', port, database: 'x', user: 'x', password: 'x', tls: false, ca: null };
  outside.set(live, { address, version: 180000, bypassesRls: true, letsFollow: true });
  await cluster.forget(live);
  const there = await cutOff([change('0001')], { environment: 'live' });
  const here = await cutOff([change('0001')]);
  const end = await settled(50);
  // nobody has waited for it: it was not even asked by then
  expect(sockets.length).toBe(0);
  expect([await stateOf(there), await stateOf(here)]).toEqual(['open', 'done']);
  // one question is given up after seconds, and asked again; the client of such a server waits for ten minutes
  await expect.poll(() => sockets.length, { timeout: 30_000 }).toBeGreaterThan(1);
  end();
  expect(await stateOf(there)).toBe('open');
  outside.delete(live);
  await cluster.forget(live);
  (await settled())();
  expect(await stateOf(there)).toBe('failed');
});

it('ends what a live database that is elsewhere does not end, and writes down what comes of it all the same', async () => {
  const { port } = stalled.address() as { port: number };
  const address = { host: '127.0.0.1', port, database: 'x', user: 'x', password: 'x', tls: false, ca: null };
  const never = (longestMs: number) => {
    let come = () => {};
    let begin = () => {};
    const begun = new Promise<void>((resolve) => {
      begin = resolve;
    });
    const made = recordedChange(
      parts,
      { act: 'apply', appId: shop, environment: 'live', by: marta, changes: [change('0003')] },
      async () => new Set(),
      () =>
        new Promise<void>((resolve) => {
          come = resolve;
          begin();
        }),
      longestMs,
    );
    return { made, begun, come: () => come() };
  };
  // one of ours ends by itself
  const here = never(20);
  await here.begun;
  await sleep(200);
  expect((await last()).state).toBe('open');
  here.come();
  await here.made;
  outside.set(live, { address, version: 180000, bypassesRls: true, letsFollow: true });
  try {
    const there = never(20);
    await expect.poll(async () => (await last()).state).toBe('unknown');
    // it is not over: what is found of it is not taken for a stranger's
    expect(await endedAt()).toBeNull();
    there.come();
    await there.made;
    expect((await last()).state).toBe('done');
    expect(await endedAt()).not.toBeNull();
  } finally {
    outside.delete(live);
  }
  // a kill while nobody waited for it any more: the next start asks what became of it
  const killed = await cutOff([change('0004')]);
  await run(db, sql`update data_acts set state = 'unknown' where id = ${killed}`);
  (await settled())();
  expect(await stateOf(killed)).toBe('failed');
});

it('closes what can never be read, and says so', async () => {
  const id = await cutOff([change('0001')]);
  await onStaging((client) => client.query('alter table _vibe_changes rename column id to other'));
  (await settled())();
  await onStaging((client) => client.query('alter table _vibe_changes rename column other to id'));
  expect(await stateOf(id)).toBe('unknown');
  expect(warned.splice(0)).toEqual([
    'what became of a change of tables is not known: What a database says of its changes cannot be read.',
  ]);
});

it('judges a release that went on by all that it was to make, not by what was left', async () => {
  const { id: releaseId } = await release();
  const [good, bad] = [
    change('0010', 'alter table books add column a int'),
    change('0011', 'alter table nowhere add column b int'),
  ];
  const more = { act: 'release', releaseId } as const;
  const killed = record([good, bad], () => make(good).then(() => Promise.reject(new Error('killed'))), more);
  await expect(killed).rejects.toThrow('killed');
  await expect(record([bad], () => make(bad), more)).rejects.toMatchObject({ code: 'change_failed' });
  const act = await one(
    db,
    sql<{ id: string; state: string }>`select id, state from data_acts where release_id = ${releaseId}`,
  );
  expect(act.state).toBe('partly');
  expect(await openAct(parts, container, act.id)).toContain('add column a int');
});

it('leaves the last word to a release that goes on while it is settled', async () => {
  const { id: releaseId } = await release();
  const ours = change('0020', 'alter table books add column c int');
  await cutOff([ours], { act: 'release', releaseId });
  await record(
    [ours],
    async () => {
      (await settled())();
      expect((await last()).state).toBe('failed');
      await make(ours);
    },
    { act: 'release', releaseId },
  );
  expect((await last()).state).toBe('done');
  // and settling has none where it is closed already
  (await settled())();
  expect((await last()).state).toBe('done');
});

it('takes nobody else’s word for tables and chats, and keeps names to what a name can be', async () => {
  const { id: chatId } = await one(
    db,
    sql<{
      id: string;
    }>`insert into chats (container_id, app_id, chat8, title, created_by) values (${container.id}, ${shop}, 'aaaaaaaa', 'Plans', ${marta}) returning id`,
  );
  const origin = { chat: chatId, tool: 'spec', action: 'other', needs: [] };
  const tables = Array.from({ length: 5000 }, (_, n) => `${n} ${'x'.repeat(500)}`);
  const hostile = { ...change('0030', 'alter table books add column h int'), origin: { ...origin, tables } };
  await record([hostile], async () => {}, { chatId, foreign: true });
  expect(await last()).toMatchObject({ tables: ['books'], chat: null });
  await record([hostile], async () => {}, { chatId });
  const kept = await last();
  expect([kept.tables.length, Math.max(...kept.tables.map((table) => table.length)), kept.chat]).toEqual([
    200,
    63,
    chatId,
  ]);
});

it('says what went wrong first, and keeps what was made, where its own record cannot be closed', async () => {
  const lost = { ...parts, db };
  const closed = async () => {
    await run(db, sql`alter table data_acts add constraint stuck check (state = 'open') not valid`);
  };
  const asked = (work: () => Promise<unknown>) =>
    recordedChange(
      lost,
      { act: 'apply', appId: shop, environment: 'staging', by: marta, changes: [change('0040')] },
      () => onStaging(appliedIds),
      async () => {
        await closed();
        return work();
      },
    ).finally(() => run(db, sql`alter table data_acts drop constraint stuck`));
  await expect(asked(() => Promise.reject(new Error('the first one')))).rejects.toThrow('the first one');
  await expect(asked(async () => 'made')).resolves.toBe('made');
  expect((await last()).state).toBe('open');
  expect(warned.splice(0)).toHaveLength(2);
});
