/**
 * Deleting an app: closed at once together with its chats, brought back for 48 hours, then removed by a job with its tables, releases and
 * folder. Its address stays taken for good.
 */
import type { Access } from '../accounts/access-set.ts';
import { recordAct } from '../databases/acts.ts';
import { type Db, many, maybe, run, sql, transaction } from '../db/database.ts';
import { AppError } from '../errors.ts';
import { enqueue } from '../jobs/queue.ts';

export const RESTORABLE_HOURS = 48;
const DELAY_MS = RESTORABLE_HOURS * 3600 * 1000;

/** @throws AppError `not_allowed` */
export function mayDelete(access: Access, containerId: string): void {
  if (access.containers.find(({ id }) => id === containerId)?.role === 'member')
    throw new AppError('not_allowed', 'forbidden', 'Only an owner or admin may delete an app.');
}

/** @throws AppError `not_allowed`, `turn_running` */
export async function deleteApp(db: Db, access: Access, app: { id: string; container_id: string }): Promise<void> {
  mayDelete(access, app.container_id);
  await transaction(db, async (tx) => {
    // no turn begins while the chats are locked
    await many(tx, sql`select 1 from chats where app_id = ${app.id} order by id for update`);
    const busy = await maybe(
      tx,
      sql<{
        title: string;
      }>`select h.title from turns t join chats h on h.id = t.chat_id where h.app_id = ${app.id} and h.deleted_at is null and t.state <> 'ended' limit 1`,
    );
    if (busy)
      throw new AppError('turn_running', 'conflict', `“${busy.title}” is still working on this app.`, {
        detail: 'Wait until its turn is done, or stop it.',
      });
    await run(tx, sql`update apps set deleted_at = now(), deleted_by = ${access.user.id} where id = ${app.id}`);
    // the same moment to the microsecond: by it they are known as those that went with the app
    const chats = await many(
      tx,
      sql<{
        id: string;
      }>`update chats set deleted_at = now(), deleted_by = ${access.user.id} where app_id = ${app.id} and deleted_at is null returning id`,
    );
    for (const { id } of chats)
      await enqueue(tx, 'chat.remove', { chatId: id }, { key: `chat.remove:${id}`, delayMs: DELAY_MS });
    await enqueue(tx, 'app.delete', { appId: app.id });
    await enqueue(tx, 'app.remove', { appId: app.id }, { key: `app.remove:${app.id}`, delayMs: DELAY_MS });
  });
}

/** Brings an app back, with the chats that went with it. @throws AppError `app_not_found`, `not_allowed` */
export async function restoreApp(db: Db, access: Access, appId: string): Promise<void> {
  await transaction(db, async (tx) => {
    const app = await maybe(
      tx,
      sql<{
        container_id: string;
        deleted_at: Date;
      }>`select container_id, deleted_at from apps where id = ${appId} and deleted_at is not null and removed_at is null for update`,
    );
    if (!app || !access.containers.some(({ id }) => id === app.container_id))
      throw new AppError('app_not_found', 'missing', 'There is no such app, or it is gone for good.');
    mayDelete(access, app.container_id);
    await run(
      tx,
      sql`update chats set deleted_at = null, deleted_by = null
      where app_id = ${appId} and removed_at is null and deleted_at = (select deleted_at from apps where id = ${appId})`,
    );
    await run(tx, sql`update apps set deleted_at = null, deleted_by = null where id = ${appId}`);
  });
}

/** Marks what is still deleted after 48 hours as removed: from here nothing brings it back. @returns whether it is to be removed */
export async function markRemoved(db: Db, appId: string): Promise<boolean> {
  return transaction(db, async (tx) => {
    // of two at once, the second waits for the first one's mark
    const marked = await maybe(
      tx,
      sql<{ by: string | null }>`update apps set removed_at = now() where id = ${appId} and removed_at is null
        and deleted_at <= now() - ${RESTORABLE_HOURS} * interval '1 hour' + interval '1 minute' returning deleted_by as by`,
    );
    if (marked) await recordAct(tx, { act: 'app_removed', appId, by: marked.by });
    return Boolean(marked ?? (await maybe(tx, sql`select 1 from apps where id = ${appId} and removed_at is not null`)));
  });
}
