/** Columns: added, renamed, altered, dropped. On a busy table nobody waits while all rows are read, where that can be. */
import { columnTypes, type NewColumn } from '../../../../contract/schema-operations.ts';
import { Refusal } from '../router/refusal.ts';
import { checkedExpression } from './expressions.ts';
import type { Known } from './known.ts';
import { validated } from './rules.ts';
import { BUSY_ROWS, id, LOCKS, literal, type Of, one, type Step } from './steps.ts';

export function addColumn({ table, column }: Of<'add_column'>, known: Known): Step[] {
  const columns = known.columns(table);
  if (columns.has(column.name)) throw new Refusal('taken', `${table} has a column ${column.name} already.`);
  if (
    column.required &&
    column.default === undefined &&
    (known.rows(table) !== 0 || known.table(table)?.estimate === -1)
  )
    throw new Refusal(
      'needs_default',
      `${table} may have rows, and ${column.name} is required.`,
      'Give it a default, or add it without `required`.',
    );
  const line = columnLine(column, known);
  columns.add(column.name);
  // a default that differs from row to row has to be written into each of them
  const rewrites =
    column.default !== undefined &&
    /\(/.test(column.default) &&
    !/^\s*(now|current_date|current_timestamp)\b/i.test(column.default);
  const step = one(
    'add_column',
    `add-${table}-${column.name}`,
    [table, ...(column.references ? [column.references.table] : [])],
    `alter table ${id(table)} add column ${line}`,
    rewrites ? LOCKS.rewrite : column.references ? LOCKS.both : LOCKS.brief,
    { rewrites },
  );
  if (column.comment)
    step.statements.push(`comment on column ${id(table)}.${id(column.name)} is ${literal(column.comment)}`);
  return [step];
}

/** A column as `create table` and `add column` take it. */
export function columnLine(column: NewColumn, known: Known): string {
  const { references } = column;
  if (references) known.column(references.table, references.column);
  return [
    id(column.name),
    typeOf(column.type, known),
    column.default === undefined ? '' : `default (${checkedExpression(column.default, 'default')})`,
    column.required ? 'not null' : '',
    column.unique ? 'unique' : '',
    references ? `references ${id(references.table)} (${id(references.column)}) on delete ${references.onDelete}` : '',
    column.check === undefined ? '' : `check (${checkedExpression(column.check, 'condition')})`,
  ]
    .filter(Boolean)
    .join(' ');
}

const TYPE = /^([a-z][a-z_ ]*?[a-z])(\(\d{1,4}(?:, ?\d{1,3})?\))?((?:\[\])*)$/;

/** @throws Refusal when it is neither one of PostgreSQL’s plain types nor a list of values of the app */
export function typeOf(text: string, known: Known): string {
  const [, base = '', size = '', list = ''] = TYPE.exec(text.trim().toLowerCase()) ?? [];
  if ((columnTypes as readonly string[]).includes(base)) return `${base}${size}${list}`;
  const named = text.trim().replace(/\[\]$/, '');
  if (known.isEnum(named)) return `${id(named)}${text.trim().endsWith('[]') ? '[]' : ''}`;
  throw new Refusal('unknown_type', `There is no type ${text.slice(0, 60)}.`, `Types: ${columnTypes.join(', ')}.`);
}

export function alterColumn(operation: Of<'alter_column'>, known: Known): Step[] {
  const { table, column } = operation;
  known.column(table, column);
  const name = `alter-${table}-${column}`;
  const head = `alter table ${id(table)} alter column ${id(column)}`;
  const steps: Step[] = [];
  if (operation.type !== undefined) {
    const type = typeOf(operation.type, known);
    const using =
      operation.using === undefined
        ? `${id(column)}::${type}`
        : `(${checkedExpression(operation.using, 'conversion')})`;
    steps.push(
      one('alter_column', `${name}-type`, [table], `${head} type ${type} using ${using}`, LOCKS.rewrite, {
        rewrites: true,
        destroys: `What ${column} was before it became ${type}`,
      }),
    );
  }
  if (operation.default !== undefined)
    steps.push(
      one(
        'alter_column',
        `${name}-default`,
        [table],
        operation.default === null
          ? `${head} drop default`
          : `${head} set default (${checkedExpression(operation.default, 'default')})`,
        LOCKS.brief,
      ),
    );
  if (operation.required === false)
    steps.push(one('alter_column', `${name}-optional`, [table], `${head} drop not null`, LOCKS.brief));
  if (operation.required === true) {
    if (known.rows(table) < BUSY_ROWS)
      steps.push(
        one('alter_column', `${name}-required`, [table], `${head} set not null`, LOCKS.scan, { contract: true }),
      );
    else {
      // PostgreSQL takes a valid check as proof, so nobody waits while the rows are read
      const proof = `${table}_${column}_is_there`.slice(0, 63);
      steps.push(...validated(table, proof, `check (${id(column)} is not null)`, known, LOCKS.brief));
      const last = one('alter_column', `${name}-required`, [table], `${head} set not null`, LOCKS.brief, {
        contract: true,
      });
      last.statements.push(`alter table ${id(table)} drop constraint ${id(proof)}`);
      steps.push(last);
    }
  }
  if (steps.length === 0) throw new Refusal('nothing', `Nothing about ${column} would change.`);
  return steps;
}

export function renameColumn(operation: Of<'rename_column'>, known: Known): Step[] {
  const { table, column, to } = operation;
  known.column(table, column);
  if (known.columns(table).has(to)) throw new Refusal('taken', `${table} has a column ${to} already.`);
  known.columns(table).delete(column);
  known.columns(table).add(to);
  return [
    one(
      'rename_column',
      `rename-${table}-${column}`,
      [table],
      `alter table ${id(table)} rename column ${id(column)} to ${id(to)}`,
      LOCKS.brief,
      { contract: true },
    ),
  ];
}

export function dropColumn(operation: Of<'drop_column'>, known: Known): Step[] {
  const { table, column } = operation;
  known.column(table, column);
  known.columns(table).delete(column);
  return [
    one(
      'drop_column',
      `drop-${table}-${column}`,
      [table],
      `alter table ${id(table)} drop column ${id(column)}`,
      LOCKS.brief,
      { destroys: `What ${column} holds in every row of ${table}` },
    ),
  ];
}
