import pg from 'pg';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { startTestCluster, type TestCluster } from '../../db/test-database.ts';
import { applyChanges } from '../changes.ts';
import { DataCluster } from '../cluster.ts';
import { databasesOf, rolesOf } from '../names.ts';
import { printRows } from '../rows.ts';
import { copyToLive, dropLive, turnIntoSite } from './convert.ts';
import { asRole } from './follow.ts';
import { mirrorPlace } from './place.ts';
import { copied } from './position.ts';
import { removeMirror, setUpMirror } from './set-up.ts';

const place = mirrorPlace('home', 'shop');
const { owner, runtime } = rolesOf('home', 'shop');
const change = {
  id: '1',
  destructive: false,
  statements: [
    `create type mood as enum ('calm', 'glad')`,
    `create table people (id int generated always as identity primary key, name text not null, boss int references people (id), mood mood, moods mood[],
       data jsonb, raw bytea, at timestamptz, price numeric, odd float8, list text[], twice int generated always as (id * 2) stored)`,
    'create table pets (id serial primary key, person int not null references people (id))',
  ],
};

const index = {
  id: '2',
  destructive: false,
  concurrently: true,
  statements: ['create index concurrently pets_person on pets (person)'],
};

/** What the app may do is narrower than usual, and row security hides rows. */
const diary = {
  id: '2a',
  destructive: false,
  statements: ['create table diary (id int primary key, text text, secret boolean not null)'],
};
const guarded = {
  id: '2b',
  destructive: false,
  statements: [
    'alter table diary enable row level security',
    'create policy open on diary for select using (not secret)',
    'revoke all on table diary from "the app"',
    'grant select (id, text), insert on table diary to "the app"',
    'create function pages() returns bigint language sql stable set search_path from current begin atomic select count(*) from diary; end',
    'revoke all on function pages from public',
    'grant execute on function pages to "the app"',
  ],
};

let test: TestCluster;
let cluster: DataCluster;
beforeAll(async () => {
  test = await startTestCluster();
  cluster = new DataCluster(test.cluster.url, Buffer.alloc(32, 7));
  await cluster.createDatabases(databasesOf('home'));
  await cluster.createSchema(place.staging, 'home', 'shop');
  await cluster.asOwner(place.staging, 'home', 'shop', async (client) => {
    await applyChanges(client, runtime, [change, index, diary, guarded]);
    await client.query("insert into diary values (1, 'open', false), (2, 'hidden', true)");
    await client.query(`insert into people (name, mood, moods, data, raw, at, price, odd, list) values
      ('Emma', 'glad', '{calm,glad}', 'null', '\\x00ff', 'infinity', 12345678901234567890.123456789, 0.1, '{"a,b",null,"\\"q\\""}'), ('', null, null, '{"a": 1e400}', null, '2026-03-29 01:30:00.123456+00', 'NaN', '-infinity', '{}')`);
    await client.query('update people set boss = 3 - id');
    await client.query('insert into pets (person) select 1 + n % 2 from generate_series(1, 5001) n');
  });
});
afterAll(async () => {
  await cluster.close();
  await test.stop();
});
const print = (database: string, schema: string) =>
  cluster.asOwner(database, 'home', schema, (client) => printRows(client, schema));

it('copies tables and rows to live, exactly, and starts again when it was cut off', async () => {
  const before = await print(place.staging, 'shop');
  await expect(
    copyToLive(cluster, place, async () => {
      throw new Error('killed');
    }),
  ).rejects.toThrow('killed');
  let tookOver = 0;
  await copyToLive(cluster, place, async () => {
    tookOver++;
    // whoever writes to staging now would write to what nobody reads any more
    const late = asRole(cluster, place.staging, runtime, async (client) => {
      await client.query(`set lock_timeout = '100ms'`);
      await client.query('insert into shop.pets (person) values (1)');
    });
    await expect(late).rejects.toThrow('lock timeout');
  });
  expect(tookOver).toBe(1);
  expect(await print(place.live, 'shop')).toBe(before);
  await asRole(cluster, place.live, runtime, async (client) => {
    expect((await client.query(`insert into people (name) values ('New') returning id`)).rows).toEqual([{ id: 3 }]);
    expect((await client.query(`insert into pets (person) values (3) returning id`)).rows).toEqual([{ id: 5002 }]);
  });
  await expect(
    asRole(cluster, place.live, owner, (client) => client.query('set session_replication_role = replica')),
  ).rejects.toThrow('permission denied');
});

it('is no mirror while staging has tables of its own', async () => {
  await expect(setUpMirror(cluster, place)).rejects.toMatchObject({ code: 'mirror_not_possible' });
  expect(
    await cluster.asOwner(
      place.staging,
      'home',
      'shop',
      async (c) => (await c.query('select count(*)::int as n from pets')).rows,
    ),
  ).toEqual([{ n: 5001 }]);
});

it('makes what staging had the site’s own, and the mirror takes its place', async () => {
  await turnIntoSite(cluster, place);
  await turnIntoSite(cluster, place);
  await setUpMirror(cluster, place);
  expect(await copied(cluster, place, 8000)).toBe(true);
  const site = rolesOf('home', place.site);
  await asRole(cluster, place.staging, site.runtime, async (client) => {
    expect((await client.query('select count(*)::int as n from pets')).rows).toEqual([{ n: 5001 }]);
    expect((await client.query('select count(*)::int as n from shop.pets')).rows).toEqual([{ n: 5002 }]);
    expect((await client.query(`insert into people (name) values ('Site') returning id`)).rows).toEqual([{ id: 3 }]);
    await expect(client.query('select * from _vibe_changes')).rejects.toThrow('permission denied');
    await expect(client.query('delete from shop.pets')).rejects.toThrow('permission denied');
    // what was said of rights goes along; the mirror has every row
    expect((await client.query('select pages()::int as n')).rows).toEqual([{ n: 1 }]);
    await expect(client.query('select secret from diary')).rejects.toThrow('permission denied');
    await expect(client.query('delete from diary')).rejects.toThrow('permission denied');
    expect((await client.query('select count(*)::int as n from shop.diary')).rows).toEqual([{ n: 2 }]);
  });
  // what serves live has no way into staging
  for (const role of [owner, runtime])
    await expect(asRole(cluster, place.staging, role, (client) => client.query('select 1'))).rejects.toThrow(
      'permission denied',
    );
  await cluster.asOwner(place.staging, 'home', place.site, (client) =>
    applyChanges(client, site.runtime, [
      { id: '3', destructive: false, statements: ['alter table pets add column name text'] },
    ]),
  );
});

it('leaves nothing behind when all of it is removed', async () => {
  await removeMirror(cluster, place);
  await dropLive(cluster, place);
  await cluster.dropSchemaAndRoles(place.staging, 'home', place.site);
  const admin = new pg.Client(test.cluster.url(place.live));
  await admin.connect();
  expect((await admin.query(`select rolname from pg_roles where rolname like 'home.%'`)).rows).toEqual([]);
  expect((await admin.query('select slot_name from pg_replication_slots')).rows).toEqual([]);
  await admin.end();
});
