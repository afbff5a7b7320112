/**
 * Whether a part of a statement says the same whenever it is asked: it mentions one column and nothing else, no other row, no clock, nothing that another
 * statement could make another of. What is not named here is not of that kind.
 */
import { isServers } from '../databases/router/server-names.ts';
import { only, type Tree } from '../databases/router/walk.ts';
import { lastName } from './names-before.ts';

export interface Own {
  /** as the statement calls them */
  column: string;
  table: string;
  /** the type that the column gets, of whatever kind */
  type?: Tree | undefined;
}

const FUNCTIONS = new Set(
  `abs btrim ceil ceiling char_length character_length date_trunc floor left length lower lpad ltrim octet_length pg_input_is_valid regexp_replace
  replace right round rpad rtrim split_part strpos substr substring to_char trunc upper`.split(/\s+/),
);
const OPERATORS = new Set(
  '+ - * / % || = <> < > <= >= ~ ~* !~ !~* ~~ ~~* !~~ !~~* BETWEEN'.split(' ').concat('NOT BETWEEN'),
);
const KINDS = new Set(
  'OP OP_ANY OP_ALL DISTINCT NOT_DISTINCT NULLIF IN LIKE ILIKE BETWEEN NOT_BETWEEN'
    .split(' ')
    .map((kind) => `AEXPR_${kind}`),
);
const CLOCKS = new Set('date time timetz timestamp timestamptz'.split(' '));
const TYPES = new Set([
  ...CLOCKS,
  ...'text varchar bpchar int2 int4 int8 numeric float4 float8 bool interval uuid json jsonb bytea'.split(' '),
  ...'integer smallint bigint boolean decimal real'.split(' '),
]);
/** Texts that PostgreSQL reads as a time of its clock. */
const NOW = /(?<![a-z])(?:now|today|tomorrow|yesterday)(?![a-z])/i;

/** Parts by what they are, with those of their parts that are looked into; the others say how, and hold nothing. */
const LOOKED_INTO: Readonly<Record<string, readonly string[]>> = {
  A_ArrayExpr: ['elements'],
  A_Expr: ['lexpr', 'rexpr'],
  BoolExpr: ['args'],
  BooleanTest: ['arg'],
  CaseExpr: ['arg', 'args', 'defresult'],
  CaseWhen: ['expr', 'result'],
  CoalesceExpr: ['args'],
  FuncCall: ['args'],
  List: ['items'],
  MinMaxExpr: ['args'],
  NullTest: ['arg'],
  TypeCast: ['arg'],
};
const FUNCTION_PARTS = new Set(['funcname', 'args', 'funcformat', 'location']);

/**
 * Whether a part has a text in it that would be the clock's where it is read as a time: a choice may be called “now”.
 * @param type of the column, as PostgreSQL writes it
 */
export function mayBeNow(part: unknown, type: string): boolean {
  return hasNow(part) && (!/^(?:text|character)/.test(type) || CLOCKWORK.test(JSON.stringify(part)));
}

/** What reads a text as a time. */
const CLOCKWORK = /"sval":"(?:date|time|timetz|timestamp|timestamptz|interval|date_trunc|to_char)"/;

function hasNow(part: unknown): boolean {
  if (typeof part !== 'object' || part === null) return false;
  return Object.entries(part).some(([type, node]) =>
    type === 'A_Const' ? NOW.test((node as { sval?: { sval?: string } }).sval?.sval ?? '') : hasNow(node),
  );
}

/** @param part undefined: there is none */
export function isOfOwnColumn(part: unknown, own: Own): boolean {
  if (part === undefined) return true;
  if (Array.isArray(part)) return part.every((item) => isOfOwnColumn(item, own));
  const [type, node] = only(part as Tree);
  if (type === 'A_Const') return true;
  if (type === 'ColumnRef') return isColumn(part, own.column) || isColumn(part, own.table, own.column);
  const inside = LOOKED_INTO[type];
  return inside !== undefined && isNamed(type, node, own) && inside.every((key) => isOfOwnColumn(node[key], own));
}

function isNamed(type: string, node: Tree, own: Own): boolean {
  if (type === 'A_Expr') return KINDS.has(String(node.kind)) && OPERATORS.has(plainName(node.name) ?? '');
  if (type === 'FuncCall') return isPlainCall(node);
  if (type !== 'TypeCast') return true;
  const name = node.typeName as Tree;
  if (own.type && withoutPlaces(name) === withoutPlaces(own.type)) return !isClock(name) || isReadOff(node.arg, own);
  return TYPES.has(plainName(name.names) ?? '') && (!isClock(name) || isReadOff(node.arg, own));
}

const isClock = ({ names }: Tree): boolean => CLOCKS.has(lastName(names) ?? '');

/** What becomes a day or a time stands there as it is: a text that is put together could be one of the clock’s. */
function isReadOff(part: unknown, own: Own): boolean {
  const [type, node] = only(part as Tree);
  if (type === 'ColumnRef' || type === 'A_Const') return true;
  if (type === 'TypeCast') return isReadOff(node.arg, own);
  if (type === 'CaseExpr')
    return [
      ...((node.args ?? []) as { CaseWhen: Tree }[]).map(({ CaseWhen }) => CaseWhen.result),
      node.defresult,
    ].every((one) => one === undefined || isReadOff(one, own));
  // a time with something added is no text
  if (type === 'A_Expr') return plainName(node.name) === '+' || plainName(node.name) === '-';
  if (type !== 'FuncCall' || lastName(node.funcname) !== 'btrim') return false;
  const [text, ...more] = node.args as Tree[];
  return more.length === 0 && (isColumn(text, own.column) || isColumn(text, own.table, own.column));
}

function isPlainCall(node: Tree): boolean {
  const name = plainName(node.funcname);
  if (name === undefined || !FUNCTIONS.has(name) || Object.keys(node).some((key) => !FUNCTION_PARTS.has(key)))
    return false;
  if (name !== 'pg_input_is_valid') return true;
  // what a list of values holds may be another by then
  const type = ((node.args as Tree[])[1]?.A_Const as { sval?: { sval?: string } } | undefined)?.sval?.sval;
  return type !== undefined && TYPES.has(type);
}

/** A name without a schema, or with PostgreSQL’s own. */
function plainName(names: unknown): string | undefined {
  const parts = (names ?? []) as { String?: { sval?: string } }[];
  if (parts.length > 1 && !(parts.length === 2 && parts[0]?.String?.sval === 'pg_catalog')) return undefined;
  return lastName(names);
}

/** Whether a part is this column, named so. */
export const isColumn = (part: unknown, ...names: string[]): boolean => {
  const fields = (part as { ColumnRef?: { fields?: { String?: { sval?: string } }[] } } | undefined)?.ColumnRef?.fields;
  return fields?.length === names.length && fields.every((field, n) => field.String?.sval === names[n]);
};

/** A tree as a text in which it does not matter where in the statement it stood. */
export const withoutPlaces = (part: unknown): string =>
  JSON.stringify(part, (key, value) => (PLACES.has(key) ? undefined : value));

const PLACES = new Set(['location', 'list_start', 'list_end', 'rexpr_list_start', 'rexpr_list_end']);

/** Whether it is a type of PostgreSQL’s own that means the same at all times. */
export const isPlainType = ({ names }: Tree): boolean => TYPES.has(plainName(names) ?? '');

/** Whether it is a list of values of the app’s: a value says the same in each that has it. */
export const isAppsType = ({ names }: Tree): boolean => !isServers(lastName(names) ?? '');
