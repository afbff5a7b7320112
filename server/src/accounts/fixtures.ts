/** For tests of accounts: a platform database as a started server has it, and a keyring of its own. */
import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { type Db, sql } from '../db/database.ts';
import type { TestCluster } from '../db/test-database.ts';
import { migrateQueue } from '../jobs/queue.ts';
import { Keyring } from './keyring.ts';
import type { RegistrationRules } from './registration.ts';

export const PASSWORD = 'correct horse battery';

/** Hashing at its cheapest: what is tested is what is done with it. */
export const newRules = (firstCode?: string): RegistrationRules => ({
  keyring: new Keyring(randomBytes(32), generateKeyPairSync('ed25519').privateKey),
  firstCode,
  passwordCost: 4,
});

export async function startedPlatform(test: TestCluster): Promise<{ db: Db; url: string }> {
  const { db, url } = await test.platform();
  await migrateQueue(url);
  await sql`insert into nodes (name, address) values ('local', 'unix:')`.execute(db);
  await sql`insert into clusters (name, address) values ('local', 'default')`.execute(db);
  return { db, url };
}

export const person = (name: string, more: { code?: string; address?: string } = {}) => ({
  email: `${name.toLowerCase()}@example.com`,
  name,
  password: PASSWORD,
  address: more.address ?? '203.0.113.1',
  ...(more.code === undefined ? {} : { code: more.code }),
});
