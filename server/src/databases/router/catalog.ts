/** What a target has: tables with their columns and what hangs on them, views, lists of values. Read from PostgreSQL's own catalogue alone. */
import type pg from 'pg';

export interface CatalogTable {
  oid: number;
  schema: string;
  name: string;
  kind: 'table' | 'view' | 'other';
  /** filled: the table gives it a value where none is said; writable: it takes one that is said */
  columns: { name: string; type: string; notNull: boolean; filled: boolean; writable: boolean }[];
  primaryKey: string[];
  /** rows as the planner estimates them; -1 when nobody has counted */
  estimate: number;
  bytes: number;
  /** a rule rewrites what is written to it */
  rewritten: boolean;
  /** runs with the rights of whoever asks */
  invoker: boolean;
  /** what a delete here, or a new key, also does to other tables */
  cascades: { schema: string; table: string; on: 'delete' | 'update'; does: 'delete' | 'update' }[];
}

export interface Catalog {
  /** those that are there, in the order in which names are looked for */
  schemas: string[];
  /** by `schema.table` */
  tables: Map<string, CatalogTable>;
  /** lists of values, by `schema.name` */
  enums: Set<string>;
  /** functions that compute only, by `schema.name`; none that PostgreSQL has of its own, which is what would be called */
  functions: Set<string>;
}

/**
 * @param client any connection; its search_path does not matter
 * @param schemas in the order in which names are looked for
 */
export async function readCatalog(client: pg.Pool | pg.Client, schemas: string[]): Promise<Catalog> {
  const { rows } = await client.query<{ found: Found }>(CATALOG, [schemas]);
  const { tables, enums, functions, schemas: found } = rows[0]!.found;
  return {
    schemas: schemas.filter((name) => found.includes(name)),
    tables: new Map(tables.map((table) => [`${table.schema}.${table.name}`, { ...table, ...CLEAN(table) }])),
    enums: new Set(enums),
    functions: new Set(functions),
  };
}

interface Found {
  schemas: string[];
  tables: (Omit<CatalogTable, 'cascades'> & { cascades: CatalogTable['cascades'] | null })[];
  enums: string[];
  functions: string[];
}

const CLEAN = ({ columns, primaryKey, cascades }: Found['tables'][number]) => ({
  columns: columns ?? [],
  primaryKey: primaryKey ?? [],
  cascades: cascades ?? [],
});

const CATALOG = `
with spaces as (select oid, nspname from pg_catalog.pg_namespace where nspname operator(pg_catalog.=) any ($1::text[])),
-- all at once: what points at a table is not found by an index, and looking for each table takes the square of their number
cascades as materialized (
  select k.confrelid, pg_catalog.json_agg(pg_catalog.json_build_object('schema', n.nspname, 'table', r.relname, 'on', v.event, 'does', case when v.act = 'c' and v.event = 'delete' then 'delete' else 'update' end)) as list
  from pg_catalog.pg_constraint k join pg_catalog.pg_class r on r.oid = k.conrelid join pg_catalog.pg_namespace n on n.oid = r.relnamespace
    cross join lateral (values ('delete', k.confdeltype), ('update', k.confupdtype)) v (event, act)
  where k.contype = 'f' and v.act in ('c', 'n', 'd') group by k.confrelid
),
tables as (
  select c.oid::int8 as oid, s.nspname as schema, c.relname as name,
    case when c.relkind in ('r', 'p') then 'table' when c.relkind = 'v' then 'view' else 'other' end as kind,
    c.reltuples::float8 as estimate,
    case when c.relkind in ('r', 'm') then pg_catalog.pg_total_relation_size(c.oid)::float8 else 0 end as bytes,
    coalesce('security_invoker=true' = any (c.reloptions) or 'security_invoker=on' = any (c.reloptions), false) as invoker,
    c.relkind <> 'v' and exists (select 1 from pg_catalog.pg_rewrite w where w.ev_class = c.oid) as rewritten,
    (select pg_catalog.json_agg(pg_catalog.json_build_object('name', a.attname, 'type', pg_catalog.format_type(a.atttypid, a.atttypmod), 'notNull', a.attnotnull, 'filled', a.atthasdef or a.attidentity <> '',
        'writable', a.attgenerated = '' and a.attidentity <> 'a') order by a.attnum)
      from pg_catalog.pg_attribute a where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped) as columns,
    (select pg_catalog.json_agg(a.attname order by pg_catalog.array_position(i.indkey::int2[], a.attnum))
      from pg_catalog.pg_index i join pg_catalog.pg_attribute a on a.attrelid = i.indrelid and a.attnum = any (i.indkey::int2[])
      where i.indrelid = c.oid and i.indisprimary) as "primaryKey",
    g.list as cascades
  from pg_catalog.pg_class c join spaces s on s.oid = c.relnamespace left join cascades g on g.confrelid = c.oid
  where c.relkind in ('r', 'p', 'v', 'm', 'f') and c.relname not like '\\_vibe\\_%'
)
select pg_catalog.json_build_object(
  'schemas', coalesce((select pg_catalog.json_agg(nspname) from spaces), '[]'),
  'tables', coalesce((select pg_catalog.json_agg(t) from tables t), '[]'),
  'enums', coalesce((select pg_catalog.json_agg(s.nspname || '.' || t.typname) from pg_catalog.pg_type t join spaces s on s.oid = t.typnamespace where t.typtype = 'e'), '[]'),
  'functions', coalesce((select pg_catalog.json_agg(s.nspname || '.' || p.proname) from pg_catalog.pg_proc p join spaces s on s.oid = p.pronamespace
    where not p.prosecdef and p.provolatile in ('i', 's') and p.prokind = 'f' and not exists (select 1 from pg_catalog.pg_proc b
      where b.pronamespace = 'pg_catalog'::pg_catalog.regnamespace and b.proname = p.proname)), '[]')
) as found`;
