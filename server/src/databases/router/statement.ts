/**
 * Reads one statement of a model or of the console: exactly one, of a kind that is let through, made of nothing but what the lists allow.
 * This is the first wall and not the only one: the connection that runs it is a role that has no more than it needs.
 */
import { loadModule, parseSync, SqlError, scanSync } from 'libpg-query';
import { ALLOWED_FUNCTIONS, ALLOWED_TYPES, LONGEST_PAD } from './allowed-names.ts';
import { NODES, PLAIN, REFUSED } from './grammar.ts';
import { Refusal } from './refusal.ts';

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
  version: number;
}

export type Tree = Record<string, unknown>;

/** Bytes of a statement. */
export const LONGEST_STATEMENT = 100_000;
const MOST_TOKENS = 20_000;
const DEEPEST = 400;
const MOST_BRACKETS = 200;
const SHORT = 2000;
const MOST_OPERATORS = 3000;
const NESTS = /^(?:not|[-+~!@#%^&|*/<>=?]+|and|or|union|except|intersect|is|null|isnull|notnull|collate|::)$/i;

const ROOTS: Readonly<Record<string, Statement['kind']>> = {
  SelectStmt: 'read',
  InsertStmt: 'insert',
  UpdateStmt: 'update',
  DeleteStmt: 'delete',
};
const ALLOWED_ROOTS =
  'Send one SELECT, INSERT, UPDATE, DELETE or EXPLAIN. The schema is changed with supabase_utilities.';

/**
 * @param sql as it was sent
 * @param who it may ask who is connected: in a policy, which is looked at for everybody alike
 * @throws Refusal which names the rule
 */
export function readStatement(sql: string, who?: 'who'): Statement {
  if (sql.includes('\0')) throw new Refusal('nul', 'The statement contains a NUL byte.', 'Send plain text.');
  if (Buffer.byteLength(sql) > LONGEST_STATEMENT)
    throw new Refusal(
      'too_long',
      `The statement is longer than ${LONGEST_STATEMENT / 1000} KB.`,
      'Send it in smaller parts.',
    );
  const { version, stmts } = parse(sql);
  if (stmts.length === 0) throw new Refusal('empty', 'There is no statement.', ALLOWED_ROOTS);
  if (stmts.length > 1)
    throw new Refusal(
      'several',
      `These are ${stmts.length} statements.`,
      'Send one at a time; each is looked at for itself.',
    );
  const root = stmts[0]!.stmt;
  const [type, node] = only(root);
  const statement: Statement = {
    text: sql,
    kind: 'read',
    touched: [],
    own: new Set(),
    functions: [],
    types: [],
    tree: root,
    version,
  };
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
    new Walk(statement).root(inner, innerNode);
    return { ...statement, kind: 'explain' };
  }
  const kind = ROOTS[type];
  if (!kind) throw refusedRoot(type);
  new Walk(statement, who === 'who').root(type, node);
  return { ...statement, kind };
}

const refusedRoot = (type: string): Refusal => {
  const [words, allowed] = REFUSED[type] ?? [`${title(type)} is not let through.`, ALLOWED_ROOTS];
  return new Refusal('statement_kind', words, allowed);
};

/** `CreateTableAsStmt` → `Create table as`. */
const title = (type: string): string => {
  const name = type.replace(/Stmt$/, '').replace(/(?<=[a-z])[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);
  return name.replaceAll('_', ' ');
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

/** The one member of a wrapped node. */
function only(wrapped: Tree): [string, Tree] {
  const [entry] = Object.entries(wrapped);
  if (!entry) throw new Refusal('grammar', 'The statement has an empty part.');
  return [entry[0], entry[1] as Tree];
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

const isNode = (value: unknown): value is Tree => typeof value === 'object' && value !== null && !Array.isArray(value);

/** Goes through a tree and takes down what it touches. */
class Walk {
  readonly #statement: Statement;
  readonly #own = new Set<string>();
  readonly #who: boolean;

  constructor(statement: Statement, who = false) {
    this.#statement = statement;
    this.#who = who;
    statement.own = this.#own;
  }

  root(type: string, node: Tree): void {
    if (/with/i.test(this.#statement.text)) this.#names(node);
    const target = node.relation as { schemaname?: string; relname: string } | undefined;
    if (type !== 'SelectStmt' && target) {
      const name = { schema: target.schemaname, table: target.relname };
      const actions: Action[] = [ROOTS[type] as Action];
      const conflict = node.onConflictClause as { action?: string } | undefined;
      if (conflict?.action === 'ONCONFLICT_UPDATE') actions.push('update');
      for (const action of actions) this.#statement.touched.push({ ...name, action });
      // its condition and what it gives back read the table as well
      if (type !== 'InsertStmt' || conflict || node.returningClause || node.returningList)
        this.#statement.touched.push({ ...name, action: 'read' });
    }
    this.#visit(type, node, 0, true);
  }

  /** All names that WITH gives anywhere: they must not look like the catalogue's. */
  #names(value: unknown): void {
    if (Array.isArray(value)) for (const item of value) this.#names(item);
    else if (isNode(value)) {
      for (const [key, part] of Object.entries(value)) {
        if (key === 'CommonTableExpr') this.#own.add((part as { ctename: string }).ctename);
        this.#names(part);
      }
    }
  }

  #visit(type: string, node: Tree, depth: number, root = false): void {
    if (depth > DEEPEST) throw new Refusal('too_deep', 'The statement is nested too deeply.', 'Send a simpler one.');
    if (!root && type !== 'SelectStmt' && ROOTS[type])
      throw new Refusal(
        'nested_write',
        'A statement inside this one writes.',
        'Send the write as a statement of its own.',
      );
    const parts = NODES[type];
    if (!parts) throw refusedPart(type);
    for (const key of Object.keys(node)) if (!parts.has(key)) throw refusedPart(key, type);
    this.#check(type, node, root);
    for (const [key, value] of Object.entries(node)) {
      if (root && key === 'relation') {
        this.#visit('RangeVar', value as Tree, depth + 1, true);
        continue;
      }
      this.#part(type, key, value, depth + 1);
    }
  }

  #part(type: string, key: string, value: unknown, depth: number): void {
    if (Array.isArray(value)) {
      for (const item of value) this.#part(type, '', item, depth);
    } else if (isNode(value)) {
      // a select on either side of UNION stands there without its type's name
      const plain = type === 'SelectStmt' && (key === 'larg' || key === 'rarg') ? 'SelectStmt' : PLAIN[key];
      if (plain) this.#visit(plain, value, depth);
      else if (type === 'A_Const') return;
      else if (Object.keys(value).length > 0) this.#visit(...only(value), depth);
    }
  }

  #check(type: string, node: Tree, root: boolean): void {
    if (type === 'RangeVar') this.#table(node, root);
    else if (type === 'FuncCall') this.#function(node);
    else if (type === 'TypeName') this.#type(node);
    else if (type === 'A_Expr' || type === 'SubLink') this.#operator(node);
    else if (type === 'CollateClause') this.#collation(node);
    else if (type === 'ColumnRef') column(node);
    else if (
      type === 'SQLValueFunction' &&
      !/^SVFOP_(?:CURRENT|LOCAL)(?:_?)(?:DATE|TIME)/.test(String(node.op)) &&
      !(this.#who && /^SVFOP_(?:CURRENT_USER|CURRENT_ROLE|USER)$/.test(String(node.op)))
    )
      throw new Refusal(
        'function',
        'Who or where the session is, is not told.',
        'current_date and its kind are allowed.',
      );
  }

  #table(node: Tree, written: boolean): void {
    const { schemaname, relname } = node as { schemaname?: string; relname: string };
    if (/^pg_/i.test(relname) || (schemaname && /^(?:pg_|information_schema$)/i.test(schemaname)))
      throw new Refusal(
        'catalogue',
        `${schemaname ? `${schemaname}.` : ''}${relname} belongs to the server’s own catalogue.`,
        'The tables and columns that you may use are told with each turn.',
      );
    if (!written) this.#statement.touched.push({ schema: schemaname, table: relname, action: 'read' });
  }

  #function(node: Tree): void {
    const names = namesOf(node.funcname);
    const [name] = names.slice(-1);
    const schema = names.length > 1 ? names.at(-2) : undefined;
    if (!name || names.length > 2)
      throw new Refusal('function', `The function ${names.join('.')} is of another database.`);
    if (schema === undefined || schema === 'pg_catalog') {
      if (ALLOWED_FUNCTIONS.has(name)) {
        if ((name === 'lpad' || name === 'rpad') && !(padding(node) <= LONGEST_PAD))
          throw new Refusal('function', `${name} needs a number as its length.`, `At most ${LONGEST_PAD}.`);
        return;
      }
      if (schema !== undefined) throw refusedFunction(name);
    }
    if (/^(?:pg_|information_schema$)/i.test(schema ?? '') || /^pg_/i.test(name)) throw refusedFunction(name);
    this.#statement.functions.push({ schema, name });
  }

  #type(node: Tree): void {
    const names = namesOf(node.names);
    const [name] = names.slice(-1);
    const schema = names.length > 1 ? names.at(-2) : undefined;
    if (!name || names.length > 2) throw new Refusal('type', `The type ${names.join('.')} is not let through.`);
    if ((schema === undefined || schema === 'pg_catalog') && ALLOWED_TYPES.has(name)) return;
    if (schema === 'pg_catalog' || /^(?:pg_|reg|information_schema$)/i.test(schema ?? name))
      throw new Refusal(
        'type',
        `The type ${name} is not let through.`,
        'Plain types such as text, numeric, date and jsonb are.',
      );
    this.#statement.types.push({ schema, name });
  }

  #operator(node: Tree): void {
    const names = namesOf(node.name ?? node.operName);
    if (names.length > 1 && names[0] !== 'pg_catalog')
      throw new Refusal('operator', `The operator ${names.join('.')} is not let through.`, 'Use PostgreSQL’s own.');
  }

  #collation(node: Tree): void {
    const names = namesOf(node.collname);
    if (names.length > 1 && names[0] !== 'pg_catalog')
      throw new Refusal('collation', `The collation ${names.join('.')} is not let through.`, 'Use PostgreSQL’s own.');
  }
}

