/** Numbered, forward-only SQL files, run by Kysely's Migrator: several processes may call this at once. */
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { CompiledQuery } from 'kysely';
import { type Migration, Migrator } from 'kysely/migration';
import { AppError } from '../errors.ts';
import { type Db, many, sql } from './database.ts';

const FOLDER = new URL('../../migrations/', import.meta.url);

async function readMigrations(): Promise<Record<string, Migration>> {
  const names = (await readdir(FOLDER)).filter((name) => /^\d{6}_.+\.sql$/.test(name)).sort();
  const entries = names.map(async (name): Promise<[string, Migration]> => {
    const text = await readFile(join(FOLDER.pathname, name), 'utf8');
    return [name.replace(/\.sql$/, ''), { up: async (db) => void (await db.executeQuery(CompiledQuery.raw(text))) }];
  });
  return Object.fromEntries(await Promise.all(entries));
}

/**
 * Brings the platform database to this version of the code.
 * @returns the names of the migrations that were run now
 * @throws AppError `data_newer` when the data was written by a newer version
 */
export async function migrate(db: Db): Promise<string[]> {
  const migrations = await readMigrations();
  await refuseNewer(db, Object.keys(migrations));
  const { error, results } = await new Migrator({
    db,
    provider: { getMigrations: async () => migrations },
  }).migrateToLatest();
  if (error)
    throw new AppError('migration_failed', 'bug', 'The platform database could not be brought up to date.', {
      cause: error,
    });
  return (results ?? []).map((result) => result.migrationName);
}

async function refuseNewer(db: Db, known: string[]): Promise<void> {
  const table = await many(db, sql<{ found: boolean }>`select to_regclass('kysely_migration') is not null as found`);
  if (!table[0]?.found) return;
  const done = await many(db, sql<{ name: string }>`select name from kysely_migration order by name`);
  const unknown = done.find(({ name }) => !known.includes(name));
  if (!unknown) return;
  throw new AppError(
    'data_newer',
    'conflict',
    `The data was written by a newer version of Vibe (it has ${unknown.name}).`,
    {
      detail: 'Update Vibe, or point VIBE_DATA_DIR at another folder.',
    },
  );
}
