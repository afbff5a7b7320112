/** What the types of fields have in common: one table that the rules, the changes and the compiler ask instead of naming types. */
import type { ComputedResult, Field, FieldType } from '../../../../contract/spec.ts';

export const typeWords: Record<FieldType, string> = {
  text: 'text',
  longtext: 'long text',
  number: 'number',
  integer: 'whole number',
  money: 'amount of money',
  percent: 'percentage',
  boolean: 'yes or no',
  date: 'date',
  datetime: 'date and time',
  time: 'time of day',
  duration: 'duration',
  choice: 'choice',
  rating: 'rating',
  email: 'email address',
  phone: 'phone number',
  url: 'web address',
  image: 'picture',
  file: 'file',
  reference: 'link to another list',
  computed: 'computed value',
};

const of =
  (...types: FieldType[]) =>
  (field: Pick<Field, 'type'>): boolean =>
    types.includes(field.type);

/** Kept as text and searched. */
export const isTextual = of('text', 'longtext', 'email', 'phone', 'url');
/** May have a greatest length of its own. */
export const hasLength = of('text', 'longtext');
/** Kept as a number with a range. */
export const isNumeric = of('number', 'integer', 'money', 'percent', 'duration');
/** Kept as whole numbers. */
export const isWhole = of('integer', 'duration', 'rating');
/** Points at a row elsewhere: of another list, or a stored file. */
export const isPointer = of('reference', 'image', 'file');
export const isUpload = of('image', 'file');
/** Has a column in the table; a computed field has none. */
export const isStored = (field: Pick<Field, 'type'>): boolean => field.type !== 'computed';
/** May be required to differ in every row. */
export const mayBeUnique = of(
  'text',
  'number',
  'integer',
  'money',
  'date',
  'datetime',
  'time',
  'email',
  'phone',
  'url',
  'reference',
);
/** A list can be sorted by it. */
export const isSortable = (field: Pick<Field, 'type'>): boolean => !of('longtext', 'image', 'file')(field);
/** Shown right-aligned, and can be added up. */
export const isAmount = (field: Pick<Field, 'type'>): boolean => isNumeric(field) || field.type === 'computed';
/** A chart can count by it. */
export const isGroup = of('choice', 'boolean', 'rating', 'reference', 'date', 'datetime');
export const isDay = of('date', 'datetime');

/** How a number is shown, whatever keeps it. */
export function numberKind(field: Pick<Field, 'type' | 'result'>): ComputedResult | undefined {
  if (field.type === 'computed') return field.result ?? 'number';
  return isNumeric(field) ? (field.type as ComputedResult) : undefined;
}

export const DEFAULT_CURRENCY = 'EUR';
