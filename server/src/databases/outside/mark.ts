/** What says on an outside server whose live database it is: two containers in one would take each other's tables for their own. */
import pg from 'pg';
import { AppError } from '../../errors.ts';
import { BoundedClient } from './bounded-client.ts';

const SCHEMA = 'vibe_live';
const ANSWER_MS = 8000;

/** @returns the container's id, undefined where nobody has it */
export async function mark(client: pg.Client): Promise<string | undefined> {
  const { rows } = await client.query<{ words: string | null }>(
    `select pg_catalog.obj_description(oid, 'pg_namespace') as words from pg_catalog.pg_namespace where nspname = $1`,
    [SCHEMA],
  );
  return rows[0] ? (rows[0].words ?? '') : undefined;
}

/** @throws AppError `outside_taken` */
export function takePlace(config: pg.ClientConfig, containerId: string): Promise<void> {
  return on(config, async (client) => {
    const found = await mark(client);
    if (found === containerId) return;
    const taken = (cause?: unknown) =>
      new AppError('outside_taken', 'conflict', 'Another container has its live database there already.', { cause });
    if (found !== undefined) throw taken();
    // not “if not exists”: of two at once, one is told so
    await client
      .query(`create schema ${SCHEMA}; comment on schema ${SCHEMA} is ${pg.escapeLiteral(containerId)}`)
      .catch((error) => Promise.reject(error.code === '42P06' || error.code === '23505' ? taken() : error));
    // functions that are made there later are nobody's to call until somebody says so
    await client.query('alter default privileges revoke execute on functions from public');
  });
}

/** Takes the mark back, if it is this container's. */
export function leave(config: pg.ClientConfig, containerId: string): Promise<void> {
  return on(config, async (client) => {
    if ((await mark(client)) === containerId) await client.query(`drop schema if exists ${SCHEMA}`);
  });
}

async function on(config: pg.ClientConfig, work: (client: pg.Client) => Promise<void>): Promise<void> {
  const client = new BoundedClient({ ...config, query_timeout: ANSWER_MS, application_name: 'vibe host' });
  client.on('error', () => {});
  try {
    await client.connect();
    await work(client);
  } finally {
    client.cut();
  }
}
