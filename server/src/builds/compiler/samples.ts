/** Values for the tests that an app carries: good ones, and one that is wrong. */
import type { Entity, Field } from '../../../../contract/spec.ts';
import { INTEGER_MAX, maxLengthOf, starsOf } from '../spec/fields.ts';

/** A value that a form accepts. @param round 0 and 1 give different ones where the type allows it */
export function sample(field: Field, round: number): string | boolean {
  switch (field.type) {
    case 'text':
    case 'longtext':
      return `${round === 0 ? 'First' : 'Second'} example`.slice(0, maxLengthOf(field));
    case 'number':
    case 'integer': {
      const low = field.min ?? Math.min(1, field.max ?? 1);
      const whole = field.type === 'integer' ? Math.ceil(low) : low;
      return String(round === 0 || whole + 1 > (field.max ?? INTEGER_MAX) ? whole : whole + 1);
    }
    case 'rating':
      return String(Math.min(starsOf(field), 1 + round));
    case 'date':
      return `2026-11-2${1 + round}`;
    case 'choice':
      return field.choices![round % field.choices!.length]!.value;
    case 'boolean':
      return round === 0;
  }
}

/** A value that is out of range or too long, for a field that can have one. */
export function wrongSample(entity: Entity): { field: Field; value: string } | undefined {
  for (const field of entity.fields) {
    if (field.type === 'integer') return { field, value: String((field.max ?? INTEGER_MAX) + 1) };
    if (field.type === 'number' && field.max !== undefined) return { field, value: String(field.max + 1) };
    if (field.type === 'number' && field.min !== undefined) return { field, value: String(field.min - 1) };
  }
  return undefined;
}

/** What the list calls a row with this value of the field that stands for it. */
export function titleOf(field: Field, value: string | boolean): string {
  if (field.type === 'choice') return field.choices!.find((choice) => choice.value === value)!.label;
  if (field.type === 'date') return `${Number(String(value).slice(-2))} Nov 2026`;
  return String(value);
}
