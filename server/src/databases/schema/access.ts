/** Who may do what in a schema, as far as structured changes have to know it: its functions and policies. */
import type pg from 'pg';

export interface Access {
  /** by name; whether it only reads */
  functions: Map<string, boolean>;
  /** `table.policy` */
  policies: Set<string>;
}

/** Reads it from PostgreSQL's own catalogue. */
export async function readAccess(client: pg.Pool | pg.Client, schema: string): Promise<Access> {
  const { rows } = await client.query<{ functions: [string, boolean][] | null; policies: string[] | null }>(
    `select (select pg_catalog.json_agg(pg_catalog.json_build_array(p.proname, p.provolatile <> 'v')) from pg_catalog.pg_proc p
        where p.pronamespace = s.oid) as functions,
      (select pg_catalog.json_agg(c.relname || '.' || p.polname) from pg_catalog.pg_policy p join pg_catalog.pg_class c on c.oid = p.polrelid
        where c.relnamespace = s.oid) as policies
    from pg_catalog.pg_namespace s where s.nspname = $1`,
    [schema],
  );
  return { functions: new Map(rows[0]?.functions ?? []), policies: new Set(rows[0]?.policies ?? []) };
}
