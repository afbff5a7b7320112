/** Work that asks a server of somebody else's: it may keep a question for as long as it likes, so whoever asks stops waiting by themselves. */
import type pg from 'pg';
import { AppError } from '../../errors.ts';
import { BoundedClient, destroyStream } from './bounded-client.ts';

/** Of a server that has not answered in time. */
export const silent = (): AppError => new AppError('live_away', 'unavailable', 'Live does not answer.');

/**
 * Waits for `work` so long, and no longer.
 * @param work its signal says that nobody waits any more: what is open is to be cut then (`cutWhenOver`)
 * @throws AppError `live_away`
 */
export async function inTime<T>(ms: number, work: (over: AbortSignal) => Promise<T>): Promise<T> {
  const over = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => {
      reject(silent());
      over.abort();
    }, ms);
  });
  const done = work(over.signal);
  // what comes of it afterwards is nobody's
  done.catch(() => {});
  try {
    return await Promise.race([done, late]);
  } finally {
    clearTimeout(timer);
  }
}

/** Nothing of a connection stays open when nobody waits for it any more. */
export function cutWhenOver(over: AbortSignal, client: pg.Client): void {
  const cut = () => (client instanceof BoundedClient ? client.cut() : destroyStream(client));
  if (over.aborted) cut();
  else over.addEventListener('abort', cut, { once: true });
}
