/** The first page of a table of ten million rows on the Data page, and one from its middle: as a person gets it, beside the bare query. */
import pg from 'pg';
import { DataKeys } from '../../server/src/accounts/data-keys.ts';
import { newRules, person, startedPlatform } from '../../server/src/accounts/fixtures.ts';
import { register } from '../../server/src/accounts/registration.ts';
import { DataCluster } from '../../server/src/databases/cluster.ts';
import { databasesOf } from '../../server/src/databases/names.ts';
import { Router } from '../../server/src/databases/router/router.ts';
import { one, sql } from '../../server/src/db/database.ts';
import { startTestCluster } from '../../server/src/db/test-database.ts';
import { readRows } from '../../server/src/hosting/data/rows.ts';
import { median, type Row, timed } from '../support/row.ts';

const ROWS = 10_000_000;
const ROUNDS = 30;
const SCHEMA = `create table customers (id bigint primary key, name text not null, city text);
  insert into customers select n, 'Customer ' || n, 'Bern' from generate_series(1, ${ROWS}) n`;

export async function rowsPage(): Promise<Row> {
  const test = await startTestCluster();
  const { db } = await startedPlatform(test);
  const rules = newRules();
  const by = (await register(db, rules, person('Marta'))).id;
  const { id: containerId, slug } = await one(db, sql<{ id: string; slug: string }>`select id, slug from containers`);
  const { id: appId } = await one(
    db,
    sql<{
      id: string;
    }>`insert into apps (container_id, slug, name, created_by) values (${containerId}, 'shop', 'Shop', ${by}) returning id`,
  );
  const cluster = new DataCluster(test.cluster.url, Buffer.alloc(32, 7));
  const router = new Router(cluster);
  const databases = databasesOf(slug);
  await cluster.createDatabases(databases);
  await cluster.createSchema(databases.staging, slug, 'shop');
  const bare = new pg.Pool({ connectionString: test.cluster.url(databases.staging), max: 1 });
  try {
    await bare.query('set role to default');
    await bare.query(`set search_path = shop; ${SCHEMA}`);
    const parts = { db, keys: new DataKeys(db, rules.keyring), router, cluster };
    const page = (after?: string) =>
      readRows(parts, {
        containerId,
        appId,
        by,
        place: 'staging',
        table: 'customers',
        order: 'up',
        ...(after ? { after } : {}),
      });
    const first = await timed(() => page());
    const middle = Buffer.from(JSON.stringify([String(ROWS / 2)])).toString('base64url');
    const times: { ours: number[]; bare: number[] } = { ours: [], bare: [] };
    for (let round = 0; round < ROUNDS; round++) {
      times.bare.push(await timed(() => bare.query('select * from shop.customers order by id limit 51')));
      times.ours.push(await timed(() => page(round % 2 ? middle : undefined)));
    }
    return {
      path: 'data: the first page of ten million rows',
      beside: 'the same query by pg',
      ours: first,
      bare: median(times.bare),
      unit: 'ms',
      result: first,
      kind: 'value',
      limit: 300,
      note: `cold, with its role; warm median ${median(times.ours).toFixed(1)} ms, half of them from the middle`,
    };
  } finally {
    await bare.end();
    await router.close();
    await cluster.close();
    await test.stop();
  }
}
