/** Changes the rules of a field. Rules that no longer fit after a change of type are left behind unless the operation gave them. */
import type { Field, FieldType } from '../../../../contract/spec.ts';
import { canConvert } from './conversions.ts';
import { makeChoices, type Settled, settle } from './fields.ts';
import { hasLength, isNumeric, isTextual, mayBeUnique, typeWords } from './kinds.ts';
import type { Of } from './step.ts';

type Changes = Of<'alter_field'>['changes'];

/** The field as it is after `changes`. `null` takes a rule away, what is left out stays. */
export function alterField(field: Field, changes: Changes): Settled {
  const type = changes.type ?? field.type;
  if (!canConvert(field.type, type))
    return {
      code: 'not_convertible',
      message: `${field.name} is no ${typeWords[type]} and cannot become one. Add a new field and remove this one.`,
    };
  const same = type === field.type;
  const numbers = same || (isNumeric({ type }) && isNumeric(field));
  const texts = same || (hasLength({ type }) && field.type === 'text');
  const group = (one: FieldType) => (isTextual({ type: one }) ? 'text' : isNumeric({ type: one }) ? 'number' : one);
  const like = group(type) === group(field.type);
  const keep = <T>(given: T | null | undefined, before: T | undefined, fits: boolean): T | undefined =>
    given === null ? undefined : (given ?? (fits ? before : undefined));
  const wanted: Field = {
    ...field,
    type,
    required: changes.required ?? field.required,
    unique: changes.unique ?? ((same || mayBeUnique({ type })) && field.unique),
    min: keep(changes.min, field.min, numbers),
    max: keep(changes.max, field.max, numbers),
    maxLength: keep(changes.maxLength, field.maxLength, texts),
    choices: changes.choices
      ? makeChoices(changes.choices, field.choices ?? [], field.id)
      : keep(changes.choices, field.choices, same),
    default: keep(changes.default, field.default, true),
    currency: keep(changes.currency, field.currency, like),
    // what must be filled in cannot be cleared: the row that it points at is kept instead
    onDelete: keep(changes.onDelete, changes.required && field.onDelete === 'clear' ? 'refuse' : field.onDelete, same),
    formula: keep(changes.formula ?? undefined, field.formula, same),
    result: keep(changes.result, field.result, same),
  };
  const settled = settle(wanted);
  const inherited = changes.default === undefined && 'code' in settled && settled.code === 'invalid_default';
  return inherited ? settle({ ...wanted, default: undefined }) : settled;
}

/** What the change means, in a few words: `required`, `1 to 10`. */
export function describeAlteration(before: Field, after: Field): string {
  const said: string[] = [];
  if (before.type !== after.type)
    said.push(`is now ${/^[aeiou]/.test(typeWords[after.type]) ? 'an' : 'a'} ${typeWords[after.type]}`);
  if (before.required !== after.required) said.push(after.required ? 'must be filled in' : 'may be left empty');
  if (before.unique !== after.unique)
    said.push(after.unique ? 'must be different in every row' : 'may be the same in several rows');
  if (before.min !== after.min || before.max !== after.max)
    said.push(
      after.type === 'rating'
        ? `has ${after.max} stars`
        : after.min === undefined && after.max === undefined
          ? 'has no range any more'
          : `goes ${after.min === undefined ? '' : `from ${after.min} `}${after.max === undefined ? 'upwards' : `up to ${after.max}`}`,
    );
  if (before.maxLength !== after.maxLength)
    said.push(after.maxLength ? `holds up to ${after.maxLength} characters` : 'has its usual length');
  if (JSON.stringify(before.choices) !== JSON.stringify(after.choices) && after.choices)
    said.push(`can be ${after.choices.map((choice) => choice.label).join(', ')}`);
  if (before.currency !== after.currency && after.currency) said.push(`is in ${after.currency}`);
  if (before.formula !== after.formula) said.push('is worked out anew');
  if (before.onDelete !== after.onDelete && after.onDelete)
    said.push(
      { clear: 'is cleared', refuse: 'stands in the way', delete: 'takes its rows along' }[after.onDelete] +
        ' when the other row is deleted',
    );
  if (before.default !== after.default)
    said.push(after.default === undefined ? 'starts empty' : `starts as ${String(after.default)}`);
  return said.length === 0 ? 'stays as it is' : said.join(', ');
}
