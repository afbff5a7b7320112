/** Values for the tests that an app carries: good ones, and one that is wrong. */
import type { Entity, Field } from '../../../../contract/spec.ts';
import { INTEGER_MAX, maxLengthOf, starsOf } from '../spec/fields.ts';
import { isStored, isUpload } from '../spec/kinds.ts';

/** For a reference: the first row that there is. */
export const FIRST = '*first*';

/** The fields that a test fills in. A file is only chosen where one is asked for. */
export const filledFields = (entity: Entity): Field[] =>
  entity.fields.filter((field) => isStored(field) && (!isUpload(field) || field.required));

/** A value that a form accepts. @param round 0 and 1 give different ones where the type allows it */
export function sample(field: Field, round: number): string | boolean {
  switch (field.type) {
    case 'text':
    case 'longtext':
      return `${round === 0 ? 'First' : 'Second'} example`.slice(0, maxLengthOf(field));
    case 'email':
      return `${round === 0 ? 'first' : 'second'}@example.com`;
    case 'phone':
      return `+49 30 12345${round}`;
    case 'url':
      return `https://example.com/${round}`;
    case 'number':
    case 'integer':
    case 'money':
    case 'percent':
    case 'duration': {
      const low = field.min ?? Math.min(1, field.max ?? 1);
      const whole = field.type === 'integer' || field.type === 'duration' ? Math.ceil(low) : low;
      return String(round === 0 || whole + 1 > (field.max ?? INTEGER_MAX) ? whole : whole + 1);
    }
    case 'rating':
      return String(Math.min(starsOf(field), 1 + round));
    case 'date':
      return `2026-11-2${1 + round}`;
    case 'datetime':
      return `2026-11-2${1 + round}T10:30`;
    case 'time':
      return `1${round}:30`;
    case 'choice':
      return field.choices![round % field.choices!.length]!.value;
    case 'boolean':
      return round === 0;
    case 'image':
      return 'example.png';
    case 'file':
      return 'example.txt';
    case 'reference':
    case 'computed':
      return FIRST;
  }
}

/** A value that is out of range or too long, for a field that can have one. */
export function wrongSample(entity: Entity): { field: Field; value: string } | undefined {
  for (const field of entity.fields) {
    if (field.type === 'integer') return { field, value: String((field.max ?? INTEGER_MAX) + 1) };
    if (!['number', 'money', 'percent'].includes(field.type)) continue;
    if (field.max !== undefined) return { field, value: String(field.max + 1) };
    if (field.min !== undefined) return { field, value: String(field.min - 1) };
  }
  return undefined;
}
