/**
 * Freezing a container's databases: every role but the server's own loses what writes (rows, sequences, large objects), owners cannot log in,
 * and sessions that write are ended. What is to be taken is written down before it is taken, some at a time (each takes a lock, and a server has
 * so many), so that lifting gives back exactly that from wherever a kill has left it. Repeating either does nothing.
 */
import pg from 'pg';
import type { DataCluster } from './cluster.ts';
import { containerFrozen } from './frozen.ts';
import { prefixOf } from './names.ts';

const literal = pg.escapeLiteral;

/** Shown by the cluster for all its databases at once: which are frozen is found without connecting to each. What an outside one says is its owner's. */
const MARK = 'vibe: frozen';
const ROUNDS = 10;

/**
 * Large objects need no table: what writes them is a function. On an outside server these are its superuser's: there an app can still make large
 * objects while it is frozen, which is said where it is frozen.
 */
const LARGE_OBJECTS = [
  'lo_creat',
  'lo_create',
  'lo_from_bytea',
  'lo_put',
  'lo_truncate',
  'lo_truncate64',
  'lo_unlink',
  'lowrite',
];

/**
 * Everything that a role but the server's own could write with, one line for each privilege.
 * @param ours how the names of our roles begin, on a server that holds more than ours; the rest is nobody's to take here
 */
const held = (ours?: string): string => `
  select case c.relkind when 'S' then 'sequence' else 'table' end, format('%I.%I', n.nspname, c.relname), coalesce(x.attname, ''), coalesce(r.rolname, ''), x.privilege_type, x.is_grantable
  from pg_class c join pg_namespace n on n.oid = c.relnamespace
    cross join lateral (
      select null::name as attname, g.* from aclexplode(coalesce(c.relacl, acldefault((case c.relkind when 'S' then 's' else 'r' end)::"char", c.relowner))) g
      union all
      select a.attname, g.* from pg_attribute a cross join lateral aclexplode(a.attacl) g where a.attrelid = c.oid and a.attacl is not null and not a.attisdropped
    ) x
    left join pg_roles r on r.oid = x.grantee
  where n.nspname !~ '^pg_' and n.nspname not in ('information_schema', 'vibe_freeze') and c.relkind in ('r', 'p', 'v', 'm', 'f', 'S')
    and x.privilege_type = any (case c.relkind when 'S' then array['USAGE', 'UPDATE'] else array['INSERT', 'UPDATE', 'DELETE', 'TRUNCATE'] end)
    and not coalesce(r.rolsuper, false) ${ours === undefined ? '' : `and exists (select from pg_roles o where o.oid = n.nspowner and starts_with(o.rolname, ${literal(ours)}))`}
    -- what the server itself keeps in step (a mirror) belongs to a role that nobody can be
    and (x.grantee <> c.relowner or r.rolname ~ '\\.own$')
  ${
    ours === undefined
      ? `union all
  select 'function', p.oid::regprocedure::text, '', coalesce(r.rolname, ''), x.privilege_type, x.is_grantable
  from pg_proc p cross join lateral aclexplode(coalesce(p.proacl, acldefault('f', p.proowner))) x left join pg_roles r on r.oid = x.grantee
  where p.pronamespace = 'pg_catalog'::regnamespace and p.proname in (${LARGE_OBJECTS.map((name) => `'${name}'`).join(', ')}) and not coalesce(r.rolsuper, false)`
      : ''
  }`;

/** How many tables' privileges change in one transaction. */
const BATCH = 1000;

/** Takes some of what is written down, or gives some of it back, as far as it is still there. */
const some = (does: 'take' | 'give'): string =>
  block(`
  for one in
    select t.kind, t.object, t.attribute, t.grantee, t.grantable, string_agg(t.privilege, ', ') as list,
      string_agg(format('%s (%I)', t.privilege, t.attribute), ', ') as of_column,
      (t.grantee = '' or exists (select 1 from pg_roles r where r.rolname = t.grantee))
        and (t.kind not in ('table', 'sequence') or to_regclass(t.object) is not null)
        and (t.attribute = '' or exists (select 1 from pg_attribute a where a.attrelid = to_regclass(t.object) and a.attname = t.attribute and not a.attisdropped)) as there
    from vibe_freeze.taken t where t.kind <> 'login' ${does === 'take' ? 'and not t.gone' : ''}
    group by t.kind, t.object, t.attribute, t.grantee, t.grantable limit ${BATCH}
  loop
    if one.there then
      whom := case one.grantee when '' then 'public' else format('%I', one.grantee) end;
      execute format('${
        does === 'take' ? 'revoke %s on %s %s from %s cascade' : 'grant %s on %s %s to %s%s'
      }', case one.attribute when '' then one.list else one.of_column end, one.kind, one.object, whom${
        does === 'take' ? '' : ", case when one.grantable then ' with grant option' else '' end"
      });
    end if;
    ${does === 'take' ? 'update vibe_freeze.taken t set gone = true' : 'delete from vibe_freeze.taken t'}
      where (t.kind, t.object, t.attribute, t.grantee, t.grantable) = (one.kind, one.object, one.attribute, one.grantee, one.grantable);
  end loop;`);

