/** Indexes; on a busy table they are built while others write. */
import { checkedExpression } from './expressions.ts';
import type { Known } from './known.ts';
import { BUSY_ROWS, id, LOCKS, type Of, one, type Step } from './steps.ts';

export function createIndex({ table, name, columns, unique, method, where }: Of<'create_index'>, known: Known): Step[] {
  for (const column of columns) known.column(table, column);
  const busy = known.rows(table) >= BUSY_ROWS;
  const condition = where === undefined ? '' : ` where (${checkedExpression(where, 'condition')})`;
  const statement = `create ${unique ? 'unique ' : ''}index ${busy ? 'concurrently ' : ''}${id(name)} on ${id(table)} using ${method} (${columns.map(id).join(', ')})${condition}`;
  return [one('other', `index-${name}`, [table], statement, busy ? LOCKS.none : LOCKS.writers, { concurrently: busy })];
}

export function dropIndex(operation: Of<'drop_index'>, _known: Known): Step[] {
  return [
    one('other', `drop-${operation.name}`, [], `drop index ${id(operation.name)}`, LOCKS.brief, { contract: true }),
  ];
}