/** System columns tell where a row lies in the server's files. */
function column(node: Tree): void {
  const names = ((node.fields ?? []) as Tree[]).map((field) => (field.String as { sval?: string })?.sval ?? '*');
  const last = names.at(-1)!;
  if (/^(?:tableoid|xmin|xmax|cmin|cmax|ctid)$/.test(last))
    throw new Refusal('system_column', `${last} is a column of the server’s own.`, 'Use the table’s columns.');
  if (names.length > 3) throw new Refusal('column', `${names.join('.')} is of another database.`);
}

/** The length that lpad and rpad are given; NaN when it is not a plain number. */
function padding(node: Tree): number {
  const second = ((node.args ?? []) as Tree[])[1]?.A_Const as { ival?: { ival?: number } } | undefined;
  return second?.ival ? (second.ival.ival ?? 0) : Number.NaN;
}

const namesOf = (list: unknown): string[] =>
  ((list ?? []) as Tree[]).map((item) => (item.String as { sval?: string })?.sval ?? '');

const refusedFunction = (name: string): Refusal =>
  new Refusal(
    'function',
    `The function ${name} is not let through.`,
    'Functions that compute from what they are given are: count, sum, lower, date_trunc, …',
  );

function refusedPart(part: string, within?: string): Refusal {
  const [words, allowed] = REFUSED[part] ?? [
    within ? `${title(part)} of ${title(within)} is not let through.` : `${title(part)} is not let through.`,
    undefined,
  ];
  return new Refusal('grammar', words, allowed);
}
