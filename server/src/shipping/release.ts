/**
 * From a merge to a serving release: build in a sandbox, rehearse the changes and the release on a copy, then change, start, look whether
 * it is healthy, switch, drain. Whatever fails leaves the old release serving and says why. Every step can be repeated after a crash.
 */
import { existsSync } from 'node:fs';
import { chmod, constants, cp, mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Logger } from 'pino';
import type { ChangeFile } from '../builds/changes/change-file.ts';
import { MAIN } from '../containers/repository.ts';
import { readFiles } from '../containers/trees.ts';
import { releaseChanged } from '../databases/acts.ts';
import { appliedIds, applyChanges, type Change } from '../databases/changes.ts';
import type { DataCluster } from '../databases/cluster.ts';
import { dropDraft, ensureDraft } from '../databases/drafts.ts';
import { isFrozen } from '../databases/frozen.ts';
import type { Mirrors } from '../databases/mirror/mirrors.ts';
import { rehearsalSchema, rolesOf } from '../databases/names.ts';
import type { Reminders } from '../databases/reminders/reminders.ts';
import { type Db, many, maybe, run, sql, transaction } from '../db/database.ts';
import { AppError, messageOf } from '../errors.ts';
import type { Hub } from '../events/hub.ts';
import type { EventLog } from '../events/log.ts';
import { buildRelease } from '../hosting/builds.ts';
import type { SandboxDriver } from '../hosting/driver.ts';
import type { Identities } from '../hosting/gateway/identity.ts';
import type { Layers } from '../hosting/packages/layers.ts';
import { lockAt } from '../hosting/packages/lock-at.ts';
import type { Routes } from '../hosting/running/routes.ts';
import type { Runtime } from '../hosting/running/runtime.ts';
import { type RecordParts, recordedChange } from '../hosting/table-changes.ts';
import type { Toolchain } from '../hosting/toolchain.ts';
import { changesWithOrigin } from './app-changes.ts';
import { type AppPlace, appPlace, type Environment, mirrorAppOf, tablesOf } from './app-places.ts';
import { changeLiveTables } from './change-live-tables.ts';
import { chatsBetween } from './deploy.ts';
import type { Drains } from './drains.ts';
import { untilHealthy } from './healthy.ts';
import { keepRows } from './kept-rows.ts';
import { removeOld } from './old-releases.ts';
import { removesSomething } from './what-goes.ts';

export interface ReleaseParts extends RecordParts {
  db: Db;
  dataDir: string;
  cluster: DataCluster;
  mirrors: Mirrors;
  reminders: Reminders;
  driver: SandboxDriver;
  toolchain: () => Promise<Toolchain>;
  layers: Layers;
  runtime: Runtime;
  routes: Routes;
  drains: Drains;
  identities: Identities;
  log: EventLog;
  hub: Hub;
  logger: Logger;
}

interface ReleaseRow {
  id: string;
  app_id: string;
  number: number;
  commit: string;
  state: string;
  environment: Environment;
  chat_id: string | null;
  created_by: string | null;
}

const QUIET_MS = 1000;
/** How many that do not serve stay on disk. */
export type Stage = 'building' | 'rehearsing' | 'changing' | 'starting' | 'serving' | 'failed';

/**
 * Carries a queued release to serving or failed.
 * @param lost why its merge cannot be finished: see `finishMerge`
 * @returns its state then
 */
