/**
 * Merging a chat: one commit on main with a fresh id, the chat branch moved to it, and a release queued. The release row and its job are
 * written before main moves; the job itself moves main if this was killed in between. So main is always released or queued.
 */
import { randomUUID } from 'node:crypto';
import { lossVerb, NOTHING_LOST } from '../../../contract/loss-words.ts';
import { type Spec, specSchema } from '../../../contract/spec.ts';
import { followSpec } from '../apps/create.ts';
import type { ChangeFile } from '../builds/changes/change-file.ts';
import { MAIN } from '../containers/repository.ts';
import { commitTree, graft, readFiles } from '../containers/trees.ts';
import { chatRef, keepRef, saveWork } from '../containers/worktrees.ts';
import type { DataCluster } from '../databases/cluster.ts';
import { dropDraft, ensureDraft, rebuildDraft } from '../databases/drafts.ts';
import { rehearsalSchema } from '../databases/names.ts';
import { type Db, one, run, sql, transaction } from '../db/database.ts';
import { AppError } from '../errors.ts';
import type { EventLog } from '../events/log.ts';
import type { HostOutput } from '../hosting/api.ts';
import { generatedAt } from '../hosting/generated.ts';
import type { Layers } from '../hosting/packages/layers.ts';
import type { Toolchain } from '../hosting/toolchain.ts';
import { resetFiles, type Workspace } from '../hosting/workspaces.ts';
import { enqueue } from '../jobs/queue.ts';
import { changesAt } from './app-changes.ts';
import { type Combined, combine } from './combine.ts';
import { markedFiles } from './conflicts.ts';
import { whatChangesRemove } from './what-goes.ts';

export interface MergeParts {
  db: Db;
  log: EventLog;
  cluster: DataCluster;
  toolchain: () => Promise<Toolchain>;
  layers: Layers;
}

/** Must run inside `Workspaces.use` of the chat and alone on the container's main. */
export async function mergeChat(
  parts: MergeParts,
  { place, helper }: Workspace,
  by: { id: string; name: string },
  destroys: boolean,
): Promise<HostOutput<'merge'>> {
  const { git, appSlug } = place;
  const head = (await git.resolve(chatRef(place.chat8)))!;
  const main = (await git.resolve(MAIN))!;
  const base = await git.text(['merge-base', main, head]);
  if ((await git.resolve(`${head}:apps/${appSlug}`)) === (await git.resolve(`${main}:apps/${appSlug}`))) {
    return {
      ok: false,
      code: 'nothing_to_merge',
      message: 'There is nothing to merge: main has all of this already.',
      conflicts: [],
    };
  }
  const marked = await markedFiles(place, head);
  if (marked.length > 0) {
    return {
      ok: false,
      code: 'conflict_markers',
      message: 'Some files still hold both versions.',
      conflicts: marked.map((path) => ({ path, reason: 'It still has conflict markers.' })),
    };
  }
  const combined = await bring(parts, place, { base, ours: head, theirs: main });
  if ('code' in combined) return { ok: false, code: combined.code, message: combined.message, conflicts: [] };
  if (combined.conflicts.length > 0) {
    return {
      ok: false,
      code: 'merge_conflict',
      message: 'This chat and main have changed the same lines.',
      conflicts: combined.conflicts,
    };
  }
  const releaseId = randomUUID();
  const mergeId = randomUUID();
  const tree = await graft(git, main, ['apps', appSlug], combined.tree);
  const generated = combined.generated ?? (await generatedAt(place, head));
  const trailers = [
    `Vibe-Merge: ${mergeId}`,
    `Vibe-Chat: ${place.id}`,
    ...(generated ? [`Vibe-Generated: ${generated}`] : []),
  ];
  const commit = await commitTree(git, tree, [main], `${place.title}\n\n${trailers.join('\n')}\n`, {
    name: by.name,
    email: place.person.email,
  });
  const changes = await changesAt(git, commit, appSlug);
  const production = new Set((await changesAt(git, main, appSlug)).map(({ id }) => id));
  const missing = production.size > 0 ? changes.filter(({ id }) => !production.has(id)) : [];
  const { loses, by: lost } = destroys
    ? { loses: NOTHING_LOST, by: [] }
    : await whatChangesRemove(parts.cluster, { ...place.draft, schema: place.draft.source }, missing);
  if (lost.length > 0) {
    const site = place.mode === 'dual-repository' ? 'on the staging site' : 'in the live app';
    return {
      ok: false,
      code: 'destroys_data',
      message: `This merge ${lossVerb(loses)} data ${site}.`,
      loses,
      conflicts: lost.map(({ tables, statements }) => ({ path: tables.join(', '), reason: statements.join(';\n') })),
    };
  }
  // a change that the live rows do not allow must not reach main: no later release could get past it
  const problem = await tryChanges(parts, place, releaseId, changes, production);
  if (problem) return { ok: false, code: 'changes_fail', message: problem, conflicts: [] };
  await git.run(['update-ref', keepRef(`merge/${mergeId}`), commit]);
  await git.run(['update-ref', keepRef(`merged/${mergeId}`), head]);

  const spec = specIn((await readFiles(git, `${commit}:apps/${appSlug}`, ['spec.json'])).get('spec.json'));
  const { number } = await transaction(parts.db, async (tx) => {
    const release = await one(
      tx,
      sql<{
        number: number;
      }>`insert into releases (id, app_id, number, commit, merge_id, state, environment, told_in, created_by)
        select ${releaseId}, ${place.appId}, coalesce(max(number), 0) + 1, ${commit}, ${mergeId}, 'queued',
          ${place.mode === 'dual-repository' ? 'staging' : 'live'}, ${place.id}, ${by.id} from releases where app_id = ${place.appId} returning number`,
    );
    if (spec) await followSpec(tx, place.appId, spec);
    await run(tx, sql`update chats set head_commit = ${commit}, base_commit = ${commit} where id = ${place.id}`);
    await parts.log.append(
      place.id,
      'transport.changed',
      { transport: 'merged', commit, by, release: { id: releaseId, number: release.number, state: 'queued' } },
      tx,
    );
    await enqueue(tx, 'app.release', { releaseId }, { key: `app.release:${releaseId}`, attempts: 5 });
    return release;
  });
  await git.moveRef(MAIN, commit, main);
  await git.moveRef(chatRef(place.chat8), commit, head);
  await resetFiles(place, helper, commit);
  await rebuildDraft(parts.cluster, place.draft, changes);
  return { ok: true, releaseId, number, commit };
}

