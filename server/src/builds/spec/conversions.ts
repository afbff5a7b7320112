/** Which types of a field can become which, keeping what the rows hold; the others are refused in favour of a new field. */
import type { FieldType } from '../../../../contract/spec.ts';
import { isNumeric, isTextual } from './kinds.ts';

const family = (type: FieldType): 'text' | 'number' | 'other' =>
  isTextual({ type }) ? 'text' : isNumeric({ type }) ? 'number' : 'other';
const fromText: FieldType[] = ['boolean', 'date', 'datetime', 'time', 'choice', 'rating'];

/** Whether the rows' values can be carried over. */
export function canConvert(from: FieldType, to: FieldType): boolean {
  if (from === to) return true;
  if ([from, to].some((type) => ['reference', 'image', 'file', 'computed'].includes(type))) return false;
  const [source, target] = [family(from), family(to)];
  if (target === 'text')
    return !['email', 'url', 'phone'].includes(to) || source === 'text' || (from === 'integer' && to === 'phone');
  if (source === 'text') return target === 'number' || fromText.includes(to);
  if (source === 'number') return target === 'number' || to === 'boolean' || to === 'rating';
  if (from === 'boolean') return ['number', 'integer'].includes(to);
  if (from === 'rating') return ['number', 'integer', 'percent'].includes(to);
  if (from === 'date') return to === 'datetime';
  return from === 'datetime' && (to === 'date' || to === 'time');
}

/** Whether some values may not survive: what cannot be read as the new type becomes empty. */
export function losesValues(from: FieldType, to: FieldType): boolean {
  if (from === to || to === 'longtext') return false;
  if (family(to) === 'text') return from === 'longtext';
  if (from === 'boolean' || from === 'rating' || from === 'date') return false;
  if (family(from) === 'number' && family(to) === 'number')
    return ['integer', 'duration'].includes(to) && !['integer', 'duration'].includes(from);
  return true;
}
