/** Making accounts and signing in. The first account owns the installation and gets the first container. */
import { timingSafeEqual } from 'node:crypto';
import type { User } from '../../../contract/accounts.ts';
import { isSlug, slugOf, suffixed } from '../containers/slugs.ts';
import { type Db, maybe, one, run, sql, type Tx, transaction } from '../db/database.ts';
import { AppError } from '../errors.ts';
import { enqueue } from '../jobs/queue.ts';
import type { Keyring } from './keyring.ts';
import { hashPassword, verifyPassword } from './passwords.ts';
import { beginTry, clearFailures, endTry } from './slow-down.ts';

export interface RegistrationRules {
  keyring: Keyring;
  /** what the first account must present; undefined on loopback */
  firstCode: string | undefined;
  passwordCost?: number;
}

/**
 * Creates an account. The first one owns the installation and gets an organisation and a container in the same transaction;
 * the container's provisioning is a job. Later ones own nothing until somebody invites them.
 * @throws AppError `registration_closed`, `code_wrong`, `email_taken`
 */
export async function register(
  db: Db,
  rules: RegistrationRules,
  input: { email: string; name: string; password: string; code?: string | undefined; address: string },
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
    if (!first && !installation.registration_open) {
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
      await createOrganisation(tx, rules.keyring, user);
    }
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

async function createOrganisation(tx: Tx, keyring: Keyring, user: User): Promise<void> {
  const { id } = await one(
    tx,
    sql<{
      id: string;
    }>`insert into organisations (name, data_key) values (${user.name}, ${keyring.newDataKey()}) returning id`,
  );
  await run(tx, sql`insert into members (organisation_id, user_id, role) values (${id}, ${user.id}, 'owner')`);
  await createContainer(tx, id, user.name);
}

/** Adds a container with a free slug to an organisation, and the job that provisions it. */
export async function createContainer(tx: Tx, organisationId: string, name: string): Promise<string> {
  const wanted = slugOf(name, 'home');
  for (let attempt = 1; attempt < 1000; attempt++) {
    const slug = suffixed(wanted, attempt);
    if (!isSlug(slug)) continue;
    const row = await maybe(
      tx,
      sql<{ id: string }>`insert into containers (organisation_id, slug, name, home_node_id, cluster_id)
        select ${organisationId}, ${slug}, ${name}, (select id from nodes order by id limit 1), (select id from clusters order by id limit 1)
        on conflict (slug) do nothing returning id`,
    );
    if (!row) continue;
    await enqueue(tx, 'container.provision', { containerId: row.id }, { key: `container.provision:${row.id}` });
    return row.id;
  }
  throw new AppError('no_slug', 'conflict', 'No free address was found for this name.');
}

function sameText(expected: string, given: string): boolean {
  const [a, b] = [Buffer.from(expected), Buffer.from(given.trim().toUpperCase())];
  return a.length === b.length && timingSafeEqual(a, b);
}
