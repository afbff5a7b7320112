/** What a change is about to destroy is kept for two days, in a schema beside the tables' own that says since when. */
import { recordAct } from '../databases/acts.ts';
import type { DataCluster } from '../databases/cluster.ts';
import { snapshotDraft } from '../databases/drafts.ts';
import { type Db, maybe, sql } from '../db/database.ts';
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

/** Drops the copies that have been kept long enough, each written down first: a killed one is done again, and said once. */
export async function dropKeptRows(
  { db, cluster }: { db: Db; cluster: DataCluster },
  place: AppPlace,
  environment: Environment,
): Promise<void> {
  const { database, schema } = tablesOf(place, environment);
  for (const kept of await cluster.schemasLike(database, `${schema}__k`)) {
    const since = Number(/__k\d+h(\d+)$/.exec(kept)?.[1]);
    if (hoursNow() - since <= KEPT_HOURS) continue;
    const said = await maybe(
      db,
      sql`select 1 from data_acts where app_id = ${place.appId} and act = 'kept_over' and table_name = ${kept}`,
    );
    if (!said) {
      const where = environment === 'staging' ? 'site' : place.mode === 'dual-repository' ? 'live' : 'staging';
      const number = /__k(\d+)h\d+$/.exec(kept)![1];
      const note = `what release ${number} had dropped`;
      await recordAct(db, { act: 'kept_over', appId: place.appId, by: null, environment: where, name: kept, note });
    }
    await cluster.dropSchema(database, kept);
  }
}
