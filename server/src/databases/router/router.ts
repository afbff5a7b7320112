/**
 * The one road of SQL: from a model's call or the console to the rows. Length, one statement, an allow-list of what it is made of; the tables it
 * touches and what hangs on them; the rules; a role of its own; caps on rows, bytes and time. Whatever is refused is refused with its rule.
 */
import { createHash } from 'node:crypto';
import pg from 'pg';
import type { DataCluster } from '../cluster.ts';
import { type Answer, cappedQuery } from './capped-query.ts';
import { type Catalog, readCatalog } from './catalog.ts';
import { countingSelect } from './count.ts';
import {
  bringRole,
  dropQueryRoles,
  type Grants,
  type Privilege,
  RECEIPTS,
  type RolePlace,
  refusedFrozen,
  roleNameOf,
} from './query-roles.ts';
import { Refusal } from './refusal.ts';
import { type Access, resolveStatement } from './resolve.ts';
import { type Effective, effectiveRule, PLACES, type Rule, strictest } from './rules.ts';
import { fromServer } from './server-words.ts';
import { readStatement, type Statement } from './statement.ts';
import { type ChatData, type Environment, type Target, type TargetName, targetOf } from './targets.ts';
import { jsonValue, TYPE_NAMES } from './values.ts';
import { withClient } from './with-client.ts';

export const MOST_ROWS = 200;
const MOST_BYTES = 200_000;
const POOL_IDLE_MS = 30_000;
const CATALOG_FRESH_MS = 10_000;
/** What was read so short ago is not read again because a name is not in it. */
const JUST_READ_MS = 300;
const COUNT_MS = 8_000;

export interface Question {
  chat: ChatData & { chatId: string; appId: string };
  target: TargetName;
  sql: string;
  rules: readonly Rule[];
  /** the container's freeze: nothing is written */
  frozen: boolean;
  /** what a person has said yes to */
  agreed?: Agreed | undefined;
  /** under which the receipt of a write is kept, in the same transaction as its effect */
  receipt?: string | undefined;
  /** rows to give, at most MOST_ROWS */
  rows?: number | undefined;
}

/** What was shown on the card, and what the yes is for. */
export interface Agreed {
  /** of the exact text, the target and the database */
  digest: string;
  /** rows that it would change, as they were counted */
  rows: number;
}

export interface Result {
  database: TargetName;
  /** of EXPLAIN */
  plan?: string;
  columns: { name: string; type: string }[];
  rows: unknown[][];
  more: boolean;
  affected: number | null;
  ms: number;
  tables: string[];
}

export type Outcome =
  | { kind: 'answer'; result: Result }
  | { kind: 'ask'; ask: Agreed & { statement: string; place: string; changes: string[]; because: string } }
  | { kind: 'refused'; rule: string; message: string; allowed: string | undefined };

interface Prepared {
  at: number;
  target: Target;
  catalog: Catalog;
  role: string;
  pool: pg.Pool;
}

export class Router {
  readonly #cluster: DataCluster;
  readonly #prepared = new Map<string, Promise<Prepared>>();
  readonly #pools = new Map<string, pg.Pool>();

  constructor(cluster: DataCluster) {
    this.#cluster = cluster;
  }

