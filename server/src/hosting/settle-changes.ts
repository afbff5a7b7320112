/** After a start: what became of changes of tables, and of other acts, that a kill has cut off. */
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { type ActState, closeAct } from '../databases/acts.ts';
import { appliedIds } from '../databases/changes.ts';
import type { DataCluster } from '../databases/cluster.ts';
import { isFrozen } from '../databases/frozen.ts';
import { appSchema, databasesOf, siteSchema } from '../databases/names.ts';
import { cutWhenOver, inTime } from '../databases/outside/in-time.ts';
import { many, sql } from '../db/database.ts';
import { AppError } from '../errors.ts';
import { openSealed, type RecordParts, stateOf, type TableChange } from './table-changes.ts';

interface Open {
  id: string;
  environment: TableChange['environment'];
  container: string;
  organisationId: string;
  slug: string;
  /** null: no change of tables */
  sealed: Buffer | null;
}

const AGAIN_MS = 5000;
/** How long one database is waited for; its server may be somebody else's. */
const ANSWER_MS = 5000;

/**
 * The database itself says what was made. One that does not answer, or is frozen, is asked again; the draft of a chat may have been made anew since, so
 * of it nothing is known. One that is elsewhere is waited for by nobody: it is asked after this has returned.
 * @returns what ends the asking
 */
export async function settleTableChanges(parts: RecordParts, againMs: number = AGAIN_MS): Promise<() => void> {
  let open = await many(
    parts.db,
    sql<Open>`select d.id, d.environment, c.slug as container, c.organisation_id as "organisationId", a.slug, d.sealed
      from data_acts d join apps a on a.id = d.app_id join containers c on c.id = d.container_id where d.state = 'open' or (d.state = 'unknown' and d.ended_at is null) order by d.at`,
  );
  const isFar = (act: Open) => (asksNobody(act) || !parts.cluster.isOutside(databaseOf(act)) ? 'near' : 'far');
  const { near = [], far = [] } = Object.groupBy(open, isFar);
  open = [...(await settle(parts, near)), ...far];
  const end = new AbortController();
  void (async () => {
    for (let first = far.length > 0; open.length > 0; first = false) {
      if (!first) await sleep(againMs, undefined, { signal: end.signal, ref: false });
      open = await settle(parts, open);
    }
  })().catch((error) => end.signal.aborted || parts.warn(error, 'changes of tables were not settled'));
  return () => end.abort();
}

/** Each database by itself, so that none waits for another. @returns those to be asked again */
async function settle(parts: RecordParts, acts: readonly Open[]): Promise<Open[]> {
  const databases = Object.values(Object.groupBy(acts, (act) => (asksNobody(act) ? '' : databaseOf(act))));
  const left = await Promise.all(databases.map((ofOne = []) => settleOne(parts, ofOne)));
  return left.flat();
}

async function settleOne(parts: RecordParts, acts: readonly Open[]): Promise<Open[]> {
  for (const [at, act] of acts.entries()) {
    try {
      await closeAct(parts.db, act.id, await foundOf(parts, act), 'settling');
    } catch (error) {
      // whoever does not answer now is not asked for the next one either
      if (error instanceof AppError && (error.kind === 'unavailable' || isFrozen(error))) return acts.slice(at);
      parts.warn(error, 'what became of a change of tables is not known');
      await closeAct(parts.db, act.id, 'unknown', 'settling').catch((lost) =>
        parts.warn(lost, 'a change of tables was not closed in its record'),
      );
    }
  }
  return [];
}

const asksNobody = ({ sealed, environment }: Open): boolean => !sealed || environment === 'draft';

function databaseOf({ environment, container }: Open): string {
  const { staging, live } = databasesOf(container);
  return environment === 'live' ? live : staging;
}

async function foundOf({ keys, cluster }: RecordParts, act: Open): Promise<ActState> {
  if (!act.sealed || asksNobody(act)) return 'unknown';
  const { changes } = await openSealed(keys, act.organisationId, act.id, act.sealed);
  return stateOf(changes, await madeIn(cluster, act));
}

/** @throws AppError of kind `unavailable` for one that does not answer in time, or whose connection is lost */
async function madeIn(cluster: DataCluster, act: Open): Promise<ReadonlySet<string>> {
  const schema = act.environment === 'site' ? siteSchema(act.slug) : appSchema(act.slug);
  const database = databaseOf(act);
  const read = async (over: AbortSignal) => {
    if (!(await cluster.schemaExists(database, schema))) return new Set<string>();
    return cluster.asOwner(database, act.container, schema, (client) => {
      if (cluster.isOutside(database)) cutWhenOver(over, client);
      return appliedIds(client);
    });
  };
  try {
    return await inTime(ANSWER_MS, read);
  } catch (error) {
    throw error instanceof AppError || (error instanceof pg.DatabaseError && !STOPS.test(error.code ?? ''))
      ? error
      : away(error);
  }
}

/** The server is stopping or starting, or has no place left. */
const STOPS = /^(08|57P0|53)/;
const away = (cause?: unknown): AppError =>
  new AppError('data_unavailable', 'unavailable', 'The data cluster does not answer.', { cause });
