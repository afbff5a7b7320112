/**
 * Slows guessing down: after a few failures each further try must wait, twice as long each time, per account and per address. A try
 * counts as failed until it has succeeded, so that guessing many at once gains nothing over guessing one after the other.
 */
import { createHash } from 'node:crypto';
import { type Db, maybe, run, sql, transaction } from '../db/database.ts';
import { AppError } from '../errors.ts';

const FREE_TRIES = { account: 5, address: 30 } as const;
const LONGEST_WAIT_SECONDS = 300;
const FORGET_AFTER = '30 minutes';

export interface Tried {
  email: string;
  address: string;
}

// always in this order, so that two tries never wait for each other
const keysOf = (tried: Tried): { key: string; free: number }[] => [
  { key: `account:${createHash('sha256').update(tried.email.toLowerCase()).digest('hex')}`, free: FREE_TRIES.account },
  { key: `address:${tried.address}`, free: FREE_TRIES.address },
];

/** Counts a try before it is made. @throws AppError `too_many_tries` with the seconds to wait in `detail`; then it is not counted */
export async function beginTry(db: Db, tried: Tried): Promise<void> {
  await transaction(db, async (tx) => {
    for (const { key, free } of keysOf(tried)) {
      await run(
        tx,
        sql`insert into sign_in_failures (key, failures, last_at) values (${key}, 0, now()) on conflict (key) do nothing`,
      );
      const row = await maybe(
        tx,
        sql<{ failures: number; age: number; old: boolean }>`
          select failures, extract(epoch from clock_timestamp() - last_at)::float8 as age, last_at < now() - ${FORGET_AFTER}::interval as old
          from sign_in_failures where key = ${key} for update`,
      );
      const failures = row && !row.old ? row.failures : 0;
      const wait = failures < free ? 0 : Math.ceil(Math.min(2 ** (failures - free), LONGEST_WAIT_SECONDS) - row!.age);
      if (wait > 0) {
        throw new AppError('too_many_tries', 'limit', 'Too many tries. Wait a moment, then try again.', {
          detail: `Wait ${wait} s.`,
        });
      }
      await run(
        tx,
        sql`update sign_in_failures set failures = ${failures + 1}, last_at = clock_timestamp() where key = ${key}`,
      );
    }
  });
}

/** The try did not fail, or was no guess: it counts no more. */
export async function endTry(db: Db, tried: Tried): Promise<void> {
  for (const { key } of keysOf(tried))
    await run(db, sql`update sign_in_failures set failures = greatest(failures - 1, 0) where key = ${key}`);
}

/** A success clears the account's count; the address keeps its earlier failures (it may be guessing at others). */
export async function clearFailures(db: Db, tried: Tried): Promise<void> {
  await endTry(db, tried);
  await run(db, sql`delete from sign_in_failures where key = ${keysOf(tried)[0]!.key}`);
}
