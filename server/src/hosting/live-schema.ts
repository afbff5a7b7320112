/**
 * A chat's changes of tables on live, before or without a release: those of its branch that live has not. The pill of the message must be on live, and
 * somebody who manages the container must have said yes to exactly these statements.
 */
import { createHash } from 'node:crypto';
import type { Change } from '../databases/changes.ts';
import { appliedIds } from '../databases/changes.ts';
import type { Mirrors } from '../databases/mirror/mirrors.ts';
import type { Reminders } from '../databases/reminders/reminders.ts';
import { maybe, sql } from '../db/database.ts';
import { changesIn, withOrigin } from '../shipping/app-changes.ts';
import { appPlace, mirrorAppOf } from '../shipping/app-places.ts';
import { changeLiveTables } from '../shipping/change-live-tables.ts';
import { keepRows } from '../shipping/kept-rows.ts';
import { whileServing } from '../shipping/live-survives.ts';
import { removesSomething } from '../shipping/what-goes.ts';
import type { HostOutcome } from './api.ts';
import type { ChatPlace } from './chat-places.ts';
import { textFiles } from './spec-work.ts';
import { askedIn, type RecordParts, recordedChange } from './table-changes.ts';
import type { WorkParts } from './turn-work.ts';
import type { Workspace } from './workspaces.ts';

export interface LiveParts extends WorkParts, RecordParts {
  dataDir: string;
  mirrors: Mirrors;
  reminders: Reminders;
}

interface Plan {
  changes: Change[];
  serving: number;
  value: { statements: string[]; changes: string[]; tables: string[]; destroys: boolean; digest: string };
}

/** What would run on live. */
export async function previewLive(parts: LiveParts, workspace: Workspace, turnId: string): Promise<HostOutcome> {
  const found = await plan(parts, workspace, turnId);
  return 'changes' in found ? { ok: true, value: found.value } : found;
}

/** To be called while no release of the app is under way. @param digest of what was shown @param by who said yes */
export async function applyToLive(
  parts: LiveParts,
  workspace: Workspace,
  { turnId, digest, by }: { turnId: string; digest: string; by: string },
): Promise<HostOutcome> {
  const { place } = workspace;
  const manages = await maybe(
    parts.db,
    sql`select 1 from members where organisation_id = ${place.organisationId} and user_id = ${by} and role <> 'member'`,
  );
  if (!manages) return refused('not_permitted', 'Only somebody who manages the container can say yes to this.');
  const found = await plan(parts, workspace, turnId);
  if (!('changes' in found)) return found;
  if (found.value.digest !== digest)
    return refused('other_text', 'Something else would run by now. Ask again, with what would run now.');
  const app = await appPlace(parts.db, parts.dataDir, place.appId);
  if (found.value.destroys) await keepRows(parts.cluster, app, 'live', Math.max(1, found.serving));
  const asked = await askedIn(parts.db, turnId);
  const { changes } = found;
  await recordedChange(
    parts,
    {
      ...{ act: 'to_live', appId: app.appId, environment: 'live', ...asked, agreedBy: by, chatId: place.id, turnId },
      changes,
    },
    () => parts.cluster.asOwner(app.database, app.containerSlug, app.schema, appliedIds),
    () => changeLiveTables(parts, app, changes),
  );
  await parts.reminders.look(mirrorAppOf(app)).catch(() => {});
  return { ok: true, value: found.value };
}

async function plan(
  parts: LiveParts,
  { place, helper }: Workspace,
  turnId: string,
): Promise<Plan | Extract<HostOutcome, { ok: false }>> {
  if (place.mode !== 'dual-repository')
    return refused('no_live', 'This app has no live database of its own: what is merged is live.');
  if (!(await pillOnLive(parts, place, turnId)))
    return refused(
      'pill',
      'The database pill of this message is on staging. Only a person can switch it to live, for one message.',
    );
  const app = await appPlace(parts.db, parts.dataDir, place.appId);
  const there = await parts.cluster.asOwner(app.database, app.containerSlug, app.schema, appliedIds);
  const own = changesIn(await textFiles(helper)).filter(({ id }) => !there.has(id));
  if (own.length === 0) return refused('nothing', 'Live has every change of tables that this chat has.');
  const { number, problem } = await whileServing(parts.db, app, own, own);
  if (problem) return refused('in_use', problem);
  const changes = await withOrigin(app, own, place.id);
  const statements = changes.flatMap((change) => change.statements);
  const ids = changes.map(({ id }) => id);
  return {
    changes,
    serving: number,
    value: {
      statements,
      changes: ids,
      tables: [...new Set(own.flatMap(({ tables }) => tables))],
      destroys: await removesSomething(parts.cluster, app, own),
      digest: createHash('sha256')
        .update(JSON.stringify([place.id, ids, statements]))
        .digest('hex'),
    },
  };
}

const pillOnLive = async ({ db }: WorkParts, place: ChatPlace, turnId: string): Promise<boolean> =>
  (await maybe(
    db,
    sql`select 1 from turns where id = ${turnId} and chat_id = ${place.id} and state = 'running' and database = 'live'`,
  )) !== undefined;

const refused = (code: string, message: string) => ({ ok: false as const, code: `live_${code}`, message });
