/** What a field is in PostgreSQL: its type, its rules as named constraints, and its default. All names are safe without quotes. */
import type { Field } from '../../../../contract/spec.ts';
import { maxLengthOf, starsOf } from '../spec/fields.ts';

/** A literal. Line breaks are escaped, so a statement never holds a blank line of somebody else's. */
export function literal(value: string | number | boolean): string {
  if (typeof value !== 'string') return String(value);
  const body = value.replaceAll("'", "''");
  if (!/[\\\n\r]/.test(body)) return `'${body}'`;
  return `E'${body.replaceAll('\\', '\\\\').replaceAll('\n', '\\n').replaceAll('\r', '\\r')}'`;
}

/** The type of a field's column. */
export function sqlType(field: Pick<Field, 'type'>): string {
  switch (field.type) {
    case 'number':
      return 'numeric';
    case 'integer':
    case 'rating':
      return 'integer';
    case 'boolean':
      return 'boolean';
    case 'date':
      return 'date';
    default:
      return 'text';
  }
}

export const isText = (field: Pick<Field, 'type'>): boolean => field.type === 'text' || field.type === 'longtext';

/** Whether the column refuses NULL. A yes or no always has an answer. */
export const notNull = (field: Field): boolean => field.required || field.type === 'boolean';

/** The smallest and largest value of a field that has numbers. */
export function rangeOf(field: Field): { min: number | undefined; max: number | undefined } {
  if (field.type === 'rating') return { min: 1, max: starsOf(field) };
  return { min: field.min, max: field.max };
}

/** The condition that the rows of a column fulfil, or none. */
export function condition(field: Field): string | undefined {
  const { column } = field;
  if (isText(field))
    return field.required
      ? `char_length(${column}) BETWEEN 1 AND ${maxLengthOf(field)}`
      : `char_length(${column}) <= ${maxLengthOf(field)}`;
  if (field.type === 'choice')
    return `${column} IN (${field.choices!.map((choice) => literal(choice.value)).join(', ')})`;
  const { min, max } = rangeOf(field);
  if (min !== undefined && max !== undefined) return `${column} BETWEEN ${min} AND ${max}`;
  if (min !== undefined) return `${column} >= ${min}`;
  return max === undefined ? undefined : `${column} <= ${max}`;
}

/** The default of a column, as an expression. */
export function defaultOf(field: Field): string | undefined {
  if (field.default === undefined) return undefined;
  return field.type === 'date' && field.default === 'today' ? 'CURRENT_DATE' : literal(field.default);
}

export const checkName = (table: string, column: string): string => `${table}_${column}_check`;
export const uniqueName = (table: string, column: string): string => `${table}_${column}_key`;
export const primaryName = (table: string): string => `${table}_pkey`;
