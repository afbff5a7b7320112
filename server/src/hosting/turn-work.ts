/** What a turn does to its chat's app: edit, commit, and remember what Undo needs. All of it runs inside `Workspaces.use`. */

import type { FileDiff } from '../../../contract/chats.ts';
import { diffApp } from '../containers/diff.ts';
import { chatRef, commitWork, saveWork, wipRef } from '../containers/worktrees.ts';
import { appliedIds, type Change } from '../databases/changes.ts';
import type { DataCluster } from '../databases/cluster.ts';
import { printDraft, snapshotDraft } from '../databases/drafts.ts';
import { type Db, maybe, one, run, sql, transaction } from '../db/database.ts';
import { AppError } from '../errors.ts';
import type { HostOutcome } from './api.ts';
import type { ChatPlace } from './chat-places.ts';
import { clearGenerated, readGenerated } from './generated.ts';
import { askedIn, type RecordParts, recordedChange } from './table-changes.ts';
import type { Workspace } from './workspaces.ts';

export interface WorkParts {
  db: Db;
  cluster: DataCluster;
}

/** The commit that shows the files as they were before the next edit. */
async function beforeEdit(place: ChatPlace): Promise<string> {
  const head = (await place.git.resolve(chatRef(place.chat8)))!;
  const wip = await place.git.resolve(wipRef(place.chat8));
  return wip && (await place.git.resolve(`${wip}^`)) === head ? wip : head;
}

/** Saves what was just written to the work-in-progress ref. @returns what changed, for the message */
export async function saveEdit(place: ChatPlace, before: string): Promise<FileDiff[]> {
  const after = await saveWork(place.worktree, place.person);
  return diffApp(place.git, before, after, place.appSlug);
}

/** Remembers where the turn began, once. */
export async function beginEdit(parts: WorkParts, place: ChatPlace, turnId: string): Promise<string> {
  const head = (await place.git.resolve(chatRef(place.chat8)))!;
  await transaction(parts.db, async (tx) => {
    await run(tx, sql`update turns set commit_before = ${head} where id = ${turnId} and commit_before is null`);
    await run(
      tx,
      sql`insert into checkpoints (turn_id, chat_id, commit) values (${turnId}, ${place.id}, ${head}) on conflict (turn_id) do nothing`,
    );
  });
  return beforeEdit(place);
}

/** Keeps the draft as it was before the turn's first database effect, once. */
export async function keepDraft(parts: WorkParts, place: ChatPlace, turnId: string): Promise<void> {
  const row = await maybe(
    parts.db,
    sql<{
      number: number;
      draft_schema: string | null;
    }>`select t.number, c.draft_schema from turns t join checkpoints c on c.turn_id = t.id where t.id = ${turnId}`,
  );
  if (!row || row.draft_schema !== null) return;
  const snapshot = await snapshotDraft(parts.cluster, place.draft, `t${row.number}`);
  if (snapshot)
    await run(
      parts.db,
      sql`update checkpoints set draft_schema = ${snapshot} where turn_id = ${turnId} and draft_schema is null`,
    );
}

/** Changes of a draft's tables, recorded. None: nothing to record. */
export async function changingDraft<T>(
  parts: WorkParts & RecordParts,
  { id, appId, draft }: ChatPlace,
  { turnId, agreedBy }: { turnId: string; agreedBy?: string | undefined },
  changes: readonly (Change & { tables?: readonly string[] })[],
  work: () => Promise<T>,
): Promise<T> {
  if (changes.length === 0) return work();
  const asked = await askedIn(parts.db, turnId);
  const look = () => parts.cluster.asOwner(draft.database, draft.containerSlug, draft.schema, appliedIds);
  const change = { act: 'draft', appId, environment: 'draft', ...asked, chatId: id, turnId, changes } as const;
  return recordedChange(parts, { ...change, agreedBy: agreedBy ?? null }, look, work);
}

/** A model's edits. */
export async function modifyFiles(
  parts: WorkParts,
  workspace: Workspace,
  turnId: string,
  input: unknown,
): Promise<HostOutcome> {
  // noted while the edit is made: the person waits for the page to change
  const [before, result] = await Promise.all([
    beginEdit(parts, workspace.place, turnId),
    workspace.helper.apply(input as Parameters<typeof workspace.helper.apply>[0]),
  ]);
  if (!result.ok) {
    const { ok: _, code, message, ...where } = result;
    return { ok: false, code, message, ...(Object.keys(where).length ? { detail: where } : {}) };
  }
  const files = await saveEdit(workspace.place, before);
  const value = { files: result.value.files.map(({ path, change }) => ({ path, change })) };
  return { ok: true, value, files };
}

/** Ends a turn's work with a commit on the chat branch. Repeating it answers the same. */
export async function commitTurn(
  parts: WorkParts,
  { place, helper }: Workspace,
  turnId: string,
  message: string,
): Promise<{ commit: string | null; files: number; draftPrint: string }> {
  await helper.start();
  const head = (await place.git.resolve(chatRef(place.chat8)))!;
  const turn = await one(
    parts.db,
    sql<{ commit_before: string | null }>`select commit_before from turns where id = ${turnId}`,
  );
  if (turn.commit_before === null) {
    await run(parts.db, sql`update turns set commit_before = ${head} where id = ${turnId} and commit_before is null`);
  }
  const generated = await readGenerated(place);
  const full = generated?.fresh ? `${message.trimEnd()}\nVibe-Generated: ${generated.tree}\n` : message;
  const { commit } = await commitWork(place.worktree, head, full, place.person);
  await run(parts.db, sql`update chats set head_commit = ${commit} where id = ${place.id}`);
  if (generated?.fresh) await clearGenerated(place);
  const before = turn.commit_before ?? head;
  const files = before === commit ? [] : await diffApp(place.git, before, commit, place.appSlug);
  return { commit, files: files.length, draftPrint: await printDraft(parts.cluster, place.draft) };
}

/** Thrown where a branch is not where the caller believes. */
export const movedOn = () =>
  new AppError('turn_moved', 'conflict', 'This chat has moved on meanwhile.', {
    detail: 'Look at what it shows now, and try again.',
  });
