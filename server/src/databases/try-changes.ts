/** Makes changes on a draft to see what they do to its rows, and takes them all back. */
import { AppError } from '../errors.ts';
import { applyChangesWithin, type Change } from './changes.ts';
import type { DataCluster } from './cluster.ts';
import type { DraftPlace } from './drafts.ts';
import { rolesOf } from './names.ts';

export interface Trial {
  change: Change;
  /** queries run just before the change, each giving one number as `rows` */
  counts: string[];
}

export interface Tried {
  /** what each query counted, by trial; shorter than the trials when one could not be made */
  counted: number[][];
  /** why a change cannot be made on these rows */
  problem?: string;
}

/** @param trials in an order that respects `needs`, none of which the draft has already */
export async function tryChanges(cluster: DataCluster, place: DraftPlace, trials: Trial[]): Promise<Tried> {
  const { runtime } = rolesOf(place.containerSlug, place.schema);
  return cluster.asOwner(place.database, place.containerSlug, place.schema, async (client) => {
    const counted: number[][] = [];
    await client.query('begin');
    try {
      for (const { change, counts } of trials) {
        const numbers: number[] = [];
        for (const sql of counts) numbers.push((await client.query<{ rows: number }>(sql)).rows[0]?.rows ?? 0);
        counted.push(numbers);
        await applyChangesWithin(client, runtime, [change]);
      }
      return { counted };
    } catch (error) {
      if (error instanceof AppError && error.code === 'change_failed') return { counted, problem: error.message };
      throw error;
    } finally {
      await client.query('rollback');
    }
  });
}
