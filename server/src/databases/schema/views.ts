/** Views: what they show is read with the rights of whoever asks. */
import { Refusal } from '../router/refusal.ts';
import { checkedSelect } from './expressions.ts';
import type { Known } from './known.ts';
import { id, LOCKS, type Of, one, type Step } from './steps.ts';

export function createView(operation: Of<'create_view'>, known: Known): Step[] {
  known.free(operation.name);
  known.setView(operation.name, true);
  return [
    one(
      'other',
      `view-${operation.name}`,
      [operation.name],
      `create view ${id(operation.name)} with (security_invoker = true) as ${checkedSelect(operation.select)}`,
      LOCKS.none,
    ),
  ];
}

export function dropView(operation: Of<'drop_view'>, known: Known): Step[] {
  if (!known.isView(operation.name)) throw new Refusal('unknown_table', `There is no view ${operation.name}.`);
  known.setView(operation.name, false);
  return [
    one('other', `drop-${operation.name}`, [operation.name], `drop view ${id(operation.name)}`, LOCKS.brief, {
      contract: true,
    }),
  ];
}
