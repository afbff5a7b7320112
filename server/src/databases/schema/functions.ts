/**
 * Functions: SQL that runs inside the database when the app calls it, with the rights of whoever calls. Each statement of the body goes through the
 * same lists as a statement of a model; names in it are bound when it is made, so it cannot come to mean something else; and only the app may call it;
 * one that only reads is also a model's to call, with no more rights than its own.
 */

import { Refusal } from '../router/refusal.ts';
import { isServers } from '../router/server-names.ts';
import { readStatement } from '../router/statement.ts';
import { typeOf } from './columns.ts';
import { withoutEnd } from './expressions.ts';
import type { Known } from './known.ts';
import { APP, id, LOCKS, literal, type Of, one, type Step } from './steps.ts';

export function createFunction(operation: Of<'create_function'>, known: Known): Step[] {
  const { name, replace, comment } = operation;
  const { functions } = known.access;
  if (isServers(name))
    throw new Refusal('taken', `PostgreSQL has a function ${name} of its own.`, 'Give it another name.');
  if (functions.has(name) && !replace)
    throw new Refusal('taken', `There is a function ${name} already.`, 'Set `replace` to put this one in its place.');
  if (!functions.has(name) && replace)
    throw new Refusal('unknown_function', `There is no function ${name} to replace.`);
  if (operation.returns !== undefined && operation.returnsRows !== undefined)
    throw new Refusal('function', 'A function gives either one value or rows.', 'Leave returns or returnsRows out.');
  const values = operation.arguments.map((one) => one.name);
  const parts = operation.body.map((text) => bodyPart(text, known, values));
  const reads = parts.every((part) => part.reads);
  const columns = (list: { name: string; type: string }[]) =>
    list.map((one) => `${id(one.name)} ${typeOf(one.type, known)}`).join(', ');
  const gives = operation.returnsRows
    ? `table (${columns(operation.returnsRows)})`
    : operation.returns === undefined
      ? 'void'
      : typeOf(operation.returns, known);
  functions.set(name, reads);
  const tables = [...new Set(parts.flatMap((part) => part.tables))];
  const step = one(
    'other',
    `function-${name}`,
    tables,
    `create ${replace ? 'or replace ' : ''}function ${id(name)}(${columns(operation.arguments)}) returns ${gives}
  language sql ${reads ? 'stable' : 'volatile'} security invoker set search_path from current
begin atomic
${parts.map(({ text }) => `  ${text}\n  ;`).join('\n')}
end`,
    LOCKS.none,
    { asks: `Code that runs inside the database${reads ? '' : ' and writes'} when the app calls it` },
  );
  step.statements.push(
    `revoke all on function ${id(name)} from public`,
    `grant execute on function ${id(name)} to ${APP}`,
    ...(comment ? [`comment on function ${id(name)} is ${literal(comment)}`] : []),
  );
  return [step];
}

export function dropFunction({ name }: Of<'drop_function'>, known: Known): Step[] {
  if (!known.access.functions.delete(name)) throw new Refusal('unknown_function', `There is no function ${name}.`);
  return [one('other', `drop-function-${name}`, [], `drop function ${id(name)}`, LOCKS.none, { contract: true })];
}

/** @throws Refusal for whatever a model could not send as a statement of its own */
function bodyPart(text: string, known: Known, values: string[]): { text: string; reads: boolean; tables: string[] } {
  const statement = readStatement(text, { values });
  if (statement.kind === 'explain') throw new Refusal('function', 'EXPLAIN is no part of a function.');
  if (statement.touched.some(({ schema }) => schema !== undefined))
    throw new Refusal('function', 'Tables are named without their schema.');
  const tables = statement.touched.filter(({ table, action }) => action !== 'read' || !statement.own.has(table));
  for (const { table } of tables) known.readable(table);
  for (const { schema, name } of statement.types)
    if (schema !== undefined || !known.isEnum(name))
      throw new Refusal('unknown_type', `There is no type ${name} here.`);
  for (const { schema, name } of statement.functions)
    if (schema !== undefined || !known.access.functions.has(name))
      throw new Refusal('function', `The function ${name} is not let through.`);
  return {
    text: withoutEnd(text),
    reads: statement.kind === 'read' && statement.functions.every(({ name }) => known.access.functions.get(name)),
    tables: tables.map(({ table }) => table),
  };
}
