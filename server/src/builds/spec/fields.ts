/**
 * Makes a field of a spec from what an operation says, and checks that its rules fit its type. `settle` is the one place that decides
 * what a type may have, so a new field and an altered one obey the same rules.
 */
import { createHash } from 'node:crypto';
import type { z } from 'zod';
import {
  type Choice,
  type DefaultValue,
  type Field,
  type FieldType,
  fieldSchema,
  specLimits,
} from '../../../../contract/spec.ts';
import type { newFieldSchema } from '../../../../contract/spec-operations.ts';
import {
  DEFAULT_CURRENCY,
  hasLength,
  isNumeric,
  isPointer,
  isTextual,
  isWhole,
  mayBeUnique,
  typeWords,
} from './kinds.ts';
import { columnFor, valueFor } from './naming.ts';
import { comparable } from './references.ts';

export type Refusal = { code: string; message: string };
export type Settled = { field: Field } | Refusal;
type Given = z.output<typeof newFieldSchema>;

export const INTEGER_MAX = 2_147_483_647;

/** Most characters that a text may have, also where the spec says nothing. */
export const maxLengthOf = (field: Pick<Field, 'type' | 'maxLength'>): number =>
  field.maxLength ?? lengths[field.type] ?? 200;
const lengths: Partial<Record<FieldType, number>> = { longtext: 10_000, url: 2_000, email: 254, phone: 40 };
/** How many stars a rating has. */
export const starsOf = (field: Pick<Field, 'max'>): number => field.max ?? 5;

/** An id that depends only on where it is made, so the same operations on the same spec always give the same ids. */
export const idFor = (prefix: string, ...parts: unknown[]): string =>
  `${prefix}_${createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, 10)}`;

/** The column of a field: that of a reference ends in `_id`. */
export const columnOf = (name: string, type: FieldType, columns: string[]): string =>
  columnFor(type === 'reference' ? `${name.slice(0, 24)} id` : name, columns);

/** A new field. @param columns the columns that its table has already; @param target the id of the entity that a reference points at */
export function makeField(given: Given, id: string, columns: string[], target?: string): Settled {
  const { name, type, choices, ...rules } = given;
  return settle({
    id,
    name,
    column: columnOf(name, type, columns),
    type,
    target,
    onDelete: rules.onDelete ?? undefined,
    currency: rules.currency ?? undefined,
    formula: rules.formula ?? undefined,
    result: rules.result ?? undefined,
    required: rules.required ?? false,
    unique: rules.unique ?? false,
    min: rules.min ?? undefined,
    max: rules.max ?? undefined,
    maxLength: rules.maxLength ?? undefined,
    choices: choices ? makeChoices(choices, [], id) : undefined,
    default: rules.default ?? undefined,
  });
}

/** Choices for the given labels; one that was there before keeps its id and its value. */
export function makeChoices(given: NonNullable<Given['choices']>, before: Choice[], fieldId: string): Choice[] {
  const made: Choice[] = [];
  for (const item of given) {
    const wanted = typeof item === 'string' ? { id: undefined, label: item } : item;
    const same = before.find(
      (choice) => choice.id === wanted.id || comparable(choice.label) === comparable(wanted.label),
    );
    if (same && !made.some((choice) => choice.id === same.id)) made.push({ ...same, label: wanted.label });
    else {
      const value = valueFor(
        wanted.label,
        [...before, ...made].map((choice) => choice.value),
      );
      made.push({ id: wanted.id ?? idFor('cho', fieldId, value), label: wanted.label, value });
    }
  }
  return made;
}