/** Brings the chat and main together. @returns an error where their packages do not fit together: the chat has to choose others */
async function bring(
  parts: MergeParts,
  { git, appSlug }: Workspace['place'],
  commits: Parameters<typeof combine>[2],
): Promise<Combined | AppError> {
  return combine(git, appSlug, commits, async (needs, known) =>
    parts.layers.relock(await parts.toolchain(), needs, known),
  ).catch((error) => {
    if (!(error instanceof AppError) || !/^packages?_/.test(error.code)) throw error;
    const message = `The packages of this chat and those of main do not come together. ${error.message}`;
    const way = 'Remove or replace one of them in this chat, then merge again.';
    return new AppError(error.code, error.kind, `${message} ${way}`, { cause: error, detail: error.detail });
  });
}

/** Runs the changes on a copy of the app's rows. @returns why they cannot be made, undefined when they can */
async function tryChanges(
  parts: MergeParts,
  place: Workspace['place'],
  releaseId: string,
  changes: ChangeFile[],
  production: Set<string>,
): Promise<string | undefined> {
  const draft = { ...place.draft, schema: rehearsalSchema(place.appSlug, releaseId) };
  try {
    await ensureDraft(
      parts.cluster,
      draft,
      changes.filter(({ id }) => production.has(id)),
      changes,
    );
    return undefined;
  } catch (error) {
    if (error instanceof AppError && error.code.startsWith('change_')) return error.message;
    throw error;
  } finally {
    await dropDraft(parts.cluster, draft);
  }
}

/** The spec of a commit, when it is one. */
function specIn(spec: Buffer | undefined): Spec | undefined {
  const parsed = spec && specSchema.safeParse(JSON.parse(spec.toString()));
  return parsed?.success ? parsed.data : undefined;
}

/** Brings what main has into the chat. Files that conflict hold both versions, marked; they are named. */
export async function updateFromMain(
  parts: MergeParts,
  { place, helper }: Workspace,
  by: { id: string; name: string },
): Promise<HostOutput<'updateFromMain'>> {
  const { git, appSlug } = place;
  const head = (await git.resolve(chatRef(place.chat8)))!;
  const main = (await git.resolve(MAIN))!;
  const base = await git.text(['merge-base', main, head]);
  if (base === main) return { commit: head, files: 0, conflicts: [] };
  const combined = await bring(parts, place, { base, ours: head, theirs: main });
  if ('code' in combined) throw combined;
  const tree = await graft(git, main, ['apps', appSlug], combined.tree);
  const generated = combined.generated ?? (await generatedAt(place, main));
  const trailer = generated ? `\nVibe-Generated: ${generated}` : '';
  const commit = await commitTree(git, tree, [head, main], `Update from main\n\nVibe-Chat: ${place.id}${trailer}\n`, {
    name: by.name,
    email: place.person.email,
  });
  await git.run(['update-ref', keepRef(`update/${commit}`), commit]);
  await transaction(parts.db, async (tx) => {
    await run(tx, sql`update chats set head_commit = ${commit} where id = ${place.id}`);
    await parts.log.append(
      place.id,
      'transport.changed',
      { transport: 'open', commit, by, note: 'Updated from main.' },
      tx,
    );
  });
  await git.moveRef(chatRef(place.chat8), commit, head);
  const files = await resetFiles(place, helper, commit);
  await saveWork(place.worktree, place.person);
  await rebuildDraft(parts.cluster, place.draft, await changesAt(git, commit, appSlug));
  return { commit, files, conflicts: combined.conflicts };
}
