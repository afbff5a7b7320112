/** How a column's values become another type. What cannot be read as the new type becomes empty, and never stops the change. */
import type { Field } from '../../../../contract/spec.ts';
import { maxLengthOf, starsOf } from '../spec/fields.ts';
import { isText, literal, sqlType } from './sql.ts';

/** The expression for `USING`. @param before with the column's present name; both fields are of a convertible pair */
export function conversion(before: Field, after: Field): string {
  const { column } = before;
  if (isText(after)) return `left(${asText(before)}, ${maxLengthOf(after)})`;
  if (isText(before)) return fromText(column, after);
  if (before.type === 'boolean') return `CASE WHEN ${column} THEN 1 ELSE 0 END`;
  if (after.type === 'boolean') return `coalesce(${column} <> 0, false)`;
  if (after.type === 'rating')
    return `CASE WHEN ${column} BETWEEN 1 AND ${starsOf(after)} THEN round(${column})::integer END`;
  if (after.type === 'integer' && before.type === 'number')
    return `CASE WHEN abs(${column}) < 2147483647 THEN round(${column})::integer END`;
  return `${column}::${sqlType(after)}`;
}

function asText({ column, type, choices }: Field): string {
  if (type === 'boolean') return `CASE WHEN ${column} THEN 'Yes' ELSE 'No' END`;
  if (type !== 'choice') return `${column}::text`;
  return `CASE ${column} ${choices!.map(({ value, label }) => `WHEN ${literal(value)} THEN ${literal(label)}`).join(' ')} END`;
}

function fromText(column: string, after: Field): string {
  const text = `btrim(${column})`;
  switch (after.type) {
    case 'number':
      return `CASE WHEN ${text} ~ '^[+-]?[0-9]{1,15}([.][0-9]{1,15})?$' THEN ${text}::numeric END`;
    case 'integer':
      return `CASE WHEN ${text} ~ '^[+-]?[0-9]{1,9}$' THEN ${text}::integer END`;
    case 'rating':
      return `CASE WHEN ${text} ~ '^([1-9]|10)$' THEN least(${text}::integer, ${starsOf(after)}) END`;
    case 'boolean':
      return `coalesce(lower(${text}) IN ('yes', 'y', 'true', 'on', 'x', '1', 'done'), false)`;
    case 'date':
      return `CASE WHEN ${text} ~ '^[0-9]{4}-[0-9]{2}-[0-9]{2}$' AND pg_input_is_valid(${text}, 'date') THEN ${text}::date END`;
    default: {
      const cases = after.choices!.map(
        ({ value, label }) =>
          `WHEN lower(${text}) IN (lower(${literal(label)}), ${literal(value)}) THEN ${literal(value)}`,
      );
      return `CASE ${cases.join(' ')} END`;
    }
  }
}
