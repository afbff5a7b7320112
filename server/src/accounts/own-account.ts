/** What a person changes of their own account, and how somebody who has forgotten the password comes in again. */
import { randomBytes } from 'node:crypto';
import type { User } from '../../../contract/accounts.ts';
import { type Db, maybe, one, run, sql, transaction } from '../db/database.ts';
import { AppError } from '../errors.ts';
import { hashPassword, verifyPassword } from './passwords.ts';
import { beginTry, clearFailures } from './slow-down.ts';

export async function renameUser(db: Db, userId: string, name: string): Promise<void> {
  await transaction(db, async (tx) => {
    await run(tx, sql`update users set name = ${name} where id = ${userId}`);
    await run(tx, sql`select pg_notify('vibe_access', ${`user ${userId}`})`);
  });
}

/**
 * A new password, for whoever knows the old one. Every other sign-in of the person ends.
 * @throws AppError `wrong_password`, `too_many_tries`
 */
export async function changePassword(
  db: Db,
  who: { user: User; sessionId: string; address: string },
  input: { current: string; password: string },
  cost?: number,
): Promise<void> {
  const tried = { email: who.user.email, address: who.address };
  await beginTry(db, tried);
  const { password_hash: stored } = await one(
    db,
    sql<{ password_hash: string }>`select password_hash from users where id = ${who.user.id}`,
  );
  if (!(await verifyPassword(input.current, stored, cost)))
    throw new AppError('wrong_password', 'forbidden', 'The password that you have now is not right.', {
      fields: { current: 'This is not the password that you have now' },
    });
  await clearFailures(db, tried);
  await setPassword(db, who.user.id, await hashPassword(input.password, cost), who.sessionId);
}

/**
 * A password made up for somebody who has forgotten theirs: only whoever is on the machine itself can ask for it. All sign-ins end.
 * @throws AppError `user_not_found`
 */
export async function resetPassword(db: Db, email: string, cost?: number): Promise<{ name: string; password: string }> {
  const user = await maybe(
    db,
    sql<{ id: string; name: string }>`select id, name from users where lower(email) = lower(${email})`,
  );
  if (!user)
    throw new AppError('user_not_found', 'missing', `Nobody has an account with ${email}.`, {
      detail: 'Use the address that was given when the account was made.',
    });
  const password = randomBytes(12).toString('base64url');
  await setPassword(db, user.id, await hashPassword(password, cost), null);
  return { name: user.name, password };
}

async function setPassword(db: Db, userId: string, hash: string, keep: string | null): Promise<void> {
  await transaction(db, async (tx) => {
    await run(tx, sql`update users set password_hash = ${hash} where id = ${userId}`);
    await run(
      tx,
      sql`update sessions set revoked_at = now() where user_id = ${userId} and revoked_at is null and id is distinct from ${keep}::uuid`,
    );
  });
}
