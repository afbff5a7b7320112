/** Lets rows that were right elsewhere into tables of the same form, whatever their order. */
import type pg from 'pg';

/**
 * Switches off what would refuse or change rows that are right: their order, and what they have been through already. By what the owner of the
 * tables may do itself, within a transaction, because only a superuser may make a session a replica's, and not every live database has one.
 * @returns what switches it on again, pointers checked
 */
export const letRowsIn = async (to: pg.Client, schema: string): Promise<() => Promise<void>> =>
  (await openTables(to, schema)).close;

/** The same. @returns `points`: whether any of the tables points at one */
export async function openTables(
  to: pg.Client,
  schema: string,
): Promise<{ points: boolean; close: () => Promise<void> }> {
  // mostly there is none, which costs a fifth of looking for each
  const { rows: some } = await to.query(ANY, [schema]);
  const { rows } = some[0]
    ? await to.query<{ points: boolean; off: string; on: string }>(SWITCHES, [schema])
    : { rows: [] };
  for (const { off } of rows) await to.query(off);
  const close = async () => {
    if (rows.length === 0) return;
    await to.query('set constraints all immediate');
    for (const { on } of rows.reverse()) await to.query(on);
  };
  return { points: rows.some(({ points }) => points), close };
}

/** A foreign key has triggers too. */
const ANY = `select from pg_catalog.pg_class where relnamespace = (select oid from pg_catalog.pg_namespace where nspname = $1)
  and relkind in ('r', 'p') and (relhastriggers or relforcerowsecurity) limit 1`;

const SWITCHES = `
  with tables as (
    select c.oid, pg_catalog.format('%I.%I', n.nspname, c.relname) as name, c.relforcerowsecurity as forced
    from pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid = c.relnamespace where n.nspname = $1 and c.relkind in ('r', 'p'))
  select true as points, pg_catalog.format('alter table %s drop constraint %I', t.name, k.conname) as off,
    pg_catalog.format('alter table %s add constraint %I %s', t.name, k.conname, pg_catalog.pg_get_constraintdef(k.oid)) as on
  from tables t join pg_catalog.pg_constraint k on k.conrelid = t.oid where k.contype = 'f' and k.conparentid = 0
  union all
  select false, pg_catalog.format('alter table only %s disable trigger %I', t.name, g.tgname), pg_catalog.format('alter table only %s enable %s trigger %I', t.name,
    case g.tgenabled when 'A' then 'always' when 'R' then 'replica' else '' end, g.tgname)
  from tables t join pg_catalog.pg_trigger g on g.tgrelid = t.oid where not g.tgisinternal and g.tgenabled <> 'D'
  union all
  select false, pg_catalog.format('alter table only %s no force row level security', name), pg_catalog.format('alter table only %s force row level security', name)
  from tables where forced`;
