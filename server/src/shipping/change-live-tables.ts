/** Changes of live's tables, its mirror in step. What live has already, by whatever road, is not made again. */
import type pg from 'pg';
import { applyChanges, applyChangesWithin, type Change, recordChange } from '../databases/changes.ts';
import type { DataCluster } from '../databases/cluster.ts';
import type { Mirrors } from '../databases/mirror/mirrors.ts';
import { rolesOf } from '../databases/names.ts';
import { differing, readObjects } from '../databases/reminders/objects.ts';
import { readSide } from '../databases/reminders/reconcile.ts';
import { type AppPlace, mirrorAppOf } from './app-places.ts';

/** What there already is, or is gone already. */
const THERE = new Set(['42701', '42P07', '42710', '42P06', '42704', '42703', '42P01', '42723']);

/** @param changes those that live lacks, in order; the staging site has them */
export async function changeLiveTables(
  parts: { cluster: DataCluster; mirrors: Mirrors },
  place: AppPlace,
  changes: readonly Change[],
): Promise<void> {
  const { cluster, mirrors } = parts;
  const { containerSlug, schema, database } = place;
  const { runtime } = rolesOf(containerSlug, schema);
  const app = mirrorAppOf(place);
  await cluster.asOwner(database, containerSlug, schema, async (client) => {
    for (const change of changes) {
      // an index that is built while others write is none of the mirror's business: it follows in its own time
      if (change.concurrently) await applyChanges(client, runtime, [change]);
      else
        await mirrors
          .change(app, client, (open) => applyChangesWithin(open, runtime, [change]))
          .catch(async (error) => {
            const code = (error as { cause?: { code?: string } }).cause?.code ?? '';
            if (!THERE.has(code) || !(await isThere(change, client))) throw error;
            await recordChange(client, runtime, change);
          });
    }
  });

  /** Whether all that the change did on the staging site is so on live. */
  async function isThere({ id }: Change, client: pg.Client): Promise<boolean> {
    const site = await readSide(cluster, app, 'staging');
    const effect = site.changes.find((change) => change.id === id)?.effect;
    if (!effect || effect.length === 0) return false;
    const differs = new Set(differing(site.objects, await readObjects(client, runtime)));
    return effect.every((key) => !differs.has(key));
  }
}
