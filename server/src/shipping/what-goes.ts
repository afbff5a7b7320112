/**
 * What changes would remove from tables that have rows now, in words with numbers. A yes is given over these words: what cannot be counted is said to be
 * not counted, and is never a nought.
 */
import pg from 'pg';
import type { DataCluster } from '../databases/cluster.ts';
import { parseOne } from '../databases/router/statement.ts';
import { only, type Tree } from '../databases/router/walk.ts';
import { type Column, droppedBy, NamesBefore, relationOf } from './names-before.ts';

const id = pg.escapeIdentifier;
const MOST_COUNTED = 1_000_000;
const COUNT_MS = 5000;
/** All of them together: what is left by then is not counted. */
const ALL_MS = 20_000;

/** A change as far as it matters here. What is not destructive is followed for what it renames. */
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
  if (!changes.some(({ destructive }) => destructive)) return [];
  return cluster.asOwner(at.database, at.containerSlug, at.schema, (client) => whatGoes(client, changes));
}

/**
 * @param client connected to the tables as their owner
 * @returns for example `mobile of customers (12 values)`, `notes (3 rows)`
 */
export async function whatGoes(client: pg.Client, changes: readonly Losing[]): Promise<string[]> {
  const count = await counter(client);
  const names = new NamesBefore();
  const words = new Set<string>();
  for (const { destructive, statements } of changes) {
    let named = false;
    const rewritten = new Set<string>();
    for (const text of statements) {
      const tree = treeOf(text);
      if (!tree) {
        if (destructive) words.add('what a statement that cannot be read removes (not counted)');
        named ||= destructive;
        continue;
      }
      for (const one of rewrites(tree, names)) rewritten.add(one);
      for (const one of await goesWith(client, tree, names, count)) {
        words.add(one);
        named = true;
      }
      names.follow(tree);
    }
    // what is cut or emptied has no number here, and the change says itself that something is lost
    const uncounted = [...rewritten].filter((name) => ![...words].some((one) => one.startsWith(`${name} (`)));
    if (destructive && (uncounted.length > 0 || !named))
      words.add(`some values of ${uncounted.length > 0 ? uncounted.join(' and ') : 'the app'} (not counted)`);
  }
  return [...words];
}

/** The columns whose values a statement makes others of. */
function rewrites(tree: Tree, names: NamesBefore): string[] {
  const [type, node] = only(tree);
  const table = relationOf(node);
  if (table === undefined) return [];
  const parts = (type === 'AlterTableStmt' ? node.cmds : type === 'UpdateStmt' ? node.targetList : []) as Tree[];
  return (parts ?? []).flatMap((item) => {
    const [, { subtype, name }] = only(item);
    if (type === 'AlterTableStmt' && subtype !== 'AT_AlterColumnType') return [];
    return wordsOf(names.column(table, String(name)));
  });
}

/** As they are called now. What the set makes itself is called as it calls it. */
const wordsOf = ({ table, column, called }: Column): string => `${column ?? called.column} of ${table ?? called.table}`;

/** A column’s values, or a table’s rows. */
type Count = (of: Column | { table: string | null; name: string }) => Promise<string>;

async function goesWith(client: pg.Client, tree: Tree, names: NamesBefore, count: Count): Promise<string[]> {
  const [type, node] = only(tree);
  const words: string[] = [];
  if (type === 'AlterTableStmt') {
    for (const item of (node.cmds ?? []) as Tree[]) {
      const [, { subtype, name }] = only(item);
      if (subtype === 'AT_DropColumn') words.push(await count(names.column(relationOf(node)!, String(name))));
    }
  } else if (type === 'DropStmt' && node.removeType === 'OBJECT_TABLE') {
    for (const name of droppedBy(node)) words.push(await count({ table: names.table(name), name }));
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
    words.push(await count(one));
  return words;
}

/** Counts in the tables as they are now; what does not answer in time is not counted. */
async function counter(client: pg.Client): Promise<Count> {
  const until = Date.now() + ALL_MS;
  const bounded = await client.query(`set statement_timeout = ${COUNT_MS}`).then(
    () => true,
    () => false,
  );
  return async (of) => {
    const [what, name] = 'column' in of ? ['value', wordsOf(of)] : ['row', of.table ?? of.name];
    // the set has made it: there is nothing in it that anybody uses
    if (of.table === null || ('column' in of && of.column === null)) return `${name} (0 ${what}s)`;
    if (!bounded || Date.now() > until) return `${name} (not counted)`;
    const filled = 'column' in of ? `where ${id(of.column!)} is not null` : '';
    try {
      const { rows } = await client.query<{ n: unknown }>(
        `select count(*)::int as n from (select 1 from ${id(of.table)} ${filled} limit ${MOST_COUNTED}) counted`,
      );
      const n = rows[0]?.n;
      if (typeof n !== 'number' || !Number.isSafeInteger(n) || n < 0) return `${name} (not counted)`;
      if (n >= MOST_COUNTED) return `${name} (1,000,000 or more ${what}s)`;
      return `${name} (${n} ${what}${n === 1 ? '' : 's'})`;
    } catch {
      return `${name} (not counted)`;
    }
  };
}

function treeOf(text: string): Tree | undefined {
  try {
    return parseOne(text, '').tree;
  } catch {
    return undefined;
  }
}
