import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { outsideAddressSchema } from '../../../../contract/outside.ts';
import { DataKeys } from '../../accounts/data-keys.ts';
import { newRules, person, startedPlatform } from '../../accounts/fixtures.ts';
import { register } from '../../accounts/registration.ts';
import { DataCluster } from '../../databases/cluster.ts';
import { databasesOf } from '../../databases/names.ts';
import { type OutsideTest, startOutside } from '../../databases/outside/fixtures/outside-server.ts';
import { keepUp } from '../../databases/outside/mark.ts';
import { OutsideDatabases } from '../../databases/outside/outside-databases.ts';
import { type Db, many, one, run, sql } from '../../db/database.ts';
import { startTestCluster, type TestCluster } from '../../db/test-database.ts';
import { codeOf } from '../../errors.ts';
import { Hub } from '../../events/hub.ts';
import { listChanges } from './changes.ts';
import { keepUpOutside, loadOutside, OutsideKeeper, type OutsideParts, readOutside } from './outside.ts';

let test: TestCluster;
let there: OutsideTest;
let db: Db;
let marta: string;
let container: { id: string; slug: string };
let parts: OutsideParts;
let keeper: OutsideKeeper;

beforeAll(async () => {
  [test, there] = await Promise.all([startTestCluster(), startOutside()]);
  ({ db } = await startedPlatform(test));
  const rules = newRules();
  marta = (await register(db, rules, person('Marta'))).id;
  container = await one(db, sql<typeof container>`select id, slug from containers`);
  await run(db, sql`update containers set state = 'ready'`);
  const keys = new DataKeys(db, rules.keyring);
  const outside = new OutsideDatabases(new Set([there.allowed]), undefined);
  const cluster = new DataCluster(test.cluster.url, Buffer.alloc(32, 7), outside);
  await cluster.createDatabases(databasesOf(container.slug));
  parts = { db, keys, cluster, outside, hub: new Hub(db, keys) };
  keeper = new OutsideKeeper(parts);
});
afterAll(async () => {
  await parts.cluster.close();
  await there.end();
  await test.stop();
});

const where = () =>
  parts.cluster.readCatalogue(
    databasesOf(container.slug).live,
    async (pool) => (await pool.query('select current_database() as at')).rows[0].at,
  );

it('keeps an address that fits, sealed, and everything of the live database goes there', async () => {
  expect(await where()).toBe(databasesOf(container.slug).live);
  expect(await keeper.check(container.id, there.address)).toMatchObject({ fits: true });
  expect(await readOutside(db, container.id, true)).toMatchObject({ address: null, fixed: false });
  await keeper.keep(container.id, marta, there.address);
  expect(await where()).toBe('shopdb');
  const shown = await readOutside(db, container.id, true);
  expect(shown.address).toMatchObject({
    host: '127.0.0.1',
    database: 'shopdb',
    user: 'boss',
    ownCertificate: true,
    setBy: 'Marta',
  });
  const [row] = await many(db, sql<{ all: string }>`select o::text as all from outside_databases o`);
  for (const text of [JSON.stringify(shown), row!.all]) expect(text).not.toContain(there.address.password);
  expect((await listChanges(db, container, { reads: false })).items[0]).toMatchObject({
    act: 'outside',
    kind: 'settings',
    name: `${there.allowed}/shopdb`,
  });
  // what is kept can be looked at again without typing it
  expect(await keeper.check(container.id, null)).toMatchObject({ fits: true });
});

it('knows it again after a start', async () => {
  const outside = new OutsideDatabases(new Set([there.allowed]), undefined);
  await loadOutside({ ...parts, outside });
  expect(outside.of(databasesOf(container.slug).live)?.address).toEqual(there.address);
});

const older = Number(process.env.OUTSIDE_POSTGRES) || 18;
it.skipIf(older >= 18)(
  'has after a start what an earlier build did not make there, as soon as it answers',
  async () => {
    const ask = async (text: string) => {
      const root = await there.root();
      try {
        return (await root.query(text)).rows;
      } finally {
        await root.end();
      }
    };
    const made = async () =>
      (await ask("select proname from pg_proc where pronamespace = 'vibe_live'::regnamespace order by 1")).map(
        ({ proname }) => proname,
      );
    const all = older === 15 ? ['pg_input_is_valid', 'uuidv7'] : ['uuidv7'];
    expect(await made()).toEqual(all);
    await ask(`drop function vibe_live.${all[0]}`);
    await there.stop();
    const warned: string[] = [];
    const end = await keepUpOutside({ ...parts, warn: (_error, text) => warned.push(text) }, 100);
    await expect.poll(() => warned.length).toBe(1);
    await there.start();
    await expect.poll(made).toEqual(all);
    end();
    // another container's place is left alone
    await ask(`drop function vibe_live.${all[0]}`);
    await keepUp(parts.outside.client(there.address), 'somebody else');
    expect(await made()).toEqual(all.slice(1));
    expect(warned.length).toBe(1);
  },
);

