/**
 * Values that statements of changes make others of, counted before they run: whatever a change says of itself, a yes is asked for what it overwrites.
 * Counting only reads, in the tables as they are now; where the statements before it in the set could lead it astray, it says nothing.
 */
import { deparseSync } from 'pgsql-deparser';
import { isServers } from '../databases/router/server-names.ts';
import { only, type Tree } from '../databases/router/walk.ts';
import { type Column, lastName, type NamesBefore, relationOf } from './names-before.ts';

/** A SELECT that counts the values that would be others, as `n`. @param type of the column now @param limit no further than that */
export type Counting = (type: string, limit: number) => string;

/** One column whose values become others. */
export interface Rewritten {
  column: Column;
  /** undefined where that cannot be said beforehand */
  counting: Counting | undefined;
}

/** What a set of statements has written so far. */
export class Written {
  readonly #columns = new Set<string>();
  #rows = false;

  follow(tree: Tree): void {
    const [type, node] = only(tree);
    if (type === 'InsertStmt' || type === 'DeleteStmt') this.#rows = true;
    for (const name of writtenBy(tree)) this.#columns.add(name);
    // whatever a column is called by now: what was written is found under it
    if (type === 'RenameStmt' && this.#columns.has(String(node.subname))) this.#columns.add(String(node.newname));
  }

  /** Whether what a part says of the rows now is what it will say when its turn comes. */
  sameThen(part: unknown, ownRowsOnly: boolean): boolean {
    if (!this.#rows && this.#columns.size === 0) return true;
    return (!this.#rows || ownRowsOnly) && this.#untouched(part);
  }

  #untouched(part: unknown): boolean {
    if (Array.isArray(part)) return part.every((item) => this.#untouched(item));
    if (typeof part !== 'object' || part === null) return true;
    return Object.entries(part).every(([type, node]) => {
      if (type === 'SubLink' || type === 'RangeVar' || type === 'RangeSubselect') return false;
      if (type === 'FuncCall' && !isServers(lastName(node.funcname) ?? '')) return false;
      if (type === 'ColumnRef')
        return lastName(node.fields) !== undefined && !this.#columns.has(lastName(node.fields)!);
      return this.#untouched(node);
    });
  }
}

/** @param names what was called how before the set; @param written by the statements before this one */
export function rewrittenBy(tree: Tree, names: NamesBefore, written: Written): Rewritten[] {
  const [type, node] = only(tree);
  const table = relationOf(node);
  if (table === undefined) return [];
  if (type === 'AlterTableStmt')
    return ((node.cmds ?? []) as Tree[]).flatMap((item) => retyped(table, only(item)[1], names, written));
  if (type === 'UpdateStmt') return updated(table, node, names, written);
  if (type === 'InsertStmt')
    return columnsOf(tree).map((name) => ({ column: names.column(table, name), counting: undefined }));
  return [];
}

function retyped(table: string, { subtype, name, def }: Tree, names: NamesBefore, written: Written): Rewritten[] {
  if (subtype !== 'AT_AlterColumnType') return [];
  const column = names.column(table, String(name));
  const { typeName, raw_default: using } = (def as { ColumnDef: Tree }).ColumnDef;
  const own = { ColumnRef: { fields: [{ String: { sval: String(name) } }] } };
  const after = { TypeCast: { arg: using ?? own, typeName } };
  const from = [{ RangeVar: { relname: table, inh: true, relpersistence: 'p' } }];
  const countable = asBefore(column) && written.sameThen(after, true);
  return [{ column, counting: countable ? counting(from, undefined, String(name), after) : undefined }];
}

function updated(table: string, node: Tree, names: NamesBefore, written: Written): Rewritten[] {
  const relation = node.relation as Tree;
  const from = [{ RangeVar: relation }, ...((node.fromClause ?? []) as Tree[])];
  const same = !node.withClause && written.sameThen([node.fromClause, node.whereClause, node.targetList], false);
  return ((node.targetList ?? []) as { ResTarget: Tree }[]).flatMap(({ ResTarget: { name, val, indirection } }) => {
    const column = names.column(table, String(name));
    if (fillsOnly(node.whereClause as Tree | undefined, String(name))) return [];
    const countable = same && asBefore(column) && !indirection && !('MultiAssignRef' in (val as Tree));
    const its = (relation.alias as { aliasname?: string } | undefined)?.aliasname ?? table;
    return [
      {
        column,
        counting: countable ? counting(from, node.whereClause as Tree, String(name), val as Tree, its) : undefined,
      },
    ];
  });
}

/** Columns in which a statement may put other values, by what they are called at that moment. */
export const writtenBy = (tree: Tree): string[] => [...columnsOf(tree), ...retypedBy(only(tree)[1])];

const retypedBy = ({ cmds }: Tree): string[] =>
  ((cmds ?? []) as Tree[]).flatMap((item) => {
    const [, { subtype, name }] = only(item);
    return subtype === 'AT_AlterColumnType' ? [String(name)] : [];
  });

const asBefore = ({ table, column, called }: Column): boolean => table === called.table && column === called.column;

/** Names of functions that a statement calls at once and PostgreSQL does not have: what such a function writes is not to be seen in the statement. */
export function callsOf(tree: Tree): string[] {
  const [type] = only(tree);
  return CALLING.has(type) ? [...new Set(functionsIn(tree))] : [];
}

/** What writes rows, and what fills and checks those that are there. */
const CALLING = new Set(['InsertStmt', 'UpdateStmt', 'DeleteStmt', 'AlterTableStmt']);

function functionsIn(part: unknown): string[] {
  if (typeof part !== 'object' || part === null) return [];
  return Object.entries(part).flatMap(([type, node]) => {
    const name = type === 'FuncCall' ? lastName((node as Tree).funcname) : undefined;
    return [...(name !== undefined && !isServers(name) ? [name] : []), ...functionsIn(node)];
  });
}

/** Whether only rows are written in which the column is empty. */
function fillsOnly(where: Tree | undefined, column: string): boolean {
  if (!where) return false;
  const [type, node] = only(where);
  if (type === 'NullTest') return node.nulltesttype === 'IS_NULL' && isColumn(node.arg, column);
  if (type !== 'BoolExpr') return false;
  const parts = node.args as Tree[];
  if (node.boolop === 'AND_EXPR') return parts.some((part) => fillsOnly(part, column));
  return node.boolop === 'OR_EXPR' && parts.every((part) => fillsOnly(part, column) || isEmptyText(part, column));
}

function isEmptyText(part: Tree, column: string): boolean {
  const [type, node] = only(part);
  if (type !== 'A_Expr' || node.kind !== 'AEXPR_OP' || lastName(node.name) !== '=') return false;
  const text = (node.rexpr as { A_Const?: { sval?: { sval?: string } } }).A_Const?.sval;
  return isColumn(node.lexpr, column) && text !== undefined && !text.sval;
}

const isColumn = (part: unknown, column: string): boolean => {
  const fields = (part as { ColumnRef?: { fields?: unknown[] } }).ColumnRef?.fields;
  return fields?.length === 1 && lastName(fields) === column;
};

const fieldOf = (...path: string[]): Tree => ({ ColumnRef: { fields: path.map((sval) => ({ String: { sval } })) } });

/**
 * Values that are there and would be others. What they become is read as the type that they are of now: a day with its midnight, a whole number with
 * its decimals and a yes as 1 are the same, what does not fit any more is not.
 */
function counting(from: Tree[], where: Tree | undefined, column: string, after: Tree, its?: string): Counting {
  const select = (parts: Tree): string => {
    const node = { ...parts, limitOption: 'LIMIT_OPTION_DEFAULT', op: 'SETOP_NONE' };
    return deparseSync({ version: VERSION, stmts: [{ stmt: { SelectStmt: node } }] } as never);
  };
  return (type, limit) => {
    const rows = select({
      targetList: [
        { ResTarget: { name: 'now', val: its === undefined ? fieldOf(column) : fieldOf(its, column) } },
        { ResTarget: { name: 'later', val: after } },
      ],
      fromClause: from,
      ...(where ? { whereClause: where } : {}),
    });
    return `select count(*)::int as n from (select 1 from (${rows}) r where now is not null and now::text is distinct from later::${type}::text limit ${limit}) counted`;
  };
}

/** Of the grammar that the trees are of; the text is for any. */
const VERSION = 180_000;

/** Columns that an UPDATE, or an INSERT for rows that are there, writes. */
function columnsOf(tree: Tree): string[] {
  const [type, node] = only(tree);
  const list =
    type === 'UpdateStmt'
      ? node.targetList
      : type === 'InsertStmt'
        ? (node.onConflictClause as Tree | undefined)?.targetList
        : [];
  return ((list ?? []) as { ResTarget: { name?: string } }[]).map(({ ResTarget }) => ResTarget.name ?? '');
}
