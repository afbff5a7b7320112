/** How a column's values become another type. What cannot be read as the new type becomes empty, and never stops the change. */
import type { Field } from '../../../../contract/spec.ts';
import { maxLengthOf, starsOf } from '../spec/fields.ts';
import { isTextual } from '../spec/kinds.ts';
import { literal, sqlType } from './sql.ts';

/** The expression for `USING`. @param before with the column's present name; both fields are of a convertible pair */
export function conversion(before: Field, after: Field): string {
  const { column } = before;
  if (isTextual(after)) return `left(${asText(before)}, ${maxLengthOf(after)})`;
  if (isTextual(before)) return fromText(column, after);
  if (before.type === 'boolean') return `CASE WHEN ${column} THEN 1 ELSE 0 END`;
  if (after.type === 'boolean') return `coalesce(${column} <> 0, false)`;
  if (after.type === 'rating')
    return `CASE WHEN ${column} BETWEEN 1 AND ${starsOf(after)} THEN round(${column})::integer END`;
  const whole = sqlType(after) === 'integer' && sqlType(before) === 'numeric';
  if (whole) return `CASE WHEN abs(${column}) < 2147483647 THEN round(${column})::integer END`;
  return `${column}::${sqlType(after)}`;
}

/** How a value is written where its column becomes a text. */
export function asText({ column, type, choices }: Field): string {
  switch (type) {
    case 'boolean':
      return `CASE WHEN ${column} THEN 'Yes' ELSE 'No' END`;
    case 'choice':
      return `CASE ${column} ${choices!.map(({ value, label }) => `WHEN ${literal(value)} THEN ${literal(label)}`).join(' ')} END`;
    case 'datetime':
      return `to_char(${column}, 'YYYY-MM-DD HH24:MI')`;
    case 'time':
      return `to_char(${column}, 'HH24:MI')`;
    case 'duration':
      return `(${column} / 60)::text || ':' || lpad((${column} % 60)::text, 2, '0')`;
    default:
      return `${column}::text`;
  }
}

const DAY = '[0-9]{4}-[0-9]{2}-[0-9]{2}';
const CLOCK = '[0-9]{1,2}:[0-9]{2}';

function fromText(column: string, after: Field): string {
  const text = `btrim(${column})`;
  const when = (pattern: string, value: string, also = '') =>
    `CASE WHEN ${text} ~ '^${pattern}$'${also} THEN ${value} END`;
  const valid = (type: string) => ` AND pg_input_is_valid(${text}, '${type}')`;
  switch (after.type) {
    case 'number':
      return when('[+-]?[0-9]{1,15}([.][0-9]{1,15})?', `${text}::numeric`);
    case 'money':
    case 'percent': {
      // with a sign of the currency or of per cent, and with a comma before the cents
      const bare = `regexp_replace(${column}, '[^0-9.,+-]', '', 'g')`;
      return `CASE WHEN ${bare} ~ '^[+-]?[0-9]{1,15}([.,][0-9]{1,4})?$' THEN replace(${bare}, ',', '.')::numeric END`;
    }
    case 'integer':
      return when('[+-]?[0-9]{1,9}', `${text}::integer`);
    case 'duration':
      return `CASE WHEN ${text} ~ '^[0-9]{1,5}:[0-5][0-9]$' THEN split_part(${text}, ':', 1)::integer * 60 + split_part(${text}, ':', 2)::integer WHEN ${text} ~ '^[0-9]{1,7}$' THEN ${text}::integer END`;
    case 'rating':
      return when('([1-9]|10)', `least(${text}::integer, ${starsOf(after)})`);
    case 'boolean':
      return `coalesce(lower(${text}) IN ('yes', 'y', 'true', 'on', 'x', '1', 'done'), false)`;
    case 'date':
      return when(DAY, `${text}::date`, valid('date'));
    case 'datetime':
      return when(`${DAY}([ T]${CLOCK})?`, `${text}::timestamp(0)`, valid('timestamp'));
    case 'time':
      return when(CLOCK, `${text}::time(0)`, valid('time'));
    default: {
      const cases = after.choices!.map(
        ({ value, label }) =>
          `WHEN lower(${text}) IN (lower(${literal(label)}), ${literal(value)}) THEN ${literal(value)}`,
      );
      return `CASE ${cases.join(' ')} END`;
    }
  }
}
