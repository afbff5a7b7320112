/** Making accounts and signing in. The first account owns the installation and gets the first container. */
import { timingSafeEqual } from 'node:crypto';
import type { User } from '../../../contract/accounts.ts';
import { type Db, maybe, one, run, sql, transaction } from '../db/database.ts';
import { AppError } from '../errors.ts';
import type { Keyring } from './keyring.ts';
import { foundContainer } from './organisations.ts';
import { hashPassword, verifyPassword } from './passwords.ts';
import { acceptInvitation } from './people.ts';
import { beginTry, clearFailures, endTry } from './slow-down.ts';

export interface RegistrationRules {
  keyring: Keyring;
  /** what the first account must present; undefined on loopback */
  firstCode: string | undefined;
  passwordCost?: number;
}

/**
 * Creates an account. The first one owns the installation and gets an organisation and a container in the same transaction;
 * the container's provisioning is a job. Later ones own nothing until somebody invites them; who comes by an invitation may register even
 * where registration is closed, and is let in at once.
 * @throws AppError `registration_closed`, `code_wrong`, `email_taken`, `invitation_not_found`, `invitation_for_another`
 */
export async function register(
  db: Db,
  rules: RegistrationRules,
  input: {
    email: string;
    name: string;
    password: string;
    code?: string | undefined;
    invitation?: string | undefined;
    address: string;
  },
): Promise<User> {
  // only a code can be guessed at
  const tried = rules.firstCode === undefined ? undefined : { email: 'registration', address: input.address };
  if (tried) await beginTry(db, tried);
  // hashed before the lock is taken, and whatever the outcome: the time says nothing
  const passwordHash = await hashPassword(input.password, rules.passwordCost);
  const outcome = await transaction(db, async (tx): Promise<User | AppError> => {
    const installation = await one(
      tx,
      sql<{
        owner_user_id: string | null;
        registration_open: boolean;
      }>`select owner_user_id, registration_open from installation for update`,
    );
    const first = installation.owner_user_id === null;
    if (!first && !installation.registration_open && !input.invitation) {
      return new AppError('registration_closed', 'forbidden', 'Registration is closed on this server.', {
        detail: 'Ask its owner to open it in Settings.',
      });
    }
    if (first && rules.firstCode !== undefined && !sameText(rules.firstCode, input.code ?? '')) {
      return new AppError('code_wrong', 'forbidden', 'The code is not right.', {
        detail: 'The server printed it when it started.',
        fields: { code: 'Enter the code that the server printed when it started' },
      });
    }
    const taken = await maybe(tx, sql`select 1 from users where lower(email) = lower(${input.email})`);
    if (taken) {
      return new AppError('email_taken', 'conflict', 'There is already an account with this e-mail address.', {
        fields: { email: 'There is already an account with this address' },
      });
    }
    const user = await one(
      tx,
      sql<User>`insert into users (email, name, password_hash) values (${input.email}, ${input.name}, ${passwordHash}) returning id, email, name`,
    );
    if (first) {
      await run(tx, sql`update installation set owner_user_id = ${user.id}`);
      await foundContainer(tx, rules.keyring, user, user.name);
    } else if (input.invitation) await acceptInvitation(tx, user, input.invitation);
    return user;
  });
  if (tried && !(outcome instanceof AppError && outcome.code === 'code_wrong')) await endTry(db, tried);
  if (outcome instanceof AppError) throw outcome;
  return outcome;
}

/**
 * Checks e-mail and password. Unknown addresses take as long and answer the same.
 * @throws AppError `wrong_password`, `too_many_tries`
 */
export async function signIn(
  db: Db,
  input: { email: string; password: string; address: string },
  passwordCost?: number,
): Promise<User> {
  const tried = { email: input.email, address: input.address };
  await beginTry(db, tried);
  const row = await maybe(
    db,
    sql<
      User & { password_hash: string }
    >`select id, email, name, password_hash from users where lower(email) = lower(${input.email})`,
  );
  if (!(await verifyPassword(input.password, row?.password_hash, passwordCost)) || !row) {
    throw new AppError('wrong_password', 'unauthenticated', 'E-mail address or password is not right.');
  }
  await clearFailures(db, tried);
  return { id: row.id, email: row.email, name: row.name };
}

function sameText(expected: string, given: string): boolean {
  const [a, b] = [Buffer.from(expected), Buffer.from(given.trim().toUpperCase())];
  return a.length === b.length && timingSafeEqual(a, b);
}
