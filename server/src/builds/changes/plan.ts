/**
 * From one spec to the next, as changes of the database. Things are told apart by their ids, so a rename is a rename and keeps every
 * row. `phase` says whether a release that serves the spec before survives the change; what drops or cuts values is `destructive`.
 */
import type { Entity, Field, Spec } from '../../../../contract/spec.ts';
import { losesValues } from '../spec/conversions.ts';
import { maxLengthOf } from '../spec/fields.ts';
import { isStored, isTextual, isUpload } from '../spec/kinds.ts';
import { tableOf } from '../spec/naming.ts';
import { type ChangeFile, makeChange } from './change-file.ts';
import { addsColumn, altersColumn, type CountedEffect, dropsColumn, dropsTable } from './effects.ts';
import { headsOf } from './order.ts';
import { orderRenames } from './rename.ts';
import { condition, FILES_TABLE, notNull, PEOPLE_TABLE, rangeOf, targetOf } from './sql.ts';
import {
  addColumn,
  addPointers,
  alterColumn,
  createFiles,
  createPeople,
  createTable,
  dropColumn,
  dropTable,
  renameColumn,
  renameTable,
  type Target,
} from './statements.ts';

type Step = Pick<ChangeFile, 'action' | 'tables' | 'statements' | 'phase' | 'destructive'> & {
  name: string;
  effects?: CountedEffect[];
};

export interface PlannedChange {
  change: ChangeFile;
  /** what it does to rows that are there */
  effects: CountedEffect[];
}

/** @param existing the changes of the app so far: the first new one builds on all of their heads, each next one on the one before */
export const planChanges = (before: Spec, after: Spec, existing: readonly ChangeFile[]): ChangeFile[] =>
  planWithEffects(before, after, existing).map(({ change }) => change);

/** The same, each with what it does to rows. */
export function planWithEffects(before: Spec, after: Spec, existing: readonly ChangeFile[]): PlannedChange[] {
  const made: PlannedChange[] = [];
  let needs = headsOf(existing);
  let number = Math.max(0, ...existing.map((file) => Number.parseInt(file.id, 10)));
  for (const { name, effects = [], ...step } of stepsBetween(before, after)) {
    const change = makeChange(++number, name, { ...step, needs });
    made.push({ change, effects });
    needs = [change.id];
  }
  return made;
}

/** A computed field has no column. */
const storedOnly = (spec: Spec): Spec => ({
  ...spec,
  entities: spec.entities.map((entity) => ({ ...entity, fields: entity.fields.filter(isStored) })),
});
const hasFiles = (spec: Spec): boolean => spec.entities.some((entity) => entity.fields.some(isUpload));
const hasRoles = (spec: Spec): boolean => (spec.roles?.length ?? 0) > 0;

/** Tables that no entity has: made when they are first needed, and kept while they are. */
function sideTables(before: Spec, after: Spec): { first: Step[]; last: Step[] } {
  const first: Step[] = [];
  const last: Step[] = [];
  for (const [table, needs, create] of [
    [FILES_TABLE, hasFiles, createFiles],
    [PEOPLE_TABLE, hasRoles, createPeople],
  ] as const) {
    const name = table.replaceAll('_', '-');
    if (needs(after) && !needs(before)) first.push(safe('create_table', `create-${name}`, [table], create()));
    if (needs(before) && !needs(after))
      last.push(breaking('drop_table', `drop-${name}`, [table], dropTable(table), true));
  }
  return { first, last };
}

