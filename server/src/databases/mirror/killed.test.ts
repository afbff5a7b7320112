import { afterAll, beforeAll, expect, it } from 'vitest';
import { startTestCluster, type TestCluster } from '../../db/test-database.ts';
import { applyChanges } from '../changes.ts';
import { DataCluster } from '../cluster.ts';
import { databasesOf, rolesOf } from '../names.ts';
import { copyToLive, turnIntoSite } from './convert.ts';
import { Killed, Mortal } from './fixtures/mortal.ts';
import { mirrorPlace } from './place.ts';
import { caughtUp, copied, markLive } from './position.ts';
import { setUpMirror } from './set-up.ts';

let test: TestCluster;
beforeAll(async () => {
  test = await startTestCluster();
});
afterAll(async () => {
  await test.stop();
});

it('comes to the same end wherever it was killed on the way from staging to live and its mirror', async () => {
  const secret = Buffer.alloc(32, 7);
  const cluster = new DataCluster(test.cluster.url, secret);
  let whole = false;
  let kills = 0;
  for (let steps = 0; !whole; steps++) {
    const container = `home-${steps}`;
    const place = mirrorPlace(container, 'shop');
    await cluster.createDatabases(databasesOf(container));
    await cluster.createSchema(place.staging, container, 'shop');
    await cluster.asOwner(place.staging, container, 'shop', async (client) => {
      const change = {
        id: '1',
        destructive: false,
        statements: ['create table books (id int generated always as identity primary key, title text)'],
      };
      await applyChanges(client, rolesOf(container, 'shop').runtime, [change]);
      await client.query(`insert into books (title) values ('Emma'), ('Persuasion')`);
    });
    let onLive = false;
    const road = async (by: DataCluster) => {
      if (!onLive)
        await copyToLive(by, place, async () => {
          onLive = true;
        });
      await turnIntoSite(by, place);
      await setUpMirror(by, place);
    };
    const mortal = new Mortal(test.cluster.url, secret, steps);
    await road(mortal).then(
      () => {
        whole = true;
      },
      (error) => {
        kills++;
        if (!(error instanceof Killed) && !(error.cause instanceof Killed)) throw error;
      },
    );
    await mortal.close();
    // live is written in between, once the app works there
    const write = () =>
      cluster.asOwner(place.live, container, 'shop', (client) =>
        client.query(`insert into books (title) values ('Sanditon')`),
      );
    if (onLive) await write();
    await road(cluster);
    await write();
    expect(await copied(cluster, place, 8000)).toBe(true);
    expect(await caughtUp(cluster, place, await markLive(cluster, place), 8000)).toBe(true);
    const read = (database: string, schema: string) =>
      cluster.readCatalogue(
        database,
        async (pool) => (await pool.query(`select id, title from ${schema}.books order by 1`)).rows,
      );
    const live = await read(place.live, 'shop');
    expect([steps, live.length >= 3, live[0]]).toEqual([steps, true, { id: 1, title: 'Emma' }]);
    expect([steps, await read(place.staging, 'shop')]).toEqual([steps, live]);
    expect(await read(place.staging, place.site)).toEqual(live.slice(0, 2));
    await cluster.administer(place.staging, `alter subscription ${place.subscription} disable`);
  }
  expect(kills).toBeGreaterThan(15);
  await cluster.close();
}, 240_000);
