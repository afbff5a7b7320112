/**
 * What the rows that exist already get when a rule arrives. A field that must be filled in now gets its default, or else the plainest
 * value that is allowed: “Not set”, the number nearest to 0, today, the first choice, one star. Where every row must differ, the
 * rows are told apart. Values that no longer fit go to the nearest one that does.
 */
import type { Field } from '../../../../contract/spec.ts';
import { maxLengthOf } from '../spec/fields.ts';
import { isTextual } from '../spec/kinds.ts';
import { condition, defaultOf, literal, rangeOf } from './sql.ts';

const NOT_SET = 'Not set';

/** A statement that fills what is empty, for a field that must be filled in. */
export function fillEmpty(table: string, field: Field): string {
  const { column } = field;
  const empty = isTextual(field) ? `(${column} IS NULL OR ${column} = '')` : `${column} IS NULL`;
  if (!field.unique) return `UPDATE ${table} SET ${column} = ${emptyValue(field)} WHERE ${empty}`;
  if (isTextual(field)) {
    const length = maxLengthOf(field);
    const value = length >= 20 ? `'${NOT_SET} ' || right(id::text, 12)` : `right(id::text, ${Math.min(12, length)})`;
    return `UPDATE ${table} SET ${column} = ${value} WHERE ${empty}`;
  }
  const value =
    field.type === 'date'
      ? 'CURRENT_DATE - counted.position::integer'
      : field.type === 'datetime' || field.type === 'time'
        ? `${emptyValue(field)} + counted.position * interval '1 minute'`
        : `coalesce((SELECT max(${column}) FROM ${table}), ${Number(emptyValue(field)) - 1}) + counted.position`;
  return `UPDATE ${table} SET ${column} = ${value}
FROM (SELECT id, row_number() OVER (ORDER BY id) AS position FROM ${table} WHERE ${empty}) AS counted
WHERE ${table}.id = counted.id AND ${table}.${column} IS NULL`;
}

/** The value of a row of which nothing is known. */
function emptyValue(field: Field): string {
  const given = defaultOf(field);
  if (given !== undefined) return given;
  switch (field.type) {
    case 'text':
    case 'longtext':
    case 'email':
    case 'phone':
    case 'url':
      return literal(NOT_SET.slice(0, maxLengthOf(field)));
    case 'datetime':
      return "date_trunc('minute', LOCALTIMESTAMP)";
    case 'time':
      return "time '00:00'";
    case 'date':
      return 'CURRENT_DATE';
    case 'boolean':
      return 'false';
    case 'choice':
      return literal(field.choices![0]!.value);
    default: {
      const { min, max } = rangeOf(field);
      return String(Math.min(Math.max(0, min ?? 0), max ?? Number.POSITIVE_INFINITY));
    }
  }
}

/** A statement that brings every value into what the field allows, or none where nothing can be outside. */
export function fitValues(table: string, field: Field): string | undefined {
  const allowed = condition({ ...field, required: false });
  if (!allowed) return undefined;
  const { column } = field;
  const update = (value: string) => `UPDATE ${table} SET ${column} = ${value} WHERE NOT (${allowed})`;
  if (isTextual(field)) return update(`left(${column}, ${maxLengthOf(field)})`);
  if (field.type === 'choice') return update(field.required ? emptyValue(field) : (defaultOf(field) ?? 'NULL'));
  const { min, max } = rangeOf(field);
  const low = min === undefined ? column : `greatest(${column}, ${min})`;
  return update(max === undefined ? low : `least(${low}, ${max})`);
}
