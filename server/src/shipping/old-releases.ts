/** What an app has left behind: releases that nobody goes back to any more, and copies of dropped rows that were kept long enough. */
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { DataCluster } from '../databases/cluster.ts';
import { type Db, many, sql } from '../db/database.ts';
import type { AppPlace, Environment } from './app-places.ts';
import { dropKeptRows } from './kept-rows.ts';

/** So many are kept for going back. */
export const KEEP_RELEASES = 5;

/** To be repeated after each release; a killed one is done by the next. */
export async function removeOld(
  parts: { db: Db; cluster: DataCluster },
  place: AppPlace,
  environment: Environment,
): Promise<void> {
  await dropKeptRows(parts, place, environment);
  const old = await many(
    parts.db,
    sql<{
      id: string;
    }>`select id from releases where app_id = ${place.appId} and environment = ${environment} and state in ('retired', 'failed') order by number desc offset ${KEEP_RELEASES}`,
  );
  for (const { id } of old) await rm(join(place.releasesFolder, id), { recursive: true, force: true });
}
