/**
 * Going back to before a turn: it and all that followed are taken back together, and come back together. Files by the commit before it,
 * the draft as it was before the first of them touched it. In the order of Undo: what a kill leaves behind is simply asked again.
 */
import { takeDescriptionsBack } from '../apps/table-registry.ts';
import { diffApp } from '../containers/diff.ts';
import { chatRef, keepRef } from '../containers/worktrees.ts';
import { recordAct } from '../databases/acts.ts';
import { printDraft, restoreDraft, snapshotDraft } from '../databases/drafts.ts';
import { many, run, sql, transaction } from '../db/database.ts';
import { AppError } from '../errors.ts';
import type { HostOutput } from './api.ts';
import type { ChatPlace } from './chat-places.ts';
import { movedOn, type WorkParts } from './turn-work.ts';
import { putBack } from './undo.ts';
import { resetFiles, type Workspace } from './workspaces.ts';

interface TurnRow {
  id: string;
  number: number;
  commit_before: string | null;
  commit_after: string | null;
  draft_print: string | null;
  draft_schema: string | null;
  /** where it was taken back to */
  checkpoint: string | null;
  undone: boolean;
}

/** The turn and what followed it, in order; without messages that were withdrawn. */
function fromTurn(parts: WorkParts, place: ChatPlace, turnId: string): Promise<TurnRow[]> {
  return many(
    parts.db,
    sql<TurnRow>`select t.id, t.number, t.commit_before, t.commit_after, t.draft_print, c.draft_schema, c.commit as checkpoint, t.undone_at is not null as undone
      from turns t join turns first on first.id = ${turnId} and first.chat_id = t.chat_id left join checkpoints c on c.turn_id = t.id
      where t.chat_id = ${place.id} and t.number >= first.number and t.outcome is distinct from 'withdrawn' order by t.number`,
  );
}

const merged = () =>
  new AppError('merged', 'conflict', 'This message was answered before the last merge or update from main.', {
    detail: 'What is on main cannot be gone back behind here. Say in a new message what should be different.',
  });

/**
 * @param rows what happens to rows that somebody added in the preview since; must be said when there are any
 * @returns the turns that were taken back now, in order; none when that has been done
 * @throws AppError `turn_moved`, `merged`, `preview_used`
 */
export async function rewindTo(
  parts: WorkParts,
  { place, helper }: Workspace,
  { turnId, by, rows }: { turnId: string; by: string; rows?: 'keep' | 'exact' | undefined },
): Promise<HostOutput<'rewind'>> {
  const all = await fromTurn(parts, place, turnId);
  const leader = all[0];
  if (!leader) throw movedOn();
  const head = (await place.git.resolve(chatRef(place.chat8)))!;
  const group = all.filter((turn) => !turn.undone);
  if (leader.undone) {
    const there = leader.checkpoint ?? leader.commit_before;
    if (group.some((turn) => turn.commit_after !== turn.commit_before) || (there && there !== head)) throw movedOn();
    return { commit: head, files: 0, turns: [] };
  }
  // a turn that changed nothing may have run where the branch stood at another time
  const worked = group.filter((turn) => turn.commit_after !== null && turn.commit_after !== turn.commit_before);
  const target = worked[0]?.commit_before ?? head;
  // each must begin where the one before it ended: anything else is a merge or an update in between
  const broken = worked.some((turn, i) => turn.commit_after !== (worked[i + 1]?.commit_before ?? head));
  if (broken && head !== target) throw merged();

  const touched = group.find((turn) => turn.draft_schema !== null);
  const last = worked.at(-1);
  if (
    touched &&
    rows === undefined &&
    last?.draft_print != null &&
    (await printDraft(parts.cluster, place.draft)) !== last.draft_print
  ) {
    throw new AppError('preview_used', 'conflict', 'Somebody used the preview since.', {
      detail: 'Keep the rows that were added, or go back exactly.',
    });
  }
  for (const turn of worked) await place.git.run(['update-ref', keepRef(`turn/${turn.id}`), turn.commit_after!]);
  const redo = touched ? await snapshotDraft(parts.cluster, place.draft, `r${leader.number}`) : undefined;
  const redoCommit = last?.commit_after ?? head;
  await run(
    parts.db,
    sql`insert into checkpoints (turn_id, chat_id, commit, redo_commit, redo_schema) values (${turnId}, ${place.id}, ${target}, ${redoCommit}, ${redo ?? null})
      on conflict (turn_id) do update set commit = excluded.commit, redo_commit = excluded.redo_commit, redo_schema = excluded.redo_schema`,
  );
  await resetFiles(place, helper, target);
  if (touched) await restoreDraft(parts.cluster, place.draft, touched.draft_schema!, rows ?? 'exact');
  const ids = group.map(({ id }) => id);
  await transaction(parts.db, async (tx) => {
    await run(tx, sql`update turns set undone_at = now(), undone_with = ${turnId} where id = any(${ids})`);
    await takeDescriptionsBack(tx, ids);
    if (touched) await recordAct(tx, putBack('undo', place, turnId, by));
    await run(tx, sql`update chats set head_commit = ${target}, status = 'review' where id = ${place.id}`);
  });
  if (head !== target) await place.git.moveRef(chatRef(place.chat8), target, head);
  const files = head === target ? [] : await diffApp(place.git, head, target, place.appSlug);
  return { commit: target, files: files.length, turns: ids };
}
