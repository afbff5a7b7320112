/**
 * What a server keeps of a password (RFC 5803). Roles on somebody else's server are given this instead of the password itself: their logs and
 * their administrators see every statement, and an error may repeat it.
 */
import { createHash, createHmac, pbkdf2Sync } from 'node:crypto';

const ROUNDS = 4096;

/** @param password of plain ASCII @param salt 16 bytes */
export function scramVerifier(password: string, salt: Buffer): string {
  const salted = pbkdf2Sync(password, salt, ROUNDS, 32, 'sha256');
  const keyed = (text: string) => createHmac('sha256', salted).update(text).digest();
  const stored = createHash('sha256').update(keyed('Client Key')).digest('base64');
  return `SCRAM-SHA-256$${ROUNDS}:${salt.toString('base64')}$${stored}:${keyed('Server Key').toString('base64')}`;
}
