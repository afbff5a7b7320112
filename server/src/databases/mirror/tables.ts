/** The tables of a schema as whoever copies their rows needs them. */
import type pg from 'pg';

interface TableColumn {
  name: string;
  type: string;
  notNull: boolean;
  generated: boolean;
  always: boolean;
  pointing: boolean;
}
export interface TableRows {
  name: string;
  columns: TableColumn[];
  key: string[];
  sequences: { column: string; sequence: string }[];
}
/** To be called with nothing but `pg_catalog` in the search path: types of the app's own come with their schema then. */
export async function readTables(client: pg.Client, schema: string): Promise<TableRows[]> {
  const { rows } = await client.query<TableRows>(
    `select c.relname as name,
       coalesce((select json_agg(json_build_object('name', a.attname, 'type', format_type(a.atttypid, a.atttypmod), 'notNull', a.attnotnull,
           'generated', a.attgenerated <> '', 'always', a.attidentity = 'a',
           'pointing', exists (select from pg_constraint k where k.contype in ('p', 'f') and k.conrelid = c.oid and a.attnum = any (k.conkey))
             or exists (select from pg_constraint k where k.contype = 'f' and k.confrelid = c.oid and a.attnum = any (k.confkey))) order by a.attnum)
         from pg_attribute a where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped), '[]') as columns,
       coalesce((select json_agg(a.attname) from pg_index i join pg_attribute a on a.attrelid = c.oid and a.attnum = any (i.indkey::int2[])
         where i.indrelid = c.oid and i.indisprimary), '[]') as key,
       coalesce((select json_agg(json_build_object('column', a.attname, 'sequence', format('%I.%I', n.nspname, s.relname)))
         from pg_depend d join pg_class s on s.oid = d.objid and s.relkind = 'S' join pg_namespace n on n.oid = s.relnamespace
           join pg_attribute a on a.attrelid = c.oid and a.attnum = d.refobjsubid
         where d.refobjid = c.oid and d.classid = 'pg_class'::regclass and d.deptype in ('a', 'i')), '[]') as sequences
     from pg_class c join pg_namespace n on n.oid = c.relnamespace
     where n.nspname = $1 and c.relkind in ('r', 'p') and not c.relispartition and c.relname <> '_vibe_changes' order by 1`,
    [schema],
  );
  return rows;
}
