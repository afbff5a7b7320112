/** The signed header that tells one app who is there: audience is the app, good for 60 seconds, made anew after 30. */
import type { KeyObject } from 'node:crypto';
import { SignJWT } from 'jose';
import type { User } from '../../../../contract/accounts.ts';

export const IDENTITY_HEADER = 'x-vibe-identity';
const LIFE_SECONDS = 60;

export class Identities {
  readonly #key: KeyObject;
  readonly #made = new Map<string, { until: number; token: Promise<string> }>();

  constructor(key: KeyObject) {
    this.#key = key;
  }

  /** @param audience the one app that the header is for */
  of(user: User, role: string, audience: string): Promise<string> {
    const name = `${user.id} ${role} ${audience}`;
    const known = this.#made.get(name);
    const now = Date.now();
    if (known && known.until > now) return known.token;
    if (this.#made.size > 5000) this.#made.clear();
    const token = new SignJWT({ name: user.name, email: user.email, role })
      .setProtectedHeader({ alg: 'EdDSA' })
      .setIssuer('vibe')
      .setSubject(user.id)
      .setAudience(audience)
      .setIssuedAt()
      .setExpirationTime(`${LIFE_SECONDS}s`)
      .sign(this.#key);
    this.#made.set(name, { until: now + (LIFE_SECONDS * 1000) / 2, token });
    return token;
  }
}
