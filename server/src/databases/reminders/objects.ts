/**
 * What a schema is made of, object by object, each with a definition that is the same text on every database that has the same: tables, columns,
 * rules, indexes, views, lists of values, functions, policies, remarks, and what the app itself may do. Read as the schema's owner, so that
 * names of its own are written bare and nothing of the app's is ever looked at with more rights than it has.
 */
import type pg from 'pg';

/** Definitions by `kind:table.name` (or `kind:name`, where it belongs to no table). */
export type Objects = Map<string, string>;

/** @param client connected as the owner, the schema first on its search_path @param runtime the app's own role */
export async function readObjects(client: pg.Client, runtime: string): Promise<Objects> {
  const { rows } = await client.query<{ key: string; definition: string | null }>(OBJECTS, [runtime]);
  return new Map(rows.map(({ key, definition }) => [key, definition ?? '']));
}

/** The table (or view) that an object belongs to, if any. */
export function tableOfObject(key: string): string | undefined {
  const [kind, name = ''] = split(key);
  return LOOSE.has(kind) ? undefined : name.split('.')[0];
}

const LOOSE = new Set(['type', 'function', 'sequence']);
const split = (key: string): [string, string] => {
  const at = key.indexOf(':');
  return [key.slice(0, at), key.slice(at + 1)];
};

const KINDS: Record<string, string> = {
  table: 'table',
  column: 'column',
  constraint: 'rule',
  index: 'index',
  view: 'view',
  type: 'list of values',
  function: 'function',
  policy: 'policy',
  trigger: 'trigger',
  comment: 'remark on',
  sequence: 'sequence',
  grants: 'what the app may do with',
};

/** As people read it: `column loyalty_points of customers`. */
export function wordsOfObject(key: string): string {
  const [kind, name] = split(key);
  const [table, ...rest] = name.split('.');
  const what = KINDS[kind] ?? kind;
  return rest.length > 0 ? `${what} ${rest.join('.')} of ${table}` : `${what} ${name}`;
}

/** Keys of what is not the same in both; an object that only one has is not the same. */
export function differing(a: Objects, b: Objects): string[] {
  const keys: string[] = [];
  for (const [key, definition] of a) if (b.get(key) !== definition) keys.push(key);
  for (const key of b.keys()) if (!a.has(key)) keys.push(key);
  return keys.sort();
}

