/** Access tokens: short JWTs that the browser keeps in memory. They name a session; whether it still lives is asked of AccessSet. */
import { jwtVerify, SignJWT } from 'jose';
import { AppError } from '../errors.ts';
import type { Keyring } from './keyring.ts';

export const ACCESS_TOKEN_SECONDS = 15 * 60;
const ISSUER = 'vibe';

export class AccessTokens {
  readonly #key: Buffer;

  constructor(keyring: Keyring) {
    this.#key = keyring.derive('access-token');
  }

  /** @returns a JWT good for 15 minutes */
  issue(session: { sessionId: string; userId: string }): Promise<string> {
    return new SignJWT({ sid: session.sessionId })
      .setProtectedHeader({ alg: 'HS256' })
      .setIssuer(ISSUER)
      .setSubject(session.userId)
      .setIssuedAt()
      .setExpirationTime(`${ACCESS_TOKEN_SECONDS}s`)
      .sign(this.#key);
  }

  /** @throws AppError `signed_out` for a token that is not ours, changed or too old */
  async read(token: string): Promise<{ sessionId: string; userId: string }> {
    try {
      const { payload } = await jwtVerify(token, this.#key, { issuer: ISSUER, algorithms: ['HS256'] });
      return { sessionId: String(payload.sid), userId: String(payload.sub) };
    } catch (cause) {
      throw new AppError('signed_out', 'unauthenticated', 'You are signed out.', { cause });
    }
  }
}
