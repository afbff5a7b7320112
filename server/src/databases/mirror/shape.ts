/**
 * The tables of a schema as their mirror needs them, read from PostgreSQL's own catalogue. Both sides are read by the same query. What a
 * table and a column of the mirror stand for is written on them as a comment (the table's number on live, the column's number in it), so
 * that a rename is known as one. Types of the app's own come as text, other than its lists of values: replication sends text anyway.
 */
import type pg from 'pg';

export interface Column {
  number: number;
  name: string;
  type: string;
  /** how it is computed, where each side does that for itself */
  expression: string | null;
  /** the value that rows have which were there before the column, where it is one for all */
  missing: string | null;
  /** rows that were there before it may each have a value of their own */
  filled: boolean;
  note: string | null;
}

interface Index {
  name: string;
  method: string;
  columns: string[];
}

export interface Table {
  oid: number;
  name: string;
  /** columns by which replication finds a row; none where it compares whole rows */
  key: string[];
  /** this table and its partitions, as far as replication could not find their rows: an update would fail */
  loose: string[];
  /** those that have a key by now, but still say that whole rows are to be sent */
  keyed: string[];
  published: boolean;
  /** a whole row cannot be compared because of these */
  incomparable: string[];
  columns: Column[];
  indexes: Index[];
  note: string | null;
}

export interface Shape {
  schema: string;
  tables: Table[];
  lists: { name: string; labels: string[] }[];
}

/** Reads in a transaction of its own unless `client` is in one already, which then sees what it has changed itself. */
export async function readShape(client: pg.Client | pg.Pool, schema: string, publication: string): Promise<Shape> {
  const { rows } = await client.query<{ found: Omit<Shape, 'schema'> }>(SHAPE, [schema, publication]);
  return { schema, ...rows[0]!.found };
}

