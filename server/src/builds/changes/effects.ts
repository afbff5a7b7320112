/** What a change does to rows that are there already, as queries that count them just before it is made. */
import type { Entity, Field } from '../../../../contract/spec.ts';
import type { SpecEffect } from '../../../../contract/spec-operations.ts';
import { losesValues } from '../spec/conversions.ts';
import { maxLengthOf } from '../spec/fields.ts';
import { isTextual } from '../spec/kinds.ts';
import { conversion } from './conversion.ts';
import { condition, notNull } from './sql.ts';

export interface CountedEffect extends Omit<SpecEffect, 'rows'> {
  /** gives one row with one number, `rows` */
  sql: string;
}

export const dropsTable = (entity: Entity, table: string): CountedEffect => ({
  kind: 'removes',
  what: entity.plural,
  sql: `SELECT count(*)::int AS rows FROM ${table}`,
});

/** @param field with the column that it has at that moment */
export const dropsColumn = (entity: Entity, field: Field, table: string): CountedEffect => ({
  kind: 'removes',
  what: `${field.name} of ${entity.plural}`,
  sql: `SELECT count(${field.column})::int AS rows FROM ${table}`,
});

/** What altering a column does. @param before with the column that it has at that moment */
export function altersColumn(entity: Entity, before: Field, after: Field, table: string): CountedEffect[] {
  const { column } = before;
  const what = `${after.name} of ${entity.plural}`;
  const counted = (kind: SpecEffect['kind'], where: string): CountedEffect => ({
    kind,
    what,
    sql: `SELECT count(*)::int AS rows FROM ${table} WHERE ${where}`,
  });
  const effects: CountedEffect[] = [];
  const typed = before.type !== after.type;
  if (typed && losesValues(before.type, after.type)) {
    const lost = isTextual(after)
      ? `char_length(${column}) > ${maxLengthOf(after)}`
      : `${column} IS NOT NULL AND (${conversion(before, after)}) IS NULL`;
    effects.push(counted(isTextual(after) ? 'cuts' : 'empties', lost));
  } else if (!typed) {
    const allowed = condition({ ...after, column, required: false });
    if (allowed && allowed !== condition({ ...before, required: false }))
      effects.push(counted(after.type === 'choice' && !after.required ? 'empties' : 'cuts', `NOT (${allowed})`));
  }
  if (notNull(after) && !notNull(before)) {
    const empty = isTextual(before) ? `(${column} IS NULL OR ${column} = '')` : `${column} IS NULL`;
    effects.push(counted('fills', empty));
  }
  if (after.unique && !before.unique)
    effects.push({
      kind: 'clashes',
      what,
      sql: `SELECT coalesce(sum(n), 0)::int AS rows FROM (SELECT count(*) AS n FROM ${table} WHERE ${column} IS NOT NULL GROUP BY ${column} HAVING count(*) > 1) AS doubles`,
    });
  return effects;
}

/** A field that must be filled in arrives: rows that are there get its plainest value. */
export const addsColumn = (entity: Entity, field: Field, table: string): CountedEffect[] =>
  notNull(field) && field.type !== 'boolean'
    ? [{ kind: 'fills', what: `${field.name} of ${entity.plural}`, sql: `SELECT count(*)::int AS rows FROM ${table}` }]
    : [];
