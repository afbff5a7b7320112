/**
 * What a schema is made of, object by object, each with a definition that is the same text on every database that has the same: tables, columns,
 * rules, indexes, views, lists of values, functions, policies, remarks, and what the app itself may do. Read as the schema's owner, so that
 * names of its own are written bare and nothing of the app's is ever looked at with more rights than it has.
 */
import type pg from 'pg';
import { AppError } from '../../errors.ts';
import { BoundedClient } from '../outside/bounded-client.ts';

/** Definitions by `kind:table.name` (or `kind:name`, where it belongs to no table). */
export interface Objects extends Map<string, string> {
  /** as a server before PostgreSQL 16 says it */
  before16?: boolean;
}

/** @param client connected as the owner, the schema first on its search_path @param runtime the app's own role */
export async function readObjects(client: pg.Client, runtime: string): Promise<Objects> {
  const { rows } = await client.query<{ key: string; definition: string | null }>(OBJECTS, [runtime]);
  const objects: Objects = new Map(rows.map(({ key, definition }) => [key, definition ?? '']));
  objects.before16 = Number(objects.get(VERSION)) < 160_000;
  objects.delete(VERSION);
  return objects;
}

/** What a server of somebody else's may have of them, whether they are there or invented. */
const MOST_OBJECTS = 50_000;
const MOST_LETTERS = 10_000_000;
/** PostgreSQL cuts a name at 63: a kind, a table and what is of it are no longer. */
const MOST_OF_A_KEY = 150;

/** The same for who only looks, again and again. @throws AppError `too_many_objects` of a server that is elsewhere */
export async function lookAtObjects(client: pg.Client, runtime: string): Promise<Objects> {
  const objects = await readObjects(client, runtime);
  if (!(client instanceof BoundedClient)) return objects;
  let letters = 0;
  for (const key of objects.keys()) {
    letters += key.length;
    if (key.includes('\0') || (key.length > MOST_OF_A_KEY && tableOfObject(key) !== undefined)) letters = Infinity;
  }
  if (objects.size > MOST_OBJECTS || letters > MOST_LETTERS)
    throw new AppError('too_many_objects', 'unavailable', 'Live has too many objects to compare.', {
      detail: `At most ${MOST_OBJECTS.toLocaleString('en')} tables, columns, rules and the like are compared with a server elsewhere.`,
    });
  return objects;
}

const VERSION = 'server_version_num';

/** Before PostgreSQL 16 the columns of a view are always written with their table, from then on only where there are several. */
const bare = (definition: string): string =>
  SEVERAL.test(definition)
    ? definition
    : definition.replace(WORD, (part) => (part.endsWith('.') && !part.startsWith("'") ? '' : part));

/** A text or a name, with the point behind it. Each letter is looked at once, also of a text that is never closed. */
const WORD = /'[^']*(?:''[^']*)*(?:'|$)|(?:"[^"]*(?:""[^"]*)*(?:"|$)|[a-z_][\w$]*)(?:\.(?=["a-z_*]))?/gi;

/** A view over several relations: as PostgreSQL sets it out, by how far its outermost clauses are moved in. */
const SEVERAL = /^ {3}FROM .*,$|^ {5}(?:[A-Z]+ )*JOIN /m;

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
  const views = a.before16 !== b.before16;
  for (const [key, definition] of a) {
    const other = b.get(key);
    if (other === definition || given(key, a, b)) continue;
    if (views && other !== undefined && key.startsWith('view:') && bare(other) === bare(definition)) continue;
    keys.push(key);
  }
  for (const key of b.keys()) if (!a.has(key) && !given(key, a, b)) keys.push(key);
  return keys.sort();
}

/** Nobody has said yet what the app may do on one of them: it comes with the table by the platform's road. */
function given(key: string, a: Objects, b: Objects): boolean {
  if (!key.startsWith(GRANTS)) return false;
  // of a single column nothing is left when all of it is taken away: where both say something of its table, nothing there means nothing
  const table = `${GRANTS}${tableOfObject(key)}`;
  return !saidOnBoth(key, a, b) && (key === table || !saidOnBoth(table, a, b));
}

const GRANTS = 'grants:';
const saidOnBoth = (key: string, a: Objects, b: Objects): boolean => a.has(key) && b.has(key);

const OBJECTS = `
-- what nobody was ever given anything of has no grants; what everything was taken of again has empty ones
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
    from pg_catalog.aclexplode(t.relacl) g where g.grantee = (select r.oid from pg_catalog.pg_roles r where r.rolname = $1)), '') from tables t where t.relacl is not null
union all
select 'grants:' || t.relname || '.' || a.attname, pg_catalog.string_agg(g.privilege_type, ',' order by g.privilege_type)
  from tables t join pg_catalog.pg_attribute a on a.attrelid = t.oid and a.attacl is not null, pg_catalog.aclexplode(a.attacl) g
  where g.grantee = (select r.oid from pg_catalog.pg_roles r where r.rolname = $1) group by t.relname, a.attname
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
select '${VERSION}', pg_catalog.current_setting('server_version_num')
union all
select 'sequence:' || c.relname, pg_catalog.concat_ws(' ', s.seqtypid::pg_catalog.regtype, s.seqincrement, s.seqmin, s.seqmax, case when s.seqcycle then 'cycle' end)
  from pg_catalog.pg_class c join pg_catalog.pg_sequence s on s.seqrelid = c.oid
  where c.relnamespace = (select oid from space) and not exists (select from pg_catalog.pg_depend d where d.objid = c.oid and d.deptype in ('a', 'i') and d.refclassid = 'pg_catalog.pg_class'::pg_catalog.regclass)`;
