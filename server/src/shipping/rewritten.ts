/**
 * Values that statements of changes make others of, whatever a change says of itself. What a statement makes of a column can be counted beforehand if it
 * mentions that column only, and so does everything before it in the set that writes the column; everything else is said to be not counted.
 */
import { only, type Tree } from '../databases/router/walk.ts';
import { type Column, lastName, type NamesBefore, relationOf } from './names-before.ts';
import { isAppsType, isColumn, isOfOwnColumn, isPlainType } from './own-column.ts';
import type { Step } from './same-values.ts';

/** One column whose values become others. */
export interface Rewritten {
  column: Column;
  /** undefined where it cannot be said beforehand how many */
  step: Step | undefined;
}

/** What a set of statements does to each column, one after the other. */
export class Written {
  readonly #steps = new Map<string, Step[] | 'unknown'>();

  /** Takes down one more. @returns all of them; undefined: nobody knows what the column holds by now */
  follow({ column: { table, column }, step }: Rewritten): readonly Step[] | undefined {
    const key = JSON.stringify([table, column]);
    const before = this.#steps.get(key) ?? [];
    const steps = step && before !== 'unknown' ? [...before, step] : undefined;
    // what a list of values holds, and in which order, may be another by the next statement
    const lasts = step && (!step.type || isPlainType(step.type));
    this.#steps.set(key, steps && lasts ? steps : 'unknown');
    return steps;
  }
}

/** @param names what was called how before the set */
export function rewrittenBy(tree: Tree, names: NamesBefore): Rewritten[] {
  const [type, node] = only(tree);
  const table = relationOf(node);
  if (table === undefined) return [];
  if (type === 'AlterTableStmt')
    return ((node.cmds ?? []) as Tree[]).flatMap((item) => retyped(table, only(item)[1], names));
  if (type === 'UpdateStmt') return updated(table, node, names);
  return columnsOf(tree).map((name) => ({ column: names.column(table, name), step: undefined }));
}

function retyped(table: string, { subtype, name, def }: Tree, names: NamesBefore): Rewritten[] {
  if (subtype !== 'AT_AlterColumnType') return [];
  const column = String(name);
  const { typeName, raw_default: using } = (def as { ColumnDef: Tree }).ColumnDef;
  const value = (using ?? { ColumnRef: { fields: [{ String: { sval: column } }] } }) as Tree;
  const type = typeName as Tree;
  const own = (isPlainType(type) || isAppsType(type)) && isOfOwnColumn(value, { table, column, type });
  return [
    { column: names.column(table, column), step: own ? { table, column, value, type, where: undefined } : undefined },
  ];
}

function updated(called: string, node: Tree, names: NamesBefore): Rewritten[] {
  const { relation, whereClause, targetList } = node as { relation: Tree; whereClause?: Tree; targetList?: unknown };
  const table = (relation.alias as { aliasname?: string } | undefined)?.aliasname ?? called;
  return ((targetList ?? []) as { ResTarget: Tree }[]).flatMap(({ ResTarget: { name, val, indirection } }) => {
    const column = String(name);
    if (fillsOnly(whereClause, table, column)) return [];
    const own =
      !indirection &&
      !node.withClause &&
      !node.fromClause &&
      isOfOwnColumn([val, whereClause ?? []], { table, column });
    const step = own ? { table, column, value: val as Tree, type: undefined, where: whereClause } : undefined;
    return [{ column: names.column(called, column), step }];
  });
}

/** Columns in which a statement may put other values, by what they are called at that moment. */
export const writtenBy = (tree: Tree): string[] => [...columnsOf(tree), ...retypedBy(only(tree)[1])];

const retypedBy = ({ cmds }: Tree): string[] =>
  ((cmds ?? []) as Tree[]).flatMap((item) => {
    const [, { subtype, name }] = only(item);
    return subtype === 'AT_AlterColumnType' ? [String(name)] : [];
  });

/** Whether a statement has another one in it that writes. */
export function writesWithin(tree: Tree): boolean {
  const [type, node] = only(tree);
  return type !== 'CreateFunctionStmt' && hasWriting(node);
}

function hasWriting(part: unknown): boolean {
  if (typeof part !== 'object' || part === null) return false;
  return Object.entries(part).some(([type, node]) => WRITING.has(type) || hasWriting(node));
}

const WRITING = new Set(['InsertStmt', 'UpdateStmt', 'DeleteStmt', 'MergeStmt']);

/** Whether only rows are written in which the column is empty. */
function fillsOnly(where: Tree | undefined, table: string, column: string): boolean {
  if (!where) return false;
  const [type, node] = only(where);
  if (type === 'NullTest')
    return node.nulltesttype === 'IS_NULL' && (isColumn(node.arg, column) || isColumn(node.arg, table, column));
  if (type !== 'BoolExpr') return false;
  const parts = node.args as Tree[];
  if (node.boolop === 'AND_EXPR') return parts.some((part) => fillsOnly(part, table, column));
  return (
    node.boolop === 'OR_EXPR' && parts.every((part) => fillsOnly(part, table, column) || isEmptyText(part, column))
  );
}

function isEmptyText(part: Tree, column: string): boolean {
  const [type, node] = only(part);
  if (type !== 'A_Expr' || node.kind !== 'AEXPR_OP' || lastName(node.name) !== '=') return false;
  const text = (node.rexpr as { A_Const?: { sval?: { sval?: string } } }).A_Const?.sval;
  return isColumn(node.lexpr, column) && text !== undefined && !text.sval;
}

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
