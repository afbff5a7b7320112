/**
 * Going back to an older release (or forward again): a switch. The other one is woken and looked at while the present one serves, one
 * transaction decides, the gateway asks anew, and what the replaced one has begun it answers. Rows stay. A kill at any point leaves the
 * one or the other serving: which of them is in the rows alone.
 */
import { createHash } from 'node:crypto';
import { type Db, many, maybe, one, run, sql, transaction } from '../db/database.ts';
import { AppError, messageOf } from '../errors.ts';
import { type AppPlace, appPlace } from './app-places.ts';
import { untilHealthy } from './healthy.ts';
import type { ReleaseParts } from './release.ts';
import { listReleases } from './release-list.ts';

const TOOL = 'go_back';

interface Wish {
  appId: string;
  releaseId: string;
  /** the release that served when the person decided */
  serving: string;
  by: { id: string; name: string };
}

/** @throws AppError `release_under_way` */
export async function refuseWhileReleasing(db: Db, appId: string): Promise<void> {
  const open = await maybe(
    db,
    sql<{
      number: number;
    }>`select number from releases where app_id = ${appId} and environment = 'live' and state in ('queued', 'building', 'starting') limit 1`,
  );
  if (open)
    throw new AppError('release_under_way', 'conflict', `Release ${open.number} is on its way.`, {
      detail: 'Wait until it serves or has failed.',
    });
}

/**
 * Must run alone on the app's releases.
 * @throws AppError `release_under_way`, `release_moved`, `release_not_found`, `cannot_go_back`, `rollback_failed`
 */
export async function goBack(parts: ReleaseParts, wish: Wish): Promise<{ from: number; to: number }> {
  const { db, runtime, routes, drains } = parts;
  const place = await appPlace(db, parts.dataDir, wish.appId);
  const { from, to, why } = await choose(parts, wish);
  const entry = await recordIntent(db, place, wish, why);
  if (why) throw new AppError('cannot_go_back', 'conflict', why, { detail: 'Change the app in a chat instead.' });
  const key = `release:${to.id}`;
  try {
    await drains.spare(to.id);
    await runtime.wakeRelease(to.id);
    await untilHealthy(parts, { app_id: wish.appId, environment: 'live' }, key);
    await transaction(db, async (tx) => {
      const left = await run(
        tx,
        sql`update releases set state = 'retired' where id = ${from.id} and state = 'serving'`,
      );
      const taken = await run(
        tx,
        sql`update releases set state = 'serving', served_at = now() where id = ${to.id} and state = 'retired'`,
      );
      if (left !== 1 || taken !== 1) throw moved();
      await recordReceipt(tx, entry, 'done', { from: from.number, to: to.number });
    });
  } catch (cause) {
    await runtime.stop(key, `r-${to.id.slice(-12)}`);
    await recordReceipt(db, entry, 'failed', { reason: messageOf(cause).slice(0, 500) });
    if (cause instanceof AppError && cause.code === 'release_moved') throw cause;
    parts.logger.warn({ err: cause, releaseId: to.id }, 'an older release did not come up');
    throw new AppError(
      'rollback_failed',
      'conflict',
      `Release ${to.number} did not come up, so release ${from.number} goes on serving.`,
      { cause, detail: messageOf(cause).slice(0, 2000) },
    );
  } finally {
    routes.forget();
  }
  drains.begin(from.id);
  await tell(parts, place, wish, { from, to }).catch((error) =>
    parts.logger.warn({ err: error }, 'a switch of releases was not told'),
  );
  return { from: from.number, to: to.number };
}

/** Acts that a kill has cut off did not happen: their receipt would stand in the transaction that switches. */
export async function settleRollbacks(db: Db): Promise<void> {
  await run(
    db,
    sql`update audit_log set outcome = 'failed', receipt = '{"reason":"cut off"}', completed_at = now() where tool = ${TOOL} and completed_at is null`,
  );
}

type Chosen = { id: string; number: number; commit: string; chatId: string | null };

/** @returns what serves, what is wished for, and why that cannot be */
async function choose(parts: ReleaseParts, wish: Wish): Promise<{ from: Chosen; to: Chosen; why: string | null }> {
  await refuseWhileReleasing(parts.db, wish.appId);
  const find = async (id: string) => {
    const row = await maybe(
      parts.db,
      sql<{ number: number }>`select number from releases where id = ${id} and app_id = ${wish.appId}`,
    );
    return row && (await listReleases(parts, { appId: wish.appId, before: row.number + 1 })).items[0];
  };
  const from = await find(wish.serving);
  if (from?.state !== 'serving') throw moved();
  const to = await find(wish.releaseId);
  if (!to) throw new AppError('release_not_found', 'missing', 'There is no such release of this app.');
  const why = to.canServe
    ? null
    : (to.why ?? `Release ${to.number} ${to.id === from.id ? 'serves already' : 'never served'}.`);
  return { from, to, why };
}

const moved = () =>
  new AppError('release_moved', 'conflict', 'Another release serves by now.', { detail: 'Look at the list again.' });

async function recordIntent(db: Db, place: AppPlace, wish: Wish, refused: string | null): Promise<string> {
  const hash = createHash('sha256')
    .update(JSON.stringify({ appId: wish.appId, releaseId: wish.releaseId, serving: wish.serving }))
    .digest();
  const { id } = await one(
    db,
    sql<{
      id: string;
    }>`insert into audit_log (organisation_id, container_id, call_id, agent, tool, input_hash, permission, decision, reason, completed_at, by_user)
      select organisation_id, id, ${wish.releaseId}, 'person', ${TOOL}, ${hash}, 'app:release', ${refused ? 'refused' : 'allowed'}, ${refused},
        case when ${refused}::text is not null then now() end, ${wish.by.id} from containers where id = ${place.containerId} returning id`,
  );
  return id;
}

const recordReceipt = (db: Db, id: string, outcome: 'done' | 'failed', receipt: unknown) =>
  run(
    db,
    sql`update audit_log set outcome = ${outcome}, receipt = ${JSON.stringify(receipt)}::jsonb, completed_at = now() where id = ${id} and completed_at is null`,
  );

/** In the two chats it stands as a line, and every list shows it. */
async function tell(
  { db, log, hub }: ReleaseParts,
  place: AppPlace,
  { by }: Wish,
  { from, to }: { from: Chosen; to: Chosen },
): Promise<void> {
  const note = `${by.name} went ${to.number < from.number ? 'back' : 'on'} from release ${from.number} to release ${to.number}. Main keeps everything.`;
  for (const chatId of new Set([from.chatId, to.chatId]))
    if (chatId) await log.append(chatId, 'transport.changed', { transport: 'merged', commit: to.commit, by, note });
  const room = `container:${place.containerId}`;
  await hub.changed(room, 'app');
  const chats = await many(
    db,
    sql<{
      id: string;
    }>`select id from chats where app_id = ${place.appId} and deleted_at is null and archived_at is null`,
  );
  for (const { id } of chats) await hub.changed(room, `chat ${id}`);
}
