/**
 * The record of changes of tables, by whatever road: there before they are made, closed with what came of them. What ran is sealed like the statements of
 * the router. A database keeps such a record too (`_vibe_changes`), but one that is elsewhere is its owner's to write in, and a draft is gone with its chat.
 */
import type { DataKeys } from '../accounts/data-keys.ts';
import { type Act, type ActState, beginAct, closeAct, openAgain, stopWaiting } from '../databases/acts.ts';
import type { DataCluster } from '../databases/cluster.ts';
import { databasesOf } from '../databases/names.ts';
import { type Db, maybe, one, sql, transaction } from '../db/database.ts';
import { AppError } from '../errors.ts';
import { tablesOfStatements, wordsOfStatements } from './change-words.ts';

/** As files have them, and as databases do. */
interface MadeChange {
  id: string;
  statements: readonly string[];
  tables?: readonly string[] | undefined;
  origin?: { tables: readonly string[] } | undefined;
}

export interface TableChange extends Pick<Act, 'by' | 'agent' | 'agreedBy' | 'chatId' | 'turnId' | 'releaseId'> {
  act: 'release' | 'apply' | 'to_live' | 'draft';
  appId: string;
  environment: 'draft' | 'site' | 'staging' | 'live';
  changes: readonly MadeChange[];
  /** what is said of the changes beside their statements is somebody else's word: tables are taken from the statements, and no chat is named */
  foreign?: boolean;
}

export interface RecordParts {
  db: Db;
  keys: DataKeys;
  /** which live databases are somebody else's */
  cluster: DataCluster;
  /** what goes wrong where nobody waits for it */
  warn: (error: unknown, text: string) => void;
}

interface Sealed {
  changes: { id: string; statements: string[] }[];
}

/** Where what ran is sealed to. */
export const placeOfAct = (id: string): string => `act ${id}`;

const MOST_CHARACTERS = 200_000;
/**
 * An act on a live database that is elsewhere is open for so long and no longer: an open one keeps what is found outside of Vibe from being said, and
 * such a server can keep it as long as it likes. What became of it is not known then, and what both databases have is compared again, but for its tables.
 */
const LONGEST_MS = 15 * 60_000;

/**
 * Makes changes and records them.
 * @param look ids of changes that the database has, asked when `work` throws
 * @param longestMs after which nobody knows what became of it, where live is elsewhere; what comes of it later all the same is written down then
 */
export async function recordedChange<T>(
  parts: RecordParts,
  change: TableChange,
  look: () => Promise<ReadonlySet<string>>,
  work: () => Promise<T>,
  longestMs = LONGEST_MS,
): Promise<T> {
  const { id, changes, outside } = await begin(parts, change);
  const close = (state: ActState) =>
    // it stays open then, and is settled by the next start: what was made is made
    closeAct(parts.db, id, state).catch((error) =>
      parts.warn(error, 'a change of tables was not closed in its record'),
    );
  const giveUp = () =>
    void stopWaiting(parts.db, id).catch((error) =>
      parts.warn(error, 'a change of tables that does not end was not closed in its record'),
    );
  const longest = outside ? setTimeout(giveUp, longestMs).unref() : undefined;
  try {
    let result: T;
    try {
      result = await work();
    } catch (error) {
      const state = await look().then(
        (there) => stateOf(changes, there),
        () => 'unknown' as const,
      );
      await close(state);
      throw error;
    }
    await close('done');
    return result;
  } finally {
    clearTimeout(longest);
  }
}

/** Who asked in a turn, and through what. */
export async function askedIn(db: Db, turnId: string): Promise<{ by: string | null; agent: string | null }> {
  const turn = await maybe(
    db,
    sql<{ by: string; mode: string }>`select asked_by as by, mode from turns where id = ${turnId}`,
  );
  // the form of the spec is a person's own hand
  return { by: turn?.by ?? null, agent: turn && turn.mode !== 'form' ? 'builder' : null };
}

/** @returns its act, and all the changes by which it is judged: of a release that goes on, also those that it had made before */
async function begin(
  { db, keys, cluster }: Pick<RecordParts, 'db' | 'keys' | 'cluster'>,
  { changes, foreign = false, ...change }: TableChange,
): Promise<{ id: string; changes: readonly { id: string }[]; outside: boolean }> {
  const { id, organisationId, container } = await one(
    db,
    sql<{
      id: string;
      organisationId: string;
      container: string;
    }>`select uuidv7() as id, c.organisation_id as "organisationId", c.slug as container
      from apps a join containers c on c.id = a.container_id where a.id = ${change.appId}`,
  );
  const outside = change.environment === 'live' && cluster.isOutside(databasesOf(container).live);
  const statements = changes.flatMap((one) => one.statements);
  const act: Act = {
    ...change,
    chatId: foreign ? null : (change.chatId ?? null),
    tables: foreign ? tablesOfStatements(statements) : changes.flatMap((one) => one.tables ?? one.origin?.tables ?? []),
    note: wordsOfStatements(statements),
    sealed: { id, text: await keys.seal(organisationId, placeOfAct(id), capped(changes)) },
  };
  const before = await transaction(db, async (tx) => {
    const found = change.releaseId ? await openAgain(tx, change.releaseId) : undefined;
    if (!found) await beginAct(tx, act);
    return found;
  });
  if (!before) return { id, changes, outside };
  // what it had made by then is in its record already
  const known = before.sealed ? (await openSealed(keys, organisationId, before.id, before.sealed)).changes : [];
  return { id: before.id, changes: known.length > 0 ? known : changes, outside };
}

/** All of it, or its beginning where it is very much. */
function capped(changes: readonly MadeChange[]): Sealed {
  let left = MOST_CHARACTERS;
  const kept: Sealed['changes'] = [];
  for (const { id, statements } of changes) {
    const texts: string[] = [];
    for (const statement of statements) {
      if (left > 0) texts.push(statement.length > left ? `${statement.slice(0, left)} …` : statement);
      left -= statement.length;
    }
    kept.push({ id, statements: texts });
  }
  return { changes: kept };
}

/** What came of changes, by the ids of those that a database has. */
export function stateOf(changes: readonly { id: string }[], there: ReadonlySet<string>): ActState {
  const made = changes.filter(({ id }) => there.has(id)).length;
  return made === 0 ? 'failed' : made === changes.length ? 'done' : 'partly';
}

export const openSealed = (keys: DataKeys, organisationId: string, id: string, sealed: Buffer): Promise<Sealed> =>
  keys.open<Sealed>(organisationId, placeOfAct(id), sealed);

/** What ran, statement by statement. @throws AppError `change_not_found` */
export async function openAct(
  { db, keys }: Pick<RecordParts, 'db' | 'keys'>,
  container: { id: string; organisationId: string },
  id: string,
): Promise<string> {
  const row = await maybe(
    db,
    sql<{
      sealed: Buffer;
    }>`select sealed from data_acts where id = ${id} and container_id = ${container.id} and sealed is not null`,
  );
  if (!row) throw new AppError('change_not_found', 'missing', 'Nothing that ran is kept of this.');
  const { changes } = await openSealed(keys, container.organisationId, id, row.sealed);
  return changes.flatMap(({ statements }) => statements.map((statement) => `${statement};`)).join('\n\n');
}
