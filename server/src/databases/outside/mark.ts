/** What says on an outside server whose live database it is: two containers in one would take each other's tables for their own. */
import pg from 'pg';
import { AppError } from '../../errors.ts';
import { BoundedClient } from './bounded-client.ts';

const SCHEMA = 'vibe_live';
/** Receipts of writes; nobody asks for those of a database that was left. */
const RECEIPTS = 'vibe_audit';
const ANSWER_MS = 8000;

/** @returns the container's id, undefined where nobody has it */
export async function mark(client: pg.Client): Promise<string | undefined> {
  const { rows } = await client.query<{ words: string | null }>(
    `select pg_catalog.obj_description(oid, 'pg_namespace') as words from pg_catalog.pg_namespace where nspname = $1`,
    [SCHEMA],
  );
  return rows[0] ? (rows[0].words ?? '') : undefined;
}

/** From this version on a server has all that apps' tables are made and changed with. */
export const HAS_ALL = 180_000;
const ASKS_INPUT = 160_000;

/** Where an app's tables find what its version has not, after what is their own; nothing where it has all. */
export const pathBeyond = (version: number | undefined): string[] =>
  version !== undefined && version < HAS_ALL ? [SCHEMA] : [];

/** What apps' tables are made and changed with and an older server does not have: a key that begins with the time, and whether a text can be read. */
async function makeUp(client: pg.Client): Promise<void> {
  const { rows } = await client.query<{ version: number }>(
    `select pg_catalog.current_setting('server_version_num')::int as version`,
  );
  if (rows[0]!.version >= HAS_ALL) return;
  // a body that is read when it is made: what is first on a caller's search path changes nothing of it
  await client.query(
    `create or replace function ${SCHEMA}.uuidv7() returns uuid language sql volatile parallel safe
       return encode(set_bit(set_bit(overlay(uuid_send(gen_random_uuid()) placing
         substring(int8send((extract(epoch from clock_timestamp()) * 1000)::int8) from 3) from 1 for 6), 52, 1), 53, 1), 'hex')::uuid;
     grant usage on schema ${SCHEMA} to public; grant execute on function ${SCHEMA}.uuidv7() to public`,
  );
  if (rows[0]!.version >= ASKS_INPUT) return;
  // by a name that PostgreSQL knows as a type and writes itself, as who calls it
  await client.query(
    `create or replace function ${SCHEMA}.pg_input_is_valid(text, text) returns boolean language plpgsql stable strict set search_path = pg_catalog, pg_temp as $$
       begin
         execute format('select $1::%s', $2::regtype) using $1;
         return true;
       exception when data_exception then
         return false;
       end $$;
     grant execute on function ${SCHEMA}.pg_input_is_valid(text, text) to public`,
  );
}

/** Whether it is this container's already. */
export const isMarked = (config: pg.ClientConfig, containerId: string): Promise<boolean> =>
  on(config, async (client) => (await mark(client)) === containerId);

/** @throws AppError `outside_taken` */
export function takePlace(config: pg.ClientConfig, containerId: string): Promise<void> {
  return on(config, async (client) => {
    const found = await mark(client);
    if (found === containerId) return makeUp(client);
    const taken = (cause?: unknown) =>
      new AppError('outside_taken', 'conflict', 'Another container has its live database there already.', { cause });
    if (found !== undefined) throw taken();
    // not “if not exists”: of two at once, one is told so
    await client
      .query(`create schema ${SCHEMA}; comment on schema ${SCHEMA} is ${pg.escapeLiteral(containerId)}`)
      .catch((error) => Promise.reject(error.code === '42P06' || error.code === '23505' ? taken() : error));
    // functions that are made there later are nobody's to call until somebody says so
    await client.query('alter default privileges revoke execute on functions from public');
    await makeUp(client);
  });
}

/** What an older server lacks, as today's changes need it: an earlier build has made less of it. Nothing where the place is not this container's. */
export const keepUp = (config: pg.ClientConfig, containerId: string): Promise<void> =>
  on(config, async (client) => {
    if ((await mark(client)) === containerId) await makeUp(client);
  });

/** Takes the mark back, if it is this container's, and what else was made for the whole of it. */
export function leave(config: pg.ClientConfig, containerId: string): Promise<void> {
  return on(config, async (client) => {
    if ((await mark(client)) !== containerId) return;
    const { rowCount } = await client.query(
      'select 1 from pg_catalog.pg_namespace n join pg_catalog.pg_roles r on r.oid = n.nspowner where n.nspname = $1 and r.rolname = current_user',
      [RECEIPTS],
    );
    await client.query(
      `begin; ${rowCount ? `drop schema ${RECEIPTS} cascade;` : ''} alter default privileges grant execute on functions to public;
       alter role current_user in database ${pg.escapeIdentifier(String(config.database))} reset row_security;
       drop function if exists ${SCHEMA}.uuidv7(), ${SCHEMA}.pg_input_is_valid(text, text); drop schema ${SCHEMA}; commit`,
    );
  });
}

async function on<T>(config: pg.ClientConfig, work: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new BoundedClient({ ...config, query_timeout: ANSWER_MS, application_name: 'vibe host' });
  client.on('error', () => {});
  try {
    await client.connect();
    return await work(client);
  } finally {
    client.cut();
  }
}
