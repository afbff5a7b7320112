/** A connection of a pool for one piece of work; one that brings too much is cut, because one value can be as large as the server's memory. */
import { readFileSync } from 'node:fs';
import { constants, setPriority } from 'node:os';
import pg from 'pg';
import { AppError } from '../../errors.ts';
import { Refusal } from './refusal.ts';

/** A connection that has brought this much is cut: one value can be as large as the server's memory. */
const CUT_BYTES = 32 * 1024 * 1024;

/**
 * How long all of a piece of work may take. The server's own limit for a statement comes first; but it looks at that only between two steps, and some
 * of its steps are as long as one likes: a text of a megabyte looked for in another, lists of a million laid beside each other. And a server
 * elsewhere may simply not answer.
 */
const MOST_MS = 60_000;

/** Connections that answer just now, with what they had brought before. One watch for all: most answers are there before it looks. */
const answering = new Map<pg.PoolClient, { stream: Stream; before: number; until: number }>();
let watch: NodeJS.Timeout | undefined;

interface Stream {
  bytesRead: number;
  destroy(): void;
}

function cutWhatHasNoEnd(): void {
  const now = performance.now();
  for (const [client, { stream, before, until }] of answering) {
    if (now > until) standBack(client);
    if (stream.bytesRead - before > CUT_BYTES || now > until) stream.destroy();
  }
  if (answering.size > 0) return;
  clearInterval(watch);
  watch = undefined;
}

/**
 * Nothing ends such a step but a kill, which would end everybody's connections: its process gets what nobody else wants of the processors until it is
 * through and finds that its connection is gone.
 */
function standBack(client: pg.PoolClient): void {
  const { host, processID, user, database } = client as unknown as Record<string, string | undefined>;
  if (!host?.startsWith('/') || !processID) return;
  try {
    // the number may be another process's here, where the server is in a container of its own
    const title = readFileSync(`/proc/${processID}/cmdline`, 'utf8');
    if (title.startsWith('postgres: ') && title.includes(` ${user} ${database} `))
      setPriority(Number(processID), constants.priority.PRIORITY_LOW);
  } catch {
    // it has ended by now, or is not ours to hold back
  }
}

/**
 * Runs `work` on a connection; one that brings too much, or does not answer, is cut.
 * @throws AppError `data_unavailable` what it does may take effect all the same
 */
export async function withClient<T>(
  pool: pg.Pool,
  work: (client: pg.PoolClient) => Promise<T>,
  mostMs = MOST_MS,
): Promise<T> {
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
  const until = performance.now() + mostMs;
  answering.set(client, { stream, before, until });
  watch ??= setInterval(cutWhatHasNoEnd, 50).unref();
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
    if (broken && performance.now() > until)
      throw new AppError('data_unavailable', 'unavailable', 'The database did not answer in time.', {
        cause: error,
        detail: 'It may still be at work on this. Ask for less at once.',
      });
    throw error;
  } finally {
    answering.delete(client);
    client.off('error', onLost);
    client.release(broken);
  }
}