const block = (body: string): string => `do $freeze$
declare
  one record;
  whom text;
begin
  perform set_config('search_path', 'pg_catalog, pg_temp', true);
  perform set_config('lock_timeout', '10s', true);
  perform set_config('client_min_messages', 'warning', true);
${body}
end $freeze$`;

/** From here on nobody makes anything new: owners are out, and what would bring privileges fails. */
const close = (ours?: string) =>
  block(`
  create schema if not exists vibe_freeze;
  create table if not exists vibe_freeze.taken (kind text, object text, attribute text, grantee text, privilege text, grantable boolean,
    gone boolean not null default false, primary key (kind, object, attribute, grantee, privilege));
  insert into vibe_freeze.taken
    select 'login', r.rolname, '', r.rolname, 'LOGIN', false
    from pg_roles r where r.rolcanlogin and not r.rolsuper ${ours === undefined ? '' : `and starts_with(r.rolname, ${literal(ours)})`} and exists (select 1 from pg_namespace n where n.nspowner = r.oid)
  on conflict do nothing;
  for one in select t.grantee from vibe_freeze.taken t join pg_roles r on r.rolname = t.grantee where t.kind = 'login' loop
    execute format('alter role %I nologin', one.grantee);
  end loop;
  ${ours === undefined ? `execute format('comment on database %I is %L', current_database(), '${MARK}');` : ''}`);

const writeDown = (ours?: string) =>
  block(`
  insert into vibe_freeze.taken ${held(ours)} on conflict (kind, object, attribute, grantee, privilege) do update set gone = false;`);

const OPEN = block(`
  if to_regclass('vibe_freeze.taken') is null then return; end if;
  for one in select t.grantee from vibe_freeze.taken t join pg_roles r on r.rolname = t.grantee where t.kind = 'login' loop
    execute format('alter role %I login', one.grantee);
  end loop;
  drop schema vibe_freeze cascade;
  if shobj_description((select oid from pg_database where datname = current_database()), 'pg_database') = '${MARK}' then
    execute format('comment on database %I is null', current_database());
  end if;`);

/** A statement that was let through before the privileges went holds a lock that writes; its session goes, and what it had not committed with it. */
const writers = (
  ours?: string,
): string => `select pg_catalog.pg_terminate_backend(a.pid, 5000) from pg_catalog.pg_stat_activity a join pg_catalog.pg_roles r on r.oid = a.usesysid
  where a.datname = pg_catalog.current_database() and a.backend_type = 'client backend' and not r.rolsuper ${ours === undefined ? '' : `and starts_with(r.rolname, ${literal(ours)})`}
    and (not r.rolcanlogin or a.backend_xid is not null or exists (
      select 1 from pg_catalog.pg_locks l where l.pid = a.pid and l.locktype = 'relation' and l.mode not in ('AccessShareLock', 'RowShareLock')))`;

/** Brings one database to frozen or not. Must run alone (`DataCluster.alone`). @throws AppError when a session cannot be ended */
export async function bringFreeze(cluster: DataCluster, database: string, frozen: boolean): Promise<void> {
  if (!frozen) {
    while (await left(cluster, database, 'true')) await cluster.administer(database, some('give'));
    return cluster.administer(database, OPEN);
  }
  const ours = oursIn(cluster, database);
  await cluster.administer(database, close(ours));
  await endWriters(cluster, database);
  await cluster.administer(database, writeDown(ours));
  while (await left(cluster, database, 'not gone')) await cluster.administer(database, some('take'));
  await endWriters(cluster, database);
}

/** Whether anything but logins is still to be taken, or to be given back. */
async function left(cluster: DataCluster, database: string, which: 'true' | 'not gone'): Promise<boolean> {
  return cluster.readCatalogue(database, async (client) => {
    const { rows } = await client.query("select to_regclass('vibe_freeze.taken') is not null as frozen");
    if (!rows[0].frozen) return false;
    const found = await client.query(
      `select exists (select 1 from vibe_freeze.taken where kind <> 'login' and ${which}) as some`,
    );
    return found.rows[0].some;
  });
}

/** An outside server's other tables and roles are not this product's. */
const oursIn = (cluster: DataCluster, database: string): string | undefined =>
  cluster.isOutside(database) ? prefixOf(database) : undefined;

async function endWriters(cluster: DataCluster, database: string): Promise<void> {
  for (let round = 0; round < ROUNDS; round++) {
    const ended = await cluster.readCatalogue(
      database,
      async (client) => (await client.query(writers(oursIn(cluster, database)))).rowCount,
    );
    if (!ended) return;
  }
  throw containerFrozen(new Error('a session that writes could not be ended'));
}

/** The databases of the cluster that are frozen. Those that are outside are not among them: each is asked by itself. */
export async function frozenDatabases(cluster: DataCluster): Promise<Set<string>> {
  return cluster.readCatalogue('postgres', async (client) => {
    const { rows } = await client.query<{ datname: string }>(
      `select datname from pg_catalog.pg_database where pg_catalog.shobj_description(oid, 'pg_database') = '${MARK}'`,
    );
    return new Set(rows.map(({ datname }) => datname));
  });
}
