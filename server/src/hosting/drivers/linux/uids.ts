/** Hands out a user id per living sandbox, from a range that no account of the machine has. */
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { AppError } from '../../../errors.ts';

export interface UidRange {
  first: number;
  count: number;
}

export class UidPool {
  readonly #range: UidRange;
  readonly #taken = new Set<number>();
  #next: number;

  /** @param start offset of the first id tried, so that two hosts on one machine seldom meet */
  constructor(range: UidRange, start = 0) {
    this.#range = range;
    this.#next = start % range.count;
  }

  /** An id that no living sandbox, and no process of the machine, has. */
  take(): number {
    const running = usersOfProcesses();
    for (let tries = 0; tries < this.#range.count; tries++) {
      const uid = this.#range.first + this.#next;
      this.#next = (this.#next + 1) % this.#range.count;
      if (this.#taken.has(uid) || running.has(uid)) continue;
      this.#taken.add(uid);
      return uid;
    }
    throw new AppError('sandbox_users_exhausted', 'unavailable', 'Too many sandboxes run on this machine.');
  }

  give(uid: number): void {
    this.#taken.delete(uid);
  }
}

/** 200000 to 259999 where the whole id space is ours; inside a container that maps fewer, the top half of what it has. */
export function usableRange(map = readFileSync('/proc/self/uid_map', 'utf8')): UidRange {
  const wanted = { first: 200_000, count: 60_000 };
  const blocks = map
    .trim()
    .split('\n')
    .map((line) => line.trim().split(/\s+/).map(Number));
  const holds = (first: number, count: number) =>
    blocks.some(([start = 0, , length = 0]) => start <= first && first + count <= start + length);
  if (holds(wanted.first, wanted.count)) return wanted;
  const largest = blocks.toSorted((a, b) => (b[2] ?? 0) - (a[2] ?? 0))[0] ?? [0, 0, 1];
  const count = Math.floor((largest[2] ?? 1) / 2);
  return { first: (largest[0] ?? 0) + (largest[2] ?? 1) - count, count: Math.max(1, count) };
}

function usersOfProcesses(): Set<number> {
  const users = new Set<number>();
  for (const name of readdirSync('/proc')) {
    if (!/^\d+$/.test(name)) continue;
    try {
      users.add(statSync(`/proc/${name}`).uid);
    } catch {
      // It ended while we looked.
    }
  }
  return users;
}
