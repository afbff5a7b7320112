/** Rules that rows must keep: conditions, references, what must differ. */
import { checkedExpression } from './expressions.ts';
import type { Known } from './known.ts';
import { BUSY_ROWS, id, LOCKS, type Of, one, type Step } from './steps.ts';

export function addCheck(operation: Of<'add_check'>, known: Known): Step[] {
  known.columns(operation.table);
  return validated(
    operation.table,
    operation.name,
    `check (${checkedExpression(operation.check, 'condition')})`,
    known,
    LOCKS.brief,
  );
}

export function addReference(operation: Of<'add_reference'>, known: Known): Step[] {
  const { table, column, references } = operation;
  known.column(table, column);
  known.column(references.table, references.column);
  const clause = `foreign key (${id(column)}) references ${id(references.table)} (${id(references.column)}) on delete ${references.onDelete}`;
  return validated(table, operation.name, clause, known, LOCKS.both);
}

export function addUnique(operation: Of<'add_unique'>, known: Known): Step[] {
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

export function dropConstraint(operation: Of<'drop_constraint'>, known: Known): Step[] {
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
}

/** A rule on rows that are there: on a busy table it holds for new rows first, and the old ones are looked at while everybody works on. */
export function validated(table: string, name: string, clause: string, known: Known, locks: string): Step[] {
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
