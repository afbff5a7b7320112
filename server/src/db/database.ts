/**
 * The platform database as the domains see it: Kysely for transactions and safe parameters, SQL in plain sight.
 * Queries are written with `sql<Row>`; the row type stands at the query that returns it.
 */
import { CompiledQuery, Kysely, PostgresDialect, type RawBuilder, sql, type Transaction } from 'kysely';
import pg from 'pg';

/** A database handle: the pool or a transaction. No table types: each query names the shape of its rows. */
export type Db = Kysely<unknown>;
export type Tx = Transaction<unknown>;
export { sql };

// counts and money in millionths stay far below 2^53
pg.types.setTypeParser(pg.types.builtins.INT8, Number);

/** Opens a pool. The caller closes it with `destroy()`. */
export function openDatabase(url: string, options: { max?: number; name?: string } = {}): { db: Db; pool: pg.Pool } {
  const open = (max: number, more: pg.PoolConfig = {}) => {
    const pool = new pg.Pool({
      connectionString: url,
      max,
      application_name: options.name ?? 'vibe',
      idleTimeoutMillis: 30_000,
      connectionTimeoutMillis: 15_000,
      ...more,
    });
    // A connection that breaks while idle is replaced at the next use; without a listener it would end the process.
    pool.on('error', () => {});
    return { db: new Kysely<unknown>({ dialect: new PostgresDialect({ pool }) }), pool };
  };
  const opened = open(options.max ?? 12);
  const quick = open(QUICK_CONNECTIONS, { options: '-c synchronous_commit=off' }).db;
  quickOf.set(opened.db, quick);
  const destroy = opened.db.destroy.bind(opened.db);
  opened.db.destroy = async () => {
    await quick.destroy();
    await destroy();
  };
  return opened;
}

const QUICK_CONNECTIONS = 4;
const quickOf = new WeakMap<Db, Db>();

/** All rows of a query. */
export async function many<T>(db: Db, query: RawBuilder<T>): Promise<T[]> {
  return (await query.execute(db)).rows;
}

/** The first row, or undefined. */
export async function maybe<T>(db: Db, query: RawBuilder<T>): Promise<T | undefined> {
  return (await query.execute(db)).rows[0];
}

/** The first row; throws where there is none, which is a bug of the caller. */
export async function one<T>(db: Db, query: RawBuilder<T>): Promise<T> {
  const row = (await query.execute(db)).rows[0];
  if (row === undefined) throw new Error('a query that must return a row returned none');
  return row;
}

/** How many rows a statement touched. */
export async function run(db: Db, query: RawBuilder<unknown>): Promise<number> {
  return Number((await query.execute(db)).numAffectedRows ?? 0);
}

/** Runs `work` in one transaction. */
export function transaction<T>(db: Db, work: (tx: Tx) => Promise<T>): Promise<T> {
  return db.transaction().execute(work);
}

/**
 * Like `transaction`, without waiting for the disk: for what may be done again after a power cut, such as claiming a turn. A killed
 * process loses nothing of it; a later transaction that waits carries it to the disk.
 */
export const quickTransaction = <T>(db: Db, work: (tx: Tx) => Promise<T>): Promise<T> => transaction(quick(db), work);

/** The same for single statements. */
export const quick = (db: Db): Db => quickOf.get(db) ?? db;

/** Sends a notification at commit. */
export async function notify(db: Db, channel: string, payload: string): Promise<void> {
  await db.executeQuery(CompiledQuery.raw('select pg_notify($1, $2)', [channel, payload]));
}
