/** A connection of a pool for one piece of work; one that brings too much is cut, because one value can be as large as the server's memory. */
import pg from 'pg';
import { AppError } from '../../errors.ts';
import { Refusal } from './refusal.ts';

/** A connection that has brought this much is cut: one value can be as large as the server's memory. */
const CUT_BYTES = 32 * 1024 * 1024;

/** Connections that answer just now, with what they had brought before. One watch for all: most answers are there before it looks. */
const answering = new Map<pg.PoolClient, { stream: Stream; before: number }>();
let watch: NodeJS.Timeout | undefined;

interface Stream {
  bytesRead: number;
  destroy(): void;
}

function cutWhatIsTooMuch(): void {
  for (const { stream, before } of answering.values()) if (stream.bytesRead - before > CUT_BYTES) stream.destroy();
  if (answering.size > 0) return;
  clearInterval(watch);
  watch = undefined;
}

/** Runs `work` on a connection; one that brings too much is cut. */
export async function withClient<T>(pool: pg.Pool, work: (client: pg.PoolClient) => Promise<T>): Promise<T> {
  let client: pg.PoolClient;
  try {
    client = await pool.connect();
  } catch (cause) {
    throw new AppError('data_unavailable', 'unavailable', 'The data cluster does not answer.', { cause });
  }
  const { stream } = (client as unknown as { connection: { stream: Stream } }).connection;
  const before = stream.bytesRead;
  // a connection that is lost in the middle fails its query, and nothing else
  const onLost = () => {};
  client.on('error', onLost);
  answering.set(client, { stream, before });
  watch ??= setInterval(cutWhatIsTooMuch, 50).unref();
  let broken = false;
  try {
    return await work(client);
  } catch (error) {
    broken = !(error instanceof pg.DatabaseError) && !(error instanceof Refusal);
    if (broken && stream.bytesRead - before > CUT_BYTES)
      throw new Refusal(
        'too_much',
        'The answer is larger than 32 MB.',
        'Ask for fewer columns or rows, or for a sum of them.',
      );
    throw error;
  } finally {
    answering.delete(client);
    client.off('error', onLost);
    client.release(broken);
  }
}
