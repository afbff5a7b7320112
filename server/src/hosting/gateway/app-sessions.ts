/**
 * Carrying a signed-in person to an app's own origin: a one-time code bound to person, session, host and a nonce that the gateway set
 * on that host (30 s, single use), traded for a cookie that is good for that host alone.
 */
import { createHash, timingSafeEqual } from 'node:crypto';
import { hashToken, newToken } from '../../accounts/sessions.ts';
import { type Db, maybe, run, sql, transaction } from '../../db/database.ts';

export const APP_SESSION_SECONDS = 12 * 3600;

/** What the nonce cookie's value is shown as to the platform. */
export const nonceHash = (nonce: string): string => createHash('sha256').update(nonce).digest('base64url');

/** Makes a code. Called by the platform for the signed-in person. */
export async function issueCode(
  db: Db,
  input: { sessionId: string; userId: string; host: string; nonceHash: string },
): Promise<string> {
  const code = newToken();
  await run(db, sql`delete from app_codes where expires_at < now() - interval '1 hour'`);
  await run(
    db,
    sql`insert into app_codes (code_hash, session_id, user_id, host, nonce_hash, expires_at)
      values (${hashToken(code)}, ${input.sessionId}, ${input.userId}, ${input.host}, ${Buffer.from(input.nonceHash, 'base64url')}, now() + interval '30 seconds')`,
  );
  return code;
}

/**
 * Trades a code for a session token of that host. The code is gone whatever the outcome.
 * @returns undefined where the code is no good
 */
export async function redeemCode(
  db: Db,
  input: { code: string; host: string; nonce: string },
): Promise<string | undefined> {
  const token = newToken();
  const good = await transaction(db, async (tx) => {
    const row = await maybe(
      tx,
      sql<{
        session_id: string;
        user_id: string;
        host: string;
        nonce_hash: Buffer;
        fresh: boolean;
      }>`delete from app_codes
        where code_hash = ${hashToken(input.code)} returning session_id, user_id, host, nonce_hash, expires_at > now() as fresh`,
    );
    const nonce = Buffer.from(nonceHash(input.nonce), 'base64url');
    if (
      !row?.fresh ||
      row.host !== input.host ||
      row.nonce_hash.length !== nonce.length ||
      !timingSafeEqual(row.nonce_hash, nonce)
    )
      return false;
    await run(
      tx,
      sql`insert into app_sessions (token_hash, session_id, user_id, host, expires_at)
        values (${hashToken(token)}, ${row.session_id}, ${row.user_id}, ${input.host}, now() + ${APP_SESSION_SECONDS} * interval '1 second')`,
    );
    return true;
  });
  return good ? token : undefined;
}

/** App sessions by token, cached: a row never changes, and whether its session still lives is asked of the access set each time. */
export class AppSessions {
  readonly #db: Db;
  readonly #cache = new Map<string, { host: string; sessionId: string; until: number }>();

  constructor(db: Db) {
    this.#db = db;
  }

  /** The platform session behind a token on this host, or undefined. */
  async sessionOf(token: string, host: string): Promise<string | undefined> {
    let known = this.#cache.get(token);
    if (!known) {
      const row = await maybe(
        this.#db,
        sql<{
          host: string;
          session_id: string;
          expires_at: Date;
        }>`select host, session_id, expires_at from app_sessions where token_hash = ${hashToken(token)}`,
      );
      if (!row) return undefined;
      if (this.#cache.size > 20_000) this.#cache.clear();
      known = { host: row.host, sessionId: row.session_id, until: row.expires_at.getTime() };
      this.#cache.set(token, known);
    }
    return known.host === host && known.until > Date.now() ? known.sessionId : undefined;
  }
}
