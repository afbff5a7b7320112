/** Where tables live, on a real platform database. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Db, one, run, sql } from '../db/database.ts';
import { startTestCluster, type TestCluster } from '../db/test-database.ts';
import { homesOf } from './table-homes.ts';

let test: TestCluster;
let db: Db;

beforeAll(async () => {
  test = await startTestCluster();
  ({ db } = await test.platform());
});
afterAll(() => test?.stop());

async function makeApp(mode: string): Promise<string> {
  const { id } = await one(
    db,
    sql<{ id: string }>`with o as (insert into organisations (name, data_key) values ('O', '') returning id),
      n as (insert into nodes (name, address) values (${`n ${mode}`}, 'unix:') returning id),
      k as (insert into clusters (name, address) values (${`k ${mode}`}, 'default') returning id),
      c as (insert into containers (organisation_id, slug, name, home_node_id, cluster_id) select o.id, ${mode}, 'Home', n.id, k.id from o, n, k returning id)
      insert into apps (container_id, slug, name, mode) select c.id, 'shop', 'Shop', ${mode} from c returning id`,
  );
  return id;
}

it('says the usual home of an app’s mode, and what somebody has said instead', async () => {
  const [plain, dual] = [await makeApp('vibe-coded'), await makeApp('dual-repository')];
  expect(await homesOf(db, plain, ['orders'])).toEqual(new Map([['orders', 'staging']]));
  expect(await homesOf(db, dual, ['orders'])).toEqual(new Map([['orders', 'both']]));
  await run(
    db,
    sql`insert into crm_tabs (app_id, table_name, home) values (${dual}, 'orders', 'live'), (${dual}, 'notes', null)`,
  );
  expect(await homesOf(db, dual, ['orders', 'lines'])).toEqual(
    new Map([
      ['orders', 'live'],
      ['lines', 'both'],
      ['notes', 'both'],
    ]),
  );
  expect(await homesOf(db, plain)).toEqual(new Map());
});