  /** Answers, asks or refuses; throws only when the database cannot be reached. */
  async ask(question: Question): Promise<Outcome> {
    try {
      const statement = readStatement(question.sql);
      return await this.#settle(question, statement).catch((error) => {
        // tables that were made anew have none of the grants: nothing has happened yet, so it is tried once more
        if (!(error instanceof pg.DatabaseError) || !STALE.has(error.code ?? '')) throw error;
        this.forget(keyOf(targetOf(question.chat, question.target), question.chat.chat8));
        return this.#settle(question, statement);
      });
    } catch (error) {
      if (error instanceof Refusal)
        return { kind: 'refused', rule: error.rule, message: error.message, allowed: error.allowed };
      if (error instanceof pg.DatabaseError) return fromServer(error);
      throw error;
    }
  }

  /** Which of these receipts are there: those statements took effect. */
  async receipts(database: string, ids: string[]): Promise<Map<string, number>> {
    return this.#cluster.readCatalogue(database, async (client) => {
      const there = await client.query('select to_regclass($1) is not null as there', [RECEIPTS.table]);
      if (!there.rows[0].there) return new Map();
      const { rows } = await client.query(`select id, rows from ${RECEIPTS.table} where id = any ($1::uuid[])`, [ids]);
      return new Map(rows.map((row) => [row.id, Number(row.rows)]));
    });
  }

  /** Live grants are for one turn: none outlives a start. */
  async dropLiveRoles(database: string): Promise<void> {
    const roles = await this.#cluster.readCatalogue(database, async (client) => {
      const { rows } = await client.query<{ rolname: string }>(
        "select rolname from pg_catalog.pg_roles where rolname ~ '\\.q_[a-z0-9]{8}\\.live(\\.w)?$' and pg_catalog.has_database_privilege(rolname, $1, 'connect')",
        [database],
      );
      return rows.map(({ rolname }) => rolname);
    });
    await dropQueryRoles(this.#cluster, [database], roles);
  }

  /** The tables have changed. @param of a database's name, or nothing for all */
  forget(of = ''): void {
    for (const key of this.#prepared.keys()) if (key.startsWith(of)) this.#prepared.delete(key);
  }

  /** Takes away what a chat's statements ran as: in one target (its live grant), or everywhere. */
  async dropRoles(chat: ChatData, targets: TargetName[]): Promise<void> {
    for (const name of targets) {
      const target = targetOf(chat, name);
      const roles = [false, true].map((write) => roleNameOf({ ...chat, target, write }));
      this.forget(keyOf(target, chat.chat8));
      for (const role of roles) {
        await this.#pools.get(role)?.end();
        this.#pools.delete(role);
      }
      await dropQueryRoles(this.#cluster, [target.database], roles);
    }
  }

  async close(): Promise<void> {
    await Promise.all([...this.#pools.values()].map((pool) => pool.end()));
    this.#pools.clear();
  }

  async #settle(question: Question, statement: Statement): Promise<Outcome> {
    let prepared = await this.#prepare(question);
    let access: Access[];
    try {
      access = resolveStatement(statement, prepared.catalog);
    } catch (error) {
      // the table may be younger than what is known of the database
      if (!(error instanceof Refusal) || Date.now() - prepared.at < JUST_READ_MS) throw error;
      this.forget(keyOf(prepared.target, question.chat.chat8));
      prepared = await this.#prepare(question);
      access = resolveStatement(statement, prepared.catalog);
    }
    const environmentOf = new Map(prepared.target.schemas.map(({ name, environment }) => [name, environment]));
    const verdicts = access.map(({ table, action }) =>
      ruleFor(question, environmentOf.get(table.schema)!, table.name, action),
    );
    const verdict = strictest(verdicts);
    const written = access.filter(({ action, through }) => action !== 'read' && !through);
    const tables = [...new Set((written.length > 0 ? written : access).map(({ table }) => table.name))];
    if (verdict.verdict === 'deny') throw denied(access[verdicts.indexOf(verdict)]!, verdict);
    const writes = statement.kind !== 'read' && statement.kind !== 'explain';
    if (writes && question.frozen) throw refusedFrozen();
    if (!writes && verdict.verdict === 'allow') return this.#read(question, statement, prepared, tables);
    const agreed = question.agreed?.digest === digestOf(question, prepared.target) ? question.agreed : undefined;
    if (!writes)
      return agreed
        ? this.#read(question, statement, prepared, tables)
        : this.#askFor(question, statement, prepared, access, verdict, 0);
    if (verdict.verdict === 'allow') return this.#write(question, prepared, access, tables, undefined);
    if (agreed)
      return this.#write(question, prepared, access, tables, agreed.rows, () =>
        this.#count(question, statement, prepared, access, verdict),
      );
    return this.#count(question, statement, prepared, access, verdict);
  }

  async #count(
    question: Question,
    statement: Statement,
    prepared: Prepared,
    access: Access[],
    verdict: Effective,
  ): Promise<Outcome> {
    const rows = await withClient(prepared.pool, async (client) => {
      await client.query(`set statement_timeout = ${COUNT_MS}`);
      try {
        const counted = await cappedQuery(client, countingSelect(statement), { rows: 1, bytes: 1000 });
        return Number(counted.rows[0]?.[0] ?? 0);
      } finally {
        await client.query('reset statement_timeout').catch(() => {});
      }
    });
    return this.#askFor(question, statement, prepared, access, verdict, rows);
  }

  #askFor(
    question: Question,
    statement: Statement,
    { target }: Prepared,
    access: Access[],
    verdict: Effective,
    rows: number,
  ): Outcome {
    const environments = new Map(target.schemas.map(({ name, environment }) => [name, environment]));
    const written = access.filter(({ action }) => action !== 'read');
    const first = written[0] ?? access[0]!;
    return {
      kind: 'ask',
      ask: {
        digest: digestOf(question, target),
        rows,
        statement: statement.text,
        place: PLACES[environments.get(first.table.schema)!],
        changes: written.map(
          ({ table, action, through }) => `${action} ${table.name}${through ? ` (rows that point at ${through})` : ''}`,
        ),
        because: verdict.because,
      },
    };
  }

  async #read(question: Question, statement: Statement, prepared: Prepared, tables: string[]): Promise<Outcome> {
    const began = performance.now();
    const limits = { rows: Math.min(question.rows ?? MOST_ROWS, MOST_ROWS), bytes: MOST_BYTES };
    const answer = await withClient(prepared.pool, (client) => cappedQuery(client, statement.text, limits));
    const result = resultOf(question.target, answer, tables, began);
    if (statement.kind === 'explain') {
      result.plan = answer.rows.map(([line]) => line ?? '').join('\n');
      result.rows = [];
    }
    return { kind: 'answer', result };
  }

  /**
   * @param most rows that may be changed; undefined: any number
   * @param again what to answer when it would be more
   */
  async #write(
    question: Question,
    prepared: Prepared,
    access: Access[],
    tables: string[],
    most: number | undefined,
    again?: () => Promise<Outcome>,
  ): Promise<Outcome> {
    const place: RolePlace = { ...question.chat, target: prepared.target, write: true };
    const grants: Grants = new Map();
    for (const { table, action, through } of access) {
      // what hangs on it is changed by the server itself, as the table's owner
      if (through) continue;
      const key = `${table.schema}.${table.name}`;
      const had = grants.get(key) ?? new Set<Privilege>();
      grants.set(key, had.add(action === 'read' ? 'select' : action));
    }
    const role = await bringRole(this.#cluster, place, prepared.catalog, grants, false);
    const pool = this.#pool(prepared.target.database, role);
    const began = performance.now();
    const limits = { rows: Math.min(question.rows ?? MOST_ROWS, MOST_ROWS), bytes: MOST_BYTES };
    try {
      const answer = await withClient(pool, async (client) => {
        await client.query('begin');
        try {
          const found = await cappedQuery(client, question.sql, limits);
          const changed = found.affected ?? found.rows.length;
          if (most !== undefined && changed > most) {
            await client.query('rollback');
            return undefined;
          }
          if (question.receipt)
            await client.query(`insert into ${RECEIPTS.table} (id, rows) values ($1, $2)`, [question.receipt, changed]);
          await client.query('commit');
          return found;
        } catch (error) {
          await client.query('rollback').catch(() => {});
          throw error;
        }
      });
      if (!answer) return await again!();
      return { kind: 'answer', result: resultOf(question.target, answer, tables, began) };
    } finally {
      await bringRole(this.#cluster, place, prepared.catalog, new Map(), false).catch(() => {});
    }
  }

  #prepare(question: Question): Promise<Prepared> {
    const target = targetOf(question.chat, question.target);
    const key = keyOf(target, question.chat.chat8);
    const rules = JSON.stringify(question.rules);
    const known = this.#prepared.get(`${key} ${rules}`);
    if (known)
      return known.then((prepared) =>
        Date.now() - prepared.at < CATALOG_FRESH_MS ? prepared : this.#anew(question, target, `${key} ${rules}`),
      );
    return this.#anew(question, target, `${key} ${rules}`);
  }

  #anew(question: Question, target: Target, key: string): Promise<Prepared> {
    const made = this.#make(question, target);
    this.#prepared.set(key, made);
    made.catch(() => this.#prepared.delete(key));
    return made;
  }

  async #make(question: Question, target: Target): Promise<Prepared> {
    const catalog = await this.#cluster.readCatalogue(target.database, (client) =>
      readCatalog(
        client,
        target.schemas.map(({ name }) => name),
      ),
    );
    if (catalog.tables.size === 0 && target.name === 'draft')
      throw new Refusal(
        'no_draft',
        'This chat has no draft yet.',
        'It is made when the preview starts or the spec is changed.',
      );
    const grants: Grants = new Map();
    const environments = new Map<string, Environment>(
      target.schemas.map(({ name, environment }) => [name, environment]),
    );
    for (const [key, table] of catalog.tables) {
      const { verdict } = ruleFor(question, environments.get(table.schema)!, table.name, 'read');
      if (verdict !== 'deny') grants.set(key, new Set(['select']));
    }
    const place: RolePlace = { ...question.chat, target, write: false };
    const role = await bringRole(this.#cluster, place, catalog, grants, true);
    return { at: Date.now(), target, catalog, role, pool: this.#pool(target.database, role) };
  }

  #pool(database: string, role: string): pg.Pool {
    let pool = this.#pools.get(role);
    if (!pool) {
      pool = new pg.Pool({
        ...this.#cluster.connection(database, role),
        max: 2,
        idleTimeoutMillis: POOL_IDLE_MS,
        allowExitOnIdle: true,
        connectionTimeoutMillis: 5000,
        application_name: 'vibe router',
      });
      pool.on('error', () => {});
      this.#pools.set(role, pool);
    }
    return pool;
  }
}

