/** A live database that is gone for good: no row is lost on the way back, whatever state the mirror is in and wherever it is killed. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { startTestCluster, type TestCluster } from '../../db/test-database.ts';
import { applyChanges } from '../changes.ts';
import { DataCluster } from '../cluster.ts';
import { databasesOf, rolesOf } from '../names.ts';
import { checkOutside } from '../outside/check.ts';
import { type OutsideTest, startOutside } from '../outside/fixtures/outside-server.ts';
import { takePlace } from '../outside/mark.ts';
import { OutsideDatabases } from '../outside/outside-databases.ts';
import { bringRowsHome } from './bring-home.ts';
import { copyToLive, turnIntoSite } from './convert.ts';
import { Killed, Mortal } from './fixtures/mortal.ts';
import { type MirrorPlace, mirrorPlace } from './place.ts';
import { caughtUp, copied, isWhole, markLive } from './position.ts';
import { setUpMirror } from './set-up.ts';

const container = 'home';
const secret = Buffer.alloc(32, 7);
let folder: string;
let test: TestCluster;
let there: OutsideTest;
let outside: OutsideDatabases;
let cluster: DataCluster;
let place: MirrorPlace;
let apps = 0;

beforeAll(async () => {
  [test, there] = await Promise.all([startTestCluster(), startOutside()]);
  folder = await mkdtemp(join(tmpdir(), 'vibe-test-ca-'));
  outside = new OutsideDatabases(new Set([there.allowed]), folder);
  cluster = new DataCluster(test.cluster.url, secret, outside);
  const parts = { outside, own: async () => new Set<string>(), containerId: container };
  const { server, findings } = await checkOutside(parts, there.address);
  if (!server) throw new Error(JSON.stringify(findings));
  await takePlace(outside.client(there.address), container);
  outside.set(databasesOf(container).live, server);
  await cluster.createDatabases(databasesOf(container));
});
afterAll(async () => {
  await cluster.close();
  await there.end();
  await test.stop();
  await rm(folder, { recursive: true, force: true });
});

/** Two rows on the staging site, and a third on live and its mirror. */
beforeEach(async () => {
  const app = `shop${++apps}`;
  place = mirrorPlace(container, app);
  await cluster.createSchema(place.staging, container, app);
  await cluster.asOwner(place.staging, container, app, async (client) => {
    await applyChanges(client, rolesOf(container, app).runtime, [
      { id: '1', destructive: false, statements: ['create table books (id int primary key, title text)'] },
    ]);
    await client.query(`insert into books values (1, 'Emma'), (2, 'Persuasion')`);
  });
  await copyToLive(cluster, place, async () => {});
  await turnIntoSite(cluster, place);
  await cluster.asOwner(place.live, container, app, (client) =>
    client.query(`insert into books values (3, 'Sanditon')`),
  );
  await setUpMirror(cluster, place);
  expect(await copied(cluster, place, 8000)).toBe(true);
  expect(await caughtUp(cluster, place, await markLive(cluster, place), 8000)).toBe(true);
});

const staging = async (text: string) =>
  (await cluster.readCatalogue(place.staging, (pool) => pool.query(text))).rows as Record<string, unknown>[];
const titles = async (schema = place.schema) =>
  (await staging(`select title from ${schema}.books order by id`)).map(({ title }) => title);

it('brings what the mirror had last, and may be killed at every step', async () => {
  let kills = 0;
  for (let whole = false; !whole; ) {
    const mortal = new Mortal(test.cluster.url, secret, kills, outside);
    await bringRowsHome(mortal, place).then(
      () => {
        whole = true;
      },
      (error) => {
        if (!(error instanceof Killed) && !(error.cause instanceof Killed)) throw error;
        kills++;
      },
    );
    await mortal.close();
  }
  expect(kills).toBeGreaterThan(10);
  expect(await titles()).toEqual(['Emma', 'Persuasion', 'Sanditon']);
  // once more changes nothing
  await bringRowsHome(cluster, place);
  expect(await titles()).toEqual(['Emma', 'Persuasion', 'Sanditon']);
  await cluster.asOwner(place.staging, container, place.schema, (client) => client.query('delete from books'));
});

it('keeps what the staging site has where the mirror has lost its subscription or is half there', async () => {
  expect(await isWhole(cluster, place)).toBe(true);
  // as when it begins anew: emptied, and live went away before it could be followed again
  for (const words of ['disable', 'set (slot_name = none)'])
    await cluster.administer(place.staging, `alter subscription ${place.subscription} ${words}`);
  await cluster.administer(place.staging, `drop subscription ${place.subscription}`);
  await cluster.administer(place.staging, `truncate ${place.schema}.books`);
  expect(await copied(cluster, place, 0)).toBe(true);
  await bringRowsHome(cluster, place);
  expect(await titles()).toEqual(['Emma', 'Persuasion']);
});

it('keeps it also where a table of the mirror was made anew and is still empty', async () => {
  await cluster.administer(place.staging, `alter subscription ${place.subscription} disable`);
  await cluster.administer(
    place.staging,
    `drop table ${place.schema}.books; create table ${place.schema}.books (id int primary key, title text)`,
  );
  expect(await copied(cluster, place, 0)).toBe(true);
  await bringRowsHome(cluster, place);
  expect(await titles()).toEqual(['Emma', 'Persuasion']);
});
