/**
 * Gives an app a live database: its tables and rows are copied from staging, and what staging had becomes the staging site's own copy. Each
 * step looks at what is there, so a killed one is repeated. Nothing of staging is touched before the app works on live.
 */
import pg from 'pg';
import { AppError } from '../../errors.ts';
import { appliedChanges, applyChanges, inTransaction } from '../changes.ts';
import type { DataCluster } from '../cluster.ts';
import { letRowsIn } from '../let-rows-in.ts';
import { rolesOf } from '../names.ts';
import type { MirrorPlace } from './place.ts';
import { readTables, type TableRows } from './tables.ts';

const id = pg.escapeIdentifier;
const literal = pg.escapeLiteral;
const ROWS_AT_ONCE = 2000;

/**
 * Makes the app's tables on live with the rows that staging has now. What an earlier attempt left on live goes: to be called only while the
 * app does not work on live.
 * @param takeOver called when live has everything and nobody can write to staging: from there the app works on live
 * @throws AppError `nothing_merged`
 */
export async function copyToLive(
  cluster: DataCluster,
  place: MirrorPlace,
  takeOver: () => Promise<void>,
): Promise<void> {
  const { containerSlug, schema, staging, live } = place;
  const { runtime } = rolesOf(containerSlug, schema);
  if (!(await cluster.schemaExists(staging, schema)))
    throw new AppError('nothing_merged', 'conflict', 'Nothing of this app was merged yet.', {
      detail: 'Merge a chat first.',
    });
  await cluster.dropSchema(live, schema);
  await cluster.createSchema(live, containerSlug, schema);
  await cluster.asOwner(staging, containerSlug, schema, (from) =>
    inTransaction(from, async () => {
      await from.query(`set transaction isolation level repeatable read`);
      await from.query('set local statement_timeout = 0; set local idle_in_transaction_session_timeout = 0');
      const changes = await appliedChanges(from);
      await cluster.asOwner(live, containerSlug, schema, async (to) => {
        await applyChanges(to, runtime, changes);
        await inTransaction(to, () => copyRows(from, to, schema));
      });
      await takeOver();
    }),
  );
}

async function copyRows(from: pg.Client, to: pg.Client, schema: string): Promise<void> {
  await from.query('set local search_path = pg_catalog');
  await to.query('set local search_path = pg_catalog; set local statement_timeout = 0');
  const release = await letRowsIn(to, schema);
  const tables = await readTables(from, schema);
  // whoever writes waits from here on, and finds another place afterwards
  for (const { name } of tables) await from.query(`lock table ${id(schema)}.${id(name)} in share row exclusive mode`);
  for (const table of tables) {
    const copied = await copyTable(from, to, schema, table);
    const { rows } = await from.query<{ n: number }>(
      `select count(*)::float8 as n from ${id(schema)}.${id(table.name)}`,
    );
    if (rows[0]!.n !== copied)
      throw new AppError(
        'copy_incomplete',
        'bug',
        `Of ${rows[0]!.n} rows of ${table.name} only ${copied} came to live.`,
      );
  }
  const { rows: sequences } = await from.query<{ name: string; value: string | null }>(
    'select sequencename as name, last_value::text as value from pg_sequences where schemaname = $1 and last_value is not null',
    [schema],
  );
  for (const { name, value } of sequences)
    await to.query(`select setval($1::regclass, $2::text::int8)`, [`${id(schema)}.${id(name)}`, value]);
  await release();
}

/** Values go as PostgreSQL writes them, and are read as such: nothing is rounded on the way. @returns rows */
async function copyTable(from: pg.Client, to: pg.Client, schema: string, table: TableRows): Promise<number> {
  const columns = table.columns.filter(({ generated }) => !generated);
  if (columns.length === 0) return 0;
  const at = `${id(schema)}.${id(table.name)}`;
  const names = columns.map(({ name }) => id(name));
  const values = columns.map(({ type }, n) => `v${n}::${type}`);
  const insert = `insert into ${at} (${names.join(', ')}) overriding system value
    select ${values.join(', ')} from unnest(${columns.map((_, n) => `$${n + 1}::text[]`).join(', ')}) as u (${columns.map((_, n) => `v${n}`).join(', ')})`;
  await from.query(
    `declare rows no scroll cursor for select ${names.map((name) => `${name}::text`).join(', ')} from ${at}`,
  );
  let copied = 0;
  for (;;) {
    const { rows } = await from.query<(string | null)[]>({
      text: `fetch ${ROWS_AT_ONCE} from rows`,
      rowMode: 'array',
    } as never);
    if (rows.length === 0) break;
    const { rowCount } = await to.query(
      insert,
      columns.map((_, n) => rows.map((row) => row[n])),
    );
    copied += rowCount ?? 0;
  }
  await from.query('close rows');
  return copied;
}

/** Whether staging still has tables of the app's own where the mirror belongs. */
async function isOwn(cluster: DataCluster, place: MirrorPlace): Promise<boolean> {
  const { owner } = rolesOf(place.containerSlug, place.schema);
  return cluster.readCatalogue(place.staging, async (pool) => {
    const { rowCount } = await pool.query(
      'select 1 from pg_catalog.pg_namespace n join pg_catalog.pg_roles r on r.oid = n.nspowner where n.nspname = $1 and r.rolname = $2',
      [place.schema, owner],
    );
    return Boolean(rowCount);
  });
}