const SHAPE = `
with space as (select oid, nspname from pg_catalog.pg_namespace where nspname = $1),
types as (
  select t.oid, t.typtype, t.typbasetype, t.typtypmod, e.typnamespace as element_space, e.typtype as element_kind, e.typname as element,
    t.typelem <> 0 and t.typcategory = 'A' as is_list, n.nspname
  from pg_catalog.pg_type t
    join pg_catalog.pg_type e on e.oid = case when t.typelem <> 0 and t.typcategory = 'A' then t.typelem else t.oid end
    join pg_catalog.pg_namespace n on n.oid = e.typnamespace
),
tables as (
  select c.oid, c.relname, c.relreplident, c.relkind from pg_catalog.pg_class c join space on space.oid = c.relnamespace
  where c.relkind in ('r', 'p') and not c.relispartition and c.relpersistence = 'p' and c.relname <> '_vibe_changes'
)
select pg_catalog.json_build_object(
  'tables', coalesce((select pg_catalog.json_agg(pg_catalog.json_build_object(
    'oid', c.oid::int8,
    'name', c.relname,
    'note', pg_catalog.obj_description(c.oid, 'pg_class'),
    'published', exists (select from pg_catalog.pg_publication_rel r join pg_catalog.pg_publication p on p.oid = r.prpubid where r.prrelid = c.oid and p.pubname = $2),
    'key', coalesce((select pg_catalog.json_agg(a.attname order by pg_catalog.array_position(i.indkey::int2[], a.attnum))
      from pg_catalog.pg_index i join pg_catalog.pg_attribute a on a.attrelid = c.oid and a.attnum = any (i.indkey::int2[])
      where i.indrelid = c.oid and case c.relreplident when 'i' then i.indisreplident else i.indisprimary end), '[]'),
    'loose', coalesce((select pg_catalog.json_agg(pg_catalog.format('%I.%I', n.nspname, m.relname) order by m.oid)
      from (select c.oid as relid union select relid from pg_catalog.pg_partition_tree(c.oid)) parts
        join pg_catalog.pg_class m on m.oid = parts.relid join pg_catalog.pg_namespace n on n.oid = m.relnamespace
      where m.relreplident = 'n' or (m.relreplident = 'd' and not exists (select from pg_catalog.pg_index i where i.indrelid = m.oid and i.indisprimary))), '[]'),
    'keyed', coalesce((select pg_catalog.json_agg(pg_catalog.format('%I.%I', n.nspname, m.relname) order by m.oid)
      from (select c.oid as relid union select relid from pg_catalog.pg_partition_tree(c.oid)) parts
        join pg_catalog.pg_class m on m.oid = parts.relid join pg_catalog.pg_namespace n on n.oid = m.relnamespace
      where m.relreplident = 'f' and exists (select from pg_catalog.pg_index i where i.indrelid = m.oid and i.indisprimary)), '[]'),
    'incomparable', coalesce((select pg_catalog.json_agg(a.attname order by a.attnum) from pg_catalog.pg_attribute a
      where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped and a.atttypid in ('json'::regtype, 'xml'::regtype, 'point'::regtype)), '[]'),
    'columns', coalesce((select pg_catalog.json_agg(pg_catalog.json_build_object(
        'number', a.attnum,
        'name', a.attname,
        'type', case
          when t.typtype = 'd' and exists (select from pg_catalog.pg_type b join pg_catalog.pg_namespace n on n.oid = b.typnamespace where b.oid = t.typbasetype and n.nspname = 'pg_catalog')
            then pg_catalog.format_type(t.typbasetype, t.typtypmod)
          when t.nspname = 'pg_catalog' and t.typtype <> 'd' then pg_catalog.format_type(a.atttypid, a.atttypmod)
          when t.element_kind = 'e' and t.element_space = (select oid from space)
            then pg_catalog.format('%I.%I', $1, t.element) || case when t.is_list then '[]' else '' end
          else 'text' end,
        'expression', case when a.attgenerated = 'v' then pg_catalog.pg_get_expr(d.adbin, d.adrelid) end,
        'missing', case when a.atthasmissing and not t.is_list then (a.attmissingval::text::text[])[1] end,
        'filled', a.attgenerated = 's' or a.attidentity <> '' or (a.atthasdef and a.attgenerated = '' and (not a.atthasmissing or t.is_list)),
        'note', pg_catalog.col_description(c.oid, a.attnum)) order by a.attnum)
      from pg_catalog.pg_attribute a join types t on t.oid = a.atttypid
        left join pg_catalog.pg_attrdef d on d.adrelid = a.attrelid and d.adnum = a.attnum
      where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped), '[]'),
    'indexes', coalesce((select pg_catalog.json_agg(pg_catalog.json_build_object('name', x.relname, 'method', am.amname,
        'columns', (select pg_catalog.json_agg(a.attname order by k.place) from pg_catalog.unnest(i.indkey::int2[]) with ordinality k (number, place)
          join pg_catalog.pg_attribute a on a.attrelid = c.oid and a.attnum = k.number where k.place <= i.indnkeyatts)) order by x.relname)
      from pg_catalog.pg_index i join pg_catalog.pg_class x on x.oid = i.indexrelid join pg_catalog.pg_am am on am.oid = x.relam
      where i.indrelid = c.oid and i.indisvalid and i.indexprs is null and i.indpred is null
        and not case c.relreplident when 'i' then i.indisreplident else i.indisprimary end
        and not exists (select from pg_catalog.unnest(i.indclass::oid[]) k (class) join pg_catalog.pg_opclass o on o.oid = k.class where not o.opcdefault)
        and not exists (select from pg_catalog.unnest(i.indkey::int2[]) k (number) join pg_catalog.pg_attribute a on a.attrelid = c.oid and a.attnum = k.number
          join types t on t.oid = a.atttypid where t.nspname <> 'pg_catalog')), '[]')
  ) order by c.relname) from tables c), '[]'),
  'lists', coalesce((select pg_catalog.json_agg(pg_catalog.json_build_object('name', t.typname,
      'labels', (select pg_catalog.json_agg(e.enumlabel order by e.enumsortorder) from pg_catalog.pg_enum e where e.enumtypid = t.oid)) order by t.typname)
    from pg_catalog.pg_type t where t.typnamespace = (select oid from space) and t.typtype = 'e'), '[]')
) as found`;
