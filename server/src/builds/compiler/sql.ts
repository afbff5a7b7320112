/** SQL for what is not a column: the name of the row that a reference points at, and the value of a computed field. */
import type { Entity, Field } from '../../../../contract/spec.ts';
import { literal } from '../changes/sql.ts';
import { type Formula, isMoments, parseFormula } from '../spec/formula.ts';
import { isDay, isStored, isTextual } from '../spec/kinds.ts';
import type { Context } from './context.ts';
import { displayOf, namesOf } from './names.ts';

const DEPTH = 3;

/**
 * The words that stand for a row, never empty.
 * @param row the table or its alias @param depth how many references were followed already
 */
export function labelSql(context: Context, entity: Entity, row: string, depth = 0): string {
  const ends = entity.link ? entity.fields.filter((field) => field.type === 'reference').slice(0, 2) : [];
  if (ends.length === 2 && depth < DEPTH)
    return `concat_ws(' – ', ${ends.map((end) => referenceSql(context, end, row, depth)).join(', ')})`;
  return `coalesce(${textSql(context, displayOf(entity), row, depth)}, ${literal(context.words.untitled)})`;
}

/** The words of the row that a reference points at, or NULL. */
export function referenceSql(context: Context, field: Field, row: string, depth = 0): string {
  const target = context.entity(field.target!);
  const alias = `r${depth + 1}`;
  return `(SELECT ${labelSql(context, target, alias, depth + 1)} FROM ${namesOf(target).table} ${alias} WHERE ${alias}.id = ${row}.${field.column})`;
}

function textSql(context: Context, field: Field, row: string, depth: number): string {
  const column = `${row}.${field.column}`;
  if (isTextual(field)) return `nullif(${column}, '')`;
  switch (field.type) {
    case 'choice':
      return `CASE ${column} ${field.choices!.map(({ value, label }) => `WHEN ${literal(value)} THEN ${literal(label)}`).join(' ')} END`;
    case 'date':
      return `to_char(${column}, 'YYYY-MM-DD')`;
    case 'datetime':
      return `to_char(${column}, 'YYYY-MM-DD HH24:MI')`;
    case 'time':
      return `to_char(${column}, 'HH24:MI')`;
    case 'reference':
      return depth < DEPTH ? referenceSql(context, field, row, depth) : `${column}::text`;
    default:
      return `${column}::text`;
  }
}

/** The value of a computed field. @param row the table or its alias */
export function computedSql(context: Context, entity: Entity, field: Field, row: string): string {
  const count = { aliases: 0 };
  return `(${valueSql(context, entity, field, row, count)})::numeric`;
}

interface Count {
  aliases: number;
}

function valueSql(context: Context, entity: Entity, field: Field, row: string, count: Count): string {
  // as exact numbers throughout: whole ones could overflow in between
  if (isStored(field))
    return field.type === 'boolean'
      ? `${row}.${field.column}::int::numeric`
      : isDay(field)
        ? `${row}.${field.column}`
        : `${row}.${field.column}::numeric`;
  const parsed = parseFormula(field.formula!, context.spec, entity);
  if ('problem' in parsed) throw new Error(`${field.name}: ${parsed.problem}`);
  return formulaSql(context, entity, parsed.formula, row, count);
}

function formulaSql(context: Context, entity: Entity, formula: Formula, row: string, count: Count): string {
  const inner = () => `t${++count.aliases}`;
  switch (formula.kind) {
    case 'number':
      return `${formula.value}::numeric`;
    case 'today':
      return 'CURRENT_DATE';
    case 'field':
      return valueSql(context, entity, formula.field, row, count);
    case 'through': {
      const alias = inner();
      const value = valueSql(context, formula.entity, formula.field, alias, count);
      return `(SELECT ${value} FROM ${namesOf(formula.entity).table} ${alias} WHERE ${alias}.id = ${row}.${formula.reference.column})`;
    }
    case 'total': {
      const alias = inner();
      const value = formula.field ? valueSql(context, formula.entity, formula.field, alias, count) : '*';
      const from = `FROM ${namesOf(formula.entity).table} ${alias} WHERE ${alias}.${formula.by.column} = ${row}.id`;
      const total = `(SELECT ${formula.total}(${value}) ${from})`;
      return formula.total === 'sum' ? `coalesce(${total}, 0)` : total;
    }
    case 'negative':
      return `-(${formulaSql(context, entity, formula.of, row, count)})`;
    case 'operation': {
      const [left, right] = [formula.left, formula.right].map((part) => formulaSql(context, entity, part, row, count));
      if (formula.sign === '/') return `((${left})::numeric / nullif(${right}, 0))`;
      if (formula.sign === '-' && isMoments(formula.left)) return `(extract(epoch FROM (${left} - ${right})) / 60)`;
      return `(${left} ${formula.sign} ${right})`;
    }
  }
}