/** Checks a field whole, and leaves out what says nothing. */
export function settle(wanted: Field): Settled {
  const { name, type } = wanted;
  const is = `${name} is ${/^[aeiou]/.test(typeWords[type]) ? 'an' : 'a'} ${typeWords[type]}`;
  const refusal = misfit(wanted, is);
  if (refusal) return refusal;
  const no = (code: string, message: string): Refusal => ({ code, message });
  const range = rangeProblem(wanted);
  if (range) return no('invalid_range', range);

  const standard = type === 'boolean' ? false : undefined;
  const preset = wanted.default === undefined ? { value: standard } : readDefault(wanted, wanted.default);
  if ('problem' in preset) return no('invalid_default', preset.problem);
  const required = type === 'boolean' || type === 'computed' ? false : wanted.required;
  const isMoney = type === 'money' || (type === 'computed' && wanted.result === 'money');
  const field: Field = {
    id: wanted.id,
    name,
    column: wanted.column,
    type,
    required,
    unique: wanted.unique,
    ...(wanted.min !== undefined && type !== 'rating' && { min: wanted.min }),
    ...(type === 'rating' ? { max: starsOf(wanted) } : wanted.max !== undefined && { max: wanted.max }),
    ...(wanted.maxLength !== undefined && { maxLength: wanted.maxLength }),
    ...(wanted.choices && { choices: wanted.choices }),
    ...(preset.value !== undefined && { default: preset.value }),
    ...(isMoney && { currency: wanted.currency ?? DEFAULT_CURRENCY }),
    ...(wanted.target && { target: wanted.target }),
    ...(type === 'reference' && { onDelete: wanted.onDelete ?? (required ? 'refuse' : 'clear') }),
    ...(wanted.formula && { formula: wanted.formula, result: wanted.result ?? 'number' }),
    ...(wanted.listed !== undefined && { listed: wanted.listed }),
    ...(wanted.roles?.length && { roles: wanted.roles }),
  };
  const checked = fieldSchema.safeParse(field);
  if (!checked.success) return no('invalid_field', `${name}: ${checked.error.issues[0]?.message ?? 'not valid'}`);
  return { field: checked.data };
}

/** A rule that the type cannot have, or one that it lacks. @param is `Price is a text` */
function misfit(wanted: Field, is: string): Refusal | undefined {
  const { name, type } = wanted;
  const no = (code: string, message: string): Refusal => ({ code, message });
  const misfits = (what: string) => no('rule_does_not_fit', `${is}: ${what} does not fit.`);
  if (!isNumeric(wanted) && type !== 'rating' && (wanted.min !== undefined || wanted.max !== undefined))
    return misfits('a smallest or largest number');
  if (!hasLength(wanted) && wanted.maxLength !== undefined) return misfits('a greatest length');
  if (type === 'text' && (wanted.maxLength ?? 0) > specLimits.textLength)
    return no('too_long', `A text holds at most ${specLimits.textLength} characters; make ${name} a long text.`);
  if (wanted.unique && !mayBeUnique(wanted))
    return no('rule_does_not_fit', `${is}, which cannot be different in every row.`);
  if (type === 'choice' && !wanted.choices?.length)
    return no('choices_missing', `${name} is a choice: say between what, for example new, paid, shipped.`);
  if (type !== 'choice' && wanted.choices) return no('rule_does_not_fit', `${is}: choices do not fit.`);
  const labels = wanted.choices?.map((choice) => comparable(choice.label)) ?? [];
  const double = wanted.choices?.find((_, index) => labels.indexOf(labels[index]!) !== index);
  if (double) return no('choice_twice', `${name} has the choice “${double.label}” twice.`);
  if (wanted.required && wanted.roles?.length)
    return no(
      'rule_does_not_fit',
      `${name} must be filled in, so whoever adds a row has to see it. Make it optional, or let everybody see it.`,
    );
  if (type === 'reference' && !wanted.target)
    return no('target_missing', `${name} points at another list: say which one.`);
  if (type !== 'reference' && wanted.target) return misfits('another list to point at');
  if (type !== 'reference' && wanted.onDelete) return misfits('what happens when another row is deleted');
  if (wanted.onDelete === 'clear' && wanted.required)
    return no('rule_does_not_fit', `${name} must be filled in, so it cannot be cleared when the other row is deleted.`);
  if (type === 'computed' && !wanted.formula)
    return no('formula_missing', `${name} is worked out: say how, for example {Price} * {Quantity}.`);
  if (type !== 'computed' && (wanted.formula || wanted.result)) return misfits('a formula');
  return undefined;
}

