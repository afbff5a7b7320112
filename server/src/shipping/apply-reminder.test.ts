/** What a live database of somebody else's says was made there, on its way to staging. */
import pg from 'pg';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { appliedChanges, appliedIds, applyChanges, type Change } from '../databases/changes.ts';
import { BoundedClient } from '../databases/outside/bounded-client.ts';
import { startTestCluster, type TestCluster } from '../db/test-database.ts';
import { foreignIn } from './apply-reminder.ts';

let test: TestCluster;
let client: pg.Client;

beforeAll(async () => {
  test = await startTestCluster();
  client = new pg.Client({ connectionString: test.cluster.url('postgres') });
  await client.connect();
  await client.query('create role runtime; create schema shop; set search_path = shop');
});
afterAll(async () => {
  await client?.end();
  await test?.stop();
});

const change = (id: string, ...statements: string[]): Change => ({ id, statements, destructive: false });

it('goes no further where it is not what Vibe writes', () => {
  const there = [
    change('0001', `create type "mood" as enum ('glad')`),
    // as two databases were made the same
    change('0000-alike', 'create table "visits" ("id" int generated always as identity)'),
  ];
  expect(foreignIn([change('0002', 'alter table "shops" add column "mood" mood')], there)).toBeNull();
  expect(foreignIn([change('0002', 'alter table "shops" add column "mood" mood')], [])).toMatch(/It uses mood/);
  for (const attack of [
    "copy shops to program 'id'",
    'create table x as select * from other.secrets',
    "create function f() returns int language sql as 'select 1'",
    'grant all on shops to public',
    'drop table _vibe_changes',
    // it does not say that it destroys something
    'drop table shops',
    'alter role current_user superuser',
    'select 1; drop table shops',
  ])
    expect([attack, foreignIn([change('0002', attack)], there)]).toEqual([attack, expect.stringContaining('0002')]);
});

it('is read row by row of a server elsewhere: what no change can be keeps no other from being read', async () => {
  const elsewhere = new BoundedClient({ connectionString: test.cluster.url('postgres') });
  await elsewhere.connect();
  try {
    await elsewhere.query('create schema there; set search_path = there');
    await applyChanges(elsewhere, 'runtime', [change('0001', 'create table shops (id int)')]);
    await elsewhere.query(`alter table _vibe_changes add column if not exists origin jsonb;
      insert into _vibe_changes (id, fingerprint, statements, position, origin, applied_at) values
        ('0002', 'x', '{}', 2, '{"tool": 1}', now()), ('0003', 'x', '{}', 3, null, 'infinity'), ('0004', 'x', '{}', 4, null, now())`);
    expect((await appliedChanges(elsewhere)).map(({ id }) => id)).toEqual(['0001', '0002', '0004']);
    // whether a change was made is not asked of what is said about it
    expect([...(await appliedIds(elsewhere))]).toEqual(['0001', '0002', '0003', '0004']);
    await elsewhere.query('alter table _vibe_changes alter id type int using id::int');
    expect(await appliedChanges(elsewhere)).toEqual([]);
  } finally {
    await elsewhere.end();
  }
});

it('is read as changes, or not at all', async () => {
  await applyChanges(client, 'runtime', [
    {
      ...change('0001', 'create table shops (id int)'),
      origin: { chat: null, tool: 'spec', action: 'other', tables: ['shops'], needs: [] },
    },
  ]);
  expect(await appliedChanges(client)).toMatchObject([{ id: '0001', effect: expect.arrayContaining(['table:shops']) }]);
  for (const hostile of [
    `update _vibe_changes set origin = '{"tables": "shops"}'`,
    `update _vibe_changes set origin = null; alter table _vibe_changes alter statements type text using 'drop table shops'`,
    `alter table _vibe_changes alter statements type jsonb using '[{"toString": 1}]'`,
    `alter table _vibe_changes alter statements type jsonb using null`,
  ]) {
    await client.query(
      hostile
        .replace('using null', 'using null::jsonb')
        .replace('type jsonb', 'drop not null, alter statements type jsonb'),
    );
    await expect(appliedChanges(client), hostile).rejects.toMatchObject({ code: 'changes_unreadable' });
  }
});
