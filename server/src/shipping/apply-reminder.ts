/**
 * Makes a change of tables on the database that still needs it: the same change, under its own id, chat and tool, with those that it builds on. What
 * runs is what was shown; a yes is for that text alone.
 */
import { createHash } from 'node:crypto';
import type pg from 'pg';
import { losesAnything, NOTHING_LOST } from '../../../contract/loss-words.ts';
import type { ReminderPreview } from '../../../contract/reminders.ts';
import { MAIN } from '../containers/repository.ts';
import { appliedIds, applyChanges, type Change } from '../databases/changes.ts';
import type { DataCluster } from '../databases/cluster.ts';
import type { Mirrors } from '../databases/mirror/mirrors.ts';
import { rolesOf } from '../databases/names.ts';
import { makeAlike } from '../databases/reminders/alike.ts';
import { buildsOn } from '../databases/reminders/builds-on.ts';
import { readSide, type Side } from '../databases/reminders/reconcile.ts';
import type { Reminders } from '../databases/reminders/reminders.ts';
import { refuseForeignChanges } from '../databases/schema/gate.ts';
import { type Db, run, sql } from '../db/database.ts';
import { AppError } from '../errors.ts';
import { type RecordParts, recordedChange } from '../hosting/table-changes.ts';
import { changesAt } from './app-changes.ts';
import { type AppPlace, appPlace, mirrorAppOf, tablesOf } from './app-places.ts';
import { changeLiveTables } from './change-live-tables.ts';
import { keepRows } from './kept-rows.ts';
import { whileServing } from './live-survives.ts';
import { removesSomething, whatChangesRemove } from './what-goes.ts';

export interface ApplyParts extends RecordParts {
  db: Db;
  dataDir: string;
  cluster: DataCluster;
  mirrors: Mirrors;
  reminders: Reminders;
}

/** An open reminder about tables. */
export interface SchemaReminder {
  id: string;
  appId: string;
  /** the change's id, or the table that differs and that nobody recorded */
  source: string;
  /** null: a difference, see `makeAlike` */
  direction: 'to_live' | 'to_staging' | null;
}

interface Plan {
  place: AppPlace;
  changes: Change[];
  /** the release that serves live; 0 without one */
  serving: number;
  preview: ReminderPreview;
}

/** What would run, in order. @throws AppError `container_frozen`, `data_unavailable` */
export async function previewSchemaReminder(parts: ApplyParts, reminder: SchemaReminder): Promise<ReminderPreview> {
  const { place, preview, changes } = await plan(parts, reminder);
  if (!preview.to) return preview;
  const { database, schema } = tablesOf(place, preview.to);
  const { loses } = await whatChangesRemove(
    parts.cluster,
    { database, containerSlug: place.containerSlug, schema },
    changes,
  );
  return { ...preview, destroys: preview.destroys || losesAnything(loses), loses };
}

/**
 * To be called while no release of the app is under way.
 * @param by who said yes
 * @throws AppError `reminder_moved` (it would be other text by now), `change_failed`, `container_frozen`
 */
export async function applySchemaReminder(
  parts: ApplyParts,
  reminder: SchemaReminder,
  digest: string,
  by: string,
): Promise<void> {
  const { place, changes, serving, preview } = await plan(parts, reminder);
  if (preview.problem) throw new AppError('reminder_closed', 'conflict', preview.problem);
  if (preview.digest !== digest)
    throw new AppError('reminder_moved', 'conflict', 'Something else would run by now.', {
      detail: 'Look at it again, and decide then.',
    });
  const environment = preview.to === 'live' ? 'live' : 'staging';
  const { database, schema } = tablesOf(place, environment);
  if (await removesSomething(parts.cluster, { database, containerSlug: place.containerSlug, schema }, changes))
    await keepRows(parts.cluster, place, environment, Math.max(1, serving));
  const asOwner = <T>(work: (client: pg.Client) => Promise<T>): Promise<T> =>
    parts.cluster.asOwner(database, place.containerSlug, schema, work);
  await recordedChange(
    parts,
    {
      act: 'apply',
      appId: place.appId,
      environment: environment === 'live' ? 'live' : 'site',
      by,
      chatId: changes.find(({ id }) => id === reminder.source)?.origin?.chat ?? null,
      changes,
      // a live database that is elsewhere says of them what its owner likes
      foreign: reminder.direction === 'to_staging' && parts.cluster.isOutside(tablesOf(place, 'live').database),
    },
    () => asOwner(appliedIds),
    async () => {
      if (environment === 'live') await changeLiveTables(parts, place, changes);
      else await asOwner((client) => applyChanges(client, rolesOf(place.containerSlug, schema).runtime, changes));
    },
  );
  await parts.reminders.look(mirrorAppOf(place));
  await run(
    parts.db,
    sql`update reminders set ended_by = ${by} where app_id = ${place.appId} and state = 'cleared' and ended_by is null and kind <> 'data'
      and source = any (${[reminder.source, ...changes.map(({ id }) => id)]}::text[])`,
  );
}