export async function releaseApp(parts: ReleaseParts, releaseId: string, lost?: unknown): Promise<{ state: string }> {
  const row = await maybe(
    parts.db,
    sql<ReleaseRow>`select id, app_id, number, commit, state, environment, told_in as chat_id, created_by from releases where id = ${releaseId}`,
  );
  if (!row || !['queued', 'building', 'starting'].includes(row.state)) return { state: row?.state ?? 'gone' };
  const place = await appPlace(parts.db, parts.dataDir, row.app_id);
  // what nobody asked for in a chat is told in none
  const chatId =
    row.chat_id ??
    ((row.created_by &&
      (await place.git.text(['log', '-1', '--format=%(trailers:key=Vibe-Chat,valueonly)', row.commit])).trim()) ||
      null);
  const release = { ...row, chat_id: chatId };
  const say = (stage: Stage, text: string) => tell(parts, release, stage, text);
  try {
    if (lost) throw lost;
    const newer = await maybe(
      parts.db,
      sql`select 1 from releases where app_id = ${row.app_id} and environment = ${row.environment} and number > ${row.number} and state in ('queued', 'building', 'starting')`,
    );
    if (newer) {
      await setState(parts, release, 'retired', 'A newer merge took its place before it was built.');
      return { state: 'retired' };
    }
    await setState(parts, release, 'building');
    await say('building', 'Building the release');
    const changes = await changesWithOrigin(place, row.commit);
    // the copy of the data is made while the build runs
    const rehearsal = openRehearsal(parts, place, release, changes);
    rehearsal.catch(() => {});
    try {
      await build(parts, place, release);
      await say('rehearsing', 'Trying it on a copy of the data');
      await rehearse(parts, release, await rehearsal);
    } finally {
      await rehearsal.catch(() => {});
      void closeRehearsal(parts, place, release).catch((error) =>
        parts.logger.warn({ err: error }, 'a rehearsal was not removed'),
      );
    }
    await setState(parts, release, 'starting');
    await say('starting', 'Starting the release');
    await goLive(parts, place, release, changes, say);
    return { state: 'serving' };
  } catch (error) {
    if (error instanceof AppError && error.kind === 'unavailable' && error.code !== 'instance_failed') throw error;
    if (isFrozen(error)) {
      // it waits, and is begun again when the container is lifted
      await setState(parts, release, 'queued');
      return { state: 'frozen' };
    }
    parts.logger.warn({ err: error, releaseId }, 'a release failed');
    const problem = `${messageOf(error)}${error instanceof AppError && error.detail ? `\n${error.detail}` : ''}`.slice(
      0,
      6000,
    );
    await setState(parts, release, 'failed', problem);
    await say('failed', `Release ${release.number} did not come up, so the one before goes on serving. ${problem}`);
    return { state: 'failed' };
  }
}

/**
 * Moves main for a merge that was killed after its release was queued and before main moved. To be called where no merge is under way: one
 * that is about to move main itself would find it moved.
 * @throws AppError `merge_lost`
 */
export async function finishMerge(parts: ReleaseParts, releaseId: string): Promise<void> {
  const row = await maybe(
    parts.db,
    sql<{
      app_id: string;
      commit: string;
    }>`select app_id, commit from releases where id = ${releaseId} and state = 'queued'`,
  );
  if (!row) return;
  const { commit } = row;
  const place = await appPlace(parts.db, parts.dataDir, row.app_id);
  const main = await place.git.resolve(MAIN);
  const { code } = await place.git.run(['merge-base', '--is-ancestor', commit, MAIN], { accept: [1] });
  if (code === 0) return;
  if (main !== (await place.git.resolve(`${commit}^`))) {
    throw new AppError('merge_lost', 'conflict', 'This merge was cut off, and somebody else merged since.', {
      detail: 'Merge the chat again.',
    });
  }
  await place.git.moveRef(MAIN, commit, main);
}

async function build(parts: ReleaseParts, place: AppPlace, release: ReleaseRow): Promise<void> {
  const outDir = join(place.releasesFolder, release.id);
  if (existsSync(join(outDir, 'release.json'))) return;
  if (await takeTwin(parts, place, release, outDir)) return;
  const toolchain = await parts.toolchain();
  const treeDir = join(parts.dataDir, 'builds', release.id);
  await rm(treeDir, { recursive: true, force: true });
  try {
    await exportTree(place, release.commit, treeDir);
    await buildRelease({
      driver: parts.driver,
      id: `build-${release.id.slice(-12)}`,
      exportedTreeDir: treeDir,
      toolchain,
      layer: await parts.layers.ensure(toolchain, await lockAt(place.git, release.commit, place.slug)),
      outDir,
    });
    await run(parts.db, sql`update releases set toolchain = ${toolchain.id} where id = ${release.id}`);
  } finally {
    await rm(treeDir, { recursive: true, force: true });
  }
}

