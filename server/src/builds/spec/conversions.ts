/** Which types of a field can become which, keeping what the rows hold; the others are refused in favour of a new field. */
import type { FieldType } from '../../../../contract/spec.ts';

const convertible: Record<FieldType, FieldType[]> = {
  text: ['longtext', 'number', 'integer', 'boolean', 'date', 'choice', 'rating'],
  longtext: ['text', 'number', 'integer', 'boolean', 'date', 'choice', 'rating'],
  number: ['text', 'longtext', 'integer', 'boolean', 'rating'],
  integer: ['text', 'longtext', 'number', 'boolean', 'rating'],
  boolean: ['text', 'longtext', 'number', 'integer'],
  date: ['text', 'longtext'],
  choice: ['text', 'longtext'],
  rating: ['text', 'longtext', 'number', 'integer'],
};

/** Whether the rows' values can be carried over. */
export const canConvert = (from: FieldType, to: FieldType): boolean => from === to || convertible[from].includes(to);

/** Whether some values may not survive: what cannot be read as the new type becomes empty. */
export function losesValues(from: FieldType, to: FieldType): boolean {
  if (from === to || to === 'longtext') return false;
  if (to === 'text') return from === 'longtext';
  if (from === 'boolean' || from === 'rating') return false;
  return !(from === 'integer' && to === 'number');
}
