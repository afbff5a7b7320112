/** What the app's own code may do with a table or view: everything by default, or exactly what is said here. Nobody else is given anything. */
import { Refusal } from '../router/refusal.ts';
import type { Known } from './known.ts';
import { APP, id, LOCKS, type Of, one, type Step } from './steps.ts';

export function grant({ table, may, columns }: Of<'grant'>, known: Known): Step[] {
  const there = known.readable(table);
  if (columns && may.includes('delete'))
    throw new Refusal('grant', 'Rows are deleted as a whole: delete has no columns.', 'Leave columns or delete out.');
  if (known.isView(table) && may.some((one) => one !== 'select'))
    throw new Refusal('grant', `${table} is a view, and is only read.`, 'Grant select.');
  const missing = there && columns?.find((column) => !there.has(column));
  if (missing)
    throw new Refusal('unknown_column', `${table} has no column ${missing}.`, `Columns: ${[...there].join(', ')}.`);
  const list = columns ? ` (${[...new Set(columns)].map(id).join(', ')})` : '';
  const privileges = [...new Set(may)].map((one) => `${one}${list}`).join(', ');
  const step = takeAll(
    table,
    `The app may ${[...new Set(may)].join(', ')}${columns ? ` ${columns.join(', ')}` : ''} of ${table}, and nothing else`,
  );
  const statement = `grant ${privileges} on table ${id(table)} to ${APP}`;
  step.statements.push(statement);
  step.effects.push({ ...step.effects[0]!, statement });
  return [step];
}

export function revoke({ table }: Of<'revoke'>, known: Known): Step[] {
  known.readable(table);
  return [takeAll(table, `The app may neither read nor write ${table}`)];
}

/** What stood before goes, so that afterwards exactly what was said holds. */
const takeAll = (table: string, asks: string): Step =>
  one('other', `access-${table}`, [table], `revoke all on table ${id(table)} from ${APP}`, LOCKS.none, {
    asks,
    contract: true,
  });
