import { afterAll, beforeAll, expect, it } from 'vitest';
import { many, run, sql } from './database.ts';
import { migrate } from './migrate.ts';
import { startTestCluster, type TestCluster } from './test-database.ts';

let test: TestCluster;
beforeAll(async () => {
  test = await startTestCluster();
});
afterAll(() => test.stop());

it('brings an empty database to the newest version, and does nothing the second time', async () => {
  const { db } = await test.platform();
  expect(await migrate(db)).toEqual([]);
  const tables = await many(
    db,
    sql<{ n: number }>`select count(*)::int as n from pg_tables where schemaname = 'public'`,
  );
  expect(tables[0]!.n).toBeGreaterThan(15);
});

it('refuses data that a newer version has written', async () => {
  const { db } = await test.platform();
  await run(db, sql`insert into kysely_migration (name, timestamp) values ('999999_future', now())`);
  await expect(migrate(db)).rejects.toMatchObject({ code: 'data_newer' });
});
