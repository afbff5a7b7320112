/**
 * How the values of one column become others, statement by statement, as a query that counts those that are not the same afterwards. Every statement is read
 * on what the ones before it have made of the values that are there now.
 */
import pg from 'pg';
import { deparseSync } from 'pgsql-deparser';
import type { Field } from '../../../contract/spec.ts';
import { asText, conversion } from '../builds/changes/conversion.ts';
import { parseOne } from '../databases/router/statement.ts';
import { only, type Tree } from '../databases/router/walk.ts';
import { lastName } from './names-before.ts';
import { withoutPlaces } from './own-column.ts';

const id = pg.escapeIdentifier;

/** What one statement does to one column. It mentions nothing else. */
export interface Step {
  /** as the statement calls them */
  column: string;
  table: string;
  /** what the value becomes */
  value: Tree;
  /** the new type; undefined: the column keeps the one that it has */
  type: Tree | undefined;
  where: Tree | undefined;
}

/** A column as it is now, and what statements do to it one after the other. */
export interface Values {
  table: string;
  column: string;
  /** as PostgreSQL writes it */
  type: string;
  steps: readonly Step[];
}

/** @returns a SELECT that counts the values of which any of the steps makes others, as `n` @param limit no further than that */
export function countOthers({ table, column, type, steps }: Values, limit: number): string {
  let from = `select ${id(column)} as v, false as ${OTHER} from ${id(table)} where ${id(column)} is not null`;
  let then: Tree | string = type;
  for (const step of steps) {
    const value = cast(step.value, step.type ?? then);
    const after = step.where ? `case when ${textOf(step.where)} then ${value} else ${id(step.column)} end` : value;
    const before = `(${from}) ${id(step.table)} (${id(step.column)}, ${OTHER})`;
    const rows = `select ${id(step.column)} as before, ${after} as after, ${OTHER} from ${before}`;
    from = `select after as v, ${OTHER} or (${sameBy(step, then)}) is not true from (${rows}) r`;
    then = step.type ?? then;
  }
  return `select count(*)::int as n from (select 1 from (${from}) r (v, ${OTHER}) where ${OTHER} limit ${limit}) counted`;
}

/** What is said of a value that is another by now. No statement can mean it: a column of this name is counted by nobody. */
const OTHER = id('another by now');

/**
 * Whether a value says the same afterwards. In another type it has to be read from the one as it was in the other, and back: so neither what is cut off nor what
 * is put in goes unseen.
 */
function sameBy(step: Step, before: Tree | string): string {
  if (!step.type) return 'before::text = after::text';
  const back = `before::text = ${cast('after', before)}::text`;
  const form = formOf(step);
  if (form === 'whole') return 'true';
  if (form)
    return `after::text = (select (${form.text}) from (select before) form (${id(step.column)}))${form.back ? ` and ${back}` : ''}`;
  return `case when after is null or (${back}) is not true then false else ${cast('before', step.type)}::text = after::text end`;
}

/** The forms in which the spec's compiler writes a value of one type in another, in other words than PostgreSQL would. */
function formOf({ column, value, type }: Step): 'whole' | { text: string; back: boolean } | undefined {
  const field = (kind: Field['type']) => ({ column: id(column), type: kind }) as Field;
  const whole = conversion(field('boolean'), field('number'));
  if (isForm(value, whole) && NUMBERS.has(lastName(type!.names) ?? '') && !type!.typmods) return 'whole';
  const [name, node] = only(value);
  const inner = name === 'FuncCall' && lastName(node.funcname) === 'left' ? (node.args as Tree[])[0]! : value;
  for (const kind of ['boolean', 'datetime', 'time', 'duration'] as const) {
    const text = asText(field(kind));
    // minutes as hours and minutes are no number that could be read back
    if (isForm(inner, text)) return { text, back: kind !== 'duration' };
  }
  return undefined;
}

const NUMBERS = new Set(['int2', 'int4', 'int8', 'numeric']);

function isForm(value: Tree, text: string): boolean {
  const { targetList } = only(parseOne(`select ${text}`, '').tree)[1] as { targetList: { ResTarget: { val: Tree } }[] };
  return withoutPlaces(targetList[0]!.ResTarget.val) === withoutPlaces(value);
}

function cast(value: Tree | string, type: Tree | string): string {
  if (typeof value !== 'string' && typeof type !== 'string')
    return textOf({ TypeCast: { arg: value, typeName: type } });
  if (typeof type === 'string') return `(${typeof value === 'string' ? value : textOf(value)})::${type}`;
  return textOf({ TypeCast: { arg: { ColumnRef: { fields: [{ String: { sval: value } }] } }, typeName: type } });
}

/** A part of a statement as a text. */
function textOf(part: Tree): string {
  const node = { targetList: [{ ResTarget: { val: part } }], limitOption: 'LIMIT_OPTION_DEFAULT', op: 'SETOP_NONE' };
  const text = deparseSync({ version: VERSION, stmts: [{ stmt: { SelectStmt: node } }] } as never);
  return `(${text.replace(/^\s*SELECT\s/i, '').replace(/;\s*$/, '')})`;
}

/** Of the grammar that the trees are of; the text is for any. */
const VERSION = 180_000;
