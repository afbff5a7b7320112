import { AsyncLocalStorage } from 'node:async_hooks';
import { error } from '@sveltejs/kit';
import pg from 'pg';

// A date stays the day it is, in every time zone, and a time of day the time on the wall. A number is a number, also where Postgres keeps it exactly.
pg.types.setTypeParser(pg.types.builtins.DATE, (text) => text);
pg.types.setTypeParser(pg.types.builtins.NUMERIC, Number);
pg.types.setTypeParser(pg.types.builtins.TIMESTAMP, (text) => text.replace(' ', 'T').slice(0, 16));
pg.types.setTypeParser(pg.types.builtins.TIME, (text) => text.slice(0, 5));

let pool: pg.Pool | undefined;

/** The connections, opened when the first one is needed. Where to is in the environment (PGHOST, PGUSER, PGDATABASE). */
function connections(): pg.Pool {
  if (!pool) {
    pool = new pg.Pool({ max: 4, idleTimeoutMillis: 10_000, connectionTimeoutMillis: 5_000, allowExitOnIdle: true });
    pool.on('error', (error) => console.warn(`An idle database connection ended: ${error.message}`));
  }
  return pool;
}

const current = new AsyncLocalStorage<pg.PoolClient>();

/** Runs queries as one transaction: all of them count, or none. */
export async function together<T>(work: () => Promise<T>): Promise<T> {
  const client = await connections().connect();
  let broken: Error | undefined;
  try {
    await client.query('BEGIN');
    const result = await current.run(client, work);
    await client.query('COMMIT');
    return result;
  } catch (error) {
    await client.query('ROLLBACK').catch((problem: Error) => {
      broken = problem;
    });
    throw error;
  } finally {
    client.release(broken);
  }
}

/** One step of a transaction: when it fails, what was done before it still counts. */
export async function attempt<T>(work: () => Promise<T>): Promise<T> {
  const client = current.getStore()!;
  await client.query('SAVEPOINT step');
  try {
    const result = await work();
    await client.query('RELEASE SAVEPOINT step');
    return result;
  } catch (error) {
    await client.query('ROLLBACK TO SAVEPOINT step');
    throw error;
  }
}

/** Runs a query that changes nothing. When the connection is cut it is tried once more: reading twice does no harm. */
export async function read<Row extends pg.QueryResultRow>(sql: string, values: unknown[] = []): Promise<Row[]> {
  const client = current.getStore();
  if (client) return (await client.query<Row>(sql, values)).rows;
  try {
    return (await connections().query<Row>(sql, values)).rows;
  } catch (error) {
    if (!isCut(error)) throw error;
    return (await connections().query<Row>(sql, values)).rows;
  }
}

/** PostgreSQL's word for what a role may not do: whoever looks after the app has stopped all changes. */
const NOT_ALLOWED = '42501';

/** Runs a query that changes something, once. */
export async function write<Row extends pg.QueryResultRow>(sql: string, values: unknown[] = []): Promise<Row[]> {
  try {
    return (await (current.getStore() ?? connections()).query<Row>(sql, values)).rows;
  } catch (problem) {
    if (problem instanceof pg.DatabaseError && problem.code === NOT_ALLOWED) error(503, 'locked');
    throw problem;
  }
}

/** The column whose value another row has already, when that is why a write was refused. */
export function takenColumn(error: unknown, table: string): string | undefined {
  if (!(error instanceof pg.DatabaseError) || error.code !== '23505') return undefined;
  const name = error.constraint ?? '';
  return name.startsWith(`${table}_`) && name.endsWith('_key')
    ? name.slice(table.length + 1, -'_key'.length)
    : undefined;
}

/** Whether a write was refused because a row points at another: one that is gone, or one that should be deleted. */
export const isTied = (error: unknown): boolean => error instanceof pg.DatabaseError && error.code === '23503';

function isCut(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const code = 'code' in error ? String(error.code) : '';
  return /^(57P0[123]|08\d{3}|ECONNRESET|EPIPE)$/.test(code) || /connection terminated/i.test(error.message);
}