/** The same commit may have been built for the staging site: what was tried there is what goes to live. */
async function takeTwin(parts: ReleaseParts, place: AppPlace, release: ReleaseRow, outDir: string): Promise<boolean> {
  const twins = await many(
    parts.db,
    sql<{
      id: string;
      toolchain: string;
    }>`select id, toolchain from releases where app_id = ${place.appId} and commit = ${release.commit} and id <> ${release.id} and toolchain <> ''`,
  );
  const twin = twins.find(({ id }) => existsSync(join(place.releasesFolder, id, 'release.json')));
  if (!twin) return false;
  const half = `${outDir}.half`;
  await rm(half, { recursive: true, force: true });
  await cp(join(place.releasesFolder, twin.id), half, { recursive: true, mode: constants.COPYFILE_FICLONE });
  await rename(half, outDir);
  await run(parts.db, sql`update releases set toolchain = ${twin.toolchain} where id = ${release.id}`);
  return true;
}

/** Writes the app of a commit to a new folder. The folder is nobody's yet, so plain writes are safe. */
export async function exportTree(place: Pick<AppPlace, 'git' | 'slug'>, commit: string, folder: string): Promise<void> {
  const files = await readFiles(place.git, `${commit}:apps/${place.slug}`);
  await mkdir(folder, { recursive: true });
  await chmod(folder, 0o755);
  for (const [path, content] of files) {
    const file = join(folder, path);
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, content);
  }
}

/** Makes a fresh copy of the app's rows and runs the changes on it. @returns the copy's schema */
async function openRehearsal(
  parts: ReleaseParts,
  place: AppPlace,
  release: ReleaseRow,
  changes: (ChangeFile & Change)[],
): Promise<string> {
  await closeRehearsal(parts, place, release);
  const done = await appliedIn(parts, place, release.environment);
  const draft = rehearsalDraft(place, release);
  await ensureDraft(
    parts.cluster,
    draft,
    changes.filter(({ id }) => done.has(id)),
    changes,
  );
  return draft.schema;
}

/** Starts the release on the copy and looks whether it is healthy. */
async function rehearse(parts: ReleaseParts, release: ReleaseRow, schema: string): Promise<void> {
  const key = `rehearsal:${release.id}`;
  await parts.runtime.wakeRelease(release.id, { key, schema });
  await untilHealthy(parts, release, key);
}

/** Nothing of a rehearsal stays. */
async function closeRehearsal(parts: ReleaseParts, place: AppPlace, release: ReleaseRow): Promise<void> {
  await parts.runtime.stop(`rehearsal:${release.id}`, `h-${release.id.slice(-12)}`);
  await dropDraft(parts.cluster, rehearsalDraft(place, release));
}

const rehearsalDraft = (place: AppPlace, release: ReleaseRow) => ({
  database: place.staging,
  containerSlug: place.containerSlug,
  schema: rehearsalSchema(place.slug, release.id),
  // rows of live are in its mirror, which is called like it
  source: tablesOf(place, release.environment).schema,
});

async function appliedIn(parts: ReleaseParts, place: AppPlace, environment: Environment): Promise<Set<string>> {
  const { database, schema } = tablesOf(place, environment);
  if (!(await parts.cluster.schemaExists(database, schema))) return new Set();
  return parts.cluster.asOwner(database, place.containerSlug, schema, appliedIds);
}

