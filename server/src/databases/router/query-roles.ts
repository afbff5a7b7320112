/**
 * The roles that statements run as: one per chat and target, which may log in and has been given what the rules allow and nothing else. The
 * connection is made AS the role, so nothing that a statement says can make it another. What a role has is compared with what it should have
 * whenever the tables or the rules have changed.
 */
import pg from 'pg';
import type { DataCluster } from '../cluster.ts';
import { isFrozen, REFUSE_FROZEN } from '../frozen.ts';
import { queryRoleOf } from '../names.ts';
import type { Catalog } from './catalog.ts';
import { Refusal } from './refusal.ts';
import type { Target } from './targets.ts';

const id = pg.escapeIdentifier;
const literal = pg.escapeLiteral;

export const STATEMENT_SECONDS = 15;
const LARGEST_TEMPORARY = '256MB';

/** Where a write leaves its receipt, in the same transaction: what a crash has left open is settled by it. */
export const RECEIPTS = { schema: 'vibe_audit', table: 'vibe_audit.receipts' };

export type Privilege = 'select' | 'insert' | 'update' | 'delete';

/** Privileges by `schema.table`. */
export type Grants = Map<string, Set<Privilege>>;

export interface RolePlace {
  containerSlug: string;
  chat8: string;
  target: Target;
  /** the role for one statement that a person has said yes to */
  write: boolean;
}

export const roleNameOf = ({ containerSlug, chat8, target, write }: RolePlace): string =>
  queryRoleOf(containerSlug, chat8, target.name, write);

export const refusedFrozen = (): Refusal =>
  new Refusal('frozen', 'The container is frozen: nothing is written until a person lifts it.', 'Reading goes on.');

/** Makes the role if it is missing, and gives it exactly these privileges. */
export async function bringRole(
  cluster: DataCluster,
  place: RolePlace,
  catalog: Catalog,
  grants: Grants,
  readOnly: boolean,
): Promise<string> {
  const role = roleNameOf(place);
  const { database, schemas } = place.target;
  const name = id(role);
  const gives = [...grants.values()].some((privileges) => [...privileges].some((privilege) => privilege !== 'select'));
  const statements = [
    // between the question and here somebody may have frozen the container
    ...(gives ? [REFUSE_FROZEN] : []),
    ...cluster.roleStatements(database, role, { login: true, connections: 4 }),
    `grant connect on database ${id(cluster.nameOf(database))} to ${name}`,
    `alter role ${name} in database ${id(cluster.nameOf(database))} set search_path = ${cluster.pathOf(
      database,
      schemas.map(({ name }) => name),
    )}`,
    `alter role ${name} set default_transaction_read_only = ${readOnly ? 'on' : 'off'}`,
    `alter role ${name} set statement_timeout = '${STATEMENT_SECONDS}s'`,
    `alter role ${name} set lock_timeout = '3s'`,
    `alter role ${name} set idle_in_transaction_session_timeout = '20s'`,
    // a superuser's to say: another server has a limit of its own
    ...(cluster.isOutside(database) ? [] : [`alter role ${name} set temp_file_limit = '${LARGEST_TEMPORARY}'`]),
    `alter role ${name} set work_mem = '16MB'`,
    `alter role ${name} set max_parallel_workers_per_gather = 0`,
    `alter role ${name} set jit = off`,
  ];
  for (const schema of catalog.schemas)
    statements.push(
      `revoke all on all tables in schema ${id(schema)} from ${name}`,
      `revoke all on all sequences in schema ${id(schema)} from ${name}`,
      `grant usage on schema ${id(schema)} to ${name}`,
    );
  for (const schema of catalog.schemas)
    if ([...catalog.functions].some((name) => name.startsWith(`${schema}.`)))
      statements.push(functionsOf(schema, role));
  if (place.write)
    statements.push(
      `create schema if not exists ${RECEIPTS.schema}`,
      `create table if not exists ${RECEIPTS.table} (id uuid primary key, rows bigint not null, at timestamptz not null default now())`,
      `grant usage on schema ${RECEIPTS.schema} to ${name}`,
      `grant insert on ${RECEIPTS.table} to ${name}`,
    );
  for (const [table, privileges] of grants) {
    const found = catalog.tables.get(table);
    if (found && privileges.size > 0)
      statements.push(`grant ${[...privileges].join(', ')} on ${id(found.schema)}.${id(found.name)} to ${name}`);
    // a column that counts by itself draws its next number
    if (found && privileges.has('insert'))
      statements.push(`grant usage on all sequences in schema ${id(found.schema)} to ${name}`);
  }
  await cluster
    .alone(() => cluster.administer(database, statements.join(';\n')), database)
    .catch((error) => {
      throw isFrozen(error) ? refusedFrozen() : error;
    });
  return role;
}

/** Functions that only compute may be called, and no others; what they read, they read with the role's own rights. */
const functionsOf = (schema: string, role: string): string => `do $$
declare called text;
begin
  execute pg_catalog.format('revoke all on all functions in schema %s from %I', ${literal(id(schema))}, ${literal(role)});
  for called in select p.oid::pg_catalog.regprocedure::text from pg_catalog.pg_proc p
    where p.pronamespace = ${literal(id(schema))}::pg_catalog.regnamespace and not p.prosecdef and p.provolatile in ('i', 's') and p.prokind = 'f'
  loop
    execute pg_catalog.format('grant execute on function %s to %I', called, ${literal(role)});
  end loop;
end $$`;

/** Ends the role's sessions and takes it away. */
export async function dropQueryRoles(cluster: DataCluster, databases: string[], roles: string[]): Promise<void> {
  for (const role of roles)
    for (const server of [false, true]) {
      const there = databases.filter((database) => cluster.isOutside(database) === server);
      if (there.length === 0) continue;
      await cluster.disconnect(there[0]!, role);
      await cluster.alone(() => cluster.dropRole(there, role), there[0]!);
    }
}
