/**
 * The databases as the host manages them: roles, schemas. Who administers only ever creates and drops; whatever touches something that an app or
 * a model made runs over a connection of the schema's own owner. A live database may be on a server of its own (outside/), whose administrator
 * is no superuser: what it may not do is done by another road here, and nobody else knows. Over 400 lines because the two roads stand beside each other, step by
 * step, and whatever they share is one lock.
 */
import { createHmac } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { AppError } from '../errors.ts';
import { containerFrozen, frozenOr, isFrozen, REFUSE_FROZEN } from './frozen.ts';
import { type ContainerDatabases, prefixOf, rolesOf } from './names.ts';
import { BoundedClient, destroyStream, END_MS } from './outside/bounded-client.ts';
import { pathBeyond } from './outside/mark.ts';
import { OutsideDatabases } from './outside/outside-databases.ts';
import { outsideError } from './outside/server.ts';
import type { Door } from './relay.ts';
import { scramVerifier } from './scram.ts';

const id = pg.escapeIdentifier;
const literal = pg.escapeLiteral;

/** Functions of PostgreSQL's own that run a text as SQL: nobody of ours calls one, and a statement in a string is looked at by no gate. */
const RUNS_TEXTS = `do $$
declare
  called regprocedure;
begin
  for called in select p.oid::pg_catalog.regprocedure from pg_catalog.pg_proc p where p.pronamespace = 'pg_catalog'::pg_catalog.regnamespace
    and p.proname ~ '^(ts_stat|pg_logical_emit_message|(query|cursor|table|schema|database)_to_xml.*)$' and pg_catalog.has_function_privilege('public', p.oid, 'execute')
  loop
    execute pg_catalog.format('revoke execute on function %s from public', called);
  end loop;
end $$`;

export class DataCluster {
  readonly #url: (database: string) => string;
  readonly #secret: Buffer;
  readonly #pools = new Map<string, pg.Pool>();
  readonly #outside: OutsideDatabases;
  readonly #ending = new Set<Promise<void>>();
  readonly #withheld = new Set<string>();
  /** by database: what ends the ways into it when it is withheld */
  readonly #doors = new Map<string, Set<() => void>>();
  /** for each server */
  readonly #tails = new Map<string, Promise<unknown>>();

  /**
   * @param url connection string of the superuser for a database
   * @param secret roles' passwords are derived from it, so none is stored
   * @param outside which databases are somewhere else
   */
  constructor(url: (database: string) => string, secret: Buffer, outside = new OutsideDatabases(new Set(), undefined)) {
    this.#url = url;
    this.#secret = secret;
    this.#outside = outside;
  }

  /** Whether a database is at an address of its owner's own. */
  isOutside(database: string): boolean {
    return this.#outside.of(database) !== undefined;
  }

