/**
 * Brings an app back from a live database that is gone for good: the rows that staging's copy had when it last followed become the app's own on
 * staging, as they were before it had a live database, and it can be given one again. Nothing is asked of the server that is gone; what may
 * still be there is written down first. Every step looks at what is there, so a killed one is repeated.
 */
import { recordAct } from '../databases/acts.ts';
import { bringRowsHome } from '../databases/mirror/bring-home.ts';
import { forgetMirror } from '../databases/mirror/record.ts';
import { maybe, run, sql, transaction } from '../db/database.ts';
import { leftOf, noteLeft } from '../hosting/data/leftovers.ts';
import { appPlace, mirrorAppOf } from './app-places.ts';
import { queueHome } from './deploy.ts';
import type { ReleaseParts } from './release.ts';
import { whileHeld } from './while-held.ts';

/** To be called while no release of the app is under way. */
export async function bringHome(parts: ReleaseParts, appId: string): Promise<void> {
  const { db, dataDir, cluster } = parts;
  const place = await appPlace(db, dataDir, appId);
  if (place.mode !== 'dual-repository') return;
  for (const kind of ['rows', 'mirror'] as const) await noteLeft(db, appId, kind, await leftOf(db, appId, kind));
  await parts.mirrors.alone(mirrorAppOf(place), (mirror) =>
    whileHeld(parts, appId, ['live', 'staging'], async () => {
      await bringRowsHome(cluster, mirror);
      await transaction(db, async (tx) => {
        await run(tx, sql`update apps set mode = 'vibe-coded' where id = ${appId}`);
        await run(tx, sql`update crm_tabs set home = 'staging' where app_id = ${appId} and home <> 'staging'`);
        await run(
          tx,
          sql`update reminders set state = 'cleared', ended_at = now() where app_id = ${appId} and state = 'open'`,
        );
        const gave = await maybe(
          tx,
          sql<{
            by: string | null;
          }>`select given_up_by as by from outside_databases where container_id = ${place.containerId}`,
        );
        await recordAct(tx, { act: 'came_home', appId, by: gave?.by ?? null, environment: 'staging' });
        await queueHome(tx, appId);
        await forgetMirror(tx, appId);
      });
    }),
  );
  await parts.mirrors.forget(appId);
  await parts.hub.changed(`container:${place.containerId}`, 'app');
}
