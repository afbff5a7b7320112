/**
 * What a server keeps of a password (RFC 5803). Roles are given this instead of the password itself: logs and whoever administers a server of somebody
 * else's see every statement, and an error may repeat it.
 */
import { createHash, createHmac, pbkdf2Sync } from 'node:crypto';

/**
 * @param password of plain ASCII @param salt 16 bytes
 * @param rounds make guessing slow; a password that is 256 random bits is not guessed, and each round is paid again with every connection
 */
export function scramVerifier(password: string, salt: Buffer, rounds: number): string {
  const salted = pbkdf2Sync(password, salt, rounds, 32, 'sha256');
  const keyed = (text: string) => createHmac('sha256', salted).update(text).digest();
  const stored = createHash('sha256').update(keyed('Client Key')).digest('base64');
  return `SCRAM-SHA-256$${rounds}:${salt.toString('base64')}$${stored}:${keyed('Server Key').toString('base64')}`;
}
