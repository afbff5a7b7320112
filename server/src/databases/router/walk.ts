/** Goes through the tree of a statement, part by part: refuses what the lists do not name, and takes down what is touched and called. */
import { ALLOWED_FUNCTIONS, ALLOWED_TYPES, LONGEST_PAD } from './allowed-names.ts';
import { NODES, PLAIN, REFUSED } from './grammar.ts';
import { Refusal } from './refusal.ts';
import { isServers } from './server-names.ts';
import type { Action, Statement } from './statement.ts';

export type Tree = Record<string, unknown>;

export const ROOTS: Readonly<Record<string, Statement['kind']>> = {
  SelectStmt: 'read',
  InsertStmt: 'insert',
  UpdateStmt: 'update',
  DeleteStmt: 'delete',
};

const DEEPEST = 400;

export interface Leave {
  /** it may ask who is connected: in a policy, which is looked at for everybody alike */
  who?: boolean;
  /** functions that are let through besides */
  also?: ReadonlySet<string>;
  /** names that stand for values from outside: a function's arguments in its body */
  values?: readonly string[];
}

/** The one member of a wrapped node. */
export function only(wrapped: Tree): [string, Tree] {
  const [entry] = Object.entries(wrapped);
  if (!entry) throw new Refusal('grammar', 'The statement has an empty part.');
  return [entry[0], entry[1] as Tree];
}

/** `CreateTableAsStmt` → `Create table as`. */
export const title = (type: string): string => {
  const name = type.replace(/Stmt$/, '').replace(/(?<=[a-z])[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);
  return name.replaceAll('_', ' ');
};

const isNode = (value: unknown): value is Tree => typeof value === 'object' && value !== null && !Array.isArray(value);

/** Goes through a tree and takes down what it touches. */
export class Walk {
  readonly #statement: Statement;
  readonly #own = new Set<string>();
  /** names by which functions in FROM are called: such a name stands for the value itself */
  readonly #values = new Set<string>();
  /** `x.f` where PostgreSQL has a function or type f that is not let through: it is called for a value x */
  readonly #dotted: { of: string; name: string }[] = [];
  readonly #leave: Leave;

  constructor(statement: Statement, leave: Leave = {}) {
    this.#statement = statement;
    this.#leave = leave;
    for (const name of leave.values ?? []) this.#values.add(name);
    statement.own = this.#own;
  }

  root(type: string, node: Tree): void {
    if (!this.#statement.text || /with/i.test(this.#statement.text)) this.#names(node);
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
    const called = this.#dotted.find(({ of }) => this.#values.has(of));
    if (called) throw refusedFunction(called.name);
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
    else if (type === 'ColumnRef') this.#column(node);
    else if (type === 'A_Indirection') this.#indirection(node);
    else if (type === 'RangeFunction') this.#value(node);
    else if (
      type === 'SQLValueFunction' &&
      !/^SVFOP_(?:CURRENT|LOCAL)(?:_?)(?:DATE|TIME)/.test(String(node.op)) &&
      !(this.#leave.who && /^SVFOP_(?:CURRENT_USER|CURRENT_ROLE|USER)$/.test(String(node.op)))
    )
      throw new Refusal(
        'function',
        'Who or where the session is, is not told.',
        'current_date and its kind are allowed.',
      );
  }

  #column(node: Tree): void {
    const names = column(node);
    const name = names.at(-1)!;
    if (names.length > 1 && isNotLet(name)) this.#dotted.push({ of: names.at(-2)!, name });
  }

  /** `(x).f` is f(x) where x has no such part. */
  #indirection(node: Tree): void {
    const name = namesOf(((node.indirection ?? []) as Tree[]).filter((part) => part.String)).find(isNotLet);
    if (name) throw refusedFunction(name);
  }

  #value(node: Tree): void {
    const { aliasname } = (node.alias ?? {}) as { aliasname?: string };
    if (aliasname !== undefined) this.#values.add(aliasname);
    else
      for (const call of JSON.stringify(node.functions).matchAll(/"sval":"((?:[^"\\]|\\.)*)"/g))
        this.#values.add(JSON.parse(`"${call[1]}"`) as string);
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
    if (schema === undefined && this.#leave.also?.has(name)) return;
    if (schema === undefined || schema === 'pg_catalog') {
      if (ALLOWED_FUNCTIONS.has(name)) {
        if (name === 'lpad' || name === 'rpad') {
          this.#statement.byValue = true;
          if (!(padding(node) <= LONGEST_PAD))
            throw new Refusal('function', `${name} needs a number as its length.`, `At most ${LONGEST_PAD}.`);
        }
        if (name === 'format') {
          this.#statement.byValue = true;
          if (!(widths(node) <= LONGEST_PAD))
            throw new Refusal(
              'function',
              'format needs a plain text first, whose widths are numbers.',
              `At most ${LONGEST_PAD}: format('%-10s', name).`,
            );
        }
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
    if ((schema === undefined || schema === 'pg_catalog') && ALLOWED_TYPES.has(name)) {
      if (!FILLED.has(name) || !node.typmods) return;
      this.#statement.byValue = true;
      if (((node.typmods ?? []) as Tree[]).every((one) => numberOf(one) <= LONGEST_PAD)) return;
      throw new Refusal('type', `${name} is filled up to its length.`, `At most ${LONGEST_PAD}.`);
    }
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
function column(node: Tree): string[] {
  const names = ((node.fields ?? []) as Tree[]).map((field) => (field.String as { sval?: string })?.sval ?? '*');
  const last = names.at(-1)!;
  if (/^(?:tableoid|xmin|xmax|cmin|cmax|ctid)$/.test(last))
    throw new Refusal('system_column', `${last} is a column of the server’s own.`, 'Use the table’s columns.');
  if (names.length > 3) throw new Refusal('column', `${names.join('.')} is of another database.`);
  return names;
}

const isNotLet = (name: string): boolean => isServers(name) && !ALLOWED_FUNCTIONS.has(name) && !ALLOWED_TYPES.has(name);

/** Types whose values are as long as is said, whatever is in them. */
const FILLED: ReadonlySet<string> = new Set(['bpchar', 'char', 'bit']);

/** NaN when it is not a plain number. */
function numberOf(node: Tree | undefined): number {
  const value = node?.A_Const as { ival?: { ival?: number } } | undefined;
  return value?.ival ? (value.ival.ival ?? 0) : Number.NaN;
}

/** The length that lpad and rpad are given; NaN when it is not a plain number. */
const padding = (node: Tree): number => numberOf(((node.args ?? []) as Tree[])[1]);

/** How wide the values are together that format fills up; NaN when what it is given is not a plain text, or a width is a value. */
function widths(node: Tree): number {
  const first = ((node.args ?? []) as Tree[])[0]?.A_Const as { sval?: { sval?: string } } | undefined;
  if (!first?.sval) return Number.NaN;
  const each = [...(first.sval.sval ?? '').matchAll(/%(?:\d+\$)?-*(\*|\d+)/g)].map(([, width]) => Number(width));
  return each.reduce((sum, width) => sum + width, 0);
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
