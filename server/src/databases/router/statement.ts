/**
 * Reads one statement of a model or of the console: exactly one, of a kind that is let through, made of nothing but what the lists allow.
 * This is the first wall and not the only one: the connection that runs it is a role that has no more than it needs.
 */
import { loadModule, parseSync, SqlError, scanSync } from 'libpg-query';
import { REFUSED } from './grammar.ts';
import { Refusal } from './refusal.ts';
import { type Leave, only, ROOTS, type Tree, title, Walk } from './walk.ts';

await loadModule();

export type Action = 'read' | 'insert' | 'update' | 'delete';

export interface Touched {
  schema: string | undefined;
  table: string;
  action: Action;
}

export interface Statement {
  /** exactly as it was sent, and as it will run */
  text: string;
  kind: 'read' | 'insert' | 'update' | 'delete' | 'explain';
  /** tables by the names that the statement uses; what may as well be a name of its own WITH is among them */
  touched: Touched[];
  /** names that the statement's own WITH gives */
  own: ReadonlySet<string>;
  /** functions that are not PostgreSQL's own: the target must have them, reviewed */
  functions: { schema: string | undefined; name: string }[];
  /** types that are not PostgreSQL's own: the target must have them, as a list of values */
  types: { schema: string | undefined; name: string }[];
  /** the tree of what is read or written, without EXPLAIN around it */
  tree: Tree;
  /** what is said of it depends on a value in it, and not only on its shape */
  byValue: boolean;
  version: number;
}