/** Makes what staging had the staging site's own copy, with roles of its own, in one transaction. The mirror takes its name. */
export async function turnIntoSite(cluster: DataCluster, place: MirrorPlace): Promise<void> {
  if (!(await isOwn(cluster, place))) return;
  // on the way back it was only just made, and the tables are still the site's
  if (!(await hasTables(cluster, place, place.schema)) && (await hasTables(cluster, place, place.site))) return;
  await moveSchema(cluster, place, place.schema, place.site);
}

const hasTables = (cluster: DataCluster, place: MirrorPlace, schema: string): Promise<boolean> =>
  cluster.readCatalogue(place.staging, async (pool) => {
    const { rowCount } = await pool.query(
      'select 1 from pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid = c.relnamespace where n.nspname = $1 limit 1',
      [schema],
    );
    return Boolean(rowCount);
  });

/** The way back: the staging site's copy becomes the app's own tables on staging. The mirror must be gone by then. */
export async function turnIntoOwn(cluster: DataCluster, place: MirrorPlace): Promise<void> {
  const { containerSlug, schema, site, staging } = place;
  if (await cluster.schemaExists(staging, site)) await moveSchema(cluster, place, site, schema);
  await cluster.dropSchemaAndRoles(staging, containerSlug, site);
}

/** With everything in it, to the roles of its new name. */
async function moveSchema(cluster: DataCluster, place: MirrorPlace, schema: string, site: string): Promise<void> {
  const { containerSlug, staging } = place;
  const [old, own] = [rolesOf(containerSlug, schema), rolesOf(containerSlug, site)];
  await cluster.createSchema(staging, containerSlug, site);
  await cluster.disconnect(staging, old.runtime);
  await cluster.alone(() =>
    cluster.administer(
      staging,
      [
        // restrict: should something live there already, this ends here
        `drop schema ${id(site)} restrict`,
        `alter schema ${id(schema)} rename to ${id(site)}`,
        passOn(site, old.runtime, own.runtime),
        `revoke all on all functions in schema ${id(site)} from ${id(old.runtime)}`,
        `revoke all on all tables in schema ${id(site)} from ${id(old.runtime)}`,
        `revoke all on all sequences in schema ${id(site)} from ${id(old.runtime)}`,
        `revoke all on schema ${id(site)} from ${id(old.runtime)}`,
        `reassign owned by ${id(old.owner)} to ${id(own.owner)}`,
        `grant usage on schema ${id(site)} to ${id(own.runtime)}`,
        `revoke all on database ${id(staging)} from ${id(old.owner)}, ${id(old.runtime)}`,
      ].join(';\n'),
    ),
  );
}

/** What one role may do in a schema, the other may as well; functions find their names where they are now. */
const passOn = (schema: string, from: string, to: string): string => `do $$
declare words text;
begin
  for words in
    with held as (
      select 'table' as kind, format('%I.%I', n.nspname, c.relname) as object, x.attname, x.privilege_type, x.grantee
      from pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid = c.relnamespace cross join lateral (
        select null::name as attname, g.* from pg_catalog.aclexplode(c.relacl) g
        union all select a.attname, g.* from pg_catalog.pg_attribute a cross join lateral pg_catalog.aclexplode(a.attacl) g
          where a.attrelid = c.oid and not a.attisdropped) x
      where n.nspname = ${literal(schema)} and c.relkind in ('r', 'p', 'v', 'm', 'S')
      union all
      select 'function', p.oid::pg_catalog.regprocedure::text, null, x.privilege_type, x.grantee
      from pg_catalog.pg_proc p join pg_catalog.pg_namespace n on n.oid = p.pronamespace cross join lateral pg_catalog.aclexplode(p.proacl) x
      where n.nspname = ${literal(schema)})
    select format('grant %s%s on %s %s to %I', privilege_type, ' (' || quote_ident(attname) || ')', kind, object, ${literal(to)})
    from held where grantee = (select r.oid from pg_catalog.pg_roles r where r.rolname = ${literal(from)})
    union all
    select format('alter function %s set search_path = %I', p.oid::pg_catalog.regprocedure, n.nspname)
    from pg_catalog.pg_proc p join pg_catalog.pg_namespace n on n.oid = p.pronamespace where n.nspname = ${literal(schema)} and p.prokind = 'f'
  loop
    execute words;
  end loop;
end $$`;

/** Removes what an app's two roles have in staging, and where live is elsewhere the roles too. */
export async function dropLiveHere(cluster: DataCluster, place: MirrorPlace): Promise<void> {
  const { owner, runtime } = rolesOf(place.containerSlug, place.schema);
  for (const role of [owner, runtime]) await cluster.alone(() => cluster.dropOwned(place.staging, role));
  if (cluster.isOutside(place.live))
    for (const role of [owner, runtime]) await cluster.alone(() => cluster.dropRole([place.staging], role));
}

/** Removes the app's live tables, and what its two roles have in staging. */
export async function dropLive(cluster: DataCluster, place: MirrorPlace): Promise<void> {
  for (const kept of await cluster.schemasLike(place.live, `${place.schema}__k`))
    await cluster.dropSchema(place.live, kept);
  // first what is here: on this server both are the same roles
  await dropLiveHere(cluster, place);
  await cluster.dropSchemaAndRoles(place.live, place.containerSlug, place.schema);
}
