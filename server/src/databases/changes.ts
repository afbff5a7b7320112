/**
 * The one runner of changes. It applies what a target does not have yet, each in a transaction together with its row in the target's
 * own `_vibe_changes`, over a connection of the schema's owner. Running it again does nothing.
 */
import { createHash } from 'node:crypto';
import pg from 'pg';
import { AppError, messageOf } from '../errors.ts';
import { differing, type Objects, readObjects } from './reminders/objects.ts';

/** A change as the runner needs it: already in an order that respects `needs`. */
export interface Change {
  id: string;
  statements: string[];
  destructive: boolean;
  /** its one statement builds an index while others write: not in a transaction, where that is possible */
  concurrently?: boolean | undefined;
  /** who made it and how: what is made on a database that people use says so there, with what came of it */
  origin?: Origin | undefined;
}

export interface Origin {
  chat: string | null;
  tool: string;
  action: string;
  tables: string[];
  /** ids of changes that it builds on */
  needs: string[];
}

/** A change as a target has it. */
export interface Applied extends Change {
  fingerprint: string;
  at: Date;
  /** objects that are others than before; null where it was not looked at */
  effect: string[] | null;
}

const id = pg.escapeIdentifier;

const TABLE = `create table if not exists _vibe_changes (
  id text primary key,
  fingerprint text not null,
  statements text[] not null,
  destructive boolean not null default false,
  position bigint generated always as identity,
  applied_at timestamptz not null default now()
)`;
/** Tables that are older lack these. */
const ORIGIN = `alter table _vibe_changes add column if not exists origin jsonb, add column if not exists effect text[]`;

export const fingerprintOf = (change: Change): string =>
  createHash('sha256').update(change.statements.join('\u0000')).digest('hex');

/**
 * Applies the missing ones in order, each in a transaction of its own.
 * @param client connected as the schema's owner, with the schema as its search_path
 * @returns the ids that were applied now
 * @throws AppError `change_failed` (nothing of that change remains) or `change_differs` (the same id was applied with another text)
 */
export async function applyChanges(client: pg.Client, runtimeRole: string, changes: Change[]): Promise<string[]> {
  const applied: string[] = [];
  for (const change of changes) {
    const before = change.origin && (await readObjects(client, runtimeRole));
    if (change.concurrently) await buildBeside(client, change);
    if (await inTransaction(client, () => applyOne(client, runtimeRole, change, { objects: before })))
      applied.push(change.id);
  }
  return applied;
}

/** Like `applyChanges`, inside the caller's transaction: all or nothing. */
export async function applyChangesWithin(client: pg.Client, runtimeRole: string, changes: Change[]): Promise<string[]> {
  const applied: string[] = [];
  for (const change of changes) {
    if (await applyOne(client, runtimeRole, change)) applied.push(change.id);
  }
  return applied;
}

/** Runs `work` between begin and commit; rolls back when it throws. */
export async function inTransaction<T>(client: pg.Client, work: () => Promise<T>): Promise<T> {
  await client.query('begin');
  try {
    const result = await work();
    await client.query('commit');
    return result;
  } catch (error) {
    await client.query('rollback').catch(() => {});
    throw error;
  }
}

const INDEX = /^create (unique )?index concurrently ("[^"]+"|\w+)/i;

/** The index is built while others write; what a killed attempt has left is built anew. Its row follows in a transaction that finds the index there. */
async function buildBeside(client: pg.Client, change: Change): Promise<void> {
  await client.query(TABLE);
  const known = await client.query('select 1 from _vibe_changes where id = $1', [change.id]);
  if (known.rows[0]) return;
  for (const statement of change.statements) {
    const name = INDEX.exec(statement)?.[2];
    if (!name)
      throw new AppError(
        'change_failed',
        'conflict',
        `The change ${change.id} is no index that can be built beside others.`,
      );
    try {
      await client.query(`drop index concurrently if exists ${name}`);
      await client.query({ text: statement, queryMode: 'extended' } as pg.QueryConfig);
    } catch (cause) {
      await client.query(`drop index concurrently if exists ${name}`).catch(() => {});
      throw new AppError(
        'change_failed',
        'conflict',
        `The database change ${change.id} could not be made: ${messageOf(cause)}.`,
        { cause },
      );
    }
  }
}