function stepsBetween(specBefore: Spec, specAfter: Spec): Step[] {
  const [before, after] = [storedOnly(specBefore), storedOnly(specAfter)];
  const { first, last } = sideTables(before, after);
  const steps: Step[] = [...first];
  const target: Target = (field) =>
    targetOf(field, (id) => tableOf(after.entities.find((entity) => entity.id === id)!));
  const same = (entity: Entity, spec: Spec) => spec.entities.find((other) => other.id === entity.id);
  for (const entity of before.entities)
    if (!same(entity, after))
      steps.push({
        ...breaking('drop_table', `drop-${entity.slug}`, [tableOf(entity)], dropTable(tableOf(entity)), true),
        effects: [dropsTable(entity, tableOf(entity))],
      });

  const staying = before.entities.filter((entity) => same(entity, after));
  const renames = staying.map((entity) => ({ from: tableOf(entity), to: tableOf(same(entity, after)!), entity }));
  const names = new Map(renames.map(({ from, entity }) => [from, entity]));
  for (const { from, to } of orderRenames(renames, names.keys())) {
    const entity = names.get(from)!;
    names.set(to, entity);
    const name = `rename-${from}-${to}`.replaceAll('_', '-');
    steps.push(breaking('rename_table', name, [from, to], renameTable(from, to, entity), false));
  }
  const created = after.entities.filter((entity) => !same(entity, before));
  for (const entity of created)
    steps.push(safe('create_table', `create-${entity.slug}`, [tableOf(entity)], createTable(entity)));
  for (const entity of created) {
    const pointers = addPointers(tableOf(entity), entity.fields, target);
    if (pointers.length > 0) steps.push(safe('alter_column', `relate-${entity.slug}`, [tableOf(entity)], pointers));
  }
  for (const entity of staying) steps.push(...fieldSteps(entity, same(entity, after)!, target));
  return [...steps, ...last];
}

function fieldSteps(before: Entity, after: Entity, target: Target): Step[] {
  const table = tableOf(after);
  const steps: Step[] = [];
  const label = (verb: string, column: string) => `${verb}-${after.slug}-${column.replaceAll('_', '-')}`;
  const same = (field: Field, entity: Entity) => entity.fields.find((other) => other.id === field.id);
  for (const field of before.fields)
    if (!same(field, after))
      steps.push({
        ...breaking('drop_column', label('drop', field.column), [table], dropColumn(table, field.column), true),
        effects: [dropsColumn(after, field, table)],
      });

  const staying = before.fields.filter((field) => same(field, after));
  const renames = staying.map((field) => ({ from: field.column, to: same(field, after)!.column, field }));
  const names = new Map(renames.map(({ from, field }) => [from, field]));
  for (const { from, to } of orderRenames(renames, names.keys())) {
    const field = names.get(from)!;
    names.set(to, field);
    steps.push(breaking('rename_column', label('rename', from), [table], renameColumn(table, field, from, to), false));
  }
  for (const field of staying) {
    const next = same(field, after)!;
    const statements = alterColumn(table, { ...field, column: next.column }, next, target);
    if (statements.length === 0) continue;
    const name = label('alter', next.column);
    const cuts = cutsValues(field, next);
    const effects = altersColumn(after, { ...field, column: next.column }, next, table);
    steps.push(
      cuts || tightens(field, next)
        ? { ...breaking('alter_column', name, [table], statements, cuts), effects }
        : { ...safe('alter_column', name, [table], statements), effects },
    );
  }
  for (const field of after.fields) {
    if (same(field, before)) continue;
    const statements = addColumn(table, field, target);
    const name = label('add', field.column);
    // A release that does not know a column can still add rows when the column fills itself.
    const survives = !notNull(field) || field.default !== undefined;
    steps.push(
      survives
        ? safe('add_column', name, [table], statements)
        : { ...breaking('add_column', name, [table], statements, false), effects: addsColumn(after, field, table) },
    );
  }
  return steps;
}

/** Whether values that exist may be cut or emptied. */
function cutsValues(before: Field, after: Field): boolean {
  if (before.type !== after.type) return losesValues(before.type, after.type);
  if (isTextual(after)) return maxLengthOf(after) < maxLengthOf(before);
  if (after.type === 'choice')
    return before.choices!.some(({ value }) => !after.choices!.some((choice) => choice.value === value));
  const [old, now] = [rangeOf(before), rangeOf(after)];
  return (
    (now.min !== undefined && (old.min === undefined || now.min > old.min)) ||
    (now.max !== undefined && (old.max === undefined || now.max < old.max))
  );
}

/** Whether something that could be saved before cannot any more. */
const tightens = (before: Field, after: Field): boolean =>
  before.type !== after.type ||
  (after.unique && !before.unique) ||
  (notNull(after) && !notNull(before)) ||
  (condition(before) === undefined && condition(after) !== undefined);

type Parts = [action: Step['action'], name: string, tables: string[], statements: string[]];
const safe = (...[action, name, tables, statements]: Parts): Step => ({
  ...{ action, name, tables, statements },
  phase: 'expand',
  destructive: false,
});
const breaking = (...[action, name, tables, statements, destructive]: [...Parts, boolean]): Step => ({
  ...{ action, name, tables, statements, destructive },
  phase: 'contract',
});
