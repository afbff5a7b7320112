/**
 * Applies operations to a spec: all of them or none. What is refused comes back as data, in words that a person and a model can act on.
 * Nothing here is random, so the same operations on the same spec always give the same spec.
 */
import type { z } from 'zod';
import {
  type Entity,
  type Field,
  type Spec,
  type SpecOperation,
  specLimits,
  specOperationSchema,
  specSchema,
} from '../../../../contract/spec.ts';
import { alterField, describeAlteration } from './alter-field.ts';
import { idFor, makeField, type Refusal, typeWords } from './fields.ts';
import { columnFor, slugFor } from './naming.ts';
import { pluralOf } from './plural.ts';
import { comparable, findEntity, findField } from './references.ts';

export type Applied =
  | { ok: true; spec: Spec; summary: string[] }
  | { ok: false; index: number; code: string; message: string };

type Operation = z.output<typeof specOperationSchema>;
type Step = { spec: Spec; said: string } | Refusal;

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
  const used = new Set(spec.entities.flatMap((entity) => [entity.id, ...entity.fields.map((field) => field.id)]));
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

type FreshId = (prefix: string, given: string | undefined, ...parts: unknown[]) => string;

function applyOne(spec: Spec, operation: Operation, fresh: FreshId): Step {
  if (operation.op === 'set_title')
    return { spec: { ...spec, title: operation.title }, said: `Calls the app “${operation.title}”` };
  if (operation.op === 'add_entity') return addEntity(spec, operation, fresh);
  const entity = findEntity(spec, operation.entity);
  if (!('found' in entity)) return entity;
  switch (operation.op) {
    case 'rename_entity':
      return renameEntity(spec, entity.found, operation);
    case 'remove_entity':
      return {
        spec: { ...spec, entities: spec.entities.filter((other) => other.id !== entity.found.id) },
        said: `Removes ${entity.found.plural} with all its rows`,
      };
    case 'add_field':
      return addField(spec, entity.found, operation, fresh);
  }
  const field = findField(entity.found, operation.field);
  if (!('found' in field)) return field;
  switch (operation.op) {
    case 'rename_field':
      return renameField(spec, entity.found, field.found, operation.name);
    case 'remove_field':
      return removeField(spec, entity.found, field.found);
    case 'alter_field': {
      const settled = alterField(field.found, operation.changes);
      if ('code' in settled) return settled;
      const fields = entity.found.fields.map((other) => (other.id === field.found.id ? settled.field : other));
      return {
        spec: replaceEntity(spec, { ...entity.found, fields }),
        said: `${field.found.name} of ${entity.found.plural} ${describeAlteration(field.found, settled.field)}`,
      };
    }
  }
}

function addEntity(spec: Spec, operation: Extract<Operation, { op: 'add_entity' }>, fresh: FreshId): Step {
  const plural = operation.plural ?? pluralOf(operation.name).slice(0, specLimits.label);
  const taken = nameTaken(spec, [operation.name, plural]);
  if (taken) return taken;
  if (spec.entities.length >= specLimits.entities)
    return { code: 'too_many', message: `An app has at most ${specLimits.entities} lists.` };
  const id = fresh('ent', operation.id, 'entity', operation.name);
  const fields: Field[] = [];
  for (const [position, given] of operation.fields.entries()) {
    const refusal = fieldNameTaken(plural, fields, given.name);
    if (refusal) return refusal;
    const made = makeField(
      given,
      fresh('fld', given.id, id, position, given.name),
      fields.map((field) => field.column),
    );
    if ('code' in made) return made;
    fields.push(made.field);
  }
  const slug = slugFor(
    plural,
    spec.entities.map((entity) => entity.slug),
  );
  const entity: Entity = { id, name: operation.name, plural, slug, fields, displayField: displayFieldOf(fields) };
  const words = fields.map((field) => `${field.name} (${typeWords[field.type]})`).join(', ');
  return { spec: { ...spec, entities: [...spec.entities, entity] }, said: `Adds ${plural} with ${words}` };
}

