/**
 * Gives an app a live database of its own: its rows move there, its release goes on there, and staging gets the mirror and the staging site.
 * Every step can be repeated: until the app works on live nothing of staging is touched, and from there only what is left is done.
 */
import { beginAct, endAct, giveUpAct, lastAct, recordAct } from '../databases/acts.ts';
import { copyToLive, turnIntoSite } from '../databases/mirror/convert.ts';
import { readMasks } from '../databases/mirror/masks.ts';
import { markSiteFilled, recordMirror } from '../databases/mirror/record.ts';
import { refreshSite, type SiteFilled } from '../databases/mirror/site.ts';
import { rolesOf } from '../databases/names.ts';
import { run, sql, transaction } from '../db/database.ts';
import { AppError } from '../errors.ts';
import { forgetFollowed } from '../hosting/data/leftovers.ts';
import { appPlace, mirrorAppOf } from './app-places.ts';
import { type ReleaseParts, untilQuiet } from './release.ts';
import { whileHeld } from './while-held.ts';

/** To be called while no release of the app is under way. What goes wrong is written where the mirror's state is read. */
export async function enableLive(parts: ReleaseParts, appId: string): Promise<void> {
  const place = await appPlace(parts.db, parts.dataDir, appId);
  try {
    await parts.mirrors.alone(mirrorAppOf(place), async (mirror) => {
      if (place.mode === 'vibe-coded')
        await whileHeld(
          parts,
          appId,
          ['live'],
          async () => {
            await parts.cluster.disconnect(place.database, rolesOf(place.containerSlug, place.schema).runtime);
            await copyToLive(parts.cluster, mirror, () => takeOver(parts, appId));
          },
          (serving) => untilQuiet(parts, serving),
        );
      await turnIntoSite(parts.cluster, mirror);
      await markSiteFilled(parts.db, appId);
    });
  } catch (error) {
    const words =
      error instanceof AppError
        ? `${error.message} ${error.detail ?? ''}`.trim()
        : 'Live could not be made. It is tried again.';
    await recordMirror(parts.db, appId, { state: 'waiting', words, lagMs: 0, lagBytes: 0, percent: null });
    if (error instanceof AppError && error.kind === 'conflict') return;
    throw error;
  } finally {
    await parts.hub.changed(`container:${place.containerId}`, 'app');
  }
}

/** From here the app works on live. What an earlier live database there left of the way it was followed is in use again. */
const takeOver = (parts: ReleaseParts, appId: string): Promise<void> =>
  transaction(parts.db, async (tx) => {
    const came = await run(
      tx,
      sql`update apps set mode = 'dual-repository' where id = ${appId} and mode <> 'dual-repository'`,
    );
    if (came > 0) {
      const asked = await lastAct(tx, appId, 'give_live');
      await recordAct(tx, { act: 'came_live', appId, by: asked?.by ?? null, environment: 'live' });
    }
    await forgetFollowed(tx, appId);
  });

/** Fills the staging site's copy from the mirror, by the rules for people's data. @throws AppError `no_mirror` and what `refreshSite` throws */
export async function fillSite(parts: ReleaseParts, appId: string, by: string): Promise<SiteFilled> {
  const place = await appPlace(parts.db, parts.dataDir, appId);
  if (place.mode !== 'dual-repository')
    throw new AppError(
      'no_mirror',
      'conflict',
      'This app has no live database of its own, so there is nothing to fill.',
    );
  const masks = await readMasks(parts.db, appId);
  const id = await beginAct(parts.db, { act: 'fill_site', appId, by, environment: 'site' });
  const filled = await parts.mirrors
    .alone(mirrorAppOf(place), (mirror) => refreshSite(parts.cluster, mirror, masks))
    .catch(async (error) => {
      await giveUpAct(parts.db, id, error).catch(() => {});
      throw error;
    });
  await transaction(parts.db, async (tx) => {
    await markSiteFilled(tx, appId);
    await endAct(tx, id, filled);
  });
  await parts.hub.changed(`container:${place.containerId}`, 'app');
  return filled;
}