/** As it runs in a transaction: does nothing where the index was built before. What a target has recorded says no more of how it came. */
const insideTransaction = (statement: string): string =>
  statement.replace(
    INDEX,
    (_all, unique: string | undefined, name: string) => `create ${unique ?? ''}index if not exists ${name}`,
  );

async function applyOne(
  client: pg.Client,
  runtimeRole: string,
  change: Change,
  { objects, made = false }: { objects?: Objects | undefined; made?: boolean } = {},
): Promise<boolean> {
  await client.query('select pg_advisory_xact_lock(hashtextextended(current_schema(), 0))');
  await client.query(TABLE);
  if (change.origin) await client.query(ORIGIN);
  await client.query(`revoke all on _vibe_changes from ${id(runtimeRole)}`);
  const print = fingerprintOf(change);
  const known = await client.query('select fingerprint from _vibe_changes where id = $1', [change.id]);
  if (known.rows[0]) {
    if (known.rows[0].fingerprint === print) return false;
    throw new AppError('change_differs', 'conflict', `The change ${change.id} was already made with another text.`);
  }
  const before = objects ?? (change.origin && (await readObjects(client, runtimeRole)));
  const relations = await relationsOf(client);
  try {
    for (const statement of made ? [] : change.statements)
      await client.query({
        text: forRole(insideTransaction(statement), runtimeRole),
        queryMode: 'extended',
      } as pg.QueryConfig);
  } catch (cause) {
    throw new AppError(
      'change_failed',
      'conflict',
      `The database change ${change.id} could not be made: ${messageOf(cause)}.`,
      { cause },
    );
  }
  await client.query('insert into _vibe_changes (id, fingerprint, statements, destructive) values ($1, $2, $3, $4)', [
    change.id,
    print,
    change.statements,
    change.destructive,
  ]);
  await grantRuntime(client, runtimeRole, relations);
  if (before)
    await client.query('update _vibe_changes set origin = $2, effect = $3 where id = $1', [
      change.id,
      JSON.stringify(change.origin),
      differing(before, await readObjects(client, runtimeRole)),
    ]);
  return true;
}

/** A change says “the app” for its runtime role, which is called otherwise in each database. */
const forRole = (statement: string, runtimeRole: string): string =>
  statement.replace(/^((?:grant|revoke) .* (?:to|from) )"the app"$/s, (_all, words: string) => words + id(runtimeRole));

const RELATIONS = `from pg_class c where c.relnamespace = current_schema()::regnamespace and c.relkind in ('r', 'p', 'v', 'S') and c.relname <> '_vibe_changes'`;

async function relationsOf(client: pg.Client): Promise<string[]> {
  const { rows } = await client.query<{ oid: string }>(`select c.oid::text as oid ${RELATIONS}`);
  return rows.map(({ oid }) => oid);
}

/** What a change has made is the app's to use. What was there before keeps what was said of it. */
async function grantRuntime(client: pg.Client, runtimeRole: string, before: string[]): Promise<void> {
  const { rows } = await client.query(`select c.relname, c.relkind ${RELATIONS} and c.oid <> all ($1::oid[])`, [
    before,
  ]);
  for (const { relname, relkind } of rows) {
    if (relkind === 'v') await client.query(`grant select on table ${id(relname)} to ${id(runtimeRole)}`);
    else if (relkind !== 'S')
      await client.query(`grant select, insert, update, delete on table ${id(relname)} to ${id(runtimeRole)}`);
    else await client.query(`grant usage, select on sequence ${id(relname)} to ${id(runtimeRole)}`);
  }
}

/** Writes down a change whose effect is there already, without making it. */
export async function recordChange(client: pg.Client, runtimeRole: string, change: Change): Promise<void> {
  await inTransaction(client, () => applyOne(client, runtimeRole, change, { made: true }));
}

/** What a target has, oldest first. */
export async function appliedChanges(client: pg.Client): Promise<Applied[]> {
  const { rows: found } = await client.query(`select to_regclass('_vibe_changes') is not null as found`);
  if (!found[0].found) return [];
  // read through JSON: a table that is older has not all of its columns
  const { rows } = await client.query('select to_jsonb(c) as change from _vibe_changes c order by position');
  return rows.map(({ change }) => ({
    id: change.id,
    statements: change.statements,
    destructive: change.destructive,
    fingerprint: change.fingerprint,
    at: new Date(change.applied_at),
    origin: change.origin ?? undefined,
    effect: change.effect ?? null,
  }));
}