/** Additions are made while the old release serves; for anything else requests wait for the moment that it takes. */
async function goLive(
  parts: ReleaseParts,
  place: AppPlace,
  release: ReleaseRow,
  changes: (ChangeFile & Change)[],
  say: (stage: Stage, text: string) => Promise<void>,
): Promise<void> {
  const { cluster, runtime, routes, db } = parts;
  const { environment } = release;
  const { database, schema } = tablesOf(place, environment);
  await cluster.createSchema(database, place.containerSlug, schema);
  const done = await appliedIn(parts, place, environment);
  const missing = changes.filter(({ id }) => !done.has(id));
  // counted before anybody has to wait
  const removes = await removesSomething(cluster, { database, containerSlug: place.containerSlug, schema }, missing);
  const gentle = missing.every(({ action }) => action === 'create_table');
  const key = `release:${release.id}`;
  const letGo = gentle ? () => {} : routes.hold(place.appId, environment);
  try {
    const before = await maybe(
      db,
      sql<{
        id: string;
        commit: string;
      }>`select id, commit from releases where app_id = ${place.appId} and environment = ${environment} and state = 'serving'`,
    );
    if (!gentle && before) await untilQuiet(parts, before.id);
    if (missing.length > 0) {
      await say(
        'changing',
        missing.length === 1 ? 'Making one change of the database' : `Making ${missing.length} changes of the database`,
      );
      if (removes) await keepRows(cluster, place, environment, release.number);
      const dual = place.mode === 'dual-repository';
      const where = environment === 'staging' ? 'site' : dual ? 'live' : 'staging';
      const { id: releaseId, created_by: by, chat_id: chatId } = release;
      await recordedChange(
        parts,
        { act: 'release', appId: place.appId, environment: where, by, chatId, releaseId, changes: missing },
        () => appliedIn(parts, place, environment),
        () =>
          where === 'live'
            ? changeLiveTables(parts, place, missing)
            : cluster.alone(async () => {
                await cluster.asOwner(database, place.containerSlug, schema, (client) =>
                  applyChanges(client, rolesOf(place.containerSlug, schema).runtime, changes),
                );
              }),
      );
    } else await releaseChanged(db, release.id);
    await runtime.wakeRelease(release.id);
    await untilHealthy(parts, release, key);
    await transaction(db, async (tx) => {
      await run(
        tx,
        sql`update releases set state = 'retired' where app_id = ${place.appId} and environment = ${environment} and state = 'serving'`,
      );
      await run(
        tx,
        sql`update releases set state = 'serving', problem = null, served_at = now() where id = ${release.id}`,
      );
    });
    routes.forget();
    letGo();
    await say('serving', `Release ${release.number} is ${environment === 'live' ? 'live' : 'on the staging site'}`);
    if (environment === 'live') await tellDeployed(parts, place, release, before?.commit);
    await announce(parts, place, release);
    // what live may still need, or needs no more
    if (place.mode === 'dual-repository') await parts.reminders.look(mirrorAppOf(place)).catch(() => {});
    if (before && before.id !== release.id) parts.drains.begin(before.id);
    void removeOld(parts, place, environment).catch((error) =>
      parts.logger.warn({ err: error }, 'old releases were not removed'),
    );
  } catch (error) {
    await runtime.stop(key, `r-${release.id.slice(-12)}`);
    throw error;
  } finally {
    letGo();
  }
}

/** Every chat whose merge comes with this release hears of it. */
async function tellDeployed(
  parts: ReleaseParts,
  place: AppPlace,
  release: ReleaseRow,
  before: string | undefined,
): Promise<void> {
  for (const chatId of await chatsBetween(place, before, release.commit))
    await parts.log.append(chatId, 'transport.changed', {
      transport: 'deployed',
      commit: release.commit,
      by: null,
      release: { id: release.id, number: release.number, state: 'serving' },
    });
}

/** What the old instance has begun is answered on the tables as it knows them; a stream without an end is not waited for. */
export async function untilQuiet(parts: ReleaseParts, releaseId: string): Promise<void> {
  const until = Date.now() + QUIET_MS;
  while (Date.now() < until && parts.runtime.instances.status(`release:${releaseId}`).idleMs === 0)
    await new Promise((resolve) => setTimeout(resolve, 10));
}

async function setState(
  parts: ReleaseParts,
  release: ReleaseRow,
  state: string,
  problem: string | null = null,
): Promise<void> {
  await run(parts.db, sql`update releases set state = ${state}, problem = ${problem} where id = ${release.id}`);
}

async function tell(parts: ReleaseParts, release: ReleaseRow, stage: Stage, text: string): Promise<void> {
  if (release.chat_id)
    await parts.log.append(release.chat_id, 'build.progress', {
      releaseId: release.id,
      number: release.number,
      stage,
      text,
      ...(release.environment === 'staging' ? { environment: 'staging' as const } : {}),
    });
}

async function announce(parts: ReleaseParts, place: AppPlace, release: ReleaseRow): Promise<void> {
  await parts.hub.changed(`container:${place.containerId}`, 'app');
  if (release.chat_id) await parts.hub.changed(`container:${place.containerId}`, `chat ${release.chat_id}`);
}
