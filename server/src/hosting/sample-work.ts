/** Filling a chat's draft with rows that are examples. Undo of the turn takes them back; a merge never carries them. */
import { createHash } from 'node:crypto';
import type { Spec } from '../../../contract/spec.ts';
import { FILES_TABLE } from '../builds/changes/sql.ts';
import { sampleRows } from '../builds/samples/sample-rows.ts';
import { tableOf } from '../builds/spec/naming.ts';
import { findEntity } from '../builds/spec/references.ts';
import { beginAct, endAct, forgetAct, giveUpAct } from '../databases/acts.ts';
import { insertRows, readTaken } from '../databases/insert-rows.ts';
import type { HostOutcome } from './api.ts';
import { bringDraft, readSpecFile, textFiles } from './spec-work.ts';
import { askedIn } from './table-changes.ts';
import { beginEdit, keepDraft, type WorkParts } from './turn-work.ts';
import type { Workspace } from './workspaces.ts';

export async function addSampleRows(
  parts: WorkParts,
  { place, helper }: Workspace,
  input: { turnId: string; entity?: string | undefined; count: number },
): Promise<HostOutcome> {
  const files = await textFiles(helper);
  const spec: Spec = readSpecFile(files, place.appName);
  const found = input.entity === undefined ? undefined : findEntity(spec, input.entity);
  if (found && !('found' in found)) return { ok: false, code: found.code, message: found.message };
  const entities = found ? [found.found] : spec.entities;
  if (entities.length === 0)
    return { ok: false, code: 'nothing_to_fill', message: 'The app keeps no lists yet, so there is nothing to fill.' };
  await beginEdit(parts, place, input.turnId);
  await bringDraft(parts, place, files);
  await keepDraft(parts, place, input.turnId);
  const existing = await readTaken(
    parts.cluster,
    place.draft,
    spec.entities.map((entity) => ({
      table: tableOf(entity),
      unique: entity.fields.filter(({ unique }) => unique).map(({ column }) => column),
    })),
  );
  const made = await sampleRows({
    spec,
    entities,
    count: input.count,
    seed: createHash('sha256').update(input.turnId).digest().readUInt32BE(),
    today: new Date(),
    existing,
  });
  const pictures = made.pictures.map((picture) => ({ ...picture }));
  const act = await beginAct(parts.db, {
    ...{ act: 'samples', appId: place.appId, environment: 'draft', chatId: place.id, turnId: input.turnId },
    ...(await askedIn(parts.db, input.turnId)),
    tables: made.tables.map(({ table }) => table),
  });
  const inserted = await insertRows(parts.cluster, place.draft, [
    ...(pictures.length > 0 ? [{ table: FILES_TABLE, rows: pictures }] : []),
    ...made.tables,
  ]).catch(async (error) => {
    await giveUpAct(parts.db, act, error).catch(() => {});
    throw error;
  });
  const filled = made.tables.filter(({ table }) => (inserted.get(table) ?? 0) > 0);
  if (filled.length === 0) await forgetAct(parts.db, act);
  else
    await endAct(parts.db, act, {
      tables: filled.map(({ table }) => table),
      rows: filled.reduce((sum, { table }) => sum + inserted.get(table)!, 0),
    });
  const added = made.tables.map(({ table, plural }) => ({ list: plural, rows: inserted.get(table) ?? 0 }));
  return { ok: true, value: { added: added.filter(({ rows }) => rows > 0) } };
}
