/**
 * Structured operations as SQL: in steps, each a transaction of its own where one that waited for the other would block a busy table. With each
 * statement goes what it locks, whether it writes the table anew, and what it destroys. The locks are those of PostgreSQL's manual, "Explicit Locking" and
 * "ALTER TABLE". Long because each operation stands here once, with its locks beside its SQL.
 */
import pg from 'pg';
import {
  columnTypes,
  type NewColumn,
  type SchemaEffect,
  type SchemaOperation,
} from '../../../../contract/schema-operations.ts';
import type { Catalog } from '../router/catalog.ts';
import { Refusal } from '../router/refusal.ts';
import { checkedExpression, checkedSelect } from './expressions.ts';
import { Known } from './known.ts';

const id = pg.escapeIdentifier;
const literal = pg.escapeLiteral;

/** Above so many rows a table counts as busy: what would hold it for long is taken apart. */
const BUSY_ROWS = 10_000;

export type SchemaAction =
  | 'create_table'
  | 'rename_table'
  | 'drop_table'
  | 'add_column'
  | 'rename_column'
  | 'alter_column'
  | 'drop_column'
  | 'other';

export interface Step {
  action: SchemaAction;
  /** for the change's id: add-customers-points */
  name: string;
  tables: string[];
  statements: string[];
  effects: SchemaEffect[];
  destructive: boolean;
  phase: 'expand' | 'contract';
  /** not in a transaction, so that nobody waits */
  concurrently: boolean;
}

const LOCKS = {
  none: 'Nobody waits',
  brief: 'Everybody on this table waits for a moment',
  scan: 'Everybody on this table waits while all rows are read',
  rewrite: 'Everybody on this table waits while it is written anew',
  writers: 'Whoever writes to this table waits while the index is built',
  both: 'Whoever writes to either table waits for a moment',
};

/**
 * @param catalog what the chat's draft has
 * @throws Refusal which names what cannot be
 */
export function stepsOf(operations: readonly SchemaOperation[], catalog: Catalog): Step[] {
  const known = new Known(catalog);
  const enums = new Set<string>();
  return operations.flatMap((operation) => stepsFor(operation, known, enums));
}

type Of<O extends SchemaOperation['op']> = Extract<SchemaOperation, { op: O }>;

const one = (
  action: SchemaAction,
  name: string,
  tables: string[],
  statement: string,
  locks: string,
  more: { rewrites?: boolean; destroys?: string; concurrently?: boolean; contract?: boolean } = {},
): Step => ({
  action,
  name: name.replaceAll('_', '-').slice(0, 60),
  tables,
  statements: [statement],
  effects: [{ statement, tables, locks, rewrites: more.rewrites ?? false, destroys: more.destroys ?? null }],
  destructive: more.destroys !== undefined,
  phase: more.contract || more.destroys !== undefined ? 'contract' : 'expand',
  concurrently: more.concurrently ?? false,
});

