/**
 * What changes would remove from tables that have rows now, in words with numbers. A yes is given over these words: what cannot be counted is said to be
 * not counted, and is never a nought.
 */
import pg from 'pg';
import type { DataCluster } from '../databases/cluster.ts';
import { parseOne } from '../databases/router/statement.ts';
import { only, type Tree } from '../databases/router/walk.ts';
import { type Column, droppedBy, lastName, NamesBefore, relationOf } from './names-before.ts';
import { type Counting, callsOf, type Rewritten, rewrittenBy, Written, writtenBy } from './rewritten.ts';

const id = pg.escapeIdentifier;
const MOST_COUNTED = 1_000_000;
const COUNT_MS = 5000;
/** All of them together: what is left by then is not counted. */
const ALL_MS = 20_000;

/** A change as far as it matters here. What is not destructive is followed for what it renames and overwrites. */
interface Losing {
  destructive: boolean;
  statements: readonly string[];
}

/**
 * What changes would remove from an app's tables in one place, each with its numbers: what a merge says before its yes, and going live before its own.
 * @param changes all that the place does not have yet, in their order
 */
export async function whatChangesRemove(
  cluster: DataCluster,
  at: { database: string; containerSlug: string; schema: string },
  changes: readonly Losing[],
): Promise<string[]> {
  if (!changes.some(mayRemove)) return [];
  return cluster.asOwner(at.database, at.containerSlug, at.schema, (client) => whatGoes(client, changes));
}

/** Whether anything is to be counted: to say so needs no database. */
function mayRemove({ destructive, statements }: Losing): boolean {
  if (destructive) return true;
  return statements.some((text) => {
    const tree = treeOf(text);
    return !tree || callsOf(tree).length > 0 || writtenBy(tree).length > 0;
  });
}

/**
 * Whether what a place holds has to be kept, and somebody asked: what a change says of itself is enough, and what it says nothing of is counted.
 */
export const removesSomething = async (
  cluster: DataCluster,
  at: { database: string; containerSlug: string; schema: string },
  changes: readonly Losing[],
): Promise<boolean> =>
  changes.some(({ destructive }) => destructive) || (await whatChangesRemove(cluster, at, changes)).length > 0;

/**
 * @param client connected to the tables as their owner
 * @returns for example `mobile of customers (12 values)`, `notes (3 rows)`
 */
export async function whatGoes(client: pg.Client, changes: readonly Losing[]): Promise<string[]> {
  const count = await counter(client);
  const names = new NamesBefore();
  const written = new Written();
  const calls = new VolatileFunctions(client);
  const words = new Set<string>();
  for (const { destructive, statements } of changes) {
    let named = false;
    const say = (one: string) => {
      words.add(one);
      named = true;
    };
    for (const text of statements) {
      const tree = treeOf(text);
      if (!tree) {
        if (destructive) say('what a statement that cannot be read removes (not counted)');
        continue;
      }
      for (const one of await goesWith(client, tree, names, count)) say(one);
      // whatever a change says of itself
      for (const one of rewrittenBy(tree, names, written)) {
        const said = await wordsOfRewritten(one, count);
        if (said !== undefined && (destructive || !said.startsWith('0 '))) say(said);
      }
      for (const name of await calls.among(tree)) say(`what the function ${name} writes (not counted)`);
      names.follow(tree);
      written.follow(tree);
    }
    if (destructive && !named) words.add('some values of the app (not counted)');
  }
  // all of them are counted elsewhere
  return [...words].filter((one) => {
    const some = SOME.exec(one)?.[1];
    return some === undefined || ![...words].some((other) => other.startsWith(`${some} (`));
  });
}

const SOME = /^some values of (.*) \(not counted\)$/s;

/** undefined: the set has made the column, nobody has put anything in it */
async function wordsOfRewritten({ column, counting }: Rewritten, count: Count): Promise<string | undefined> {
  if (column.table === null || column.column === null) return undefined;
  const name = wordsOf(column);
  const n = counting && (await count.others(column, counting));
  if (n === undefined) return `some values of ${name} (not counted)`;
  if (n >= MOST_COUNTED) return `1,000,000 or more values of ${name} (they become others)`;
  return `${n} value${n === 1 ? '' : 's'} of ${name} (${n === 1 ? 'it becomes another' : 'they become others'})`;
}

/** The app’s own functions that may write: those that are there, and those that the set makes. */
class VolatileFunctions {
  readonly #client: pg.Client;
  readonly #made = new Map<string, boolean>();

  constructor(client: pg.Client) {
    this.#client = client;
  }

  /** Those that a statement calls. What it makes is taken down. */
  async among(tree: Tree): Promise<string[]> {
    const [type, node] = only(tree);
    if (type === 'CreateFunctionStmt')
      this.#made.set(lastName(node.funcname) ?? '', !JSON.stringify(node.options).includes('"sval":"stable"'));
    const called: string[] = [];
    for (const name of callsOf(tree)) if (this.#made.get(name) ?? (await this.#isVolatile(name))) called.push(name);
    return called;
  }

  async #isVolatile(name: string): Promise<boolean> {
    try {
      const { rowCount } = await this.#client.query(
        `select 1 from pg_proc where pronamespace = current_schema()::regnamespace and proname = $1 and provolatile = 'v'`,
        [name],
      );
      return rowCount !== 0;
    } catch {
      return true;
    }
  }
}

