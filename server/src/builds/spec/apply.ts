/**
 * Applies operations to a spec: all of them or none. What is refused comes back as data, in words that a person and a model can act on.
 * Nothing here is random, so the same operations on the same spec always give the same spec.
 */
import { type Entity, type Spec, specLimits, specSchema } from '../../../../contract/spec.ts';
import { type SpecOperation, specOperationSchema } from '../../../../contract/spec-operations.ts';
import {
  addPage,
  addRole,
  changePage,
  limitField,
  removeRole,
  renameRole,
  setAccess,
  setHome,
  setLook,
  setSort,
} from './apply-app.ts';
import { addEntity, orderEntities, relate, removeEntity, renameEntity } from './apply-entities.ts';
import {
  addField,
  alter,
  changeChoices,
  orderFields,
  removeField,
  renameField,
  setDisplay,
  showField,
} from './apply-fields.ts';
import { idFor } from './fields.ts';
import { formulaProblem } from './formula.ts';
import { findEntity, findField } from './references.ts';
import type { FreshId, Operation, Step } from './step.ts';

export type Applied =
  | { ok: true; spec: Spec; summary: string[] }
  | { ok: false; index: number; code: string; message: string };

/**
 * @param operations as they came: each is checked against the contract's schema first
 * @returns the new spec and one sentence (without its full stop) per operation, or the first refusal with the index of its operation
 */
export function applyOperations(spec: Spec, operations: readonly SpecOperation[]): Applied {
  if (operations.length > specLimits.operations)
    return {
      ok: false,
      index: specLimits.operations,
      code: 'too_many',
      message: `At most ${specLimits.operations} operations at once.`,
    };
  const used = new Set([
    ...spec.entities.flatMap((entity) => [entity.id, ...entity.fields.map((field) => field.id)]),
    ...[...(spec.roles ?? []), ...(spec.pages ?? [])].map((one) => one.id),
  ]);
  const summary: string[] = [];
  let current = spec;
  for (const [index, given] of operations.entries()) {
    const parsed = specOperationSchema.safeParse(given);
    if (!parsed.success) {
      const issue = parsed.error.issues[0];
      const where = issue?.path.length ? ` (at ${issue.path.join('.')})` : '';
      return {
        ok: false,
        index,
        code: 'invalid_operation',
        message: `${issue?.message ?? 'Not an operation'}${where}.`,
      };
    }
    const fresh = (prefix: string, given: string | undefined, ...parts: unknown[]): string => {
      if (given) return given;
      let made = idFor(prefix, spec, index, ...parts);
      while (used.has(made)) made = idFor(prefix, made);
      return made;
    };
    const step = applyOne(current, parsed.data, fresh);
    if ('code' in step) return { ok: false, index, code: step.code, message: step.message };
    const broken = formulaProblem(step.spec);
    if (broken) return { ok: false, index, code: 'invalid_formula', message: broken };
    const checked = specSchema.safeParse(step.spec);
    if (!checked.success)
      return {
        ok: false,
        index,
        code: 'invalid_spec',
        message: checked.error.issues[0]?.message ?? 'Not a valid spec.',
      };
    current = checked.data;
    summary.push(step.said);
  }
  return { ok: true, spec: current, summary };
}

function applyOne(spec: Spec, operation: Operation, fresh: FreshId): Step {
  switch (operation.op) {
    case 'set_title':
      return { spec: { ...spec, title: operation.title }, said: `Calls the app “${operation.title}”` };
    case 'set_look':
      return setLook(spec, operation);
    case 'set_language':
      return { spec: { ...spec, language: operation.language }, said: `Sets the language to ${operation.language}` };
    case 'add_entity':
      return addEntity(spec, operation, fresh);
    case 'order_entities':
      return orderEntities(spec, operation);
    case 'relate':
      return relate(spec, operation, fresh);
    case 'add_role':
      return addRole(spec, operation, fresh);
    case 'rename_role':
      return renameRole(spec, operation);
    case 'remove_role':
      return removeRole(spec, operation);
    case 'rename_page':
    case 'remove_page':
      return changePage(spec, operation);
    case 'set_home':
      return setHome(spec, operation);
  }
  const entity = findEntity(spec, operation.entity);
  if (!('found' in entity)) return entity;
  return applyToEntity(spec, entity.found, operation, fresh);
}

type OnEntity = Extract<Operation, { entity: string }>;

function applyToEntity(spec: Spec, entity: Entity, operation: OnEntity, fresh: FreshId): Step {
  switch (operation.op) {
    case 'rename_entity':
      return renameEntity(spec, entity, operation);
    case 'remove_entity':
      return removeEntity(spec, entity);
    case 'add_field':
      return addField(spec, entity, operation, fresh);
    case 'order_fields':
      return orderFields(spec, entity, operation);
    case 'set_sort':
      return setSort(spec, entity, operation);
    case 'set_access':
      return setAccess(spec, entity, operation);
    case 'add_page':
      return addPage(spec, entity, operation, fresh);
  }
  const found = findField(entity, operation.field);
  if (!('found' in found)) return found;
  const field = found.found;
  switch (operation.op) {
    case 'rename_field':
      return renameField(spec, entity, field, operation.name);
    case 'remove_field':
      return removeField(spec, entity, field);
    case 'alter_field':
      return alter(spec, entity, field, operation.changes);
    case 'set_display':
      return setDisplay(spec, entity, field);
    case 'show_field':
      return showField(spec, entity, field, operation.listed);
    case 'limit_field':
      return limitField(spec, entity, field, operation);
    default:
      return changeChoices(spec, entity, field, operation);
  }
}