function stepsFor(operation: SchemaOperation, known: Known, enums: Set<string>): Step[] {
  const { op } = operation;
  switch (op) {
    case 'create_table':
      return createTable(operation, known, enums);
    case 'rename_table': {
      const columns = known.columns(operation.table);
      known.free(operation.to);
      known.remove(operation.table);
      known.make(operation.to, columns);
      return [
        one(
          'rename_table',
          `rename-${operation.table}`,
          [operation.table, operation.to],
          `alter table ${id(operation.table)} rename to ${id(operation.to)}`,
          LOCKS.brief,
          { contract: true },
        ),
      ];
    }
    case 'drop_table':
      known.columns(operation.table);
      known.remove(operation.table);
      return [
        one(
          'drop_table',
          `drop-${operation.table}`,
          [operation.table],
          `drop table ${id(operation.table)}`,
          LOCKS.brief,
          { destroys: `All rows of ${operation.table}` },
        ),
      ];
    case 'add_column':
      return addColumn(operation, known, enums);
    case 'rename_column': {
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
    case 'alter_column':
      return alterColumn(operation, known, enums);
    case 'drop_column': {
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
    case 'add_check':
      known.columns(operation.table);
      return validated(
        operation.table,
        operation.name,
        `check (${checkedExpression(operation.check, 'condition')})`,
        known,
        LOCKS.brief,
      );
    case 'add_reference': {
      const { table, column, references } = operation;
      known.column(table, column);
      known.column(references.table, references.column);
      const clause = `foreign key (${id(column)}) references ${id(references.table)} (${id(references.column)}) on delete ${references.onDelete}`;
      return validated(table, operation.name, clause, known, LOCKS.both);
    }
    case 'add_unique': {
      const { table, name, columns } = operation;
      for (const column of columns) known.column(table, column);
      const list = columns.map(id).join(', ');
      if (known.rows(table) < BUSY_ROWS)
        return [
          one(
            'other',
            `unique-${table}`,
            [table],
            `alter table ${id(table)} add constraint ${id(name)} unique (${list})`,
            LOCKS.writers,
          ),
        ];
      return [
        one(
          'other',
          `unique-${table}-index`,
          [table],
          `create unique index concurrently ${id(name)} on ${id(table)} (${list})`,
          LOCKS.none,
          { concurrently: true },
        ),
        one(
          'other',
          `unique-${table}`,
          [table],
          `alter table ${id(table)} add constraint ${id(name)} unique using index ${id(name)}`,
          LOCKS.brief,
        ),
      ];
    }
    case 'drop_constraint':
      known.columns(operation.table);
      return [
        one(
          'other',
          `drop-${operation.name}`,
          [operation.table],
          `alter table ${id(operation.table)} drop constraint ${id(operation.name)}`,
          LOCKS.brief,
          { contract: true },
        ),
      ];
    case 'create_index':
      return [createIndex(operation, known)];
    case 'drop_index':
      return [
        one('other', `drop-${operation.name}`, [], `drop index ${id(operation.name)}`, LOCKS.brief, { contract: true }),
      ];
    case 'create_enum':
      enums.add(operation.name);
      return [
        one(
          'other',
          `list-${operation.name}`,
          [],
          `create type ${id(operation.name)} as enum (${operation.values.map(literal).join(', ')})`,
          LOCKS.none,
        ),
      ];
    case 'add_enum_value':
      if (!known.isEnum(operation.name))
        throw new Refusal('unknown_type', `There is no list of values ${operation.name}.`);
      return [
        one(
          'other',
          `list-${operation.name}`,
          [],
          `alter type ${id(operation.name)} add value if not exists ${literal(operation.value)}`,
          LOCKS.none,
        ),
      ];
    case 'create_view':
      known.free(operation.name);
      known.remove(operation.name);
      return [
        one(
          'other',
          `view-${operation.name}`,
          [operation.name],
          `create view ${id(operation.name)} with (security_invoker = true) as ${checkedSelect(operation.select)}`,
          LOCKS.none,
        ),
      ];
    case 'drop_view':
      if (known.table(operation.name)?.kind !== 'view')
        throw new Refusal('unknown_table', `There is no view ${operation.name}.`);
      return [
        one('other', `drop-${operation.name}`, [operation.name], `drop view ${id(operation.name)}`, LOCKS.brief, {
          contract: true,
        }),
      ];
    case 'comment': {
      const { table, column, text } = operation;
      if (column) known.column(table, column);
      else known.columns(table);
      const target = column ? `column ${id(table)}.${id(column)}` : `table ${id(table)}`;
      return [one('other', `comment-${table}`, [table], `comment on ${target} is ${literal(text)}`, LOCKS.none)];
    }
  }
}

function createTable(
  { table, columns, primaryKey, comment }: Of<'create_table'>,
  known: Known,
  enums: Set<string>,
): Step[] {
  known.free(table);
  const names = columns.map(({ name }) => name);
  const twice = names.find((name, at) => names.indexOf(name) !== at);
  if (twice) throw new Refusal('taken', `${table} would have two columns ${twice}.`);
  const missing = primaryKey?.find((name) => !names.includes(name));
  if (missing) throw new Refusal('unknown_column', `${table} has no column ${missing} for its key.`);
  const key = primaryKey ?? ['id'];
  const own = primaryKey || names.includes('id') ? [] : ['id uuid default uuidv7()'];
  known.make(table, [...(own.length > 0 ? ['id'] : []), ...names]);
  const lines = [
    ...own,
    ...columns.map((column) => columnLine(column, known, enums)),
    `primary key (${key.map(id).join(', ')})`,
  ];
  const referenced = columns.flatMap(({ references }) => references?.table ?? []);
  const step = one(
    'create_table',
    `create-${table}`,
    [table],
    `create table ${id(table)} (\n  ${lines.join(',\n  ')}\n)`,
    referenced.length > 0 ? `Whoever writes to ${referenced.join(', ')} waits for a moment` : LOCKS.none,
  );
  const remarks = [
    ...(comment ? [`comment on table ${id(table)} is ${literal(comment)}`] : []),
    ...columns.flatMap((column) =>
      column.comment ? [`comment on column ${id(table)}.${id(column.name)} is ${literal(column.comment)}`] : [],
    ),
  ];
  step.statements.push(...remarks);
  return [step];
}

function addColumn({ table, column }: Of<'add_column'>, known: Known, enums: Set<string>): Step[] {
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
  const line = columnLine(column, known, enums);
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

function columnLine(column: NewColumn, known: Known, enums: Set<string>): string {
  const { references } = column;
  if (references) known.column(references.table, references.column);
  return [
    id(column.name),
    typeOf(column.type, known, enums),
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

function typeOf(text: string, known: Known, enums: Set<string>): string {
  const [, base = '', size = '', list = ''] = TYPE.exec(text.trim().toLowerCase()) ?? [];
  if ((columnTypes as readonly string[]).includes(base)) return `${base}${size}${list}`;
  const named = text.trim().replace(/\[\]$/, '');
  if (enums.has(named) || known.isEnum(named)) return `${id(named)}${text.trim().endsWith('[]') ? '[]' : ''}`;
  throw new Refusal('unknown_type', `There is no type ${text.slice(0, 60)}.`, `Types: ${columnTypes.join(', ')}.`);
}

function alterColumn(operation: Of<'alter_column'>, known: Known, enums: Set<string>): Step[] {
  const { table, column } = operation;
  known.column(table, column);
  const name = `alter-${table}-${column}`;
  const head = `alter table ${id(table)} alter column ${id(column)}`;
  const steps: Step[] = [];
  if (operation.type !== undefined) {
    const type = typeOf(operation.type, known, enums);
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

/** A rule on rows that are there: on a busy table it holds for new rows first, and the old ones are looked at while everybody works on. */
function validated(table: string, name: string, clause: string, known: Known, locks: string): Step[] {
  const add = `alter table ${id(table)} add constraint ${id(name)} ${clause}`;
  if (known.rows(table) < BUSY_ROWS) return [one('other', `rule-${table}`, [table], add, LOCKS.scan)];
  return [
    one('other', `rule-${table}`, [table], `${add} not valid`, locks),
    one(
      'other',
      `rule-${table}-valid`,
      [table],
      `alter table ${id(table)} validate constraint ${id(name)}`,
      LOCKS.none,
    ),
  ];
}

function createIndex({ table, name, columns, unique, method, where }: Of<'create_index'>, known: Known): Step {
  for (const column of columns) known.column(table, column);
  const busy = known.rows(table) >= BUSY_ROWS;
  const condition = where === undefined ? '' : ` where (${checkedExpression(where, 'condition')})`;
  const statement = `create ${unique ? 'unique ' : ''}index ${busy ? 'concurrently ' : ''}${id(name)} on ${id(table)} using ${method} (${columns.map(id).join(', ')})${condition}`;
  return one('other', `index-${name}`, [table], statement, busy ? LOCKS.none : LOCKS.writers, { concurrently: busy });
}
