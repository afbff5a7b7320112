/**
 * From a merge to a serving release: build in a sandbox, rehearse the changes and the release on a copy, then change, start, look whether
 * it is healthy, switch, drain. Whatever fails leaves the old release serving and says why. Every step can be repeated after a crash.
 */
import { existsSync } from 'node:fs';
import { chmod, mkdir, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Logger } from 'pino';
import type { ChangeFile } from '../builds/changes/change-file.ts';
import { MAIN } from '../containers/repository.ts';
import { readFiles } from '../containers/trees.ts';
import { appliedChanges, applyChanges, applyChangesWithin } from '../databases/changes.ts';
import type { DataCluster } from '../databases/cluster.ts';
import { dropDraft, ensureDraft, snapshotDraft } from '../databases/drafts.ts';
import { isFrozen } from '../databases/frozen.ts';
import type { Mirrors } from '../databases/mirror/mirrors.ts';
import { rehearsalSchema, rolesOf, siteSchema } from '../databases/names.ts';
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
import type { Toolchain } from '../hosting/toolchain.ts';
import { changesAt } from './app-changes.ts';
import { type AppPlace, appPlace } from './app-places.ts';
import { untilHealthy } from './healthy.ts';

export interface ReleaseParts {
  db: Db;
  dataDir: string;
  cluster: DataCluster;
  mirrors: Mirrors;
  driver: SandboxDriver;
  toolchain: () => Promise<Toolchain>;
  layers: Layers;
  runtime: Runtime;
  routes: Routes;
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
  chat_id: string | null;
}

const DRAIN_MS = 30_000;
const QUIET_MS = 1000;
const KEEP_RELEASES = 5;
const KEPT_HOURS = 48;

type Stage = 'building' | 'rehearsing' | 'changing' | 'starting' | 'serving' | 'failed';

/**
 * Carries a queued release to serving or failed.
 * @param lost why its merge cannot be finished: see `finishMerge`
 * @returns its state then
 */
