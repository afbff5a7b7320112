/** What a host holds of an app that is removed for good: releases, tables, its folder on main. Repeating it finds less to do. */
import { rm } from 'node:fs/promises';
import { MAIN } from '../containers/repository.ts';
import { commitTree, graft } from '../containers/trees.ts';
import type { DataCluster } from '../databases/cluster.ts';
import { dropDraft } from '../databases/drafts.ts';
import { dropLive, dropLiveHere } from '../databases/mirror/convert.ts';
import type { Mirrors } from '../databases/mirror/mirrors.ts';
import { type MirrorPlace, mirrorPlace } from '../databases/mirror/place.ts';
import { forgetMirror } from '../databases/mirror/record.ts';
import { removeMirror, removeMirrorHere } from '../databases/mirror/set-up.ts';
import { isAway } from '../databases/outside/server.ts';
import { type Db, maybe, run, sql } from '../db/database.ts';
import { AppError } from '../errors.ts';
import { leftOf, noteLeft } from '../hosting/data/leftovers.ts';
import { appPlace } from './app-places.ts';

/** Must run alone on the container's main, after the app's instances were stopped. @throws AppError `not_deleted` */
export async function removeApp(
  parts: { db: Db; dataDir: string; cluster: DataCluster; mirrors: Mirrors },
  appId: string,
): Promise<void> {
  const gone = await maybe(parts.db, sql`select 1 from apps where id = ${appId} and removed_at is not null`);
  if (!gone) throw new AppError('not_deleted', 'conflict', 'This app is not to be removed.');
  const place = await appPlace(parts.db, parts.dataDir, appId);
  const { git, slug } = place;
  await run(
    parts.db,
    sql`update releases set state = 'retired' where app_id = ${appId} and state in ('serving', 'queued', 'building', 'starting')`,
  );
  if (place.mode === 'dual-repository') {
    const mirror = mirrorPlace(place.containerSlug, slug);
    await parts.mirrors.forget(appId);
    await removeLive(parts, appId, mirror);
    await parts.cluster.dropSchemaAndRoles(place.staging, place.containerSlug, mirror.site);
    await forgetMirror(parts.db, appId);
  }
  const draft = { database: place.staging, containerSlug: place.containerSlug, schema: place.schema, source: '' };
  await dropDraft(parts.cluster, draft);
  await rm(place.releasesFolder, { recursive: true, force: true });
  const main = await git.resolve(MAIN);
  if (!main || !(await git.resolve(`${main}:apps/${slug}`))) return;
  const tree = await graft(git, main, ['apps', slug], undefined);
  const author = { name: 'Vibe', email: 'vibe@localhost' };
  const commit = await commitTree(git, tree, [main], `Remove ${place.name}\n\nVibe-Removed: ${appId}\n`, author);
  await git.moveRef(MAIN, commit, main);
}

/** Where live is somebody else's server that does not answer, what is there is written down, and the app goes from here. */
async function removeLive(
  { db, cluster }: { db: Db; cluster: DataCluster },
  appId: string,
  mirror: MirrorPlace,
): Promise<void> {
  try {
    await removeMirror(cluster, mirror);
    await dropLive(cluster, mirror);
  } catch (error) {
    const away = isAway(error) && cluster.isOutside(mirror.live);
    if (!away) throw error;
    const app = await maybe(db, sql<{ by: string | null }>`select deleted_by as by from apps where id = ${appId}`);
    await noteLeft(db, appId, 'app', await leftOf(db, appId, 'app'), app?.by ?? undefined);
    await removeMirrorHere(cluster, mirror);
    await dropLiveHere(cluster, mirror);
  }
}
