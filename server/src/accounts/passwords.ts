/** Passwords: bcrypt, cost 12. The password is hashed with SHA-256 first because bcrypt reads only 72 bytes. */
import { createHash } from 'node:crypto';
import { hash, verify } from '@node-rs/bcrypt';

export const PASSWORD_COST = 12;

const prepare = (password: string) => createHash('sha256').update(password.normalize('NFKC')).digest('base64');

/** @returns a bcrypt string */
export function hashPassword(password: string, cost = PASSWORD_COST): Promise<string> {
  return hash(prepare(password), cost);
}

/**
 * Whether the password is the one of the hash. Without a hash (unknown address) it does the same work and answers false, so that
 * the time of the answer says nothing.
 */
export async function verifyPassword(
  password: string,
  stored: string | undefined,
  cost = PASSWORD_COST,
): Promise<boolean> {
  if (stored !== undefined) return verify(prepare(password), stored);
  await hash(prepare(password), cost);
  return false;
}