export async function releaseApp(parts: ReleaseParts, releaseId: string, lost?: unknown): Promise<{ state: string }> {
  const row = await maybe(
    parts.db,
    sql<ReleaseRow>`select id, app_id, number, commit, state, null::uuid as chat_id from releases where id = ${releaseId}`,
  );
  if (!row || !['queued', 'building', 'starting'].includes(row.state)) return { state: row?.state ?? 'gone' };
  const place = await appPlace(parts.db, parts.dataDir, row.app_id);
  const chatId =
    (await place.git.text(['log', '-1', '--format=%(trailers:key=Vibe-Chat,valueonly)', row.commit])).trim() || null;
  const release = { ...row, chat_id: chatId };
  const say = (stage: Stage, text: string) => tell(parts, release, stage, text);
  try {
    if (lost) throw lost;
    const newer = await maybe(
      parts.db,
      sql`select 1 from releases where app_id = ${row.app_id} and number > ${row.number} and state in ('queued', 'building', 'starting')`,
    );
    if (newer) {
      await setState(parts, release, 'retired', 'A newer merge took its place before it was built.');
      return { state: 'retired' };
    }
    await setState(parts, release, 'building');
    await say('building', 'Building the release');
    const changes = await changesAt(place.git, row.commit, place.slug);
    // the copy of the data is made while the build runs
    const rehearsal = openRehearsal(parts, place, release, changes);
    rehearsal.catch(() => {});
    try {
      await build(parts, place, release);
      await say('rehearsing', 'Trying it on a copy of the data');
      await rehearse(parts, place, release, await rehearsal);
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
  changes: ChangeFile[],
): Promise<string> {
  await closeRehearsal(parts, place, release);
  const done = await appliedIn(parts, place);
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
async function rehearse(parts: ReleaseParts, place: AppPlace, release: ReleaseRow, schema: string): Promise<void> {
  const key = `rehearsal:${release.id}`;
  await parts.runtime.wakeRelease(release.id, { key, schema });
  await untilHealthy(parts, place.appId, key);
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
  source: place.schema,
});

async function appliedIn(parts: ReleaseParts, place: AppPlace): Promise<Set<string>> {
  if (!(await parts.cluster.schemaExists(place.database, place.schema))) return new Set();
  const applied = await parts.cluster.asOwner(place.database, place.containerSlug, place.schema, appliedChanges);
  return new Set(applied.map(({ id }) => id));
}

/** Additions are made while the old release serves; for anything else requests wait for the moment that it takes. */
async function goLive(
  parts: ReleaseParts,
  place: AppPlace,
  release: ReleaseRow,
  changes: ChangeFile[],
  say: (stage: Stage, text: string) => Promise<void>,
): Promise<void> {
  const { cluster, runtime, routes, db } = parts;
  await cluster.createSchema(place.database, place.containerSlug, place.schema);
  const done = await appliedIn(parts, place);
  const missing = changes.filter(({ id }) => !done.has(id));
  const gentle = missing.every(({ action }) => action === 'create_table');
  const key = `release:${release.id}`;
  const letGo = gentle ? () => {} : routes.hold(place.appId);
  try {
    const before = await maybe(
      db,
      sql<{ id: string }>`select id from releases where app_id = ${place.appId} and state = 'serving'`,
    );
    if (!gentle && before) await untilQuiet(parts, before.id);
    const { runtime: role } = rolesOf(place.containerSlug, place.schema);
    if (missing.length > 0) {
      await say(
        'changing',
        missing.length === 1 ? 'Making one change of the database' : `Making ${missing.length} changes of the database`,
      );
      if (missing.some(({ destructive }) => destructive)) await keepRows(parts, place, release.number);
      if (place.mode === 'dual-repository') await changeBoth(parts, place, changes);
      else
        await cluster.alone(() =>
          cluster.asOwner(place.database, place.containerSlug, place.schema, (client) =>
            applyChanges(client, role, changes),
          ),
        );
    }
    await runtime.wakeRelease(release.id);
    await untilHealthy(parts, place.appId, key);
    await transaction(db, async (tx) => {
      await run(tx, sql`update releases set state = 'retired' where app_id = ${place.appId} and state = 'serving'`);
      await run(
        tx,
        sql`update releases set state = 'serving', problem = null, served_at = now() where id = ${release.id}`,
      );
    });
    routes.forget();
    letGo();
    await say('serving', `Release ${release.number} is live`);
    if (release.chat_id) {
      await parts.log.append(release.chat_id, 'transport.changed', {
        transport: 'deployed',
        commit: release.commit,
        by: null,
        release: { id: release.id, number: release.number, state: 'serving' },
      });
    }
    await announce(parts, place, release);
    if (before && before.id !== release.id) void retire(parts, before.id);
    void cleanUp(parts, place).catch((error) => parts.logger.warn({ err: error }, 'old releases were not removed'));
  } catch (error) {
    await runtime.stop(key, `r-${release.id.slice(-12)}`);
    throw error;
  } finally {
    letGo();
  }
}

/** The staging site first, so that a change which cannot be made never reaches live; then live, with its mirror in step. */
async function changeBoth({ cluster, mirrors }: ReleaseParts, place: AppPlace, changes: ChangeFile[]): Promise<void> {
  const { containerSlug, schema, staging, database } = place;
  const site = siteSchema(place.slug);
  await cluster
    .asOwner(staging, containerSlug, site, (client) =>
      applyChanges(client, rolesOf(containerSlug, site).runtime, changes),
    )
    .catch((cause) => {
      if (!(cause instanceof AppError)) throw cause;
      throw new AppError(cause.code, cause.kind, `On the staging site: ${cause.message}`, {
        cause,
        detail: cause.detail,
      });
    });
  const app = { id: place.appId, slug: place.slug, containerId: place.containerId, containerSlug };
  const { runtime } = rolesOf(containerSlug, schema);
  await cluster.asOwner(database, containerSlug, schema, async (client) => {
    const done = new Set((await appliedChanges(client)).map(({ id }) => id));
    // an index that is built while others write is none of the mirror's business: it follows in its own time
    for (const change of changes.filter(({ id }) => !done.has(id)))
      if (change.concurrently) await applyChanges(client, runtime, [change]);
      else await mirrors.change(app, client, (open) => applyChangesWithin(open, runtime, [change]));
  });
}

/** What a change is about to destroy is kept for two days, in a schema beside the app's that says since when. */
async function keepRows(parts: ReleaseParts, place: AppPlace, number: number): Promise<void> {
  const { database, containerSlug, schema } = place;
  await snapshotDraft(parts.cluster, { database, containerSlug, schema, source: schema }, `k${number}h${hoursNow()}`);
}

const hoursNow = (): number => Math.floor(Date.now() / 3_600_000);

/** Drops the copies that have been kept long enough. */
async function dropKeptRows(parts: ReleaseParts, place: AppPlace): Promise<void> {
  for (const schema of await parts.cluster.schemasLike(place.database, `${place.schema}__k`)) {
    const since = Number(/__k\d+h(\d+)$/.exec(schema)?.[1]);
    if (hoursNow() - since > KEPT_HOURS) await parts.cluster.dropSchema(place.database, schema);
  }
}

/** What the old instance has begun is answered on the tables as it knows them; a stream without an end is not waited for. */
export async function untilQuiet(parts: ReleaseParts, releaseId: string): Promise<void> {
  const until = Date.now() + QUIET_MS;
  while (Date.now() < until && parts.runtime.instances.status(`release:${releaseId}`).idleMs === 0)
    await new Promise((resolve) => setTimeout(resolve, 10));
}

/** The old instance answers what it has begun, for at most half a minute. */
async function retire(parts: ReleaseParts, releaseId: string): Promise<void> {
  const key = `release:${releaseId}`;
  const until = Date.now() + DRAIN_MS;
  // what was routed before the switch has entered by now, or does so within this pause
  await new Promise((resolve) => setTimeout(resolve, 1000));
  while (Date.now() < until && parts.runtime.instances.status(key).idleMs === 0)
    await new Promise((resolve) => setTimeout(resolve, 200));
  parts.routes.dropConnections(key);
  await parts.runtime.stop(key, `r-${releaseId.slice(-12)}`);
}

/** The last ones are kept for going back. */
async function cleanUp(parts: ReleaseParts, place: AppPlace): Promise<void> {
  await dropKeptRows(parts, place);
  const old = await many(
    parts.db,
    sql<{
      id: string;
    }>`select id from releases where app_id = ${place.appId} and state in ('retired', 'failed') order by number desc offset ${KEEP_RELEASES}`,
  );
  for (const { id } of old) await rm(join(place.releasesFolder, id), { recursive: true, force: true });
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
    await parts.log.append(release.chat_id, 'build.progress', { releaseId: release.id, stage, text });
}

async function announce(parts: ReleaseParts, place: AppPlace, release: ReleaseRow): Promise<void> {
  await parts.hub.changed(`container:${place.containerId}`, 'app');
  if (release.chat_id) await parts.hub.changed(`container:${place.containerId}`, `chat ${release.chat_id}`);
}
