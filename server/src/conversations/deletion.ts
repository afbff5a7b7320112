/**
 * Deleting a chat: hidden at once, brought back for 48 hours by whoever may delete it, then removed by a job. Removed means its words,
 * branch and draft; the row, its turns' money and the audit log stay, because what was spent and done is never unsaid.
 */
import type { Access } from '../accounts/access-set.ts';
import { type Db, many, maybe, run, sql, transaction } from '../db/database.ts';
import { AppError } from '../errors.ts';
import type { HostApi } from '../hosting/api.ts';
import { enqueue } from '../jobs/queue.ts';
import type { ChatRow } from './chats.ts';

export const RESTORABLE_HOURS = 48;

/** Whoever began a chat may delete it, and owners and admins of its place. @throws AppError `not_allowed` */
function mayDelete(access: Access, chat: ChatRow): void {
  const role = access.containers.find(({ id }) => id === chat.container_id)?.role;
  if (chat.created_by !== access.user.id && role === 'member')
    throw new AppError('not_allowed', 'forbidden', 'Only whoever began this chat, an owner or an admin may delete it.');
}

/** @throws AppError `turn_running`, `not_allowed` */
export async function deleteChat(db: Db, access: Access, chat: ChatRow): Promise<void> {
  mayDelete(access, chat);
  await transaction(db, async (tx) => {
    await maybe(tx, sql`select 1 from chats where id = ${chat.id} for update`);
    const busy = await maybe(tx, sql`select 1 from turns where chat_id = ${chat.id} and state <> 'ended'`);
    if (busy)
      throw new AppError('turn_running', 'conflict', 'A turn is running, or a message waits.', {
        detail: 'Stop the turn and take waiting messages back, then delete the chat.',
      });
    await run(
      tx,
      sql`update chats set deleted_at = now(), deleted_by = ${access.user.id}, updated_at = now() where id = ${chat.id} and deleted_at is null`,
    );
    const delayMs = RESTORABLE_HOURS * 3600 * 1000;
    await enqueue(tx, 'chat.remove', { chatId: chat.id }, { key: `chat.remove:${chat.id}`, delayMs });
  });
}

/** @throws AppError `not_allowed` */
export async function restoreChat(db: Db, access: Access, chat: ChatRow): Promise<void> {
  mayDelete(access, chat);
  const app = await maybe(db, sql`select 1 from apps where id = ${chat.app_id} and deleted_at is not null`);
  if (app)
    throw new AppError('app_deleted', 'conflict', 'The app of this chat is deleted.', {
      detail: 'Bring the app back; its chats come with it.',
    });
  const done = await run(
    db,
    sql`update chats set deleted_at = null, deleted_by = null, updated_at = now() where id = ${chat.id} and removed_at is null`,
  );
  if (done === 0) throw new AppError('chat_not_found', 'missing', 'This chat is gone for good.');
}

/**
 * The job: removes what is still deleted after 48 hours. First the mark, which nothing takes back; then what the host holds; then the
 * words. A kill anywhere is made up for by the job's next try.
 */
export async function removeChat(parts: { db: Db; host: HostApi }, chatId: string): Promise<void> {
  const { db } = parts;
  const marked = await run(
    db,
    sql`update chats set removed_at = coalesce(removed_at, now()), title = 'Deleted chat' where id = ${chatId}
      and deleted_at <= now() - ${RESTORABLE_HOURS} * interval '1 hour' + interval '1 minute'`,
  );
  if (marked === 0) return;
  await parts.host.removeChat({ chatId });
  await transaction(db, async (tx) => {
    const turns = (await many(tx, sql<{ id: string }>`select id from turns where chat_id = ${chatId}`)).map(
      ({ id }) => id,
    );
    await run(tx, sql`delete from chat_events where chat_id = ${chatId}`);
    await run(tx, sql`delete from attachments where chat_id = ${chatId}`);
    await run(tx, sql`delete from turn_steps where turn_id = any(${turns})`);
    await run(tx, sql`delete from questions where chat_id = ${chatId}`);
    await run(tx, sql`delete from streaming_texts where chat_id = ${chatId}`);
    await run(tx, sql`delete from checkpoints where chat_id = ${chatId}`);
    await run(tx, sql`delete from context_measures where chat_id = ${chatId}`);
    await run(tx, sql`update turns set problem = null, draft_print = null where chat_id = ${chatId}`);
  });
}
