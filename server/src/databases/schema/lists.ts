/** Lists of values, and remarks on what there is. */
import { Refusal } from '../router/refusal.ts';
import type { Known } from './known.ts';
import { id, LOCKS, literal, type Of, one, type Step } from './steps.ts';

export function createEnum(operation: Of<'create_enum'>, known: Known): Step[] {
  known.makeEnum(operation.name);
  return [
    one(
      'other',
      `list-${operation.name}`,
      [],
      `create type ${id(operation.name)} as enum (${operation.values.map(literal).join(', ')})`,
      LOCKS.none,
    ),
  ];
}

export function addEnumValue(operation: Of<'add_enum_value'>, known: Known): Step[] {
  if (!known.isEnum(operation.name)) throw new Refusal('unknown_type', `There is no list of values ${operation.name}.`);
  return [
    one(
      'other',
      `list-${operation.name}`,
      [],
      `alter type ${id(operation.name)} add value if not exists ${literal(operation.value)}`,
      LOCKS.none,
    ),
  ];
}

export function remark(operation: Of<'comment'>, known: Known): Step[] {
  const { table, column, text } = operation;
  if (column) known.column(table, column);
  else known.columns(table);
  const target = column ? `column ${id(table)}.${id(column)}` : `table ${id(table)}`;
  return [one('other', `comment-${table}`, [table], `comment on ${target} is ${literal(text)}`, LOCKS.none)];
}
