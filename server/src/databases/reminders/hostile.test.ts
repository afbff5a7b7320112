/** What a server of somebody else's may invent: work stays in proportion, the list of who did what is not buried, and too much is refused in words. */
import pg from 'pg';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { newRules, person, startedPlatform } from '../../accounts/fixtures.ts';
import { register } from '../../accounts/registration.ts';
import { type Db, many, one, run, sql, transaction } from '../../db/database.ts';
import { startTestCluster, type TestCluster } from '../../db/test-database.ts';
import { readMirror, recordMirror } from '../mirror/record.ts';
import { BoundedClient } from '../outside/bounded-client.ts';
import { differencesOf } from './differences.ts';
import { openReminders } from './match.ts';
import { differing, lookAtObjects, readObjects } from './objects.ts';
import { noteStrange } from './strange.ts';

let test: TestCluster;
let db: Db;
let app: string;
let apps = 0;

beforeAll(async () => {
  test = await startTestCluster();
  ({ db } = await startedPlatform(test));
  await register(db, newRules(), person('Marta'));
});
afterAll(async () => {
  await test?.stop();
});
beforeEach(async () => {
  const name = `app${++apps}`;
  ({ id: app } = await one(
    db,
    sql<{ id: string }>`insert into apps (container_id, slug, name, mode, created_by)
      select id, ${name}, ${name}, 'dual-repository', (select id from users) from containers returning id`,
  ));
  await recordMirror(db, app, { state: 'in_step', words: '', lagMs: 0, lagBytes: 0, percent: null });
  await run(db, sql`update mirrors set site_filled_at = now() where app_id = ${app}`);
});

const now = async () => (await one(db, sql<{ at: string }>`select clock_timestamp()::text as at`)).at;

/** A look that finds these objects, by table. */
async function look(found: Record<string, string[]>, outside: boolean, began?: string): Promise<void> {
  const at = began ?? (await now());
  await transaction(db, async (tx) => {
    const noted = await many(
      tx,
      sql<{ source: string; noted: string[] }>`select source, noted from reminders where app_id = ${app}`,
    );
    const seen = Object.entries(found).map(([source, objects]) => ({
      source,
      tables: [source],
      objects,
      noted: noted.find((row) => row.source === source)?.noted ?? [],
    }));
    for (const { source, objects } of seen)
      await run(
        tx,
        sql`insert into reminders (app_id, kind, source, tool, action, tables, objects) values (${app}, 'drift', ${source}, '', '', '{}', ${objects}::text[])
          on conflict (app_id, kind, direction, source) do update set objects = excluded.objects`,
      );
    await noteStrange(tx, app, seen, { began: at, outside });
  });
}
const acts = () =>
  many(
    db,
    sql<{
      tables: string[];
      note: string;
    }>`select tables, note from data_acts where app_id = ${app} and act = 'drift' order by at, id`,
  );

it('writes one entry for one look, with the first names and how many more there are', async () => {
  const many = Array.from({ length: 60 }, (_, n) => `t${n}${'x'.repeat(59)}`);
  await look(Object.fromEntries(many.map((name) => [name, [`table:${name}`, `column:${name}.id`]])), false);
  const [only, ...others] = await acts();
  expect(others).toEqual([]);
  expect(only!.tables).toEqual(many.slice(0, 20));
  expect(only!.note).toMatch(/^table t0x+, .* and 40 more$/);
});

it('writes no more than one entry a minute of a server elsewhere, and loses nothing of what came meanwhile', async () => {
  for (let n = 0; n < 20; n++) await look({ shops: [`column:shops.c${n}`] }, true);
  expect(await acts()).toMatchObject([{ note: 'column c0 of shops' }]);
  await run(db, sql`update data_acts set at = at - interval '2 minutes'`);
  await look({ shops: ['column:shops.c18', 'column:shops.c19'], towns: ['table:towns'] }, true);
  expect(await acts()).toMatchObject([
    {},
    { tables: ['shops', 'towns'], note: 'column c18 of shops, column c19 of shops, table towns' },
  ]);
  // the platform's own database is told of at once
  await look({ shops: ['column:shops.c20'] }, false);
  expect(await acts()).toHaveLength(3);
});

it('waits for what is of Vibe’s own and was not over when it began to read, and for no draft', async () => {
  const act = (environment: string, state: string, ended: string | null) =>
    run(
      db,
      sql`insert into data_acts (container_id, app_id, act, environment, sealed, state, ended_at)
        select container_id, id, 'apply', ${environment}, '', ${state}, ${ended}::timestamptz from apps where id = ${app}`,
    );
  const began = await now();
  await act('draft', 'open', null);
  await act('live', 'done', await now());
  // read before that change ended, however long ago that is by now
  await run(db, sql`update mirrors set site_filled_at = '-infinity' where app_id = ${app}`);
  await look({ shops: ['column:shops.a'] }, false, began);
  expect(await acts()).toEqual([]);
  // read after it
  await look({ shops: ['column:shops.a'] }, false);
  expect(await acts()).toHaveLength(1);
  await act('site', 'open', null);
  await look({ shops: ['column:shops.b'] }, false);
  expect(await acts()).toHaveLength(1);
});

const MANY = 50_000;
const quick = async (work: () => unknown) => {
  const began = performance.now();
  await work();
  expect(performance.now() - began).toBeLessThan(2500);
};

