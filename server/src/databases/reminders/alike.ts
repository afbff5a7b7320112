/**
 * Statements that make a difference good which nobody recorded: what only one database has is made on the other one too. Nothing is ever taken away or
 * altered for it; what differs in another way is for a person to decide.
 */
import pg from 'pg';
import { differing, type Objects, tableOfObject, wordsOfObject } from './objects.ts';

const id = pg.escapeIdentifier;
const literal = pg.escapeLiteral;

export interface Alike {
  /** which side lacks something */
  to: 'live' | 'staging';
  statements: string[];
}

export interface Sides {
  staging: Objects;
  live: Objects;
}

/**
 * @param table whose difference it is; '' for what belongs to no table
 * @param inside runs `work` on a connection of the owner of the side that has it
 * @returns the statements, or why there are none
 */
export async function makeAlike(
  sides: Sides,
  table: string,
  inside: (side: 'live' | 'staging', work: (client: pg.Client) => Promise<Alike>) => Promise<Alike>,
): Promise<Alike | { why: string }> {
  const keys = differing(sides.staging, sides.live).filter(
    (key) => (tableOfObject(key) ?? '') === table && !key.startsWith('grants:'),
  );
  if (keys.length === 0) {
    const rights = differing(sides.staging, sides.live).some((key) => tableOfObject(key) === table);
    return { why: rights ? `What the app may do with ${table} is not the same.` : 'Both are the same by now.' };
  }
  const both = keys.find((key) => sides.staging.has(key) && sides.live.has(key));
  if (both) return { why: `Both have the ${wordsOfObject(both)}, and each has another one.` };
  const [one, other] = [keys.filter((key) => sides.staging.has(key)), keys.filter((key) => sides.live.has(key))];
  if (one.length > 0 && other.length > 0) return { why: 'Each of the two has something that the other one has not.' };
  const unable = keys.find((key) => !ABLE.has(key.slice(0, key.indexOf(':'))));
  if (unable) return { why: `A ${wordsOfObject(unable)} is not copied from here.` };
  const from = one.length > 0 ? 'staging' : 'live';
  return inside(from, async (client) => ({
    to: from === 'staging' ? 'live' : 'staging',
    statements: await statementsFor(client, sides[from], keys),
  }));
}

const ABLE = new Set(['type', 'table', 'column', 'constraint', 'index', 'comment']);

/** In an order in which each finds what it needs. */
async function statementsFor(client: pg.Client, objects: Objects, keys: string[]): Promise<string[]> {
  const of = (kind: string) =>
    keys.filter((key) => key.startsWith(`${kind}:`)).map((key) => ({ key, name: key.slice(kind.length + 1) }));
  const tables = new Set(of('table').map(({ name }) => name));
  const columns = await readColumns(client, [
    ...new Set([...of('column').map(({ name }) => name.split('.')[0]!), ...tables]),
  ]);
  const split = (name: string): [string, string] => {
    const at = name.indexOf('.');
    return [name.slice(0, at), name.slice(at + 1)];
  };
  const indexes = new Map<string, string>();
  for (const { name } of of('index')) {
    const { rows } = await client.query<{ definition: string }>(
      `select pg_catalog.pg_get_indexdef(c.oid, 0, true) as definition from pg_catalog.pg_class c
       where c.relnamespace = current_schema()::pg_catalog.regnamespace and c.relname = $1 and c.relkind in ('i', 'I')`,
      [split(name)[1]],
    );
    indexes.set(name, rows[0]!.definition);
  }
  // keys first: pointers need them
  const rules = of('constraint').sort((a, b) => Number(isPointer(a.key)) - Number(isPointer(b.key)));
  function isPointer(key: string): boolean {
    return objects.get(key)!.startsWith('FOREIGN');
  }
  return [
    ...of('type').map(({ key, name }) => `create type ${id(name)} as enum (${objects.get(key)})`),
    ...[...tables].map(
      (name) =>
        `create table ${id(name)} (${columns
          .filter((column) => column.table === name)
          .map((column) => column.definition)
          .join(', ')})`,
    ),
    ...columns
      .filter(({ table, name }) => !tables.has(table) && keys.includes(`column:${table}.${name}`))
      .map(({ table, definition }) => `alter table ${id(table)} add column ${definition}`),
    ...rules.map(({ key, name }) => {
      const [table, rule] = split(name);
      return `alter table ${id(table)} add constraint ${id(rule)} ${objects.get(key)}`;
    }),
    ...of('index').map(({ name }) => indexes.get(name)!),
    ...of('comment').map(({ key, name }) => {
      const [table, column] = name.includes('.') ? split(name) : [name, undefined];
      const what = column === undefined ? `table ${id(table)}` : `column ${id(table)}.${id(column)}`;
      return `comment on ${what} is ${literal(objects.get(key)!)}`;
    }),
  ];
}

async function readColumns(
  client: pg.Client,
  tables: string[],
): Promise<{ table: string; name: string; definition: string }[]> {
  const { rows } = await client.query<{ table: string; name: string; definition: string }>(
    `select c.relname as "table", a.attname as name, pg_catalog.concat_ws(' ', pg_catalog.quote_ident(a.attname), pg_catalog.format_type(a.atttypid, a.atttypmod),
       case when a.attidentity = 'a' then 'generated always as identity' when a.attidentity = 'd' then 'generated by default as identity'
         when a.attgenerated = 's' then 'generated always as (' || pg_catalog.pg_get_expr(d.adbin, d.adrelid) || ') stored'
         when a.attgenerated = 'v' then 'generated always as (' || pg_catalog.pg_get_expr(d.adbin, d.adrelid) || ') virtual'
         when d.adbin is not null then 'default ' || pg_catalog.pg_get_expr(d.adbin, d.adrelid) end,
       case when a.attnotnull and a.attidentity = '' then 'not null' end) as definition
     from pg_catalog.pg_class c join pg_catalog.pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
       left join pg_catalog.pg_attrdef d on d.adrelid = a.attrelid and d.adnum = a.attnum
     where c.relnamespace = current_schema()::pg_catalog.regnamespace and c.relname = any ($1::text[]) and c.relkind in ('r', 'p')
     order by c.relname, a.attnum`,
    [tables],
  );
  return rows;
}
