/**
 * A change of live whose mirror follows in step. The change is made on live in a transaction; before it counts, what it adds is on the mirror,
 * and what must fall between two rows (a rename) is done there while live holds the table and nothing is on its way. What it takes
 * away goes afterwards. If live takes the change back, or this process dies, the next `follow` puts the mirror right.
 */
import type pg from 'pg';
import { inTransaction } from '../changes.ts';
import type { DataCluster } from '../cluster.ts';
import { compareShapes } from './compare.ts';
import { changeMirror, follow, publishing, readSide } from './follow.ts';
import type { MirrorPlace } from './place.ts';
import { caughtUp, copied, markLive } from './position.ts';
import { readShape } from './shape.ts';

const CATCH_UP_MS = 5000;

/**
 * @param client connected to live as the owner of its tables
 * @param work makes the change, without beginning or ending a transaction
 */
export async function changeLive<T>(
  cluster: DataCluster,
  place: MirrorPlace,
  client: pg.Client,
  work: (client: pg.Client) => Promise<T>,
): Promise<T> {
  // a copy of a table reads live while it holds the mirror's table, and would wait for the change that waits for it
  await copied(cluster, place, CATCH_UP_MS);
  try {
    return await inTransaction(client, async () => {
      const result = await work(client);
      await client.query('set local search_path = pg_catalog');
      const live = await readShape(client, place.schema, place.publication);
      const { add, exact } = compareShapes(live, await readSide(cluster, place, place.staging));
      for (const statement of publishing(place, live)) await client.query(statement);
      const added = await changeMirror(cluster, place, add).then(() => true, unlessBusy);
      // live holds the tables that it changes, so once the mirror has come so far no row of them is on its way;
      // where it does not come so far, the rows that wait are brought by the watch
      if (added && exact.length > 0 && (await caughtUp(cluster, place, await markLive(cluster, place), CATCH_UP_MS)))
        await changeMirror(cluster, place, exact).catch(unlessBusy);
      return result;
    });
  } finally {
    await follow(cluster, place).catch(() => {});
  }
}

/** What somebody holds on the mirror must not keep live from changing: `follow` does it when it is free. */
function unlessBusy(error: unknown): false {
  if ((error as { code?: string }).code === '55P03') return false;
  throw error;
}
