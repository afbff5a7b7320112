/** A mirror that has to be copied again and cannot be: what staging reads stays until it can. */
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, connect as openSocket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { startTestCluster, type TestCluster } from '../../db/test-database.ts';
import { DataCluster } from '../cluster.ts';
import { databasesOf } from '../names.ts';
import { checkOutside } from '../outside/check.ts';
import { type OutsideTest, startOutside } from '../outside/fixtures/outside-server.ts';
import { OutsideDatabases } from '../outside/outside-databases.ts';
import { until } from './fixtures/shop.ts';
import { type MirrorPlace, mirrorPlace } from './place.ts';
import { setUpMirror } from './set-up.ts';

const container = 'home';
let test: TestCluster;
let there: OutsideTest;
let cluster: DataCluster;
let place: MirrorPlace;
let root: pg.Client;
let staging: pg.Client;
let folder: string;
let outside: OutsideDatabases;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'vibe-test-refused-'));
  [test, there] = await Promise.all([startTestCluster(), startOutside(undefined, { max_replication_slots: '2' })]);
  outside = new OutsideDatabases(new Set([there.allowed]), folder);
  const own = async () => new Set<string>();
  const { server } = await checkOutside({ outside, own, containerId: container }, there.address);
  place = mirrorPlace(container, 'shop');
  outside.set(place.live, server!);
  cluster = new DataCluster(test.cluster.url, Buffer.alloc(32, 7), outside);
  await cluster.createDatabases(databasesOf(container));
  await cluster.createSchema(place.live, container, 'shop');
  await cluster.asOwner(place.live, container, 'shop', (client) =>
    client.query('create table books (id int primary key); insert into books select generate_series(1, 50)'),
  );
  root = await there.root();
  staging = new pg.Client({ connectionString: test.cluster.url(place.staging) });
  await staging.connect();
  await setUpMirror(cluster, place);
  await until(count, (n) => n === 50);
});
afterAll(async () => {
  await staging?.end();
  await cluster?.close();
  await there?.end();
  await test?.stop();
  await rm(folder, { recursive: true, force: true });
});

const count = async () => (await staging.query('select count(*)::int as n from shop.books')).rows[0].n as number;
const slots = async () =>
  (await root.query('select slot_name from pg_replication_slots order by 1')).rows.map((row) => row.slot_name);
/** What the mirror has missed it can never get: it has to be copied again. */
async function loseSlot(): Promise<void> {
  await staging.query(`alter subscription ${place.subscription} disable`);
  await until(
    async () => (await root.query('select active from pg_replication_slots where slot_name = $1', [place.slot])).rows,
    (rows) => !rows[0]?.active,
  );
  await root.query('select pg_drop_replication_slot($1)', [place.slot]);
}

it.each([
  ['none', 2],
  ['one, and none to copy with', 1],
])('keeps its rows while live has no place for it: %s', async (_left, taken) => {
  await loseSlot();
  for (let n = 0; n < taken; n++) await root.query(`select pg_create_physical_replication_slot('theirs_${n}')`);
  for (let again = 0; again < 2; again++) {
    await expect(setUpMirror(cluster, place)).rejects.toMatchObject({
      code: 'mirror_full',
      detail: expect.stringContaining('raise max_replication_slots (now 2)'),
    });
    expect(await count()).toBe(50);
  }
  // nothing of ours keeps that server's log
  expect(await slots()).toEqual(Array.from({ length: taken }, (_, n) => `theirs_${n}`));
  for (let n = 0; n < taken; n++) await root.query(`select pg_drop_replication_slot('theirs_${n}')`);
  await root.query('insert into shop.books values (51)');
  await setUpMirror(cluster, place);
  await until(count, (n) => n === 51, 15_000);
  await root.query('delete from shop.books where id = 51');
  await until(count, (n) => n === 50);
});

it('keeps its rows where the subscription cannot be made at the last moment', async () => {
  await loseSlot();
  await staging.query(`alter database ${place.staging} connection limit 0`);
  await expect(setUpMirror(cluster, place)).rejects.toThrow();
  expect(await count()).toBe(50);
  // live keeps its log for nobody meanwhile
  expect(await slots()).toEqual([]);
  await staging.query(`alter database ${place.staging} connection limit -1`);
  await setUpMirror(cluster, place);
  await root.query('insert into shop.books values (52)');
  await until(count, (n) => n === 51, 15_000);
});

it('leaves no slot on live that a killed attempt has made, while there is no place for the copy', async () => {
  await loseSlot();
  for (const words of ['set (slot_name = none)', 'disable'])
    await staging.query(`alter subscription ${place.subscription} ${words}`);
  await staging.query(`drop subscription ${place.subscription}`);
  await root.query(`select pg_create_logical_replication_slot($1, 'pgoutput')`, [place.slot]);
  await root.query(`select pg_create_physical_replication_slot('theirs')`);
  await expect(setUpMirror(cluster, place)).rejects.toMatchObject({ code: 'mirror_full' });
  expect(await slots()).toEqual(['theirs']);
});

/** Between who asks and staging: the answer to the commit of a subscription never comes through. */
async function losingTheAnswer(): Promise<{ cluster: DataCluster; lost: () => number; end(): Promise<void> }> {
  const url = new URL(test.cluster.url(place.staging).replace(/^postgres(ql)?:\/\/\//, 'postgresql://localhost/'));
  const host = url.searchParams.get('host')!;
  const name = `.s.PGSQL.${url.port || 5432}`;
  let lost = 0;
  const between = createServer((near) => {
    const far = openSocket(join(host, name));
    let subscribes = false;
    let commits = false;
    for (const socket of [near, far])
      socket.on('error', () => {}).on('close', () => [near, far].forEach((one) => void one.destroy()));
    near.on('data', (chunk) => {
      subscribes ||= chunk.includes('create subscription');
      commits ||= subscribes && chunk.includes('commit');
      far.write(chunk);
    });
    far.on('data', (chunk) => {
      if (!commits) return void near.write(chunk);
      lost++;
      near.destroy();
    });
  });
  await new Promise<void>((resolve) => between.listen(join(folder, name), resolve));
  const road = (database: string) =>
    test.cluster
      .url(database)
      .replaceAll(host, folder)
      .replaceAll(encodeURIComponent(host), encodeURIComponent(folder));
  const own = new DataCluster(
    (database) => (database === place.staging ? road(database) : test.cluster.url(database)),
    Buffer.alloc(32, 7),
    outside,
  );
  return {
    cluster: own,
    lost: () => lost,
    end: async () => {
      await own.close();
      await new Promise((resolve) => between.close(resolve));
    },
  };
}

it('keeps the slot of a subscription whose answer was lost', async () => {
  await root.query(`select pg_drop_replication_slot('theirs')`);
  const between = await losingTheAnswer();
  await expect(setUpMirror(between.cluster, place)).rejects.toThrow(/terminat|closed|ended/i);
  expect(between.lost()).toBe(1);
  expect(await slots()).toContain(place.slot);
  await between.end();
  // it brings what live gets, without anybody's doing
  await root.query('insert into shop.books values (53)');
  await until(count, (n) => n === 52, 15_000);
  await setUpMirror(cluster, place);
  await root.query('insert into shop.books values (54)');
  await until(count, (n) => n === 53, 15_000);
});
