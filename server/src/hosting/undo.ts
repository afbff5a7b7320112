/**
 * Undo takes back the latest turn: its commit, and the draft as it was before the turn's first database effect. Redo restores the moment
 * of the undo. Files, then tables, then what is acknowledged: a killed one is simply asked again.
 */
import { takeDescriptionsBack } from '../apps/table-registry.ts';
import { diffApp } from '../containers/diff.ts';
import { chatRef, keepRef } from '../containers/worktrees.ts';
import { type Act, recordAct } from '../databases/acts.ts';
import { printDraft, restoreDraft, snapshotDraft } from '../databases/drafts.ts';
import { many, maybe, run, sql, transaction } from '../db/database.ts';
import { AppError } from '../errors.ts';
import type { ChatPlace } from './chat-places.ts';
import { movedOn, type WorkParts } from './turn-work.ts';
import { resetFiles, type Workspace } from './workspaces.ts';

interface TurnRow {
  number: number;
  commit_before: string;
  commit_after: string;
  draft_print: string | null;
  draft_schema: string | null;
  /** where Redo goes: after this turn, or after the last of those that were taken back with it */
  redo_commit: string;
  redo_schema: string | null;
  undone: boolean;
}

async function readTurn(parts: WorkParts, place: ChatPlace, turnId: string): Promise<TurnRow> {
  const row = await maybe(
    parts.db,
    sql<TurnRow>`select t.number, coalesce(c.commit, t.commit_before) as commit_before, t.commit_after, t.draft_print, c.draft_schema,
        coalesce(c.redo_commit, t.commit_after) as redo_commit, c.redo_schema, t.undone_at is not null as undone
      from turns t left join checkpoints c on c.turn_id = t.id
      where t.id = ${turnId} and t.chat_id = ${place.id} and t.state = 'ended' and coalesce(t.commit_before, c.commit) is not null
        and coalesce(t.commit_after, c.redo_commit) is not null`,
  );
  if (!row) throw movedOn();
  return row;
}

/** That a person has put the chat's draft back, or forward again, or begun it anew. */
export const putBack = (
  act: 'undo' | 'redo' | 'draft_again',
  { id, appId }: ChatPlace,
  turnId: string | null,
  by: string,
): Act => ({ act, appId, by, environment: 'draft', chatId: id, turnId });

/**
 * @param rows what happens to rows that somebody added in the preview since; must be said when there are any
 * @throws AppError `turn_moved`, `merged`, `preview_used`
 */
export async function undoTurn(
  parts: WorkParts,
  { place, helper }: Workspace,
  { turnId, by, rows }: { turnId: string; by: string; rows?: 'keep' | 'exact' | undefined },
) {
  const turn = await readTurn(parts, place, turnId);
  const head = await place.git.resolve(chatRef(place.chat8));
  if (turn.undone || (head !== turn.commit_after && head !== turn.commit_before)) {
    if (!turn.undone) {
      throw new AppError(
        'merged',
        'conflict',
        'This turn was merged or updated since, so it cannot be taken back here.',
        {
          detail: 'Say in a new message what should be different.',
        },
      );
    }
    throw movedOn();
  }
  if (
    turn.draft_schema &&
    rows === undefined &&
    turn.draft_print !== null &&
    (await printDraft(parts.cluster, place.draft)) !== turn.draft_print
  ) {
    throw new AppError('preview_used', 'conflict', 'Somebody used the preview since this turn.', {
      detail: 'Keep the rows that were added, or go back exactly.',
    });
  }
  await place.git.run(['update-ref', keepRef(`turn/${turnId}`), turn.commit_after]);
  const redo = turn.draft_schema ? await snapshotDraft(parts.cluster, place.draft, `r${turn.number}`) : undefined;
  await run(
    parts.db,
    sql`update checkpoints set redo_commit = ${turn.commit_after}, redo_schema = ${redo ?? null} where turn_id = ${turnId}`,
  );
  await resetFiles(place, helper, turn.commit_before);
  if (turn.draft_schema) await restoreDraft(parts.cluster, place.draft, turn.draft_schema, rows ?? 'exact');
  await transaction(parts.db, async (tx) => {
    await run(tx, sql`update turns set undone_at = now(), undone_with = null where id = ${turnId}`);
    await takeDescriptionsBack(tx, [turnId]);
    if (turn.draft_schema) await recordAct(tx, putBack('undo', place, turnId, by));
    await run(tx, sql`update chats set head_commit = ${turn.commit_before}, status = 'review' where id = ${place.id}`);
  });
  await place.git.moveRef(chatRef(place.chat8), turn.commit_before, head);
  const files = await diffApp(place.git, turn.commit_after, turn.commit_before, place.appSlug);
  return { commit: turn.commit_before, files: files.length };
}

/** Gives a turn back, with those that were taken back with it. @throws AppError `turn_moved` */
export async function redoTurn(
  parts: WorkParts,
  { place, helper }: Workspace,
  { turnId, by }: { turnId: string; by: string },
) {
  const turn = await readTurn(parts, place, turnId);
  const head = await place.git.resolve(chatRef(place.chat8));
  if (!turn.undone || head !== turn.commit_before) throw movedOn();
  await resetFiles(place, helper, turn.redo_commit);
  if (turn.redo_schema) {
    await restoreDraft(parts.cluster, place.draft, turn.redo_schema, 'exact');
    await parts.cluster.dropSchema(place.draft.database, turn.redo_schema);
  }
  const back = await transaction(parts.db, async (tx) => {
    const rows = await many(
      tx,
      sql<{
        id: string;
      }>`update turns set undone_at = null, undone_with = null where id = ${turnId} or undone_with = ${turnId} returning id`,
    );
    await takeDescriptionsBack(
      tx,
      rows.map(({ id }) => id),
      true,
    );
    if (turn.redo_schema) await recordAct(tx, putBack('redo', place, turnId, by));
    await run(tx, sql`update checkpoints set redo_schema = null, redo_commit = null where turn_id = ${turnId}`);
    await run(tx, sql`update chats set head_commit = ${turn.redo_commit}, status = 'review' where id = ${place.id}`);
    return rows.map(({ id }) => id);
  });
  if (head !== turn.redo_commit) await place.git.moveRef(chatRef(place.chat8), turn.redo_commit, head);
  const files = await diffApp(place.git, turn.commit_before, turn.redo_commit, place.appSlug);
  return { commit: turn.redo_commit, files: files.length, turns: back };
}