/** Bytes of a statement. */
export const LONGEST_STATEMENT = 100_000;
const MOST_TOKENS = 20_000;
const MOST_BRACKETS = 200;
const SHORT = 2000;
const MOST_OPERATORS = 3000;
const NESTS = /^(?:not|[-+~!@#%^&|*/<>=?]+|and|or|union|except|intersect|is|null|isnull|notnull|collate|::)$/i;

const ALLOWED_ROOTS =
  'Send one SELECT, INSERT, UPDATE, DELETE or EXPLAIN. The schema is changed with supabase_utilities.';

/**
 * @param sql as it was sent
 * @throws Refusal which names the rule
 */
export function readStatement(sql: string, leave: Leave = {}): Statement {
  if (sql.includes('\0')) throw new Refusal('nul', 'The statement contains a NUL byte.', 'Send plain text.');
  if (Buffer.byteLength(sql) > LONGEST_STATEMENT)
    throw new Refusal(
      'too_long',
      `The statement is longer than ${LONGEST_STATEMENT / 1000} KB.`,
      'Send it in smaller parts.',
    );
  const { version, tree } = parseOne(sql, ALLOWED_ROOTS);
  const [type, node] = only(tree);
  const statement: Statement = { ...EMPTY(tree), text: sql, version };
  if (type === 'ExplainStmt') {
    const query = explained(node);
    statement.tree = query;
    const [inner, innerNode] = only(query);
    const kind = ROOTS[inner];
    if (!kind) throw refusedRoot(inner);
    if (kind !== 'read' && analyzes(node))
      throw new Refusal(
        'explain_runs',
        'EXPLAIN ANALYZE runs the statement, and this one writes.',
        'Use EXPLAIN without ANALYZE.',
      );
    new Walk(statement, leave).root(inner, innerNode);
    return { ...statement, kind: 'explain' };
  }
  const kind = ROOTS[type];
  if (!kind) throw refusedRoot(type);
  new Walk(statement, leave).root(type, node);
  return { ...statement, kind };
}

const EMPTY = (tree: Tree): Statement => ({
  text: '',
  kind: 'read',
  touched: [],
  own: new Set(),
  functions: [],
  types: [],
  tree,
  byValue: false,
  version: 0,
});

/** The tree of exactly one statement. @throws Refusal `empty`, `several`, `syntax`, `too_deep`, `too_long` */
export function parseOne(sql: string, allowed: string): { version: number; tree: Tree } {
  const { version, stmts } = parse(sql);
  if (stmts.length === 0) throw new Refusal('empty', 'There is no statement.', allowed);
  if (stmts.length > 1)
    throw new Refusal(
      'several',
      `These are ${stmts.length} statements.`,
      'Send one at a time; each is looked at for itself.',
    );
  return { version, tree: stmts[0]!.stmt };
}

/** The same of a part of a statement that was parsed already. @param tree of a SELECT, INSERT, UPDATE or DELETE @throws Refusal */
export function readTree(tree: Tree, leave: Leave = {}): Statement {
  const [type, node] = only(tree);
  const kind = ROOTS[type];
  if (!kind) throw refusedRoot(type);
  const statement = EMPTY(tree);
  new Walk(statement, leave).root(type, node);
  return { ...statement, kind };
}

const refusedRoot = (type: string): Refusal => {
  const [words, allowed] = REFUSED[type] ?? [`${title(type)} is not let through.`, ALLOWED_ROOTS];
  return new Refusal('statement_kind', words, allowed);
};

interface Parsed {
  version: number;
  stmts: { stmt: Tree }[];
}

function parse(sql: string): Parsed {
  try {
    boundSize(sql);
    return parseSync(sql) as unknown as Parsed;
  } catch (error) {
    if (error instanceof Refusal) throw error;
    if (error instanceof SqlError) {
      const at = error.sqlDetails?.cursorPosition;
      throw new Refusal('syntax', `${sentence(error.message)}${at === undefined ? '' : ` (at character ${at + 1})`}`);
    }
    throw new Refusal('too_deep', 'The statement is nested too deeply.', 'Send a simpler one.');
  }
}

const sentence = (text: string): string => `${text.slice(0, 1).toUpperCase()}${text.slice(1)}.`;

/** A parser's own stack must not be what ends: sizes are bounded before it begins. */
function boundSize(sql: string): void {
  // so few characters cannot nest deeply enough, and most statements are short
  if (sql.length <= SHORT && (sql.match(/[([]/g)?.length ?? 0) <= MOST_BRACKETS) return;
  const { tokens } = scanSync(sql) as { tokens: { text: string }[] };
  if (tokens.length > MOST_TOKENS)
    throw new Refusal('too_long', `The statement has more than ${MOST_TOKENS} words.`, 'Send it in smaller parts.');
  let [open, run] = [0, 0];
  for (const { text } of tokens) {
    if (text === '(' || text === '[' || /^case$/i.test(text)) open++;
    else if (text === ')' || text === ']' || /^end$/i.test(text)) open--;
    // NOT NOT NOT …, + + + … and 1+1+1+… nest without brackets, as far as the next comma
    if (text === ',') run = 0;
    if (NESTS.test(text)) run++;
    if (open > MOST_BRACKETS || run > MOST_OPERATORS)
      throw new Refusal('too_deep', 'The statement is nested too deeply.', 'Send a simpler one.');
  }
}

interface DefElem {
  DefElem?: { defname?: string; arg?: Tree };
}

const EXPLAIN_OPTIONS = new Set([
  'analyze',
  'costs',
  'verbose',
  'format',
  'buffers',
  'settings',
  'summary',
  'timing',
  'wal',
  'memory',
]);

function explained(node: Tree): Tree {
  for (const { DefElem } of (node.options ?? []) as DefElem[]) {
    if (!DefElem?.defname || !EXPLAIN_OPTIONS.has(DefElem.defname))
      throw new Refusal(
        'explain_option',
        `EXPLAIN’s option ${DefElem?.defname ?? ''} is not let through.`,
        [...EXPLAIN_OPTIONS].join(', '),
      );
  }
  return node.query as Tree;
}

/** ANALYZE, unless it is switched off by a word that means no. */
const analyzes = (node: Tree): boolean =>
  ((node.options ?? []) as DefElem[]).some(({ DefElem }) => DefElem?.defname === 'analyze');
