/**
 * The one runner of changes. It applies what a target does not have yet, each in a transaction together with its row in the target's
 * own `_vibe_changes`, over a connection of the schema's owner. Running it again does nothing.
 */
import { createHash } from 'node:crypto';
import pg from 'pg';
import { z } from 'zod';
import { AppError, messageOf } from '../errors.ts';
import { BoundedClient } from './outside/bounded-client.ts';
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

/** Each draft makes one: a sequence for the positions would be a twentieth of what a draft costs beside its rows. Older tables have one. */
const TABLE = `create table if not exists _vibe_changes (
  id text primary key,
  fingerprint text not null,
  statements text[] not null,
  destructive boolean not null default false,
  position bigint not null,
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
    const made = await inTransaction(client, async () => {
      const known = await knownOf(client, runtimeRole, [change]);
      return applyOne(client, runtimeRole, change, known, { objects: before });
    });
    if (made) applied.push(change.id);
  }
  return applied;
}

/**
 * Like `applyChanges`, inside the caller's transaction: all or nothing.
 * @param empty whether nothing is there yet, where the caller knows it and nobody else makes anything meanwhile
 */
export async function applyChangesWithin(
  client: pg.Client,
  runtimeRole: string,
  changes: Change[],
  empty = false,
): Promise<string[]> {
  if (changes.length === 0) return [];
  const known = empty ? await nothingKnown(client, changes) : await knownOf(client, runtimeRole, changes);
  const applied: string[] = [];
  for (const change of changes) if (await applyOne(client, runtimeRole, change, known)) applied.push(change.id);
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

const INDEX = /^create (unique )?index concurrently ("(?:[^"]|"")+"|[\p{L}_][\p{L}\p{M}\p{N}_$]*)(?=\s)/iu;

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

interface Known {
  /** fingerprints of those of the changes that are there, by id */
  prints: Map<string, string>;
  /** tables, views and sequences that are there, by oid; grows with what is made */
  relations: string[];
}

/** What is there before changes are made. Nobody else makes any until the transaction ends. */
async function knownOf(client: pg.Client, runtimeRole: string, changes: Change[]): Promise<Known> {
  await client.query(
    [
      'select pg_advisory_xact_lock(hashtextextended(current_schema(), 0))',
      TABLE,
      ...(changes.some(({ origin }) => origin) ? [ORIGIN] : []),
      `revoke all on _vibe_changes from ${id(runtimeRole)}`,
    ].join(';\n'),
  );
  const { rows } = await client.query<{ prints: Record<string, string> | null; relations: string[] | null }>(
    `select (select jsonb_object_agg(id, fingerprint) from _vibe_changes where id = any ($1)) as prints,
       (select array_agg(c.oid::text) ${RELATIONS}) as relations`,
    [changes.map((change) => change.id)],
  );
  return { prints: new Map(Object.entries(rows[0]!.prints ?? {})), relations: rows[0]!.relations ?? [] };
}

async function nothingKnown(client: pg.Client, changes: readonly Change[]): Promise<Known> {
  await client.query(changes.some(({ origin }) => origin) ? `${TABLE}; ${ORIGIN}` : TABLE);
  return { prints: new Map(), relations: [] };
}

async function applyOne(
  client: pg.Client,
  runtimeRole: string,
  change: Change,
  known: Known,
  { objects, made = false }: { objects?: Objects | undefined; made?: boolean } = {},
): Promise<boolean> {
  const print = fingerprintOf(change);
  const there = known.prints.get(change.id);
  if (there !== undefined) {
    if (there === print) return false;
    throw new AppError('change_differs', 'conflict', `The change ${change.id} was already made with another text.`);
  }
  const before = objects ?? (change.origin && (await readObjects(client, runtimeRole)));
  try {
    for (const statement of made ? [] : change.statements) {
      await client.query({
        text: forRole(insideTransaction(statement), runtimeRole),
        queryMode: 'extended',
      } as pg.QueryConfig);
      if (/function/i.test(statement)) await refuseTakenNames(client);
    }
  } catch (cause) {
    if (cause instanceof AppError) throw cause;
    throw new AppError(
      'change_failed',
      'conflict',
      `The database change ${change.id} could not be made: ${messageOf(cause)}.`,
      { cause },
    );
  }
  // nobody else makes changes here until the transaction ends; elsewhere somebody may have written the last number there is
  await client.query(
    `insert into _vibe_changes (id, fingerprint, statements, destructive, position) overriding system value
     values ($1, $2, $3, $4, (select least(coalesce(max(position), 0), 9223372036854775806) + 1 from _vibe_changes))`,
    [change.id, print, change.statements, change.destructive],
  );
  await grantRuntime(client, runtimeRole, known);
  if (before)
    await client.query('update _vibe_changes set origin = $2, effect = $3 where id = $1', [
      change.id,
      JSON.stringify(change.origin),
      differing(before, await readObjects(client, runtimeRole)),
    ]);
  return true;
}

/** PostgreSQL looks for its own first: whoever calls a function of one of its names means another than the one that was looked at. */
async function refuseTakenNames(client: pg.Client): Promise<void> {
  const { rows } = await client.query<{ name: string }>(
    `select p.proname as name from pg_catalog.pg_proc p where p.pronamespace = current_schema()::pg_catalog.regnamespace
       and exists (select from pg_catalog.pg_proc b where b.pronamespace = 'pg_catalog'::pg_catalog.regnamespace and b.proname = p.proname) limit 1`,
  );
  if (rows[0])
    throw new AppError('change_failed', 'conflict', `PostgreSQL has a function ${rows[0].name} of its own.`, {
      detail: 'Give it another name.',
    });
}

/** A change says “the app” for its runtime role, which is called otherwise in each database. */
const forRole = (statement: string, runtimeRole: string): string =>
  statement.replace(/^((?:grant|revoke) .* (?:to|from) )"the app"$/s, (_all, words: string) => words + id(runtimeRole));

const RELATIONS = `from pg_class c where c.relnamespace = current_schema()::regnamespace and c.relkind in ('r', 'p', 'v', 'S') and c.relname <> '_vibe_changes'`;

/** What a change has made is the app's to use. What was there before keeps what was said of it. */
async function grantRuntime(client: pg.Client, runtimeRole: string, known: Known): Promise<void> {
  const { rows } = await client.query<{ oid: string; relname: string; relkind: string }>(
    `select c.oid::text, c.relname, c.relkind ${RELATIONS} and c.oid <> all ($1::oid[])`,
    [known.relations],
  );
  for (const { oid, relname, relkind } of rows) {
    known.relations.push(oid);
    if (relkind === 'v') await client.query(`grant select on table ${id(relname)} to ${id(runtimeRole)}`);
    else if (relkind !== 'S')
      await client.query(`grant select, insert, update, delete on table ${id(relname)} to ${id(runtimeRole)}`);
    else await client.query(`grant usage, select on sequence ${id(relname)} to ${id(runtimeRole)}`);
  }
}

/** Writes down a change whose effect is there already, without making it. */
export async function recordChange(client: pg.Client, runtimeRole: string, change: Change): Promise<void> {
  await inTransaction(client, async () =>
    applyOne(client, runtimeRole, change, await knownOf(client, runtimeRole, [change]), { made: true }),
  );
}

/** What an id is made of, and how long the longest is that a change of Vibe's has (`builds/changes/change-file.ts`). */
const REAL_ID = /^[a-z0-9-]{1,120}$/;
/** Of what else a row says: longer is nothing that Vibe has written. */
const MOST_TABLES = 1000;
const shortText = z.string().transform((text) => text.slice(0, 63));

const originSchema = z
  .object({
    chat: z.guid().nullable().catch(null),
    tool: shortText,
    action: shortText,
    tables: z.array(shortText).transform((tables) => tables.slice(0, MOST_TABLES)),
    needs: z.array(z.string()),
  })
  .nullish();
const effectSchema = z.array(z.string()).nullish();

const rowSchema = z.object({
  id: z.string(),
  statements: z.array(z.string()),
  destructive: z.boolean(),
  fingerprint: z.string(),
  applied_at: z.coerce.date(),
  origin: originSchema,
  effect: effectSchema,
});
/** A row as a server elsewhere says it, whose owner can write in it whatever they like: what stands beside a change must not hide it. */
const rowElsewhere = rowSchema.extend({ origin: originSchema.catch(null), effect: effectSchema.catch(null) });

const appliedOf = ({ applied_at: at, origin, effect, ...change }: z.output<typeof rowSchema>): Applied => ({
  ...change,
  at,
  origin: origin ?? undefined,
  effect: effect ?? null,
});

const unreadable = (cause: unknown): AppError =>
  new AppError('changes_unreadable', 'conflict', 'What a database says of its changes cannot be read.', {
    detail: 'Its table _vibe_changes was written by somebody else than Vibe.',
    cause,
  });

/**
 * Which changes a target has. Nothing else of them is read: whatever is said of one, it is there.
 * @throws AppError `changes_unreadable`
 */
export async function appliedIds(client: pg.Client): Promise<Set<string>> {
  const { rows: found } = await client.query(`select to_regclass('_vibe_changes') is not null as found`);
  if (!found[0].found) return new Set();
  try {
    const { rows } = await client.query<{ id: unknown }>('select id from _vibe_changes');
    return new Set(rows.map(({ id }) => String(id)).filter((id) => REAL_ID.test(id)));
  } catch (error) {
    throw (error as { code?: string }).code === '42703' ? unreadable(error) : error;
  }
}

/**
 * What a target has, oldest first. A row whose id no change can have was not written by Vibe: it is left out, and nobody is shown it. So is one
 * of a server elsewhere that says anything else that none can have: its owner writes there what they like, and must not keep the others from being read.
 * @throws AppError `changes_unreadable`
 */
export async function appliedChanges(client: pg.Client): Promise<Applied[]> {
  const { rows: found } = await client.query(`select to_regclass('_vibe_changes') is not null as found`);
  if (!found[0].found) return [];
  // read through JSON: a table that is older has not all of its columns
  const { rows } = await client.query('select to_jsonb(c) as change from _vibe_changes c order by position');
  const ours = rows.map(({ change }) => change).filter(({ id }) => typeof id !== 'string' || REAL_ID.test(id));
  if (client instanceof BoundedClient)
    return ours.flatMap((change) => rowElsewhere.safeParse(change).data ?? []).map(appliedOf);
  const read = rowSchema.array().safeParse(ours);
  if (!read.success) throw unreadable(read.error);
  return read.data.map(appliedOf);
}
