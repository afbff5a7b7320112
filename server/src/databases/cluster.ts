/**
 * The data cluster as the host manages it: databases, roles, schemas. The superuser only ever creates and drops; whatever touches
 * something that an app or a model made runs over a connection of the schema's own owner.
 */
import { createHmac } from 'node:crypto';
import pg from 'pg';
import { AppError } from '../errors.ts';
import { containerFrozen, frozenOr, isFrozen, REFUSE_FROZEN } from './frozen.ts';
import { type ContainerDatabases, rolesOf } from './names.ts';

const id = pg.escapeIdentifier;
const literal = pg.escapeLiteral;

export class DataCluster {
  readonly #url: (database: string) => string;
  readonly #secret: Buffer;
  readonly #pools = new Map<string, pg.Pool>();
  #tail: Promise<unknown> = Promise.resolve();

  /**
   * @param url connection string of the superuser for a database
   * @param secret roles' passwords are derived from it, so none is stored
   */
  constructor(url: (database: string) => string, secret: Buffer) {
    this.#url = url;
    this.#secret = secret;
  }

  /**
   * Runs `work` when nothing else of this kind runs: two that grant on the same database or table at once end with “tuple concurrently
   * updated” for one of them. Not to be nested.
   */
  alone<T>(work: () => Promise<T>): Promise<T> {
    const result = this.#tail.then(() => retried(work));
    this.#tail = result.catch(() => {});
    return result;
  }

