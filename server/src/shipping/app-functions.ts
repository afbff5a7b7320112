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
/** What writes rows makes PostgreSQL run what the table's defaults, checks and indexes mention, and so does a new type; and any view that it reads. */
const RUNS = new Set(['InsertStmt', 'UpdateStmt', 'DeleteStmt']);
const runs = (type: string, tree: Tree): boolean =>
  RUNS.has(type) || (type === 'AlterTableStmt' && JSON.stringify(tree).includes('"AT_AlterColumnType"'));

/** Names that may be those of an app's functions: PostgreSQL has none of that name, or the parts of a row are written the same. */
export function mayCall(tree: Tree): boolean {
  const [type] = only(tree);
  return runs(type, tree) || (!RUNS_NOTHING.has(type) && namesIn(tree).length > 0);
}

export class AppFunctions {
  readonly #client: pg.Client;
  readonly #made = new Set<string>();
  #writes = false;
  #now: Promise<Now> | undefined;

  constructor(client: pg.Client) {
    this.#client = client;
  }

  /**
   * Those whose writing nobody sees, of those that a statement runs. What it makes is taken down.
   * @param nameNow what a table is called now; null: the set has made it
   */
  async among(tree: Tree, nameNow: (table: string) => string | null): Promise<string[]> {
    const [type, node] = only(tree);
    if (type === 'CreateFunctionStmt') {
      this.#made.add(lastName(node.funcname) ?? '');
      if (!/"sval":"(?:stable|immutable)"/.test(JSON.stringify(node.options))) this.#writes = true;
    }
    if (RUNS_NOTHING.has(type)) return [];
    const named = namesIn(tree);
    if (named.length === 0 && !runs(type, tree)) return [];
    this.#now ??= functionsNow(this.#client);
    const now = await this.#now;
    if (now === undefined) return [...new Set(named.filter(({ call }) => call).map(({ name }) => name))];
    if (!this.#writes && !now.write) return [];
    const mentioned = named.filter(({ name }) => this.#made.has(name) || now.names.has(name)).map(({ name }) => name);
    if (!runs(type, tree)) return [...new Set(mentioned)];
    const relations = relationsIn(tree).map((name) => nameNow(name) ?? name);
    const readsView = relations.some((name) => now.views.has(name) || !now.tables.has(name));
    const used = now.used.filter(({ by, view }) => (view ? readsView : relations.includes(by)));
    return [...new Set([...mentioned, ...used.map(({ name }) => name)])];
  }
}

type Now =
  | {
      names: Set<string>;
      /** whether any of them may write */
      write: boolean;
      /** those that defaults, checks and indexes of tables mention, and views */
      used: { name: string; by: string; view: boolean }[];
      tables: Set<string>;
      views: Set<string>;
    }
  | undefined;

/** undefined: that could not be asked */
async function functionsNow(client: pg.Client): Promise<Now> {
  try {
    const functions = await client.query<{ name: string; write: boolean }>(
      `select proname as name, bool_or(provolatile = 'v') as write from pg_proc where pronamespace = current_schema()::regnamespace group by 1`,
    );
    const used = await client.query<{ name: string; by: string; view: boolean }>(
      `select distinct p.proname as name, coalesce(c.relname, '') as by, d.classid = 'pg_rewrite'::regclass or c.oid is null as view
       from pg_proc p join pg_depend d on d.refclassid = 'pg_proc'::regclass and d.refobjid = p.oid and d.classid not in ('pg_proc'::regclass, 'pg_policy'::regclass)
         left join pg_attrdef a on d.classid = 'pg_attrdef'::regclass and a.oid = d.objid
         left join pg_constraint k on d.classid = 'pg_constraint'::regclass and k.oid = d.objid
         left join pg_trigger t on d.classid = 'pg_trigger'::regclass and t.oid = d.objid
         left join pg_index i on d.classid = 'pg_class'::regclass and i.indexrelid = d.objid
         left join pg_class c on c.oid = coalesce(a.adrelid, nullif(k.conrelid, 0), t.tgrelid, i.indrelid)
       where p.pronamespace = current_schema()::regnamespace`,
    );
    const relations = await client.query<{ name: string; view: boolean }>(
      `select relname as name, relkind not in ('r', 'p') as view from pg_class where relnamespace = current_schema()::regnamespace and relkind in ('r', 'p', 'v', 'm', 'f')`,
    );
    return {
      names: new Set(functions.rows.map(({ name }) => name)),
      write: functions.rows.some(({ write }) => write),
      used: used.rows,
      tables: new Set(relations.rows.filter(({ view }) => !view).map(({ name }) => name)),
      views: new Set(relations.rows.filter(({ view }) => view).map(({ name }) => name)),
    };
  } catch {
    return undefined;
  }
}

/** Names of tables and views anywhere in a statement. */
function relationsIn(part: unknown): string[] {
  if (typeof part !== 'object' || part === null) return [];
  const own = (part as { relname?: unknown }).relname;
  return [...(typeof own === 'string' ? [own] : []), ...Object.values(part).flatMap(relationsIn)];
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
