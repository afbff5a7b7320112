/** Copying rows between schemas of one database, and telling whether they changed. Runs as the target's owner, never as superuser. */
import pg from 'pg';

const id = pg.escapeIdentifier;
const OWN = '_vibe_changes';
const VALUES = 'values ';
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

/** Columns with their types; a list of values is named without its schema, because each schema has its own. */
async function columnsOf(client: pg.Client, schema: string, table: string): Promise<Map<string, string>> {
  const { rows } = await client.query(
    `select attname, case when t.typtype = 'e' then '${VALUES}' || t.typname else format_type(atttypid, atttypmod) end as type
     from pg_attribute join pg_type t on t.oid = atttypid
     where attrelid = (select oid from pg_class where relname = $2 and relnamespace = (select oid from pg_namespace where nspname = $1))
       and attnum > 0 and not attisdropped and attgenerated = ''`,
    [schema, table],
  );
  return new Map(rows.map((row) => [row.attname, row.type]));
}

/** The columns that both have, as an insert names them and as a select gives them. A snapshot keeps values of a list as text. */
function shared(source: Map<string, string>, target: Map<string, string>, to: string): { into: string; from: string } {
  const both = [...source].filter(([name, type]) => {
    const wanted = target.get(name);
    return wanted === type || (wanted?.startsWith(VALUES) && type === 'text');
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
 * Copies rows of the tables and columns that both schemas have with the same type. Rows that the target refuses (a new constraint) fail
 * the whole copy.
 * @param most rows per table; undefined copies all
 * @returns rows copied
 */
export async function copyRows(client: pg.Client, from: string, to: string, most?: number): Promise<number> {
  const targets = new Set(await tablesOf(client, to));
  let copied = 0;
  // rows may point at rows of a table that comes later
  await client.query('set constraints all deferred');
  for (const table of await tablesOf(client, from)) {
    if (!targets.has(table)) continue;
    const [source, target] = await Promise.all([columnsOf(client, from, table), columnsOf(client, to, table)]);
    const list = shared(source, target, to);
    if (list.into === '') continue;
    const limit = most === undefined ? '' : ` order by ctid desc limit ${Math.max(0, Math.floor(most))}`;
    const result = await client.query(
      `insert into ${id(to)}.${id(table)} (${list.into}) select ${list.from} from ${id(from)}.${id(table)}${limit} on conflict do nothing`,
    );
    copied += result.rowCount ?? 0;
  }
  if (most !== undefined) copied += await completePointers(client, from, to);
  return copied;
}

/** Copies what the rows of a sample point at, until nothing points into the void. */
async function completePointers(client: pg.Client, from: string, to: string): Promise<number> {
  const { rows: pointers } = await client.query<{ child: string; column: string; parent: string }>(
    `select child.relname as child, a.attname as column, parent.relname as parent
     from pg_constraint c join pg_class child on child.oid = c.conrelid join pg_class parent on parent.oid = c.confrelid
       join pg_attribute a on a.attrelid = c.conrelid and a.attnum = c.conkey[1]
     where c.contype = 'f' and cardinality(c.conkey) = 1
       and c.connamespace = (select oid from pg_namespace where nspname = $1)`,
    [to],
  );
  let copied = 0;
  for (let added = 1; added > 0; ) {
    added = 0;
    for (const { child, column, parent } of pointers) {
      const [source, target] = await Promise.all([columnsOf(client, from, parent), columnsOf(client, to, parent)]);
      const list = shared(source, target, to);
      // the app has lost that table meanwhile
      if (list.into === '') continue;
      const result = await client.query(
        `insert into ${id(to)}.${id(parent)} (${list.into}) select ${list.from} from ${id(from)}.${id(parent)}
         where id in (select c.${id(column)} from ${id(to)}.${id(child)} c
           where not exists (select from ${id(to)}.${id(parent)} p where p.id = c.${id(column)})) on conflict do nothing`,
      );
      added += result.rowCount ?? 0;
    }
    copied += added;
  }
  return copied;
}

/** Copies tables as bare data (no constraints) into an empty schema: a snapshot that costs what its rows cost. */
export async function snapshotRows(client: pg.Client, from: string, to: string): Promise<void> {
  for (const table of [...(await tablesOf(client, from)), OWN]) {
    const list = [...(await columnsOf(client, from, table))].map(([name, type]) =>
      type.startsWith(VALUES) ? `${id(name)}::text as ${id(name)}` : id(name),
    );
    await client.query(
      `create table ${id(to)}.${id(table)} as select ${list.join(', ')} from ${id(from)}.${id(table)}`,
    );
  }
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
