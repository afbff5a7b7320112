/** Whether the release that serves live goes on working when live's tables are changed without it. */
import type { ChangeFile } from '../builds/changes/change-file.ts';
import { type Db, maybe, sql } from '../db/database.ts';
import { changesAt } from './app-changes.ts';
import type { AppPlace } from './app-places.ts';
import { isHarmless, obstacles } from './survives.ts';

interface Planned {
  id: string;
  statements: string[];
  destructive: boolean;
}

/**
 * @param changes what would be made on live, in order
 * @param known changes as the repository has them: they say more than their statements
 * @returns the number of the release that serves (0: none), and what stands in the way
 */
export async function whileServing(
  db: Db,
  place: AppPlace,
  changes: readonly Planned[],
  known: readonly ChangeFile[],
): Promise<{ number: number; problem: string | null }> {
  const serving = await maybe(
    db,
    sql<{ number: number; commit: string }>`select number, commit from releases
      where app_id = ${place.appId} and environment = 'live' and state = 'serving'`,
  );
  if (!serving) return { number: 0, problem: null };
  const own = new Set((await changesAt(place.git, serving.commit, place.slug)).map(({ id }) => id));
  const files = new Map(known.map((change) => [change.id, change]));
  const since = changes.filter(({ id }) => !own.has(id));
  const found = [
    ...obstacles(since.flatMap(({ id }) => files.get(id) ?? [])),
    ...since
      .filter((change) => !files.has(change.id) && !isHarmless(change))
      .map(() => 'something that it may need is changed'),
  ];
  if (found.length === 0) return { number: serving.number, problem: null };
  return {
    number: serving.number,
    problem: `Customers use release ${serving.number}, and it would break: ${[...new Set(found)].slice(0, 3).join(', ').replaceAll(' was ', ' would be ')}. Bring the app to live instead (Go live… in the chat): that changes tables and app together.`,
  };
}
