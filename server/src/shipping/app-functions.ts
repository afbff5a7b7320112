/**
 * The app's own functions in statements of changes. What a function writes is not to be seen in the statement that calls it, and one that only reads may call one
 * that writes: so once any of them may write, the mention of every one of them counts.
 */
import type pg from 'pg';
import { isServers } from '../databases/router/server-names.ts';
import { only, type Tree } from '../databases/router/walk.ts';
import { lastName } from './names-before.ts';

/** What names a function and runs nothing. A policy is asked of whoever reads, and not while changes are made. */
const RUNS_NOTHING = new Set(['CreateFunctionStmt', 'CommentStmt', 'GrantStmt', 'DropStmt', 'CreatePolicyStmt']);
/** What makes PostgreSQL run what views, defaults and rules of rows mention. */
const RUNS = new Set(['InsertStmt', 'UpdateStmt', 'DeleteStmt', 'AlterTableStmt', 'IndexStmt']);

/** Names that may be those of an app's functions: PostgreSQL has none of that name, or the parts of a row are written the same. */
export function mayCall(tree: Tree): boolean {
  const [type] = only(tree);
  return RUNS.has(type) || (!RUNS_NOTHING.has(type) && namesIn(tree).length > 0);
}

export class AppFunctions {
  readonly #client: pg.Client;
  readonly #made = new Set<string>();
  #writes = false;
  #now: Promise<Now> | undefined;

  constructor(client: pg.Client) {
    this.#client = client;
  }

  /** Those whose writing nobody sees, of those that a statement runs. What it makes is taken down. */
  async among(tree: Tree): Promise<string[]> {
    const [type, node] = only(tree);
    if (type === 'CreateFunctionStmt') {
      this.#made.add(lastName(node.funcname) ?? '');
      if (!/"sval":"(?:stable|immutable)"/.test(JSON.stringify(node.options))) this.#writes = true;
    }
    if (RUNS_NOTHING.has(type)) return [];
    const named = namesIn(tree);
    if (named.length === 0 && !RUNS.has(type)) return [];
    this.#now ??= functionsNow(this.#client);
    const now = await this.#now;
    if (now === undefined) return [...new Set(named.filter(({ call }) => call).map(({ name }) => name))];
    if (!this.#writes && !now.write) return [];
    const mentioned = named.filter(({ name }) => this.#made.has(name) || now.names.has(name)).map(({ name }) => name);
    return [...new Set([...mentioned, ...(RUNS.has(type) ? now.used : [])])];
  }
}

type Now =
  | {
      names: Set<string>;
      /** whether any of them may write */
      write: boolean;
      /** those that views, defaults, rules of rows and the like mention */
      used: string[];
    }
  | undefined;

/** undefined: that could not be asked */
async function functionsNow(client: pg.Client): Promise<Now> {
  try {
    const { rows } = await client.query<{ name: string; write: boolean; used: boolean }>(
      `select p.proname as name, bool_or(p.provolatile = 'v') as write, bool_or(exists (select from pg_depend d where d.refclassid = 'pg_proc'::regclass
         and d.refobjid = p.oid and d.classid not in ('pg_proc'::regclass, 'pg_policy'::regclass))) as used
       from pg_proc p where p.pronamespace = current_schema()::regnamespace group by 1`,
    );
    return {
      names: new Set(rows.map(({ name }) => name)),
      write: rows.some(({ write }) => write),
      used: rows.filter(({ used }) => used).map(({ name }) => name),
    };
  } catch {
    return undefined;
  }
}

/** PostgreSQL calls f for f(x), for x.f and for (x).f. */
function namesIn(part: unknown): { name: string; call: boolean }[] {
  if (typeof part !== 'object' || part === null) return [];
  return Object.entries(part).flatMap(([type, node]) => [...nameOf(type, node as Tree), ...namesIn(node)]);
}

function nameOf(type: string, node: Tree): { name: string; call: boolean }[] {
  const call = type === 'FuncCall';
  const names = call
    ? node.funcname
    : type === 'A_Indirection'
      ? node.indirection
      : type === 'ColumnRef'
        ? node.fields
        : undefined;
  if (!Array.isArray(names) || (type === 'ColumnRef' && names.length < 2)) return [];
  const name = lastName(names);
  return name === undefined || isServers(name) ? [] : [{ name, call }];
}
