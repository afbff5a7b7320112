/** Copying rows between schemas of one database, and telling whether they changed. Runs as the target's owner, never as superuser. */
import pg from 'pg';
import { openTables } from './let-rows-in.ts';

const id = pg.escapeIdentifier;
const OWN = '_vibe_changes';
const VALUES = 'values ';
/** PostgreSQL's own types have numbers below, the same in every database. */
const FIRST_MADE = 16_384;
/** `text`, as a column's type is named here */
const TEXT = '25 -1';
const UNIQUE_VIOLATION = '23505';
/** Written by an app with roles when somebody comes for the first time. */
const PEOPLE = 'app_people';

/** Ordinary tables of a schema that the connected role may read, ours left out. */
export async function tablesOf(client: pg.Client, schema: string): Promise<string[]> {
  const { rows } = await client.query(
    `select c.relname from pg_class c where c.relnamespace = (select oid from pg_namespace where nspname = $1) and c.relkind = 'r'
       and c.relname <> $2 and has_table_privilege(c.oid, 'select') order by 1`,
    [schema, OWN],
  );
  return rows.map((row) => row.relname);
}

type Columns = Map<string, string>;

/**
 * Columns with their types, of each table that the connected role may read, ours left out. A list of values is named without its schema, because
 * each schema has its own.
 */
async function columnsOf<S extends string[]>(
  client: pg.Client,
  schemas: [...S],
): Promise<{ [K in keyof S]: Map<string, Columns> }> {
  // so that little is looked up: each draft reads this over a connection that has nothing in its cache yet
  const columns = `from pg_attribute a where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped and a.attgenerated = '' order by a.attnum`;
  const { rows } = await client.query<{ schema: string; relname: string; names: string[]; types: string[] }>(
    `select (select n.nspname from pg_namespace n where n.oid = c.relnamespace) as schema, c.relname, array(select a.attname::text ${columns}) as names,
       array(select case when a.atttypid < ${FIRST_MADE} then a.atttypid || ' ' || a.atttypmod
         when (select t.typtype from pg_type t where t.oid = a.atttypid) = 'e' then '${VALUES}' || (select t.typname from pg_type t where t.oid = a.atttypid)
         else format_type(a.atttypid, a.atttypmod) end ${columns}) as types
     from pg_class c where c.relnamespace in (${schemas.map((_, at) => `to_regnamespace($${at + 2})`).join(', ')})
       and c.relkind = 'r' and c.relname <> $1 and has_table_privilege(c.oid, 'select') order by 2`,
    [OWN, ...schemas.map(id)],
  );
  return schemas.map(
    (schema) =>
      new Map(
        rows
          .filter((row) => row.schema === schema)
          .map(({ relname, names, types }) => [relname, new Map(names.map((name, at) => [name, types[at]!]))]),
      ),
  ) as { [K in keyof S]: Map<string, Columns> };
}

/** The columns that both have, as an insert names them and as a select gives them. A snapshot keeps values of a list as text. */
function shared(source: Columns, target: Columns, to: string): { into: string; from: string } {
  const both = [...source].filter(([name, type]) => {
    const wanted = target.get(name);
    return wanted === type || (wanted?.startsWith(VALUES) && type === TEXT);
  });
  return {
    into: both.map(([name]) => id(name)).join(', '),
    from: both
      .map(([name]) => {
        const wanted = target.get(name)!;
        return wanted.startsWith(VALUES) ? `${id(name)}::text::${id(to)}.${id(wanted.slice(VALUES.length))}` : id(name);
      })
      .join(', '),
  };
}

/**
 * Copies rows of the tables and columns that both schemas have with the same type. Rows that are there already, or that a unique column of the target
 * does not take twice, stay as they are; rows that the target refuses otherwise fail the whole copy. To be called within a transaction. Where
 * tables point at others, all are read in one statement, so as they were at one moment: what is written meanwhile does not come in part.
 * @param most rows per table; undefined copies all
 * @returns rows copied
 */
export async function copyRows(client: pg.Client, from: string, to: string, most?: number): Promise<number> {
  const [sources, targets] = await columnsOf(client, [from, to]);
  const pointers = most === undefined ? [] : await pointersOf(client, to);
  // rows may point at rows of a table that comes later
  const { points, close } = await openTables(client, to);
  const inserts: string[] = [];
  for (const [table, source] of sources) {
    const target = targets.get(table);
    const list = target && shared(source, target, to);
    if (!list?.into) continue;
    const limit = most === undefined ? '' : ` order by ctid desc limit ${Math.max(0, Math.floor(most))}`;
    inserts.push(
      `insert into ${id(to)}.${id(table)} (${list.into}) select ${list.from} from ${id(from)}.${id(table)}${limit}`,
    );
  }
  let copied = 0;
  // counting rows of a part costs a tenth
  if (points && inserts.length > 1) copied += await insertNew(client, (more) => together(inserts, more));
  else for (const insert of inserts) copied += await insertNew(client, (more) => insert + more);
  copied += await completePointers(client, pointers, { sources, targets, from, to });
  await close();
  return copied;
}

/** Asking of each row whether it is there costs half as much again: it is only asked where one was. */
async function insertNew(client: pg.Client, insert: (more: string) => string): Promise<number> {
  try {
    const results = await client.query(`savepoint inserting; ${insert('')}; release savepoint inserting`);
    return insertedBy((results as unknown as pg.QueryResult[])[1]!);
  } catch (error) {
    if ((error as pg.DatabaseError).code !== UNIQUE_VIOLATION) throw error;
    await client.query('rollback to savepoint inserting');
    return insertedBy(await client.query(insert(' on conflict do nothing')));
  }
}

