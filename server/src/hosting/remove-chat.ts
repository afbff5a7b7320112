/** What a host holds of a chat that is removed for good: preview, worktree, draft, branch. Repeating it finds less to do. */

import { chatRef, keepRef, wipRef } from '../containers/worktrees.ts';
import type { DataCluster } from '../databases/cluster.ts';
import { dropDraft } from '../databases/drafts.ts';
import { chatsLeft } from '../databases/outside/left-there.ts';
import { isAway } from '../databases/outside/server.ts';
import type { Router } from '../databases/router/router.ts';
import { type Db, many, maybe, sql } from '../db/database.ts';
import { AppError } from '../errors.ts';
import { placeOf, readChatRecord } from './chat-places.ts';
import { noteLeft } from './data/leftovers.ts';
import type { Runtime } from './running/runtime.ts';
import type { Workspaces } from './workspaces.ts';

/** @throws AppError `not_deleted` for a chat that somebody still has */
export async function removeChat(
  parts: { db: Db; dataDir: string; cluster: DataCluster; router: Router; workspaces: Workspaces; runtime: Runtime },
  chatId: string,
): Promise<void> {
  const gone = await maybe(parts.db, sql`select 1 from chats where id = ${chatId} and removed_at is not null`);
  if (!gone) throw new AppError('not_deleted', 'conflict', 'This chat is not to be removed.');
  const record = await readChatRecord(parts.db, chatId);
  await parts.runtime.stop(`preview:${chatId}`, `p-${record.chat8}`);
  if (!record.appId) return;
  const place = placeOf(record, parts.dataDir);
  await parts.workspaces.close(chatId);
  await parts.router.dropRoles(place, ['staging', 'draft']);
  await parts.router.dropRoles(place, ['live']).catch(async (error) => {
    if (!isAway(error)) throw error;
    await noteLeft(parts.db, record.appId!, 'chats', chatsLeft(place.containerSlug, [place.chat8]));
  });
  await dropDraft(parts.cluster, place.draft);
  const turns = await many(parts.db, sql<{ id: string }>`select id from turns where chat_id = ${chatId}`);
  const refs = [chatRef(place.chat8), wipRef(place.chat8), ...turns.map(({ id }) => keepRef(`turn/${id}`))];
  for (const ref of refs) if (await place.git.resolve(ref)) await place.git.run(['update-ref', '-d', ref]);
}
