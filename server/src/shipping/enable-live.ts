/**
 * Gives an app a live database of its own: its rows move there, its release goes on there, and staging gets the mirror and the staging site.
 * Every step can be repeated: until the app works on live nothing of staging is touched, and from there only what is left is done.
 */
import { copyToLive, turnIntoSite } from '../databases/mirror/convert.ts';
import { readMasks } from '../databases/mirror/masks.ts';
import { markSiteFilled, recordMirror } from '../databases/mirror/record.ts';
import { refreshSite, type SiteFilled } from '../databases/mirror/site.ts';
import { rolesOf } from '../databases/names.ts';
import { many, run, sql } from '../db/database.ts';
import { AppError } from '../errors.ts';
import { type AppPlace, appPlace, mirrorAppOf } from './app-places.ts';
import { type ReleaseParts, untilQuiet } from './release.ts';

/** To be called while no release of the app is under way. What goes wrong is written where the mirror's state is read. */
export async function enableLive(parts: ReleaseParts, appId: string): Promise<void> {
  const place = await appPlace(parts.db, parts.dataDir, appId);
  try {
    await parts.mirrors.alone(mirrorAppOf(place), async (mirror) => {
      if (place.mode === 'vibe-coded')
        await whileHeld(parts, place, () =>
          copyToLive(parts.cluster, mirror, async () => {
            await run(parts.db, sql`update apps set mode = 'dual-repository' where id = ${appId}`);
          }),
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

const MOST_RUNNING = 10;

/** Requests wait while the app's rows move; its release starts anew afterwards, where they are then. */
async function whileHeld(parts: ReleaseParts, place: AppPlace, work: () => Promise<void>): Promise<void> {
  const { db, runtime, routes, cluster } = parts;
  // also those that were just replaced and still answer: a way back to one would find its rows on staging
  const running = await many(
    db,
    sql<{
      id: string;
    }>`select id from releases where app_id = ${place.appId} and environment = 'live' and state in ('serving', 'retired')
      order by state = 'serving' desc, number desc limit ${MOST_RUNNING}`,
  );
  const letGo = routes.hold(place.appId, 'live');
  try {
    if (running[0]) await untilQuiet(parts, running[0].id);
    for (const { id } of running) {
      routes.dropConnections(`release:${id}`);
      await runtime.stop(`release:${id}`, `r-${id.slice(-12)}`);
    }
    await cluster.disconnect(place.database, rolesOf(place.containerSlug, place.schema).runtime);
    await work();
    routes.forget();
  } finally {
    letGo();
  }
}

/** Fills the staging site's copy from the mirror, by the rules for people's data. @throws AppError `no_mirror` and what `refreshSite` throws */
export async function fillSite(parts: ReleaseParts, appId: string): Promise<SiteFilled> {
  const place = await appPlace(parts.db, parts.dataDir, appId);
  if (place.mode !== 'dual-repository')
    throw new AppError(
      'no_mirror',
      'conflict',
      'This app has no live database of its own, so there is nothing to fill.',
    );
  const masks = await readMasks(parts.db, appId);
  const filled = await parts.mirrors.alone(mirrorAppOf(place), (mirror) => refreshSite(parts.cluster, mirror, masks));
  await markSiteFilled(parts.db, appId);
  await parts.hub.changed(`container:${place.containerId}`, 'app');
  return filled;
}