async function plan(parts: ApplyParts, reminder: SchemaReminder): Promise<Plan> {
  const place = await appPlace(parts.db, parts.dataDir, reminder.appId);
  const app = mirrorAppOf(place);
  const [staging, live] = await Promise.all([
    readSide(parts.cluster, app, 'staging'),
    readSide(parts.cluster, app, 'live'),
  ]);
  if (reminder.direction === null) return alike(parts, place, reminder, { staging, live });
  const to = reminder.direction === 'to_live' ? 'live' : 'staging';
  const [has, lacks] = to === 'live' ? [staging, live] : [live, staging];
  const there = new Set(lacks.changes.map(({ id }) => id));
  const missing = has.changes.filter(({ id }) => !there.has(id));
  const changes: Change[] = buildsOn(reminder.source, missing);
  if (changes.length === 0) return planOf(place, reminder, to, [], 'Both databases have this change by now.');
  if (to === 'staging') return planOf(place, reminder, to, changes, foreignIn(changes, lacks.changes));
  const main = await changesAt(place.git, MAIN, place.slug);
  const { number, problem } = await whileServing(parts.db, place, changes, main);
  return planOf(place, reminder, to, changes, problem, number);
}

/**
 * What live says that was made there is whatever its server says: one outside is somebody else's.
 * @param there what staging has, whose functions and lists of values may be used
 * @returns why the changes are not made, if they are not such as Vibe writes
 */
export function foreignIn(changes: readonly Change[], there: readonly Change[]): string | null {
  const makers = there.map(({ id, destructive, statements }) => ({
    ...{ id, destructive },
    statements: statements.filter((one) => MAKER.test(one)),
  }));
  try {
    refuseForeignChanges([...makers, ...changes]);
    return null;
  } catch (error) {
    if (error instanceof AppError) return error.message;
    throw error;
  }
}

const MAKER = /^\s*create\s+(?:or\s+replace\s+)?(?:type|function)\b/i;

/** A difference that nobody recorded becomes a change of its own, which is recorded. */
async function alike(
  parts: ApplyParts,
  place: AppPlace,
  reminder: SchemaReminder,
  sides: Record<'staging' | 'live', Side>,
): Promise<Plan> {
  const found = await makeAlike(
    { staging: sides.staging.objects, live: sides.live.objects },
    reminder.source,
    (side, work) => {
      const { database, schema } = tablesOf(place, side);
      return parts.cluster.asOwner(database, place.containerSlug, schema, work);
    },
  );
  if ('why' in found)
    return planOf(
      place,
      reminder,
      null,
      [],
      `${found.why} What it should be is for a person to say: ask for it in a chat, or dismiss this with the reason.`,
    );
  const hash = createHash('sha256').update(found.statements.join('\0')).digest('hex').slice(0, 6);
  const change: Change = {
    id: `0000-alike-${hash}`,
    statements: found.statements,
    destructive: false,
    origin: {
      chat: null,
      tool: 'reminders',
      action: 'other',
      tables: reminder.source ? [reminder.source] : [],
      needs: [],
    },
  };
  return planOf(place, reminder, found.to, [change], null);
}

function planOf(
  place: AppPlace,
  reminder: SchemaReminder,
  to: 'live' | 'staging' | null,
  changes: Change[],
  problem: string | null,
  serving = 0,
): Plan {
  const statements = changes.flatMap((change) => change.statements);
  return {
    place,
    changes,
    serving,
    preview: {
      to,
      statements,
      with: Math.max(0, changes.length - 1),
      destroys: changes.some(({ destructive }) => destructive),
      loses: NOTHING_LOST,
      digest: createHash('sha256')
        .update(JSON.stringify([reminder.appId, to, changes.map(({ id }) => id), statements]))
        .digest('hex'),
      problem,
    },
  };
}
