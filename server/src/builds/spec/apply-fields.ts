/** Operations on the fields of an entity, and on the choices of a field. */
import type { z } from 'zod';
import { type Entity, type Field, type Spec, specLimits } from '../../../../contract/spec.ts';
import type { newFieldSchema } from '../../../../contract/spec-operations.ts';
import { alterField, describeAlteration } from './alter-field.ts';
import { columnOf, makeField, type Refusal, type Settled } from './fields.ts';
import { parseFormula, printFormula } from './formula.ts';
import { typeWords } from './kinds.ts';
import { prune } from './prune.ts';
import { comparable, findEntity, findField } from './references.ts';
import { type FreshId, fieldNameTaken, inOrder, type Of, replaceEntity, replaceField, type Step } from './step.ts';

const columns = (fields: Field[]): string[] => fields.map((field) => field.column);

/** A field from what an operation says: the entity that it points at and the names in its formula are looked up. */
export function makeGiven(spec: Spec, entity: Entity, given: z.output<typeof newFieldSchema>, id: string): Settled {
  let target: string | undefined;
  if (given.target !== undefined) {
    const found = findEntity(spec, given.target);
    if (!('found' in found)) return found;
    target = found.found.id;
  }
  const formula = withIds(spec, entity, given.name, given.formula);
  if (typeof formula === 'object') return formula;
  return makeField({ ...given, formula }, id, columns(entity.fields), target);
}

/** A formula with ids for names. */
function withIds(
  spec: Spec,
  entity: Entity,
  name: string,
  text: string | null | undefined,
): string | undefined | Refusal {
  if (text === null || text === undefined) return undefined;
  const parsed = parseFormula(text, spec, entity);
  if ('problem' in parsed) return { code: 'invalid_formula', message: `${name}: ${parsed.problem}` };
  return printFormula(parsed.formula, false);
}

export function addField(spec: Spec, entity: Entity, operation: Of<'add_field'>, fresh: FreshId): Step {
  const refusal = fieldNameTaken(entity.plural, entity.fields, operation.field.name);
  if (refusal) return refusal;
  if (entity.fields.length >= specLimits.fields)
    return { code: 'too_many', message: `A list has at most ${specLimits.fields} fields.` };
  const id = fresh('fld', operation.field.id, entity.id, operation.field.name);
  const made = makeGiven(spec, entity, operation.field, id);
  if ('code' in made) return made;
  return {
    spec: replaceEntity(spec, { ...entity, fields: [...entity.fields, made.field] }),
    said: `Adds ${made.field.name} (${typeWords[made.field.type]}) to ${entity.plural}`,
  };
}

export function renameField(spec: Spec, entity: Entity, field: Field, name: string): Step {
  const others = entity.fields.filter((other) => other.id !== field.id);
  const refusal = fieldNameTaken(entity.plural, others, name);
  if (refusal) return refusal;
  const column = columnOf(name, field.type, columns(others));
  return {
    spec: replaceField(spec, entity, { ...field, name, column }),
    said: `Calls ${field.name} of ${entity.plural} “${name}”`,
  };
}

export function removeField(spec: Spec, entity: Entity, field: Field): Step {
  const fields = entity.fields.filter((other) => other.id !== field.id);
  if (fields.length === 0)
    return {
      code: 'only_field',
      message: `${field.name} is the only field of ${entity.plural}. Add another one first, or remove ${entity.plural} as a whole.`,
    };
  const { spec: next, gone } = prune(replaceEntity(spec, { ...entity, fields }));
  const with_ = gone.length > 0 ? `, and with it ${gone.join(', ')}` : '';
  return { spec: next, said: `Removes ${field.name} from ${entity.plural} with what it holds${with_}` };
}

export function alter(spec: Spec, entity: Entity, field: Field, changes: Of<'alter_field'>['changes']): Step {
  const formula = withIds(spec, entity, field.name, changes.formula);
  if (typeof formula === 'object') return formula;
  const settled = alterField(field, { ...changes, ...(formula && { formula }) });
  if ('code' in settled) return settled;
  return {
    spec: replaceField(spec, entity, settled.field),
    said: `${field.name} of ${entity.plural} ${describeAlteration(field, settled.field)}`,
  };
}

export function orderFields(spec: Spec, entity: Entity, operation: Of<'order_fields'>): Step {
  const first: Field[] = [];
  for (const name of operation.fields) {
    const found = findField(entity, name);
    if (!('found' in found)) return found;
    first.push(found.found);
  }
  return {
    spec: replaceEntity(spec, { ...entity, fields: inOrder(entity.fields, first) }),
    said: `Puts ${first.map((field) => field.name).join(', ')} first in ${entity.plural}`,
  };
}

export function changeChoices(
  spec: Spec,
  entity: Entity,
  field: Field,
  operation: Of<'add_choice'> | Of<'rename_choice'> | Of<'remove_choice'>,
): Step {
  if (field.type !== 'choice' || !field.choices)
    return { code: 'rule_does_not_fit', message: `${field.name} is a ${typeWords[field.type]}: it has no choices.` };
  const before = field.choices.map(({ id, label }) => ({ id, label }));
  if (operation.op === 'add_choice')
    return alter(spec, entity, field, { choices: [...before, { label: operation.label }] });
  const wanted = comparable(operation.choice);
  const chosen = field.choices.find(
    (choice) =>
      choice.id === operation.choice || choice.value === operation.choice || comparable(choice.label) === wanted,
  );
  if (!chosen)
    return {
      code: 'unknown_choice',
      message: `${field.name} has no choice “${operation.choice}”. It has ${before.map(({ label }) => `“${label}”`).join(', ')}.`,
    };
  if (operation.op === 'rename_choice') {
    const choices = before.map((one) => (one.id === chosen.id ? { id: one.id, label: operation.label } : one));
    const step = alter(spec, entity, field, { choices });
    return 'code' in step ? step : { ...step, said: `Calls ${chosen.label} of ${field.name} “${operation.label}”` };
  }
  if (before.length === 1)
    return {
      code: 'only_choice',
      message: `${chosen.label} is the only choice of ${field.name}. Add another one first.`,
    };
  const left = before.filter((one) => one.id !== chosen.id);
  const step = alter(spec, entity, field, { choices: left, ...(field.default === chosen.value && { default: null }) });
  return 'code' in step
    ? step
    : { ...step, said: `Removes the choice ${chosen.label} from ${field.name} of ${entity.plural}` };
}

export const setDisplay = (spec: Spec, entity: Entity, field: Field): Step =>
  ['image', 'file', 'computed'].includes(field.type) || field.roles?.length
    ? {
        code: 'rule_does_not_fit',
        message: field.roles?.length
          ? `Only some see ${field.name}, so it cannot stand for a row.`
          : `${field.name} is a ${typeWords[field.type]}, which cannot stand for a row.`,
      }
    : {
        spec: replaceEntity(spec, { ...entity, displayField: field.id }),
        said: `${field.name} stands for each ${entity.name}`,
      };

export const showField = (spec: Spec, entity: Entity, field: Field, listed: boolean | null): Step => ({
  spec: replaceField(spec, entity, { ...field, listed: listed ?? undefined }),
  said:
    listed === false
      ? `Hides the column ${field.name} of ${entity.plural}`
      : `Shows the column ${field.name} of ${entity.plural}${listed === null ? ' where there is room' : ''}`,
});
