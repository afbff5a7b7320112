/** What a change is about to destroy is kept for two days, in a schema beside the tables' own that says since when. */
import type { DataCluster } from '../databases/cluster.ts';
import { snapshotDraft } from '../databases/drafts.ts';
import { type AppPlace, type Environment, tablesOf } from './app-places.ts';

/** How long what a change drops is kept. */
export const KEPT_HOURS = 48;

const hoursNow = (): number => Math.floor(Date.now() / 3_600_000);

/** @param number of the release that does it; repeating it keeps the first */
export async function keepRows(
  cluster: DataCluster,
  place: AppPlace,
  environment: Environment,
  number: number,
): Promise<void> {
  const { database, schema } = tablesOf(place, environment);
  const tables = { database, containerSlug: place.containerSlug, schema, source: schema };
  await snapshotDraft(cluster, tables, `k${number}h${hoursNow()}`);
}

/** Drops the copies that have been kept long enough. */
export async function dropKeptRows(cluster: DataCluster, place: AppPlace, environment: Environment): Promise<void> {
  const { database, schema } = tablesOf(place, environment);
  for (const kept of await cluster.schemasLike(database, `${schema}__k`)) {
    const since = Number(/__k\d+h(\d+)$/.exec(kept)?.[1]);
    if (hoursNow() - since > KEPT_HOURS) await cluster.dropSchema(database, kept);
  }
}
