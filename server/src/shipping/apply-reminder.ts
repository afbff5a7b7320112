/**
 * Makes a change of tables on the database that still needs it: the same change, under its own id, chat and tool, with those that it builds on. What
 * runs is what was shown; a yes is for that text alone.
 */
import { createHash } from 'node:crypto';
import type { ReminderPreview } from '../../../contract/reminders.ts';
import { type Applied, applyChanges } from '../databases/changes.ts';
import type { DataCluster } from '../databases/cluster.ts';
import type { Mirrors } from '../databases/mirror/mirrors.ts';
import { rolesOf } from '../databases/names.ts';
import { readSide } from '../databases/reminders/reconcile.ts';
import type { Reminders } from '../databases/reminders/reminders.ts';
import { type Db, run, sql } from '../db/database.ts';
import { AppError } from '../errors.ts';
import { type AppPlace, appPlace, mirrorAppOf, tablesOf } from './app-places.ts';
import { changeLiveTables } from './change-live-tables.ts';
import { keepRows } from './kept-rows.ts';

export interface ApplyParts {
  db: Db;
  dataDir: string;
  cluster: DataCluster;
  mirrors: Mirrors;
  reminders: Reminders;
}

/** An open reminder about a change of tables. */
export interface SchemaReminder {
  id: string;
  appId: string;
  /** the change's id */
  source: string;
  direction: 'to_live' | 'to_staging';
}

interface Plan {
  place: AppPlace;
  changes: Applied[];
  preview: ReminderPreview;
}

/** What would run, in order. @throws AppError `container_frozen`, `data_unavailable` */
export async function previewSchemaReminder(parts: ApplyParts, reminder: SchemaReminder): Promise<ReminderPreview> {
  return (await plan(parts, reminder)).preview;
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
  const { place, changes, preview } = await plan(parts, reminder);
  if (preview.problem) throw new AppError('reminder_closed', 'conflict', preview.problem);
  if (preview.digest !== digest)
    throw new AppError('reminder_moved', 'conflict', 'Something else would run by now.', {
      detail: 'Look at it again, and decide then.',
    });
  const environment = reminder.direction === 'to_live' ? 'live' : 'staging';
  const { database, schema } = tablesOf(place, environment);
  if (preview.destroys) await keepRows(parts.cluster, place, environment, 0);
  if (environment === 'live') await changeLiveTables(parts, place, changes);
  else
    await parts.cluster.asOwner(database, place.containerSlug, schema, (client) =>
      applyChanges(client, rolesOf(place.containerSlug, schema).runtime, changes),
    );
  await parts.reminders.look(mirrorAppOf(place));
  await run(
    parts.db,
    sql`update reminders set ended_by = ${by} where app_id = ${place.appId} and state = 'cleared' and ended_by is null and kind = 'schema'
      and source = any (${changes.map(({ id }) => id)}::text[])`,
  );
}

async function plan(parts: ApplyParts, { appId, source, direction }: SchemaReminder): Promise<Plan> {
  const place = await appPlace(parts.db, parts.dataDir, appId);
  const app = mirrorAppOf(place);
  const [from, to] = direction === 'to_live' ? (['staging', 'live'] as const) : (['live', 'staging'] as const);
  const [has, lacks] = await Promise.all([readSide(parts.cluster, app, from), readSide(parts.cluster, app, to)]);
  const there = new Set(lacks.changes.map(({ id }) => id));
  const missing = new Map(has.changes.filter(({ id }) => !there.has(id)).map((change) => [change.id, change]));
  const needed = new Set<string>();
  const need = (id: string): void => {
    const change = missing.get(id);
    if (!change || needed.has(id)) return;
    needed.add(id);
    for (const other of change.origin?.needs ?? []) need(other);
  };
  need(source);
  const changes = [...missing.values()].filter(({ id }) => needed.has(id));
  const statements = changes.flatMap((change) => change.statements);
  return {
    place,
    changes,
    preview: {
      statements,
      with: Math.max(0, changes.length - 1),
      destroys: changes.some(({ destructive }) => destructive),
      digest: createHash('sha256')
        .update(JSON.stringify([appId, direction, changes.map(({ id }) => id), statements]))
        .digest('hex'),
      problem: changes.length > 0 ? null : 'Both databases have this change by now.',
    },
  };
}
