/** Slows guessing down: after a few failures each further try must wait, twice as long each time, per account and per address. */
import { createHash } from 'node:crypto';
import { type Db, many, run, sql } from '../db/database.ts';
import { AppError } from '../errors.ts';

const FREE_TRIES = { account: 5, address: 30 } as const;
const LONGEST_WAIT_SECONDS = 300;
const FORGET_AFTER = '30 minutes';

export interface Tried {
  email: string;
  address: string;
}

const keysOf = (tried: Tried): { key: string; free: number }[] => [
  { key: `account:${createHash('sha256').update(tried.email.toLowerCase()).digest('hex')}`, free: FREE_TRIES.account },
  { key: `address:${tried.address}`, free: FREE_TRIES.address },
];

/** @throws AppError `too_many_tries` with the seconds to wait in `detail` */
export async function refuseWhileSlowed(db: Db, tried: Tried): Promise<void> {
  const keys = keysOf(tried);
  const rows = await many(
    db,
    sql<{ key: string; failures: number; age: number }>`
      select key, failures, extract(epoch from now() - last_at)::float8 as age from sign_in_failures
      where key = any(${keys.map((k) => k.key)}) and last_at > now() - ${FORGET_AFTER}::interval`,
  );
  const waits = rows.map(({ key, failures, age }) => {
    const over = failures - keys.find((k) => k.key === key)!.free;
    return over < 0 ? 0 : Math.min(2 ** over, LONGEST_WAIT_SECONDS) - age;
  });
  const wait = Math.ceil(Math.max(0, ...waits));
  if (wait > 0) {
    throw new AppError('too_many_tries', 'limit', 'Too many tries. Wait a moment, then try again.', {
      detail: `Wait ${wait} s.`,
    });
  }
}

/** Counts a failure. */
export async function countFailure(db: Db, tried: Tried): Promise<void> {
  for (const { key } of keysOf(tried)) {
    await run(
      db,
      sql`insert into sign_in_failures as f (key, failures, last_at) values (${key}, 1, now())
          on conflict (key) do update set last_at = now(),
            failures = case when f.last_at < now() - ${FORGET_AFTER}::interval then 1 else f.failures + 1 end`,
    );
  }
}

/** A success clears the account's count; the address keeps its own (it may be guessing at others). */
export async function clearFailures(db: Db, tried: Tried): Promise<void> {
  await run(db, sql`delete from sign_in_failures where key = ${keysOf(tried)[0]!.key}`);
}