/** As they are called now. What the set makes itself is called as it calls it. */
const wordsOf = ({ table, column, called }: Column): string => `${column ?? called.column} of ${table ?? called.table}`;

interface Count {
  /** A column’s values, or a table’s rows, in words. */
  all(of: Column | { table: string | null; name: string }): Promise<string>;
  /** Its values that become others. undefined: not counted */
  others(column: Column, counting: Counting): Promise<number | undefined>;
}

async function goesWith(client: pg.Client, tree: Tree, names: NamesBefore, count: Count): Promise<string[]> {
  const [type, node] = only(tree);
  const words: string[] = [];
  if (type === 'AlterTableStmt') {
    for (const item of (node.cmds ?? []) as Tree[]) {
      const [, { subtype, name }] = only(item);
      if (subtype === 'AT_DropColumn') words.push(await count.all(names.column(relationOf(node)!, String(name))));
    }
  } else if (type === 'DropStmt' && node.removeType === 'OBJECT_TABLE') {
    for (const name of droppedBy(node)) words.push(await count.all({ table: names.table(name), name }));
  } else if (type === 'DropStmt' && node.removeType === 'OBJECT_TYPE' && node.behavior === 'DROP_CASCADE') {
    for (const name of droppedBy(node)) words.push(...(await goesWithType(client, name, names, count)));
  } else if (type === 'DeleteStmt') {
    const table = relationOf(node) ?? '';
    words.push(`rows of ${names.table(table) ?? table} (not counted)`);
  }
  return words;
}

/** A list of values takes the columns that are of it along: those that are now, and those that the changes before have made of it. */
async function goesWithType(client: pg.Client, type: string, names: NamesBefore, count: Count): Promise<string[]> {
  let now: { table: string; column: string }[];
  try {
    const { rows } = await client.query<{ table: string; column: string }>(
      `select c.relname as table, a.attname as column from pg_type t
         join pg_attribute a on a.atttypid in (t.oid, t.typarray) and a.attnum > 0 and not a.attisdropped
         join pg_class c on c.oid = a.attrelid and c.relkind in ('r', 'p') and c.relnamespace = t.typnamespace
       where t.typnamespace = current_schema()::regnamespace and t.typname = $1 order by 1, 2`,
      [type],
    );
    now = rows;
  } catch {
    return [`columns of the list ${type} (not counted)`];
  }
  const retyped = names.retyped();
  const ofAnother = new Set(
    retyped.filter((one) => one.type !== type).map(({ column }) => JSON.stringify([column.table, column.column])),
  );
  const before = now
    .filter(({ table, column }) => !ofAnother.has(JSON.stringify([table, column])))
    .map(({ table, column }): Column => ({ table, column, called: { table, column } }));
  const words: string[] = [];
  for (const one of [...before, ...retyped.filter((one) => one.type === type).map(({ column }) => column)])
    words.push(await count.all(one));
  return words;
}

/** Counts in the tables as they are now; what does not answer in time is not counted. */
async function counter(client: pg.Client): Promise<Count> {
  const until = Date.now() + ALL_MS;
  const bounded = await client.query(`set statement_timeout = ${COUNT_MS}`).then(
    () => true,
    () => false,
  );
  const counted = async (text: string): Promise<number | undefined> => {
    if (!bounded || Date.now() > until) return undefined;
    try {
      await client.query('begin transaction read only');
      const { rows } = await client.query<{ n: unknown }>(text);
      const n = rows[0]?.n;
      return typeof n === 'number' && Number.isSafeInteger(n) && n >= 0 ? n : undefined;
    } catch {
      return undefined;
    } finally {
      await client.query('rollback').catch(() => {});
    }
  };
  const all: Count['all'] = async (of) => {
    const [what, name] = 'column' in of ? ['value', wordsOf(of)] : ['row', of.table ?? of.name];
    // the set has made it: there is nothing in it that anybody uses
    if (of.table === null || ('column' in of && of.column === null)) return `${name} (0 ${what}s)`;
    const filled = 'column' in of ? `where ${id(of.column!)} is not null` : '';
    const n = await counted(
      `select count(*)::int as n from (select 1 from ${id(of.table)} ${filled} limit ${MOST_COUNTED}) counted`,
    );
    if (n === undefined) return `${name} (not counted)`;
    if (n >= MOST_COUNTED) return `${name} (1,000,000 or more ${what}s)`;
    return `${name} (${n} ${what}${n === 1 ? '' : 's'})`;
  };
  const others: Count['others'] = async ({ table, column }, counting) => {
    try {
      const { rows } = await client.query<{ type: string }>(
        `select format_type(atttypid, atttypmod) as type from pg_attribute
         where attrelid = to_regclass($1) and attname = $2 and attnum > 0 and not attisdropped`,
        [id(table!), column],
      );
      return rows[0] && (await counted(counting(rows[0].type, MOST_COUNTED)));
    } catch {
      return undefined;
    }
  };
  return { all, others };
}

function treeOf(text: string): Tree | undefined {
  try {
    return parseOne(text, '').tree;
  } catch {
    return undefined;
  }
}