function rangeProblem({ name, type, min, max }: Field): string | undefined {
  if (type === 'rating') {
    if (min !== undefined && min !== 1) return `${name}: a rating starts at 1.`;
    if (max === undefined || (Number.isInteger(max) && max >= 2 && max <= specLimits.rating)) return undefined;
    return `${name}: a rating has 2 to ${specLimits.rating} stars; a whole number can go further.`;
  }
  if (isWhole({ type }))
    for (const bound of [min, max])
      if (bound !== undefined && (!Number.isInteger(bound) || Math.abs(bound) > INTEGER_MAX))
        return `${name}: ${bound} is not a whole number between -${INTEGER_MAX} and ${INTEGER_MAX}.`;
  if (min !== undefined && max !== undefined && min > max) return `${name}: ${min} is more than ${max}.`;
  return undefined;
}

/** The default as the type keeps it; words for yes and no and the labels of choices are understood. */
function readDefault(field: Field, given: DefaultValue): { value: DefaultValue } | { problem: string } {
  const { name, type } = field;
  const bad = { problem: `${name}: “${String(given).slice(0, 60)}” cannot be the default of a ${typeWords[type]}.` };
  if (type === 'boolean') {
    if (typeof given === 'boolean') return { value: given };
    if (/^(yes|true|on|ticked)$/i.test(String(given))) return { value: true };
    return /^(no|false|off|unticked)$/i.test(String(given)) ? { value: false } : bad;
  }
  if (type === 'choice') {
    const wanted = comparable(String(given));
    const choice = field.choices?.find(
      (item) => [item.id, item.value].includes(String(given)) || comparable(item.label) === wanted,
    );
    return choice ? { value: choice.value } : bad;
  }
  if (isPointer({ type }) || type === 'computed') return bad;
  if (type === 'time') {
    const time = /^([01]?\d|2[0-3]):([0-5]\d)$/.exec(String(given));
    if (/^now$/i.test(String(given))) return { value: 'now' };
    return time ? { value: `${time[1]!.padStart(2, '0')}:${time[2]}` } : bad;
  }
  if (type === 'datetime') {
    if (/^(today|now)$/i.test(String(given))) return { value: 'now' };
    const [day, time] = String(given).split(/[T ]/);
    return day && isDate(day) && time && /^([01]\d|2[0-3]):[0-5]\d$/.test(time) ? { value: `${day}T${time}` } : bad;
  }
  if (type === 'date') {
    if (/^(today|now)$/i.test(String(given))) return { value: 'today' };
    return isDate(String(given)) ? { value: String(given) } : bad;
  }
  if (isTextual({ type })) {
    const text = String(given);
    return text.trim() !== '' && text.length <= maxLengthOf(field) ? { value: text } : bad;
  }
  const amount = typeof given === 'boolean' || String(given).trim() === '' ? Number.NaN : Number(given);
  const whole = !isWhole({ type }) || Number.isInteger(amount);
  const low = type === 'rating' ? 1 : (field.min ?? (isWhole({ type }) ? -INTEGER_MAX : -1e15));
  const high = type === 'rating' ? starsOf(field) : (field.max ?? (isWhole({ type }) ? INTEGER_MAX : 1e15));
  return whole && amount >= low && amount <= high ? { value: amount } : bad;
}

/** Whether the text is a real day, written as 2026-11-21. */
export function isDate(text: string): boolean {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(text)) return false;
  const date = new Date(`${text}T00:00:00Z`);
  return !Number.isNaN(date.getTime()) && date.toISOString().startsWith(text) && date.getUTCFullYear() > 0;
}
