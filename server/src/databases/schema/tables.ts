/** Tables: made, renamed, dropped. */
import { Refusal } from '../router/refusal.ts';
import { columnLine } from './columns.ts';
import type { Known } from './known.ts';
import { id, LOCKS, literal, type Of, one, type Step } from './steps.ts';

export function createTable({ table, columns, primaryKey, comment }: Of<'create_table'>, known: Known): Step[] {
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
    ...columns.map((column) => columnLine(column, known)),
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

export function renameTable(operation: Of<'rename_table'>, known: Known): Step[] {
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

export function dropTable(operation: Of<'drop_table'>, known: Known): Step[] {
  known.columns(operation.table);
  known.remove(operation.table);
  return [
    one('drop_table', `drop-${operation.table}`, [operation.table], `drop table ${id(operation.table)}`, LOCKS.brief, {
      destroys: `All rows of ${operation.table}`,
    }),
  ];
}