it('says what a server refuses while it is kept up, also after it was away, and leaves it alone then', async () => {
  const root = await there.root();
  await root.query('revoke select on pg_catalog.pg_namespace from public');
  await run(db, sql`update outside_databases set version = 150000`);
  await there.stop();
  const warned: string[] = [];
  const end = await keepUpOutside({ ...parts, warn: (error) => warned.push(codeOf(error)) }, 50);
  await expect.poll(() => warned).toEqual(['live_away']);
  await there.start();
  await expect.poll(() => warned).toEqual(['live_away', '42501']);
  const again = await there.root();
  await again.query('grant select on pg_catalog.pg_namespace to public');
  await run(db, sql`update outside_databases set version = ${there.version}`);
  await again.end();
  end();
});

it('goes on keeping a server up after an error that passes, and says each once', async () => {
  const root = await there.root();
  await run(db, sql`update outside_databases set version = 150000`);
  await root.query("alter role boss set lock_timeout = '50ms'");
  await root.query('begin; lock table pg_catalog.pg_description in access exclusive mode');
  const warned: string[] = [];
  const end = await keepUpOutside({ ...parts, warn: (error) => warned.push(codeOf(error)) }, 50);
  await expect.poll(() => warned).toEqual(['55P03']);
  await sleep(500);
  expect(warned).toEqual(['55P03']);
  // what comes next it meets only if it is still at it; the table stays locked, or a try that waits for it could come through
  const other = await there.root();
  await other.query('revoke select on pg_catalog.pg_namespace from public');
  await expect.poll(() => warned).toEqual(['55P03', '42501']);
  await other.end();
  await root.query('commit');
  await root.query('grant select on pg_catalog.pg_namespace to public; alter role boss reset lock_timeout');
  await run(db, sql`update outside_databases set version = ${there.version}`);
  await root.end();
  end();
});

it('keeps nothing that does not fit', async () => {
  const wrong = { ...there.address, password: 'not this one' };
  const refused = await keeper.keep(container.id, marta, wrong).catch((error) => error);
  expect(refused).toMatchObject({ code: 'outside_unfit', message: '127.0.0.1 does not let boss in.' });
  expect(`${refused.message} ${refused.detail}`).not.toContain('not this one');
  expect(await where()).toBe('shopdb');
});

it('stays where it is once an app has its rows there, but for how one comes in', async () => {
  await run(
    db,
    sql`insert into apps (container_id, slug, name, mode, created_by) values (${container.id}, 'shop', 'Shop', 'dual-repository', ${marta})`,
  );
  await expect(keeper.leave(container.id, marta)).rejects.toMatchObject({ code: 'live_in_use' });
  const elsewhere = { ...there.address, database: 'postgres' };
  await expect(keeper.keep(container.id, marta, elsewhere)).rejects.toMatchObject({ code: 'live_in_use' });
  const root = await there.root();
  await root.query(`alter role boss password 'another'`);
  await keeper.keep(container.id, marta, { ...there.address, password: 'another' });
  expect(await where()).toBe('shopdb');
  await run(db, sql`update apps set removed_at = now()`);
});

it('comes back to this server, and leaves its mark nowhere', async () => {
  await keeper.leave(container.id, marta);
  expect(await where()).toBe(databasesOf(container.slug).live);
  expect((await readOutside(db, container.id, true)).address).toBeNull();
  const root = await there.root();
  expect((await root.query(`select 1 from pg_namespace where nspname = 'vibe_live'`)).rowCount).toBe(0);
  await expect(keeper.leave(container.id, marta)).rejects.toMatchObject({ code: 'no_outside' });
});

it('takes a host’s name and nothing that means something else', () => {
  const base = { host: 'db.example.com', port: 5432, database: 'a', user: 'b', password: 'c' };
  expect(outsideAddressSchema.safeParse(base).success).toBe(true);
  for (const host of [
    '/run/postgres',
    'a b',
    "x' sslmode='disable",
    'https://db.example.com',
    'a,b',
    '',
    'a/../b',
    '@x',
  ])
    expect(outsideAddressSchema.safeParse({ ...base, host }).success, host).toBe(false);
  for (const more of [{ database: 'a\nb' }, { user: 'a\0b' }, { port: 0 }, { port: 70000 }, { password: '' }])
    expect(outsideAddressSchema.safeParse({ ...base, ...more }).success, JSON.stringify(more)).toBe(false);
});