function renameEntity(spec: Spec, entity: Entity, operation: Extract<Operation, { op: 'rename_entity' }>): Step {
  const others = spec.entities.filter((other) => other.id !== entity.id);
  const plural = operation.plural ?? pluralOf(operation.name).slice(0, specLimits.label);
  const taken = nameTaken({ ...spec, entities: others }, [operation.name, plural]);
  if (taken) return taken;
  const slug = slugFor(
    plural,
    others.map((other) => other.slug),
  );
  return {
    spec: replaceEntity(spec, { ...entity, name: operation.name, plural, slug }),
    said: `Calls ${entity.plural} “${plural}”`,
  };
}

function addField(
  spec: Spec,
  entity: Entity,
  operation: Extract<Operation, { op: 'add_field' }>,
  fresh: FreshId,
): Step {
  const refusal = fieldNameTaken(entity.plural, entity.fields, operation.field.name);
  if (refusal) return refusal;
  if (entity.fields.length >= specLimits.fields)
    return { code: 'too_many', message: `A list has at most ${specLimits.fields} fields.` };
  const id = fresh('fld', operation.field.id, entity.id, operation.field.name);
  const made = makeField(
    operation.field,
    id,
    entity.fields.map((field) => field.column),
  );
  if ('code' in made) return made;
  return {
    spec: replaceEntity(spec, { ...entity, fields: [...entity.fields, made.field] }),
    said: `Adds ${made.field.name} (${typeWords[made.field.type]}) to ${entity.plural}`,
  };
}

function renameField(spec: Spec, entity: Entity, field: Field, name: string): Step {
  const others = entity.fields.filter((other) => other.id !== field.id);
  const refusal = fieldNameTaken(entity.plural, others, name);
  if (refusal) return refusal;
  const column = columnFor(
    name,
    others.map((other) => other.column),
  );
  const fields = entity.fields.map((other) => (other.id === field.id ? { ...field, name, column } : other));
  return {
    spec: replaceEntity(spec, { ...entity, fields }),
    said: `Calls ${field.name} of ${entity.plural} “${name}”`,
  };
}

function removeField(spec: Spec, entity: Entity, field: Field): Step {
  const fields = entity.fields.filter((other) => other.id !== field.id);
  if (fields.length === 0)
    return {
      code: 'only_field',
      message: `${field.name} is the only field of ${entity.plural}. Add another one first, or remove ${entity.plural} as a whole.`,
    };
  const displayField = entity.displayField === field.id ? displayFieldOf(fields) : entity.displayField;
  return {
    spec: replaceEntity(spec, { ...entity, fields, displayField }),
    said: `Removes ${field.name} from ${entity.plural} with what it holds`,
  };
}

/** The field that stands for a row: the first text that must be filled in, else the first text, else the first. */
function displayFieldOf(fields: Field[]): string {
  const texts = fields.filter((field) => field.type === 'text');
  return (texts.find((field) => field.required) ?? texts[0] ?? fields[0]!).id;
}

const replaceEntity = (spec: Spec, entity: Entity): Spec => ({
  ...spec,
  entities: spec.entities.map((other) => (other.id === entity.id ? entity : other)),
});

function nameTaken(spec: Spec, names: string[]): Refusal | undefined {
  const wanted = names.map(comparable);
  const same = spec.entities.find((entity) =>
    [entity.name, entity.plural].some((name) => wanted.includes(comparable(name))),
  );
  return same && { code: 'name_taken', message: `There is a list called “${same.plural}” already.` };
}

function fieldNameTaken(plural: string, fields: Field[], name: string): Refusal | undefined {
  const same = fields.find((field) => comparable(field.name) === comparable(name));
  return same && { code: 'name_taken', message: `${plural} have a field called “${same.name}” already.` };
}
