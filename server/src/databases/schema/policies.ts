/**
 * Row security: which rows of a table the app and whoever else asks may see and change. It is decided by the table's own columns and by who is
 * connected, never by a setting, which whoever is connected could change.
 */
import { Refusal } from '../router/refusal.ts';
import { checkedExpression } from './expressions.ts';
import type { Known } from './known.ts';
import { id, LOCKS, type Of, one, type Step } from './steps.ts';

export function enableRowSecurity({ table }: Of<'enable_row_security'>, known: Known): Step[] {
  known.columns(table);
  const statement = `alter table ${id(table)} enable row level security`;
  return [
    one('other', `row-security-${table}`, [table], statement, LOCKS.brief, {
      asks: `From then on the app sees only those rows of ${table} that a policy lets through: without a policy none`,
      contract: true,
    }),
  ];
}

export function disableRowSecurity({ table }: Of<'disable_row_security'>, known: Known): Step[] {
  known.columns(table);
  const statement = `alter table ${id(table)} disable row level security`;
  return [
    one('other', `no-row-security-${table}`, [table], statement, LOCKS.brief, {
      asks: `All rows of ${table} can be seen then, also those that policies hide`,
    }),
  ];
}

export function createPolicy(operation: Of<'create_policy'>, known: Known): Step[] {
  const { table, name, for: command, using, check } = operation;
  known.columns(table);
  if (known.access.policies.has(`${table}.${name}`))
    throw new Refusal('taken', `${table} has a policy ${name} already.`, 'Drop it first, in the same batch.');
  if (command === 'insert' ? using !== undefined || check === undefined : using === undefined)
    throw new Refusal(
      'policy',
      command === 'insert'
        ? 'A policy for insert has a check, and no using: there is no row yet to look at.'
        : `A policy for ${command} has a using: the condition that rows must meet.`,
    );
  if (check !== undefined && (command === 'select' || command === 'delete'))
    throw new Refusal('policy', `A policy for ${command} has no check: it makes no new rows.`);
  known.access.policies.add(`${table}.${name}`);
  const clauses = [
    using === undefined ? '' : ` using (${checkedExpression(using, 'condition', 'who')})`,
    check === undefined ? '' : ` with check (${checkedExpression(check, 'condition', 'who')})`,
  ];
  const statement = `create policy ${id(name)} on ${id(table)} for ${command}${clauses.join('')}`;
  const what =
    command === 'all'
      ? 'seen and changed'
      : { select: 'seen', insert: 'added', update: 'changed', delete: 'deleted' }[command];
  return [
    one('other', `policy-${table}-${name}`, [table], statement, LOCKS.brief, {
      asks: `It decides which rows of ${table} can be ${what}`,
    }),
  ];
}

export function dropPolicy({ table, name }: Of<'drop_policy'>, known: Known): Step[] {
  known.columns(table);
  if (!known.access.policies.delete(`${table}.${name}`))
    throw new Refusal('unknown_policy', `${table} has no policy ${name}.`);
  return [
    one('other', `drop-policy-${table}-${name}`, [table], `drop policy ${id(name)} on ${id(table)}`, LOCKS.brief, {
      asks: `${name} decides no longer which rows of ${table} can be seen and changed`,
      contract: true,
    }),
  ];
}