const OBJECTS = `
with space as (select current_schema()::pg_catalog.regnamespace::oid as oid),
tables as (
  select c.oid, c.relname, c.relkind, c.relrowsecurity, c.relforcerowsecurity, c.reloptions, c.relacl, c.relowner
  from pg_catalog.pg_class c where c.relnamespace = (select oid from space) and c.relkind in ('r', 'p', 'v', 'm') and not c.relispartition
    and c.relname <> '_vibe_changes'
)
select 'table:' || relname as key, pg_catalog.concat_ws(' ', relkind, case when relkind = 'p' then pg_catalog.pg_get_partkeydef(oid) end,
    case when relrowsecurity then 'rls' end, case when relforcerowsecurity then 'forced' end) as definition from tables where relkind in ('r', 'p')
union all
select 'view:' || relname, pg_catalog.concat_ws(' ', reloptions::text, pg_catalog.pg_get_viewdef(oid, true)) from tables where relkind in ('v', 'm')
union all
select 'column:' || t.relname || '.' || a.attname, pg_catalog.concat_ws(' ', pg_catalog.format_type(a.atttypid, a.atttypmod), case when a.attnotnull then 'not null' end,
    case when a.attidentity <> '' then 'identity ' || a.attidentity::text end, case when a.attgenerated <> '' then 'generated ' || a.attgenerated::text end,
    case when a.attcollation <> y.typcollation then a.attcollation::pg_catalog.regcollation::text end,
    'default ' || pg_catalog.pg_get_expr(d.adbin, d.adrelid, true))
  from tables t join pg_catalog.pg_attribute a on a.attrelid = t.oid join pg_catalog.pg_type y on y.oid = a.atttypid
    left join pg_catalog.pg_attrdef d on d.adrelid = a.attrelid and d.adnum = a.attnum
  where t.relkind in ('r', 'p') and a.attnum > 0 and not a.attisdropped
union all
select 'constraint:' || t.relname || '.' || k.conname, pg_catalog.pg_get_constraintdef(k.oid, true) || case when k.convalidated then '' else ' not valid' end
  from tables t join pg_catalog.pg_constraint k on k.conrelid = t.oid where k.contype in ('p', 'u', 'f', 'c', 'x') and k.conparentid = 0
union all
-- PostgreSQL writes a definition by opening the table and the index; that of plain columns is put together from its parts instead, in a tenth of the time
select 'index:' || t.relname || '.' || x.relname, case when i.indexprs is null and i.indpred is null
    then pg_catalog.concat_ws(' ', case when i.indisunique then 'unique' end, case when i.indnullsnotdistinct then 'nulls alike' end, m.amname, i.indnkeyatts, i.indoption, i.indcollation, x.reloptions::text,
      (select pg_catalog.string_agg(pg_catalog.concat_ws(' ', a.attname, o.opcname), ', ' order by k.place)
       from unnest(i.indkey::int2[], i.indclass::oid[]) with ordinality k (number, class, place)
         join pg_catalog.pg_attribute a on a.attrelid = t.oid and a.attnum = k.number left join pg_catalog.pg_opclass o on o.oid = k.class))
    else pg_catalog.pg_get_indexdef(i.indexrelid, 0, true) end || case when i.indisvalid then '' else ' invalid' end
  from tables t join pg_catalog.pg_index i on i.indrelid = t.oid join pg_catalog.pg_class x on x.oid = i.indexrelid join pg_catalog.pg_am m on m.oid = x.relam
  where not exists (select from pg_catalog.pg_constraint k where k.conindid = i.indexrelid and k.contype in ('p', 'u', 'x'))
union all
select 'policy:' || t.relname || '.' || p.polname, pg_catalog.concat_ws(' ', p.polcmd, p.polpermissive, pg_catalog.pg_get_expr(p.polqual, p.polrelid, true),
    'check ' || pg_catalog.pg_get_expr(p.polwithcheck, p.polrelid, true))
  from tables t join pg_catalog.pg_policy p on p.polrelid = t.oid
union all
select 'trigger:' || t.relname || '.' || g.tgname, pg_catalog.pg_get_triggerdef(g.oid, true)
  from tables t join pg_catalog.pg_trigger g on g.tgrelid = t.oid where not g.tgisinternal
union all
select 'grants:' || t.relname, coalesce((select pg_catalog.string_agg(g.privilege_type, ',' order by g.privilege_type)
    from pg_catalog.aclexplode(t.relacl) g where g.grantee = pg_catalog.to_regrole($1)), '') from tables t
union all
select 'grants:' || t.relname || '.' || a.attname, pg_catalog.string_agg(g.privilege_type, ',' order by g.privilege_type)
  from tables t join pg_catalog.pg_attribute a on a.attrelid = t.oid and a.attacl is not null, pg_catalog.aclexplode(a.attacl) g
  where g.grantee = pg_catalog.to_regrole($1) group by t.relname, a.attname
union all
select 'comment:' || t.relname || coalesce('.' || a.attname, ''), d.description
  from tables t join pg_catalog.pg_description d on d.objoid = t.oid and d.classoid = 'pg_catalog.pg_class'::pg_catalog.regclass
    left join pg_catalog.pg_attribute a on a.attrelid = t.oid and a.attnum = d.objsubid and d.objsubid > 0
union all
select 'type:' || y.typname, (select pg_catalog.string_agg(pg_catalog.quote_literal(e.enumlabel), ',' order by e.enumsortorder) from pg_catalog.pg_enum e where e.enumtypid = y.oid)
  from pg_catalog.pg_type y where y.typnamespace = (select oid from space) and y.typtype = 'e'
union all
select 'function:' || p.proname || '(' || pg_catalog.pg_get_function_identity_arguments(p.oid) || ')',
    pg_catalog.concat_ws(' ', p.prokind, pg_catalog.pg_get_function_result(p.oid), p.provolatile, case when p.prosecdef then 'security definer' end,
      p.prosrc, pg_catalog.pg_get_function_sqlbody(p.oid))
  from pg_catalog.pg_proc p where p.pronamespace = (select oid from space)
union all
select 'sequence:' || c.relname, pg_catalog.concat_ws(' ', s.seqtypid::pg_catalog.regtype, s.seqincrement, s.seqmin, s.seqmax, case when s.seqcycle then 'cycle' end)
  from pg_catalog.pg_class c join pg_catalog.pg_sequence s on s.seqrelid = c.oid
  where c.relnamespace = (select oid from space) and not exists (select from pg_catalog.pg_depend d where d.objid = c.oid and d.deptype in ('a', 'i') and d.refclassid = 'pg_catalog.pg_class'::pg_catalog.regclass)`;
