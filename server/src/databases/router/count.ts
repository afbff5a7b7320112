/** How many rows a write would change, as a SELECT that only reads: the write itself is never tried. */
import { deparseSync } from 'pgsql-deparser';
import type { Statement } from './statement.ts';
import type { Tree } from './walk.ts';

const COUNT: Tree = {
  FuncCall: { funcname: [{ String: { sval: 'count' } }], agg_star: true, funcformat: 'COERCE_EXPLICIT_CALL' },
};
const one = (value: Tree): Tree => ({ ResTarget: { val: value } });

/** A SELECT with one row and one column, made of the statement's own tree. */
export function countingSelect(statement: Statement): string {
  const [type, node] = Object.entries(statement.tree)[0]! as [string, Tree];
  const withClause = node.withClause ? { withClause: node.withClause } : {};
  const select = (parts: Tree): string =>
    deparseSync({
      version: statement.version,
      stmts: [{ stmt: { SelectStmt: { ...PLAIN_SELECT, ...parts, ...withClause } } }],
    } as never);
  if (type === 'InsertStmt') {
    if (!node.selectStmt) return 'select 1';
    const subquery = { RangeSubselect: { subquery: node.selectStmt, alias: { aliasname: 'added' } } };
    return select({ targetList: [one(COUNT)], fromClause: [subquery] });
  }
  const others = ((type === 'UpdateStmt' ? node.fromClause : node.usingClause) ?? []) as Tree[];
  const relation = node.relation as Tree & { relname: string; alias?: { aliasname: string } };
  const name = relation.alias?.aliasname ?? relation.relname;
  // a row that fits several of the others is changed once
  const counted =
    others.length === 0
      ? COUNT
      : {
          FuncCall: {
            funcname: [{ String: { sval: 'count' } }],
            args: [{ ColumnRef: { fields: [{ String: { sval: name } }, { String: { sval: 'ctid' } }] } }],
            agg_distinct: true,
            funcformat: 'COERCE_EXPLICIT_CALL',
          },
        };
  return select({
    targetList: [one(counted)],
    fromClause: [{ RangeVar: relation }, ...others],
    ...(node.whereClause ? { whereClause: node.whereClause } : {}),
  });
}

const PLAIN_SELECT: Tree = { limitOption: 'LIMIT_OPTION_DEFAULT', op: 'SETOP_NONE' };
