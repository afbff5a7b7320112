/**
 * From the staging site to live. What is merged is on the staging site; bringing it to live is an act of its own, of a commit that the person
 * has seen: nothing that was merged meanwhile goes along.
 */
import { randomUUID } from 'node:crypto';
import type { Deploy, DeployPreview } from '../../../contract/deploys.ts';
import { losesAnything, NOTHING_LOST } from '../../../contract/loss-words.ts';
import { appliedChanges } from '../databases/changes.ts';
import type { DataCluster } from '../databases/cluster.ts';
import { type Db, maybe, one, run, sql, type Tx, transaction } from '../db/database.ts';
import { AppError } from '../errors.ts';
import { enqueue } from '../jobs/queue.ts';
import { changesAt } from './app-changes.ts';
import { type AppPlace, appPlace, type Environment } from './app-places.ts';
import { whatChangesRemove } from './what-goes.ts';

interface DeployParts {
  db: Db;
  dataDir: string;
  cluster: DataCluster;
}

interface Served {
  id: string;
  number: number;
  commit: string;
}

/** What a deploy would bring to live now. @throws AppError `app_not_found`, `no_live` */
export async function previewDeploy(parts: DeployParts, appId: string): Promise<DeployPreview> {
  const place = await dualPlace(parts, appId);
  const coming = await maybe(
    parts.db,
    sql<{ number: number }>`select number from releases where app_id = ${appId} and environment = 'staging'
      and state in ('queued', 'building', 'starting') order by number desc limit 1`,
  );
  if (coming) return { ...NOTHING, problem: STILL_COMING(coming.number) };
  const [site, live] = await Promise.all([serving(parts.db, appId, 'staging'), serving(parts.db, appId, 'live')]);
  if (!site || site.commit === live?.commit)
    return {
      commit: null,
      chats: [],
      changes: [],
      destroys: false,
      loses: NOTHING_LOST,
      problem: site ? null : NO_SITE,
    };
  // what live has, by whatever road: a release that somebody went back from has changed its tables too
  const applied = await parts.cluster.asOwner(place.database, place.containerSlug, place.schema, appliedChanges);
  const there = new Set(applied.map(({ id }) => id));
  const changes = (await changesAt(place.git, site.commit, place.slug)).filter(({ id }) => !there.has(id));
  const { loses } = await whatChangesRemove(parts.cluster, place, changes);
  const ids = await chatsBetween(place, live?.commit, site.commit);
  const { chats } = await one(
    parts.db,
    sql<{
      chats: DeployPreview['chats'];
    }>`select coalesce(json_agg(json_build_object('id', id, 'title', title, 'status', status) order by id), '[]') as chats
      from chats where id = any (${ids}::uuid[]) and deleted_at is null`,
  );
  return {
    commit: site.commit,
    chats,
    changes: changes.map(({ id, tables, statements, destructive }) => ({ id, tables, statements, destructive })),
    destroys: losesAnything(loses) || changes.some(({ destructive }) => destructive),
    loses,
    problem: null,
  };
}

const NOTHING = { commit: null, chats: [], changes: [], destroys: false, loses: NOTHING_LOST };
const STILL_COMING = (number: number): string =>
  `Release ${number} is still on its way to the staging site. What it brings can go live once it runs there.`;
const NO_SITE = 'The staging site does not run yet. What runs there can be brought to live.';

/**
 * Queues a release of live.
 * @throws AppError `app_not_found`, `no_live`, `deploy_moved` (the staging site runs something else by now), `nothing_to_deploy`, `destroys_data`
 */