  /**
   * Of a database that is to be frozen, and whose server has not been heard of yet: until that is done there, nobody but who administers it comes in,
   * neither an owner nor an app, and the connections that an app has are cut.
   */
  withhold(database: string, withheld: boolean): void {
    if (!withheld) return void this.#withheld.delete(database);
    if (this.#withheld.has(database)) return;
    this.#withheld.add(database);
    for (const shut of this.#doors.get(database) ?? []) shut();
  }

  isWithheld(database: string): boolean {
    return this.#withheld.has(database);
  }

  /** The way of an app into a database, as the relay minds it. */
  doorOf(database: string): Door {
    return {
      isShut: () => this.isWithheld(database),
      onShut: (shut) => {
        const all = this.#doors.get(database) ?? new Set();
        this.#doors.set(database, all.add(shut));
        return () => {
          all.delete(shut);
          if (all.size === 0 && this.#doors.get(database) === all) this.#doors.delete(database);
        };
      },
    };
  }

  /** What a database is called where it is. */
  nameOf(database: string): string {
    return this.#outside.of(database)?.address.database ?? database;
  }

  /** The PostgreSQL of a database that is outside, e.g. 150008; undefined for the data cluster's own. */
  versionOf(database: string): number | undefined {
    return this.#outside.of(database)?.version;
  }

  /** Where names are looked for there, these schemas first. */
  pathOf(database: string, schemas: string[]): string {
    return [...schemas, ...pathBeyond(this.versionOf(database))].map((name) => id(name)).join(', ');
  }

  /** Lets go of the connections to a database: it is somewhere else now, or is come into in another way. */
  async forget(database: string): Promise<void> {
    const pool = this.#pools.get(database);
    this.#pools.delete(database);
    if (pool) await ended(pool);
  }

  /**
   * Runs `work` when nothing else of this kind runs: two that grant on the same database or table at once end with “tuple concurrently
   * updated” for one of them. Not to be nested.
   * @param database one of a server of its own is waited for by nobody else
   */
  alone<T>(work: () => Promise<T>, database = ''): Promise<T> {
    const server = this.isOutside(database) ? database : '';
    const result = (this.#tails.get(server) ?? Promise.resolve()).then(() => retried(work));
    this.#tails.set(
      server,
      result.catch(() => {}),
    );
    return result;
  }

  /** A connection pool of one database for who administers it. */
  #admin(database: string): pg.Pool {
    let pool = this.#pools.get(database);
    if (!pool) {
      const outside = this.#outside.of(database);
      pool = new pg.Pool({
        // names of an app's own come with their schema
        ...(outside
          ? {
              ...this.#outside.client(outside.address),
              ...PATIENCE,
              options: '-c search_path=pg_catalog,pg_temp',
              Client: BoundedClient as never,
            }
          : { connectionString: this.#url(database) }),
        max: 2,
        idleTimeoutMillis: 5000,
        allowExitOnIdle: true,
        application_name: 'vibe host',
      });
      pool.on('error', () => {});
      this.#pools.set(database, pool);
    }
    return pool;
  }

  /** @param database where it is a role's of an outside server: that server must not learn one that is good for another */
  password(role: string, database = ''): string {
    const address = this.#outside.of(database)?.address;
    const name = address ? `${role}\0${address.host}:${address.port}/${address.database}` : role;
    return createHmac('sha256', this.#secret).update(name).digest('base64url');
  }

  /** How to connect as a role: everything but the socket of the app. */
  connection(database: string, role: string): pg.ClientConfig {
    const outside = this.#outside.of(database);
    const password = this.password(role, database);
    if (outside) return this.#outside.client(outside.address, { user: role, password });
    const url = new URL(this.#url(database).replace(/^postgres(ql)?:\/\/\//, 'postgresql://localhost/'));
    const socket = url.searchParams.get('host');
    const ssl = url.searchParams.get('sslmode') && url.searchParams.get('sslmode') !== 'disable' ? { ssl: true } : {};
    return {
      host: socket ?? url.hostname,
      ...(url.port ? { port: Number(url.port) } : {}),
      database,
      user: role,
      password,
      ...ssl,
    };
  }

  /** How a subscription of the data cluster connects as a role. It holds the password: only a superuser can read it there. */
  async subscriptionText(database: string, role: string): Promise<string> {
    const outside = this.#outside.of(database);
    if (outside)
      return this.#outside
        .subscriptionText(
          outside.address,
          outside.letsFollow ? { user: role, password: this.password(role, database) } : outside.address,
        )
        .catch((error) => Promise.reject(outsideError(error, outside.address)));
    const { host, port, user, password, ssl } = this.connection(database, role);
    const parts = { host, port, user, password, dbname: database, sslmode: ssl ? 'require' : undefined };
    return Object.entries(parts)
      .filter(([, value]) => value !== undefined)
      .map(([key, value]) => `${key}='${String(value).replace(/[\\']/g, '\\$&')}'`)
      .join(' ');
  }

  /** Statements that make a role on a database's server as far as it is missing, with exactly these rights and nothing else. */
  roleStatements(database: string, role: string, wants: RoleWants): string[] {
    const outside = this.#outside.of(database);
    const create = `do $$ begin create role ${id(role)}; exception when duplicate_object or unique_violation then null; end $$`;
    const limit = `connection limit ${wants.connections}`;
    if (!outside) {
      const rights = [
        `${wants.login ? '' : 'no'}login nosuperuser nocreatedb nocreaterole noinherit`,
        `${wants.replication ? '' : 'no'}replication ${wants.bypassRls ? '' : 'no'}bypassrls ${limit}`,
        wants.login ? `password ${literal(this.#verifier(role, database))}` : '',
      ];
      return [create, `alter role ${id(role)} ${rights.join(' ')}`];
    }
    const { version, bypassesRls, letsFollow } = outside;
    const rights = [
      // who is no superuser may not even say that another is to be none; a new role is
      wants.login ? `login password ${literal(this.#verifier(role, database))}` : 'nologin',
      version >= INHERITS_BY_GRANT ? 'noinherit' : '',
      wants.replication && letsFollow ? 'replication' : '',
      wants.bypassRls && bypassesRls ? 'bypassrls' : '',
      limit,
    ];
    return [
      create,
      `alter role ${id(role)} ${rights.filter(Boolean).join(' ')}`,
      // what belongs to it, the administrator may then give, drop and end
      this.#member(database, role, 'current_user'),
    ];
  }

  /** Lets rows that row security keeps back be read by a role, where it could not be let past it when it was made. */
  readsAsOwner(database: string, owner: string, reader: string): string[] {
    const outside = this.#outside.of(database);
    if (!outside) return [];
    return [
      // rather an error than fewer rows
      `alter role ${id(reader)} set row_security = off`,
      ...(outside.letsFollow
        ? []
        : [`alter role current_user in database ${id(outside.address.database)} set row_security = off`]),
      ...(outside.bypassesRls
        ? []
        : [
            `alter role ${id(reader)} set default_transaction_read_only = on`,
            this.#member(database, owner, id(reader), false),
          ]),
    ];
  }

  #member(database: string, role: string, to: string, set = true): string {
    const by = this.versionOf(database)! >= INHERITS_BY_GRANT ? ` with inherit true, set ${set}` : '';
    return `grant ${id(role)} to ${to}${by}`;
  }

  #verifier(role: string, database: string): string {
    const password = this.password(role, database);
    const salt = createHmac('sha256', this.#secret).update(`salt ${password}`).digest().subarray(0, 16);
    // somebody else's server may ask for the usual number
    return scramVerifier(password, salt, this.isOutside(database) ? 4096 : 1);
  }

  /** Runs statements that create, grant or drop: never one that a model or an app has had a hand in. @throws AppError `live_away` */
  async administer(database: string, statements: string): Promise<void> {
    await this.readCatalogue(database, (pool) => pool.query(statements));
  }

  /** Reads PostgreSQL's own catalogue. @throws AppError `live_away` */
  async readCatalogue<T>(database: string, read: (client: pg.Pool) => Promise<T>): Promise<T> {
    const outside = this.#outside.of(database);
    if (!outside) return read(this.#admin(database));
    try {
      return await read(this.#admin(database));
    } catch (error) {
      throw outsideError(error, outside.address);
    }
  }

  #ask(database: string, text: string, values: unknown[] = []): Promise<pg.QueryResult> {
    return this.readCatalogue(database, (pool) => pool.query(text, values));
  }

  /** Whether the cluster answers. */
  async ping(): Promise<void> {
    await this.#admin('postgres').query('select 1');
  }

  /** Creates a container's databases as far as they are missing. */
  async createDatabases(names: ContainerDatabases): Promise<void> {
    for (const shared of ['postgres', 'template1'])
      await this.#admin('postgres').query(`revoke all on database ${id(shared)} from public`);
    for (const name of [names.staging, names.live]) {
      if (this.isOutside(name)) continue;
      const { rowCount } = await this.#admin('postgres').query('select 1 from pg_database where datname = $1', [name]);
      if (!rowCount) {
        await this.#admin('postgres')
          .query(`create database ${id(name)} template template0`)
          .catch((error: { code?: string }) => {
            if (error.code !== '42P04') throw error;
          });
      }
      const db = this.#admin(name);
      await db.query(`revoke all on database ${id(name)} from public`);
      await db.query('revoke all on schema public from public');
      await db.query('alter default privileges revoke execute on functions from public');
      await db.query(RUNS_TEXTS);
    }
  }

  /**
   * Creates a schema with its two roles as far as they are missing. The runtime role may read and write rows, nothing else.
   * @returns whether the schema was not there before
   * @throws AppError `container_frozen`
   */
  async createSchema(database: string, containerSlug: string, schema: string): Promise<boolean> {
    const { owner, runtime } = rolesOf(containerSlug, schema);
    const { rows } = await this.readCatalogue(database, (db) =>
      db.query(
        `select (select count(*)::int from pg_roles where rolname in ($1, $2)) as roles,
           (select r.rolname from pg_namespace n join pg_roles r on r.oid = n.nspowner where n.nspname = $3) as owner`,
        [owner, runtime, schema],
      ),
    );
    this.#refuseForeign(database, schema, owner, rows[0].owner);
    if (rows[0].owner && rows[0].roles === 2) return false;
    // one round trip and one transaction: a killed attempt leaves nothing, and a draft is not made of waiting
    const statements = [REFUSE_FROZEN];
    const name = id(this.nameOf(database));
    for (const role of [owner, runtime]) {
      const connections = role === runtime ? 20 : 4;
      statements.push(
        // an owner copies rows of another schema into a draft: row security of theirs must not keep any back
        ...this.roleStatements(database, role, { login: true, bypassRls: role === owner, connections }),
        `grant connect on database ${name} to ${id(role)}`,
        `alter role ${id(role)} in database ${name} set search_path = ${this.pathOf(database, [schema])}`,
        `alter role ${id(role)} set idle_in_transaction_session_timeout = '60s'`,
        `alter role ${id(role)} set statement_timeout = ${role === runtime ? "'30s'" : "'120s'"}`,
        `alter role ${id(role)} set lock_timeout = '10s'`,
      );
    }
    statements.push(
      `create schema if not exists ${id(schema)} authorization ${id(owner)}`,
      `grant usage on schema ${id(schema)} to ${id(runtime)}`,
      `alter default privileges for role ${id(owner)} revoke execute on functions from public`,
    );
    await this.alone(() => this.administer(database, statements.join(';\n')), database).catch((error) =>
      Promise.reject(frozenOr(error)),
    );
    return !rows[0].owner;
  }

  /** On a server of its own there may be schemas that were never ours. @throws AppError `schema_taken` */
  #refuseForeign(database: string, schema: string, owner: string, found: string | null | undefined): void {
    if (!this.isOutside(database) || !found || found === owner) return;
    throw new AppError('schema_taken', 'unavailable', `The live database already has a schema called ${schema}.`, {
      detail: 'It is not this app’s, so it is left alone. Rename it there; this is tried again by itself.',
    });
  }

  /**
   * Lets one schema's owner read another's tables for as long as `work` takes: how rows get into a draft.
   * @param work is begun at once; it waits for `granted` before it reads, and may say that it has read
   */
  async withReadGrant<T>(
    database: string,
    from: string,
    readerOwner: string,
    work: (granted: Promise<void>, hasRead: () => void) => Promise<T>,
  ): Promise<T> {
    const [source, reader] = [id(from), id(readerOwner)];
    const change = (statements: string) => this.alone(() => this.administer(database, statements), database);
    const granted = change(
      `grant usage on schema ${source} to ${reader}; grant select on all tables in schema ${source} to ${reader}`,
    );
    let revoked: Promise<void> | undefined;
    const revoke = (): void => {
      revoked ??= granted
        .catch(() => {})
        .then(() =>
          change(
            `revoke all on all tables in schema ${source} from ${reader}; revoke usage on schema ${source} from ${reader}`,
          ),
        )
        .catch(() => {});
    };
    try {
      return await work(granted, revoke);
    } finally {
      revoke();
      await revoked;
    }
  }

  /** An additional schema for the same owner (a snapshot). */
  async createSideSchema(database: string, schema: string, owner: string): Promise<void> {
    await this.#ask(database, `create schema if not exists ${id(schema)} authorization ${id(owner)}`);
  }

  async tableExists(database: string, schema: string, table: string): Promise<boolean> {
    const { rowCount } = await this.#ask(
      database,
      'select 1 from pg_class c join pg_namespace n on n.oid = c.relnamespace where n.nspname = $1 and c.relname = $2',
      [schema, table],
    );
    return Boolean(rowCount);
  }

  async schemaExists(database: string, schema: string): Promise<boolean> {
    const { rowCount } = await this.#ask(database, 'select 1 from pg_namespace where nspname = $1', [schema]);
    return Boolean(rowCount);
  }

  /** Bytes of all tables of a schema, indexes included; undefined where there is no such schema. */
  async schemaSize(database: string, schema: string): Promise<number | undefined> {
    const { rows } = await this.#ask(
      database,
      `select coalesce(sum(pg_total_relation_size(c.oid)), 0)::float8 as bytes from pg_namespace n
         left join pg_class c on c.relnamespace = n.oid and c.relkind = 'r' where n.nspname = $1 group by n.oid`,
      [schema],
    );
    return rows[0]?.bytes;
  }

  /** Names of the schemas that start with a prefix. */
  async schemasLike(database: string, prefix: string): Promise<string[]> {
    const { rows } = await this.#ask(
      database,
      'select nspname from pg_namespace where starts_with(nspname, $1) order by 1',
      [prefix],
    );
    return rows.map((row) => row.nspname);
  }

  /** Ends every connection of a role, on the server of a database. */
  async disconnect(database: string, role: string): Promise<void> {
    await this.readCatalogue(this.isOutside(database) ? database : 'postgres', (db) =>
      db.query('select pg_terminate_backend(pid) from pg_stat_activity where usename = $1', [role]),
    );
  }

  /** @throws AppError `container_frozen`, `schema_taken` */
  async dropSchema(database: string, schema: string): Promise<void> {
    if (this.isOutside(database)) {
      const { rows } = await this.readCatalogue(database, (db) =>
        db.query(
          `select r.rolname as owner, starts_with(r.rolname, $2) as ours
           from pg_namespace n join pg_roles r on r.oid = n.nspowner where n.nspname = $1`,
          [schema, prefixOf(database)],
        ),
      );
      if (rows[0] && !rows[0].ours) this.#refuseForeign(database, schema, '', rows[0].owner);
    }
    await this.administer(database, `${REFUSE_FROZEN};\ndrop schema if exists ${id(schema)} cascade`).catch((error) =>
      Promise.reject(frozenOr(error)),
    );
  }

  /** Drops a schema and its roles for good. @throws AppError `container_frozen` */
  async dropSchemaAndRoles(database: string, containerSlug: string, schema: string): Promise<void> {
    const { owner, runtime } = rolesOf(containerSlug, schema);
    await Promise.all([this.disconnect(database, owner), this.disconnect(database, runtime)]);
    await this.alone(async () => {
      await this.dropSchema(database, schema);
      for (const role of [runtime, owner]) await this.dropRole([database], role);
    }, database);
  }

  /** Drops a role on the servers of these databases, and what it has in them. Must run alone. */
  async dropRole(databases: string[], role: string): Promise<void> {
    for (const database of databases) await this.dropOwned(database, role);
    const servers = new Map(databases.map((database) => [this.isOutside(database) ? database : '', database]));
    for (const database of servers.values()) await this.administer(database, `drop role if exists ${id(role)}`);
  }

  /** Drops what a role has in a database. Must run alone. */
  dropOwned(database: string, role: string): Promise<void> {
    const words = literal(`drop owned by ${id(role)} cascade`);
    return this.administer(
      database,
      `do $$ begin if exists (select from pg_catalog.pg_roles where rolname = ${literal(role)}) then execute ${words}; end if; end $$`,
    );
  }

  /** Runs `work` on a connection of the schema's owner. @throws AppError `container_frozen`, `data_unavailable` */
  async asOwner<T>(
    database: string,
    containerSlug: string,
    schema: string,
    work: (client: pg.Client) => Promise<T>,
  ): Promise<T> {
    const client = await this.#connectAs(database, rolesOf(containerSlug, schema).owner);
    try {
      return await work(client);
    } finally {
      this.#letGo(client);
    }
  }

  /** A role has few connections: where all are in use a moment is waited, because what is done with them is short. */
  async #connectAs(database: string, role: string): Promise<pg.Client> {
    if (this.#withheld.has(database)) throw containerFrozen();
    const config = { ...this.connection(database, role), application_name: 'vibe changes' };
    for (let attempt = 1; ; attempt++) {
      const client = this.isOutside(database) ? new BoundedClient(config) : new pg.Client(config);
      client.on('error', () => {});
      try {
        await client.connect();
        if (!this.#withheld.has(database)) return client;
        this.#letGo(client);
        throw containerFrozen();
      } catch (cause) {
        if (isFrozen(cause)) throw containerFrozen(cause);
        if ((cause as { code?: string }).code === ALL_IN_USE && attempt < CONNECTING) {
          await sleep(150 * attempt);
          continue;
        }
        const outside = this.#outside.of(database);
        if (outside) throw outsideError(cause, outside.address);
        throw new AppError('data_unavailable', 'unavailable', 'The data cluster does not answer.', { cause });
      }
    }
  }

  /** What was to be done is done: nobody waits while a connection ends, which can take as long as its beginning. */
  #letGo(client: pg.Client): void {
    const end = ended(client).finally(() => this.#ending.delete(end));
    this.#ending.add(end);
  }

  async close(): Promise<void> {
    await Promise.all([...this.#ending, ...[...this.#pools.values()].map(ended)]);
    this.#pools.clear();
  }
}

/** From this version on a grant says itself whether rights are inherited. */
const INHERITS_BY_GRANT = 160_000;
/** How long who administers waits for a server that is not ours. */
const PATIENCE = { query_timeout: 30_000, statement_timeout: 25_000, lock_timeout: 10_000 };

export interface RoleWants {
  login?: boolean;
  replication?: boolean;
  /** sees all rows */
  bypassRls?: boolean;
  connections: number;
}

/** Ends a connection, or a pool of them; of a server that does not let go nothing stays open. */
async function ended(open: pg.Client | pg.Pool): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, END_MS);
  });
  await Promise.race([open.end().catch(() => {}), late]);
  clearTimeout(timer);
  // each of a pool's sees to itself
  if (open instanceof pg.Client) destroyStream(open);
}

const RETRIES = 5;
const ALL_IN_USE = '53300';
const CONNECTING = 4;

/** Tries again what another session's grant or lock was in the way of: nothing of a failed statement remains. */
async function retried<T>(work: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await work();
    } catch (error) {
      const { code, message = '' } = error as { code?: string; message?: string };
      const passing = code === '40P01' || (code === 'XX000' && message.includes('concurrently'));
      if (!passing || attempt === RETRIES) throw error;
      await sleep(20 * attempt);
    }
  }
}