/** Several inserts as one statement, which says how many rows they have inserted. */
const together = (inserts: string[], more: string): string =>
  `with ${inserts.map((insert, at) => `t${at} as (${insert}${more} returning 1)`).join(', ')}
   select (${inserts.map((_, at) => `(select count(*) from t${at})`).join(' + ')})::float8 as n`;

const insertedBy = ({ rows, rowCount }: pg.QueryResult): number => rows[0]?.n ?? rowCount ?? 0;

interface Pointer {
  child: string;
  columns: string[];
  parent: string;
  keys: string[];
}

/** Which columns of a schema's tables point at which of others. */
async function pointersOf(client: pg.Client, schema: string): Promise<Pointer[]> {
  const names = (relation: string, numbers: string) =>
    `(select array_agg(a.attname::text order by k.place) from unnest(${numbers}) with ordinality k (number, place)
        join pg_attribute a on a.attrelid = ${relation} and a.attnum = k.number)`;
  const { rows } = await client.query<Pointer>(
    `select child.relname as child, ${names('c.conrelid', 'c.conkey')} as columns, parent.relname as parent, ${names('c.confrelid', 'c.confkey')} as keys
     from pg_constraint c join pg_class child on child.oid = c.conrelid join pg_class parent on parent.oid = c.confrelid
     where c.contype = 'f' and c.connamespace = (select oid from pg_namespace where nspname = $1)`,
    [schema],
  );
  return rows;
}

/** Copies what the rows of a sample point at, until nothing points into the void. */
async function completePointers(
  client: pg.Client,
  pointers: Pointer[],
  {
    sources,
    targets,
    from,
    to,
  }: { sources: Map<string, Columns>; targets: Map<string, Columns>; from: string; to: string },
): Promise<number> {
  let copied = 0;
  for (let added = 1; added > 0; ) {
    added = 0;
    for (const { child, columns, parent, keys } of pointers) {
      const [source, target] = [sources.get(parent), targets.get(parent)];
      const list = source && target && shared(source, target, to);
      // the app has lost that table or its key meanwhile
      if (!list?.into || !keys.every((key) => source?.has(key))) continue;
      const pointed = keys.map((key, at) => `c.${id(columns[at]!)} = s.${id(key)}`).join(' and ');
      const there = keys.map((key) => `p.${id(key)} = s.${id(key)}`).join(' and ');
      const result = await client.query(
        `insert into ${id(to)}.${id(parent)} (${list.into}) select ${list.from} from ${id(from)}.${id(parent)} s
         where exists (select from ${id(to)}.${id(child)} c where ${pointed})
           and not exists (select from ${id(to)}.${id(parent)} p where ${there}) on conflict do nothing`,
      );
      added += result.rowCount ?? 0;
    }
    copied += added;
  }
  return copied;
}

/** Copies tables as bare data (no constraints) into an empty schema: a snapshot that costs what its rows cost. */
export async function snapshotRows(client: pg.Client, from: string, to: string): Promise<void> {
  for (const [table, columns] of (await columnsOf(client, [from]))[0]) {
    const list = [...columns].map(([name, type]) =>
      type.startsWith(VALUES) ? `${id(name)}::text as ${id(name)}` : id(name),
    );
    await client.query(
      `create table ${id(to)}.${id(table)} as select ${list.join(', ')} from ${id(from)}.${id(table)}`,
    );
  }
  await client.query(`create table ${id(to)}.${id(OWN)} as select * from ${id(from)}.${id(OWN)}`);
}

/** Drops every table of a schema, ours included, what hangs on them, views and lists of values. */
export async function dropTables(client: pg.Client, schema: string): Promise<void> {
  for (const table of [...(await tablesOf(client, schema)), OWN]) {
    await client.query(`drop table if exists ${id(schema)}.${id(table)} cascade`);
  }
  // what a view or function without tables or a list of values would leave behind
  const { rows } = await client.query<{ sql: string }>(
    `select format('drop view if exists %I.%I cascade', n.nspname, c.relname) as sql from pg_class c join pg_namespace n on n.oid = c.relnamespace where n.nspname = $1 and c.relkind = 'v'
     union all select format('drop type if exists %I.%I cascade', n.nspname, t.typname) from pg_type t join pg_namespace n on n.oid = t.typnamespace where n.nspname = $1 and t.typtype = 'e'
     union all select format('drop function if exists %I.%I cascade', n.nspname, p.proname) from pg_proc p join pg_namespace n on n.oid = p.pronamespace where n.nspname = $1`,
    [schema],
  );
  for (const { sql } of rows) await client.query(sql);
}

/** A fingerprint of all rows of a schema, the same for the same rows in any order. */
export async function printRows(client: pg.Client, schema: string): Promise<string> {
  const parts: string[] = [];
  for (const table of await tablesOf(client, schema)) {
    // who has looked is no use of an app
    if (table === PEOPLE) continue;
    const { rows } = await client.query(
      `select count(*)::text || ':' || coalesce(sum(hashtextextended(t::text, 0)), 0)::text as print from ${id(schema)}.${id(table)} t`,
    );
    parts.push(`${table}=${rows[0].print}`);
  }
  return parts.join(';');
}