  /** A superuser connection pool of one database. */
  #admin(database: string): pg.Pool {
    let pool = this.#pools.get(database);
    if (!pool) {
      pool = new pg.Pool({
        connectionString: this.#url(database),
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

  password(role: string): string {
    return createHmac('sha256', this.#secret).update(role).digest('base64url');
  }

  /** How to connect as a role: everything but the socket of the app. */
  connection(database: string, role: string): pg.ClientConfig {
    const url = new URL(this.#url(database).replace(/^postgres(ql)?:\/\/\//, 'postgresql://localhost/'));
    const socket = url.searchParams.get('host');
    const ssl = url.searchParams.get('sslmode') && url.searchParams.get('sslmode') !== 'disable' ? { ssl: true } : {};
    return {
      host: socket ?? url.hostname,
      ...(url.port ? { port: Number(url.port) } : {}),
      database,
      user: role,
      password: this.password(role),
      ...ssl,
    };
  }

  /** Runs statements that create, grant or drop as the superuser: never one that a model or an app has had a hand in. */
  async administer(database: string, statements: string): Promise<void> {
    await this.#admin(database).query(statements);
  }

  /** Reads PostgreSQL's own catalogue. */
  async readCatalogue<T>(database: string, read: (client: pg.Pool) => Promise<T>): Promise<T> {
    return read(this.#admin(database));
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
    }
  }

  /**
   * Creates a schema with its two roles as far as they are missing. The runtime role may read and write rows, nothing else.
   * @throws AppError `container_frozen`
   */
  async createSchema(database: string, containerSlug: string, schema: string): Promise<void> {
    const { owner, runtime } = rolesOf(containerSlug, schema);
    const db = this.#admin(database);
    const { rows } = await db.query(
      `select (select count(*)::int from pg_roles where rolname in ($1, $2)) as roles, exists (select 1 from pg_namespace where nspname = $3) as made`,
      [owner, runtime, schema],
    );
    if (rows[0].made && rows[0].roles === 2) return;
    // one round trip and one transaction: a killed attempt leaves nothing, and a draft is not made of waiting
    const statements = [REFUSE_FROZEN];
    for (const role of [owner, runtime]) {
      const connections = role === runtime ? 20 : 4;
      // an owner copies rows of another schema into a draft: row security of theirs must not keep any back
      const attributes = `login nosuperuser nocreatedb nocreaterole noinherit noreplication ${role === owner ? 'bypassrls' : 'nobypassrls'} connection limit ${connections} password ${literal(this.password(role))}`;
      statements.push(
        `do $$ begin create role ${id(role)}; exception when duplicate_object then null; end $$`,
        `alter role ${id(role)} ${attributes}`,
        `grant connect on database ${id(database)} to ${id(role)}`,
        `alter role ${id(role)} in database ${id(database)} set search_path = ${id(schema)}`,
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
    await this.alone(() => db.query(statements.join(';\n'))).catch((error) => Promise.reject(frozenOr(error)));
  }

  /** Lets one schema's owner read another's tables for as long as `work` takes: how rows get into a draft. */
  async withReadGrant<T>(database: string, from: string, readerOwner: string, work: () => Promise<T>): Promise<T> {
    const db = this.#admin(database);
    await this.alone(async () => {
      await db.query(`grant usage on schema ${id(from)} to ${id(readerOwner)}`);
      await db.query(`grant select on all tables in schema ${id(from)} to ${id(readerOwner)}`);
    });
    try {
      return await work();
    } finally {
      await this.alone(async () => {
        await db.query(`revoke all on all tables in schema ${id(from)} from ${id(readerOwner)}`);
        await db.query(`revoke usage on schema ${id(from)} from ${id(readerOwner)}`);
      }).catch(() => {});
    }
  }

  /** An additional schema for the same owner (a snapshot). */
  async createSideSchema(database: string, schema: string, owner: string): Promise<void> {
    await this.#admin(database).query(`create schema if not exists ${id(schema)} authorization ${id(owner)}`);
  }

  async tableExists(database: string, schema: string, table: string): Promise<boolean> {
    const { rowCount } = await this.#admin(database).query(
      'select 1 from pg_class c join pg_namespace n on n.oid = c.relnamespace where n.nspname = $1 and c.relname = $2',
      [schema, table],
    );
    return Boolean(rowCount);
  }

  async schemaExists(database: string, schema: string): Promise<boolean> {
    const { rowCount } = await this.#admin(database).query('select 1 from pg_namespace where nspname = $1', [schema]);
    return Boolean(rowCount);
  }

  /** Bytes of all tables of a schema, indexes included. */
  async schemaSize(database: string, schema: string): Promise<number> {
    const { rows } = await this.#admin(database).query(
      `select coalesce(sum(pg_total_relation_size(c.oid)), 0)::float8 as bytes from pg_class c join pg_namespace n on n.oid = c.relnamespace
       where n.nspname = $1 and c.relkind = 'r'`,
      [schema],
    );
    return rows[0].bytes;
  }

  /** Names of the schemas that start with a prefix. */
  async schemasLike(database: string, prefix: string): Promise<string[]> {
    const { rows } = await this.#admin(database).query(
      'select nspname from pg_namespace where starts_with(nspname, $1) order by 1',
      [prefix],
    );
    return rows.map((row) => row.nspname);
  }

  /** Ends every connection of a role. */
  async disconnect(role: string): Promise<void> {
    await this.#admin('postgres').query('select pg_terminate_backend(pid) from pg_stat_activity where usename = $1', [
      role,
    ]);
  }

  /** @throws AppError `container_frozen` */
  async dropSchema(database: string, schema: string): Promise<void> {
    await this.#admin(database)
      .query(`${REFUSE_FROZEN};\ndrop schema if exists ${id(schema)} cascade`)
      .catch((error) => Promise.reject(frozenOr(error)));
  }

  /** Drops a schema and its roles for good. @throws AppError `container_frozen` */
  async dropSchemaAndRoles(database: string, containerSlug: string, schema: string): Promise<void> {
    const { owner, runtime } = rolesOf(containerSlug, schema);
    await Promise.all([this.disconnect(owner), this.disconnect(runtime)]);
    await this.alone(async () => {
      await this.dropSchema(database, schema);
      const db = this.#admin(database);
      for (const role of [runtime, owner]) {
        const { rowCount } = await db.query('select 1 from pg_roles where rolname = $1', [role]);
        if (!rowCount) continue;
        await db.query(`drop owned by ${id(role)} cascade`);
        await db.query(`drop role if exists ${id(role)}`);
      }
    });
  }

  /** Runs `work` on a connection of the schema's owner. @throws AppError `container_frozen`, `data_unavailable` */
  async asOwner<T>(
    database: string,
    containerSlug: string,
    schema: string,
    work: (client: pg.Client) => Promise<T>,
  ): Promise<T> {
    const { owner } = rolesOf(containerSlug, schema);
    const client = new pg.Client({ ...this.connection(database, owner), application_name: 'vibe changes' });
    client.on('error', () => {});
    try {
      await client.connect();
    } catch (cause) {
      if (isFrozen(cause)) throw containerFrozen(cause);
      throw new AppError('data_unavailable', 'unavailable', 'The data cluster does not answer.', { cause });
    }
    try {
      return await work(client);
    } finally {
      await client.end().catch(() => {});
    }
  }

  async close(): Promise<void> {
    await Promise.all([...this.#pools.values()].map((pool) => pool.end()));
    this.#pools.clear();
  }
}

const RETRIES = 5;

/** Tries again what another session's grant or lock was in the way of: nothing of a failed statement remains. */
async function retried<T>(work: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await work();
    } catch (error) {
      const { code, message = '' } = error as { code?: string; message?: string };
      const passing = code === '40P01' || (code === 'XX000' && message.includes('concurrently'));
      if (!passing || attempt === RETRIES) throw error;
      await new Promise((resolve) => setTimeout(resolve, 20 * attempt));
    }
  }
}