it('works in proportion to what there is', async () => {
  const objects = Array.from({ length: MANY }, (_, n) => `column:shops.c${n}`);
  const sides = { inBoth: () => true, replicated: () => false, staging: [] };
  const change = { kind: 'schema' as const, chat: null, tool: '', action: '', fingerprint: '' };
  const unknown = objects.map((key) => ({ ...change, key, tables: ['shops'], effect: null }));
  await quick(() => openReminders({ ...sides, live: unknown, differing: objects }));
  await quick(() =>
    expect(openReminders({ ...sides, live: [], differing: objects }).drift).toEqual([{ table: 'shops', objects }]),
  );
  const others = objects.map((key) => `${key}x`);
  const seen = [{ source: 'shops', tables: ['shops'], objects: others, noted: objects }];
  const began = await now();
  await quick(() => transaction(db, (tx) => noteStrange(tx, app, seen, { began, outside: true })));
  const views = ['"x""'.repeat(50_000), 'x'.repeat(200_000), `'${`''`.repeat(50_000)}`].map((text) => {
    const map = (before16: boolean, more: string) => Object.assign(new Map([['view:v', text + more]]), { before16 });
    return [map(true, ''), map(false, ' ')] as const;
  });
  for (const [a, b] of views) await quick(() => expect(differing(a, b)).toEqual(['view:v']));
  // put into words no further than they are shown
  for (const text of [`"${'x""'.repeat(1300)}`, `FOREIGN KEY (c)${' REFERENCES '.repeat(330)}`]) {
    const rules = Array.from({ length: 20_000 }, (_, n): [string, string] => [`constraint:shops.r${n}`, text]);
    await quick(() =>
      expect(differencesOf({ staging: new Map(), live: new Map(rules) }, () => true, 2000).length).toBe(2001),
    );
  }
});

it('is not kept silent for good by an act on a server elsewhere that a kill has left open', async () => {
  const open = (ago: string) =>
    run(
      db,
      sql`insert into data_acts (container_id, act, app_id, environment, sealed, state, at)
        select container_id, 'apply', id, 'live', '\\x00', 'open', now() - ${ago}::interval from apps where id = ${app}`,
    );
  const found = { shops: ['column:shops.by_hand'] };
  await open('50 minutes');
  await look(found, true);
  expect(await acts()).toEqual([]);
  await run(db, sql`update data_acts set at = at - interval '20 minutes' where app_id = ${app}`);
  // one of ours is under way for as long as it is
  await look(found, false);
  expect(await acts()).toEqual([]);
  await look(found, true);
  expect(await acts()).toMatchObject([{ note: 'column by_hand of shops' }]);
});

it('takes nothing for a stranger’s of the tables of an act that is still being made after nobody waits for it', async () => {
  await run(
    db,
    sql`insert into data_acts (container_id, act, app_id, environment, sealed, state, tables, at)
      select container_id, 'release', id, 'live', '\\x00', 'unknown', '{shops}', now() - interval '16 minutes' from apps where id = ${app}`,
  );
  const found = { shops: ['index:shops.by_name'], towns: ['column:towns.by_hand'] };
  await look(found, true);
  expect(await acts()).toMatchObject([{ tables: ['towns'], note: 'column by_hand of towns' }]);
  // it is over, and that is still there
  await run(db, sql`update data_acts set ended_at = now(), at = at - interval '2 minutes' where app_id = ${app}`);
  await look(found, true);
  expect((await acts())[1]).toMatchObject({ tables: ['shops'] });
});

it('refuses more objects of a server elsewhere than are compared', async () => {
  const config = { connectionString: test.cluster.url('postgres') };
  const [own, elsewhere] = [new pg.Client(config), new BoundedClient(config)];
  await Promise.all([own.connect(), elsewhere.connect()]);
  try {
    await own.query('create schema wide');
    for (const client of [own, elsewhere]) await client.query('set search_path = wide');
    expect((await lookAtObjects(elsewhere, 'app')).size).toBe(0);
    const columns = Array.from({ length: 1590 }, (_, n) => `c${n} int`).join();
    await own.query(Array.from({ length: 32 }, (_, n) => `create table t${n} (${columns})`).join(';'));
    expect((await readObjects(own, 'app')).size).toBeGreaterThan(MANY);
    expect((await lookAtObjects(own, 'app')).size).toBeGreaterThan(MANY);
    await expect(lookAtObjects(elsewhere, 'app')).rejects.toMatchObject({
      code: 'too_many_objects',
      message: 'Live has too many objects to compare.',
    });
  } finally {
    await Promise.all([own.end(), elsewhere.end()]);
  }
});

it('is kept as words of a limited length, with no orders to a terminal in them', async () => {
  const words = `Live does not answer (\u001b[2J${'evil '.repeat(10_000)}).`;
  const news = { state: 'stalled', words, lagMs: 0, lagBytes: 0, percent: null } as const;
  expect(await recordMirror(db, app, news)).toBe(true);
  // the same is not news each time
  expect(await recordMirror(db, app, news)).toBe(false);
  const kept = (await readMirror(db, app))!.words;
  expect(kept).toHaveLength(2000);
  expect(kept.startsWith('Live does not answer ( [2Jevil ')).toBe(true);
});
