/** What a field is in PostgreSQL: its type, its rules as named constraints, and its default. All names are safe without quotes. */
import type { Field } from '../../../../contract/spec.ts';
import { maxLengthOf, starsOf } from '../spec/fields.ts';
import { isPointer, isTextual, isUpload } from '../spec/kinds.ts';

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
    case 'money':
    case 'percent':
      return 'numeric';
    case 'integer':
    case 'duration':
    case 'rating':
      return 'integer';
    case 'boolean':
      return 'boolean';
    case 'date':
      return 'date';
    case 'datetime':
      return 'timestamp(0)';
    case 'time':
      return 'time(0)';
    case 'reference':
    case 'image':
    case 'file':
      return 'uuid';
    default:
      return 'text';
  }
}

/**
 * Whether the column refuses NULL. A yes or no always has an answer. A pointer may be empty in the database whatever the form asks for:
 * rows that exist when it becomes required have nothing to point at.
 */
export const notNull = (field: Field): boolean => (field.required && !isPointer(field)) || field.type === 'boolean';

/** The smallest and largest value of a field that has numbers. */
export function rangeOf(field: Field): { min: number | undefined; max: number | undefined } {
  if (field.type === 'rating') return { min: 1, max: starsOf(field) };
  if (field.type === 'duration') return { min: field.min ?? 0, max: field.max };
  return { min: field.min, max: field.max };
}

/** The condition that the rows of a column fulfil, or none. */
export function condition(field: Field): string | undefined {
  const { column } = field;
  if (isTextual(field))
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
  if (field.type === 'date' && field.default === 'today') return 'CURRENT_DATE';
  if (field.type === 'datetime' && field.default === 'now') return "date_trunc('minute', LOCALTIMESTAMP)";
  if (field.type === 'time' && field.default === 'now') return 'LOCALTIME(0)';
  return literal(field.default);
}

/** Where files are kept, and who uses an app that has roles: tables of the app that no entity has. */
export const FILES_TABLE = 'stored_files';
export const PEOPLE_TABLE = 'app_people';

/** The table that a pointer points at. @param tableOf the table of an entity, by its id */
export const targetOf = (field: Field, tableOf: (entityId: string) => string): string =>
  isUpload(field) ? FILES_TABLE : tableOf(field.target!);

/** What the database does when the row that is pointed at goes. Deferrable, so that rows can be copied in any order. */
export function foreignKey(field: Field, target: string): string {
  const action = { clear: ' ON DELETE SET NULL', refuse: '', delete: ' ON DELETE CASCADE' }[field.onDelete ?? 'clear'];
  return `FOREIGN KEY (${field.column}) REFERENCES ${target} (id)${action} DEFERRABLE`;
}

export const foreignName = (table: string, column: string): string => `${table}_${column}_fkey`;
export const indexName = (table: string, column: string): string => `${table}_${column}_idx`;
export const pairName = (table: string): string => `${table}_pair_key`;
export const checkName = (table: string, column: string): string => `${table}_${column}_check`;
export const uniqueName = (table: string, column: string): string => `${table}_${column}_key`;
export const primaryName = (table: string): string => `${table}_pkey`;