const keyOf = (target: Target, chat8: string): string => `${target.database} ${chat8} ${target.name}`;

const ruleFor = (question: Question, environment: Environment, table: string, action: Access['action']): Effective =>
  effectiveRule(question.rules, { environment, action, appId: question.chat.appId, table });

const digestOf = (question: Question, target: Target): string =>
  createHash('sha256')
    .update([question.chat.chatId, target.database, target.name, question.sql].join('\0'))
    .digest('hex');

const denied = ({ table, action, through }: Access, { because }: Effective): Refusal =>
  new Refusal(
    'rule',
    `To ${action} rows of ${table.name}${through ? `, which point at ${through},` : ''} is not allowed. ${because}`,
    'A person who manages the container can change the rule under Data.',
  );

function resultOf(database: TargetName, answer: Answer, tables: string[], began: number): Result {
  return {
    database,
    columns: answer.columns.map(({ name, typeId }) => ({ name, type: TYPE_NAMES[typeId] ?? 'other' })),
    rows: answer.rows.map((row) => row.map((value, at) => jsonValue(answer.columns[at]!.typeId, value))),
    more: answer.more,
    affected: answer.affected,
    ms: Math.round((performance.now() - began) * 10) / 10,
    tables,
  };
}

/** No such table or schema, or no permission for it. */
const STALE = new Set(['42501', '42P01', '3F000']);
