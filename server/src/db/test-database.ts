/** For tests: real PostgreSQL clusters in a temporary folder, started once for a test file, and fresh databases on them. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Db, openDatabase, sql } from './database.ts';
import { MIRRORING, type RunningCluster, startCluster, stopCluster } from './embedded.ts';
import { migrate } from './migrate.ts';

export interface TestCluster {
  cluster: RunningCluster;
  /** creates an empty database and returns its connection string */
  create(): Promise<string>;
  /** creates a migrated platform database */
  platform(): Promise<{ db: Db; url: string }>;
  stop(): Promise<void>;
}

/**
 * Starts a cluster with durability off (tests throw it away), and stops and deletes it with `stop()`.
 * @param more settings of this one
 */
export async function startTestCluster(more: Record<string, string> = {}): Promise<TestCluster> {
  const folder = await mkdtemp(join(tmpdir(), 'vibe-test-pg-'));
  const quick = { fsync: 'off', synchronous_commit: 'off', full_page_writes: 'off' };
  const settings = { ...MIRRORING, ...quick, ...more };
  const cluster = await startCluster({ name: 'test', folder, socketDir: join(folder, 's'), settings });
  const admin = openDatabase(cluster.url('postgres'), { max: 1 });
  const open: Db[] = [];
  let count = 0;
  async function create(template = 'template1'): Promise<string> {
    const name = `test_${++count}`;
    await sql`create database ${sql.id(name)} template ${sql.id(template)} strategy file_copy`.execute(admin.db);
    return cluster.url(name);
  }
  let migrated: Promise<string> | undefined;
  /** The migrations take a second: they are made once, and each database of the platform begins as a copy. */
  async function migratedDatabase(): Promise<string> {
    const url = await create();
    const { db } = openDatabase(url, { max: 2 });
    await migrate(db);
    await db.destroy();
    return new URL(url).pathname.slice(1);
  }
  return {
    cluster,
    create: () => create(),
    async platform() {
      migrated ??= migratedDatabase();
      const url = await create(await migrated);
      const { db } = openDatabase(url, { max: 6 });
      open.push(db);
      return { db, url };
    },
    async stop() {
      await Promise.all(open.map((db) => db.destroy().catch(() => {})));
      await admin.db.destroy();
      await stopCluster({ folder });
      await rm(folder, { recursive: true, force: true });
    },
  };
}
