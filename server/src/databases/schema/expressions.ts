/** Expressions and selects inside of a change: what the router would let a model read, and nothing that looks at other tables where that is not meant. */

import { scanSync } from 'libpg-query';
import { Refusal } from '../router/refusal.ts';
import { readStatement } from '../router/statement.ts';

interface Target {
  ResTarget?: { val?: { RowExpr?: unknown } };
}

/**
 * @param who it may ask who is connected (current_user)
 * @throws Refusal when it is no single expression, or names what is not let through
 */
export function checkedExpression(text: string, what: string, who?: 'who'): string {
  const statement = readStatement(`select (${text})`, { who: who === 'who' });
  const list = (statement.tree.SelectStmt as { targetList?: unknown[]; fromClause?: unknown }) ?? {};
  // nothing or a list in brackets would be a row
  const row = list.targetList?.some((target) => (target as Target).ResTarget?.val?.RowExpr);
  if (
    statement.kind !== 'read' ||
    statement.touched.length > 0 ||
    list.targetList?.length !== 1 ||
    list.fromClause ||
    row ||
    JSON.stringify(statement.tree).includes('"SubLink":')
  )
    throw new Refusal('expression', `The ${what} must be one expression, without a SELECT.`);
  if (/--|\/\*/.test(withoutTexts(text))) throw new Refusal('expression', `The ${what} must be without comments.`);
  if (statement.functions.length > 0 || statement.types.length > 0)
    throw new Refusal(
      'expression',
      `The ${what} uses ${[...statement.functions, ...statement.types].map(({ name }) => name).join(', ')}, which is not let through.`,
    );
  return trimmed(text);
}

/** @throws Refusal when it is no SELECT */
export function checkedSelect(text: string): string {
  const statement = readStatement(text);
  if (statement.kind !== 'read') throw new Refusal('view', 'A view shows one SELECT.');
  if (statement.touched.some(({ schema }) => schema !== undefined))
    throw new Refusal('view', 'Tables are named without their schema.');
  return withoutEnd(text);
}

/** Without the spaces around it, as PostgreSQL knows spaces: others are letters of a name there. */
const trimmed = (text: string): string => text.replace(/^[ \t\n\r\f\v]+|[ \t\n\r\f\v]+$/g, '');

/** A statement without the semicolons around it: it stands inside of another one. @throws Refusal when one is left, beside a remark */
export function withoutEnd(text: string): string {
  const bare = text.replace(/^[ \t\n\r\f\v;]+|[ \t\n\r\f\v;]+$/g, '');
  const { tokens } = scanSync(bare) as { tokens: { tokenName: string }[] };
  if (tokens.some(({ tokenName }) => tokenName === SEMICOLON))
    throw new Refusal(
      'several',
      'There is a semicolon within it.',
      'Leave out the semicolon, or the remark around it.',
    );
  return bare;
}

const SEMICOLON = 'ASCII_59';

const withoutTexts = (text: string): string => text.replace(/'(?:[^']|'')*'/g, "''");