export async function queueDeploy(
  parts: DeployParts,
  appId: string,
  by: string,
  { commit, destroys, chatId }: Deploy,
): Promise<{ releaseId: string; number: number }> {
  const preview = await previewDeploy(parts, appId);
  if (preview.problem) throw new AppError('no_staging_site', 'conflict', preview.problem);
  if (!preview.commit) throw new AppError('nothing_to_deploy', 'conflict', 'Live has everything that was merged.');
  if (preview.commit !== commit)
    throw new AppError('deploy_moved', 'conflict', 'Something else was merged meanwhile.', {
      detail: 'Look at what would go to live now, and decide again.',
    });
  if (preview.destroys && !destroys)
    throw new AppError('destroys_data', 'conflict', 'This removes or overwrites data on live.', {
      detail: 'Say yes to the statements that are shown.',
    });
  return transaction(parts.db, (tx) => queueRelease(tx, appId, { commit, environment: 'live', by, chatId }));
}

/** An app that has just got a live database: its staging site runs what live runs. Repeating it does nothing. */
export async function queueSite(db: Db, appId: string): Promise<void> {
  const live = await serving(db, appId, 'live');
  if (!live) return;
  await transaction(db, async (tx) => {
    // one after the other: of two that look at once, the second finds the first one's
    await run(tx, sql`select 1 from apps where id = ${appId} for update`);
    const had = await maybe(tx, sql`select 1 from releases where app_id = ${appId} and environment = 'staging'`);
    if (!had) await queueRelease(tx, appId, { commit: live.commit, environment: 'staging', by: null });
  });
}

/** An app that lost its live database serves from staging again: what was on its staging site is what it becomes. */
export async function queueHome(tx: Tx, appId: string): Promise<void> {
  const [site, live] = [await serving(tx, appId, 'staging'), await serving(tx, appId, 'live')];
  await run(
    tx,
    sql`update releases set state = 'retired' where app_id = ${appId} and environment = 'staging' and state in ('serving', 'queued', 'building', 'starting')`,
  );
  if (site && site.commit !== live?.commit)
    await queueRelease(tx, appId, { commit: site.commit, environment: 'live', by: null });
}

async function queueRelease(
  tx: Tx,
  appId: string,
  release: { commit: string; environment: Environment; by: string | null; chatId?: string | undefined },
): Promise<{ releaseId: string; number: number }> {
  const releaseId = randomUUID();
  const { number } = await one(
    tx,
    sql<{
      number: number;
    }>`insert into releases (id, app_id, number, commit, merge_id, state, environment, told_in, created_by)
      select ${releaseId}, ${appId}, coalesce(max(number), 0) + 1, ${release.commit}, ${randomUUID()}, 'queued', ${release.environment},
        (select id from chats where id = ${release.chatId ?? null} and app_id = ${appId}), ${release.by}
      from releases where app_id = ${appId} returning number`,
  );
  await enqueue(tx, 'app.release', { releaseId }, { key: `app.release:${releaseId}`, attempts: 5 });
  return { releaseId, number };
}

/** The chats whose merges are in `to` and not in `from`, oldest first. */
export async function chatsBetween(
  { git, slug }: Pick<AppPlace, 'git' | 'slug'>,
  from: string | undefined,
  to: string,
): Promise<string[]> {
  const format = '--format=%(trailers:key=Vibe-Chat,valueonly)';
  const range = from ? `${from}..${to}` : to;
  const text = await git.text(['log', '--first-parent', '--reverse', format, range, '--', `apps/${slug}`]);
  return [...new Set(text.split(/\s+/).filter((id) => /^[0-9a-f-]{36}$/.test(id)))];
}

const serving = (db: Db, appId: string, environment: Environment): Promise<Served | undefined> =>
  maybe(
    db,
    sql<Served>`select id, number, commit from releases where app_id = ${appId} and environment = ${environment} and state = 'serving'`,
  );

async function dualPlace({ db, dataDir }: DeployParts, appId: string): Promise<AppPlace> {
  const place = await appPlace(db, dataDir, appId);
  if (place.mode !== 'dual-repository')
    throw new AppError('no_live', 'conflict', 'This app has no live database of its own: what is merged is live.');
  return place;
}
