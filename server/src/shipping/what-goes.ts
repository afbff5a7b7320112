/**
 * What changes would remove from tables that have rows now, and which values they would make others of, in words with numbers. A yes is given over these words:
 * what cannot be counted is said to be not counted, and is never a nought.
 */
import pg from 'pg';
import type { Loses } from '../../../contract/loses.ts';
import { losesAnything, NOTHING_LOST } from '../../../contract/loss-words.ts';
import type { DataCluster } from '../databases/cluster.ts';
import { parseOne } from '../databases/router/statement.ts';
import { only, type Tree } from '../databases/router/walk.ts';
import { AppFunctions, mayCall } from './app-functions.ts';
import { type Column, droppedBy, NamesBefore, relationOf } from './names-before.ts';
import { mayBeNow } from './own-column.ts';
import { type Rewritten, rewrittenBy, Written, writesWithin, writtenBy } from './rewritten.ts';
import { countOthers, type Step } from './same-values.ts';

const id = pg.escapeIdentifier;
const MOST_COUNTED = 1_000_000;
/** A big table is read through in this time. */
const COUNT_MS = 20_000;
/** Nobody who holds a table is waited for any longer. */
const LOCK_MS = 3000;
/** All of them together: what is left by then is not counted. */
const ALL_MS = 30_000;

/** A change as far as it matters here. What is not destructive is followed for what it renames and overwrites. */
interface Losing {
  destructive: boolean;
  statements: readonly string[];
}

/** What goes, and the changes that do it. */
export interface Goes<C> {
  loses: Loses;
  by: C[];
}

/**
 * What changes would remove from an app's tables in one place and overwrite there, each with its numbers: what a merge says before its yes, and going live
 * before its own.
 * @param changes all that the place does not have yet, in their order
 */
export async function whatChangesRemove<C extends Losing>(
  cluster: DataCluster,
  at: { database: string; containerSlug: string; schema: string },
  changes: readonly C[],
): Promise<Goes<C>> {
  if (!changes.some(mayRemove)) return { loses: NOTHING_LOST, by: [] };
  return cluster.asOwner(at.database, at.containerSlug, at.schema, (client) => whatGoes(client, changes));
}

/** Whether anything is to be counted: to say so needs no database. */
function mayRemove({ destructive, statements }: Losing): boolean {
  if (destructive) return true;
  return statements.some((text) => {
    const tree = treeOf(text);
    return !tree || mayCall(tree) || writtenBy(tree).length > 0 || writesWithin(tree);
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
  changes.some(({ destructive }) => destructive) ||
  losesAnything((await whatChangesRemove(cluster, at, changes)).loses);

/**
 * What goes with changes.
 * @param client connected to the tables as their owner
 */
export async function whatGoes<C extends Losing>(client: pg.Client, changes: readonly C[]): Promise<Goes<C>> {
  const count = await counter(client);
  const names = new NamesBefore();
  const written = new Written();
  const functions = new AppFunctions(client);
  const words = { removed: new Set<string>(), uncounted: new Set<string>() };
  /** how many values of a column all that came so far makes others of */
  const overwritten = new Map<string, number>();
  /** how it begins where all values of a column go: then what becomes of some does not matter */
  const all = new Map<string, string>();
  const by: C[] = [];
  for (const change of changes) {
    const { destructive, statements } = change;
    let named = false;
    const say = (kind: keyof typeof words, one: string) => {
      words[kind].add(one);
      named = true;
    };
    for (const text of statements) {
      const tree = treeOf(text);
      if (!tree) {
        if (destructive) say('uncounted', 'what a statement that cannot be read removes');
        continue;
      }
      for (const one of await goesWith(client, tree, names, count)) say('removed', one);
      // whatever a change says of itself
      for (const one of rewrittenBy(tree, names)) {
        if (isOfTheSet(one.column)) continue;
        const [n, name] = [await othersOf(one, written, count), inWords(one.column)];
        if (n === undefined) {
          say('uncounted', `values of ${name}`);
          all.set(`values of ${name}`, `${wordsOf(one.column)} (`);
        } else if (n > (overwritten.get(name) ?? 0) || destructive) {
          overwritten.set(name, n);
          named = true;
        }
      }
      if (writesWithin(tree)) say('uncounted', 'what a statement within another writes');
      for (const name of await functions.among(tree, (table) => names.table(table)))
        say('uncounted', `what the function ${name} writes`);
      names.follow(tree);
    }
    if (destructive && !named) say('uncounted', 'some values of the app');
    if (named || destructive) by.push(change);
  }
  const removed = [...words.removed];
  const uncounted = [...words.uncounted].filter((one) => {
    const whole = all.get(one);
    return whole === undefined || !removed.some((other) => other.startsWith(whole));
  });
  const others = [...overwritten].map(([name, n]) => `${numberOf(n, 'value')} of ${name}`);
  return { loses: { removed, overwritten: others, uncounted }, by };
}

/** Whether the set has made the column: nobody has put anything in it. */
const isOfTheSet = ({ table, column, elsewhere }: Column): boolean => !elsewhere && (table === null || column === null);

/** How many values have become others by then. undefined: that is not known */
async function othersOf(one: Rewritten, written: Written, count: Count): Promise<number | undefined> {
  const steps = written.follow(one);
  if (one.column.elsewhere || !steps) return undefined;
  return count.others(one.column.table!, one.column.column!, steps);
}

const numberOf = (n: number, what: string): string =>
  n >= MOST_COUNTED ? `1,000,000 or more ${what}s` : `${n} ${what}${n === 1 ? '' : 's'}`;

/** As they are called now. What the set makes itself is called as it calls it. */
const wordsOf = ({ table, column, called }: Column): string => `${column ?? called.column} of ${table ?? called.table}`;
const inWords = ({ table, column, called }: Column): string => `${column ?? called.column} in ${table ?? called.table}`;

interface Count {
  /** A column’s values, or a table’s rows, in words. */
  all(of: Column | { table: string | null; name: string }): Promise<string>;
  /** Its values that statements make others of. undefined: not counted */
  others(table: string, column: string, steps: readonly Step[]): Promise<number | undefined>;
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
    .map(({ table, column }): Column => ({ table, column, called: { table, column }, elsewhere: false }));
  const words: string[] = [];
  for (const one of [...before, ...retyped.filter((one) => one.type === type).map(({ column }) => column)])
    words.push(await count.all(one));
  return words;
}

/** Counts in the tables as they are now; what does not answer in time is not counted. */
async function counter(client: pg.Client): Promise<Count> {
  const until = Date.now() + ALL_MS;
  const bounded = await client.query(`set statement_timeout = ${COUNT_MS}; set lock_timeout = ${LOCK_MS}`).then(
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
    return `${name} (${numberOf(n, what)})`;
  };
  const others: Count['others'] = async (table, column, steps) => {
    try {
      const { rows } = await client.query<{ type: string }>(
        `select format_type(atttypid, atttypmod) as type from pg_attribute join pg_class c on c.oid = attrelid and c.relkind in ('r', 'p')
         where attrelid = to_regclass($1) and attname = $2 and attnum > 0 and not attisdropped`,
        [id(table), column],
      );
      const type = rows[0]?.type;
      return type === undefined || mayBeNow(steps, type)
        ? undefined
        : await counted(countOthers({ table, column, type, steps }, MOST_COUNTED));
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
