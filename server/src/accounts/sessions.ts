/**
 * Sessions: a family of refresh tokens of which the newest is good. Each use rotates; the immediate predecessor is good for ten more
 * seconds (two tabs that refresh together); anything older that comes back was stolen and revokes the family.
 */
import { createHash, randomBytes } from 'node:crypto';
import { type Db, maybe, one, run, sql, transaction } from '../db/database.ts';
import { AppError } from '../errors.ts';

const LIFE = '60 days';
const GRACE = '10 seconds';

export const hashToken = (token: string): Buffer => createHash('sha256').update(token).digest();
export const newToken = (): string => randomBytes(32).toString('base64url');

export interface IssuedSession {
  sessionId: string;
  userId: string;
  /** absent when a parallel tab has just rotated: its cookie is the good one */
  refreshToken?: string;
}

/** Starts a session for a person who has just proved who they are. */
export async function startSession(db: Db, userId: string, userAgent: string): Promise<IssuedSession> {
  const refreshToken = newToken();
  const { id } = await one(
    db,
    sql<{ id: string }>`insert into sessions (user_id, refresh_hash, user_agent, expires_at)
      values (${userId}, ${hashToken(refreshToken)}, ${userAgent.slice(0, 300)}, now() + ${LIFE}::interval) returning id`,
  );
  return { sessionId: id, userId, refreshToken };
}

interface SessionRow {
  id: string;
  user_id: string;
  refresh_hash: Buffer;
  in_grace: boolean;
  good: boolean;
}

/**
 * Trades a refresh token for a newer one.
 * @throws AppError `signed_out` for an unknown, expired or revoked token, `session_stolen` when an old one came back
 */
export async function rotateSession(db: Db, token: string): Promise<IssuedSession> {
  const hash = hashToken(token);
  const outcome = await transaction(db, async (tx): Promise<IssuedSession | 'unknown' | 'stolen'> => {
    const row = await maybe(
      tx,
      sql<SessionRow>`select id, user_id, refresh_hash, rotated_at > now() - ${GRACE}::interval as in_grace,
          revoked_at is null and expires_at > now() as good
        from sessions where refresh_hash = ${hash} or previous_hash = ${hash} for update`,
    );
    if (row && !row.good) return 'unknown';
    if (row?.refresh_hash.equals(hash)) {
      const refreshToken = newToken();
      await run(
        tx,
        sql`insert into session_tokens_used (token_hash, session_id)
          select previous_hash, id from sessions where id = ${row.id} and previous_hash is not null on conflict do nothing`,
      );
      await run(
        tx,
        sql`update sessions set previous_hash = refresh_hash, refresh_hash = ${hashToken(refreshToken)}, rotated_at = now(),
          expires_at = now() + ${LIFE}::interval where id = ${row.id}`,
      );
      return { sessionId: row.id, userId: row.user_id, refreshToken };
    }
    if (row?.in_grace) return { sessionId: row.id, userId: row.user_id };
    const family =
      row?.id ??
      (
        await maybe(
          tx,
          sql<{ session_id: string }>`select session_id from session_tokens_used where token_hash = ${hash}`,
        )
      )?.session_id;
    if (!family) return 'unknown';
    // returned, not thrown: a throw would roll the revocation back
    await revokeSession(tx, family);
    return 'stolen';
  });
  if (outcome === 'stolen') {
    throw new AppError(
      'session_stolen',
      'unauthenticated',
      'This sign-in was used twice and has been ended to be safe. Sign in again.',
    );
  }
  if (outcome === 'unknown') throw new AppError('signed_out', 'unauthenticated', 'You are signed out.');
  return outcome;
}

/** Ends a session for good; whoever caches access hears of it by NOTIFY. */
export async function revokeSession(db: Db, sessionId: string): Promise<void> {
  await run(db, sql`update sessions set revoked_at = now() where id = ${sessionId} and revoked_at is null`);
}

/** Ends the session that a refresh token belongs to, if any. */
export async function revokeByToken(db: Db, token: string): Promise<string | undefined> {
  const hash = hashToken(token);
  const row = await maybe(
    db,
    sql<{ id: string }>`select id from sessions where refresh_hash = ${hash} or previous_hash = ${hash}`,
  );
  if (row) await revokeSession(db, row.id);
  return row?.id;
}
