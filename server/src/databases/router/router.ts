/**
 * The one road of SQL: from a model's call or the console to the rows. Length, one statement, an allow-list of what it is made of; the tables it
 * touches and what hangs on them; the rules; a role of its own; caps on rows, bytes and time. Whatever is refused is refused with its rule.
 * One file of over 400 lines, because a question goes through all of it, and each step stands on what the one before has settled.
 */
import { createHash } from 'node:crypto';
import pg from 'pg';
import { DOES } from '../../../../contract/row-words.ts';
import type { DataCluster } from '../cluster.ts';
import { type Answer, cappedQuery } from './capped-query.ts';
import { type Catalog, readCatalog } from './catalog.ts';
import { countingSelect } from './count.ts';
import { LiveGrants } from './live-grants.ts';
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
import { shapeOf } from './shape.ts';
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
const MOST_SHAPES = 500;

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
  /** shapes of statements that may read just so, with the tables that they read; the oldest leaves first */
  readers: Map<string, string[]>;
}

export class Router {
  readonly #cluster: DataCluster;
  readonly #prepared = new Map<string, Promise<Prepared>>();
  readonly #pools = new Map<string, pg.Pool>();
  readonly live: LiveGrants;

  constructor(cluster: DataCluster) {
    this.#cluster = cluster;
    this.live = new LiveGrants(cluster);
  }

  /** Answers, asks or refuses; throws only when the database cannot be reached. */
  async ask(question: Question): Promise<Outcome> {
    try {
      return await this.#answer(question).catch((error) => {
        // tables that were made anew have none of the grants: nothing has happened yet, so it is tried once more
        if (!(error instanceof pg.DatabaseError) || !STALE.has(error.code ?? '')) throw error;
        this.forget(keyOf(targetOf(question.chat, question.target), question.chat.chat8));
        return this.#answer(question);
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
      // a server elsewhere may say any number
      return new Map(rows.map((row) => [row.id, countOf(row.rows)]));
    });
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

  async #answer(question: Question): Promise<Outcome> {
    const { database } = targetOf(question.chat, question.target);
    await this.live.settled(database);
    const shape = shapeOf(question.sql);
    const known = shape === undefined ? undefined : await this.#readers(question, shape);
    if (known) return this.#read(question, 'read', known.prepared, known.tables);
    return this.#settle(question, readStatement(question.sql), shape);
  }

  async #settle(question: Question, statement: Statement, shape: string | undefined): Promise<Outcome> {
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
    if (verdict.verdict === 'deny') {
      const refused = access[verdicts.indexOf(verdict)]!;
      throw denied(refused, verdict, prepared.target, question.frozen);
    }
    const writes = statement.kind !== 'read' && statement.kind !== 'explain';
    if (writes && question.frozen) throw refusedFrozen();
    if (!writes && verdict.verdict === 'allow') {
      if (statement.kind === 'read' && shape !== undefined && !statement.byValue)
        remember(prepared.readers, shape, tables);
      return this.#read(question, statement.kind, prepared, tables);
    }
    const agreed = question.agreed?.digest === digestOf(question, prepared.target) ? question.agreed : undefined;
    if (!writes)
      return agreed
        ? this.#read(question, statement.kind, prepared, tables)
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
    const written = access.flatMap((one) => (one.action === 'read' ? [] : [{ ...one, action: one.action }]));
    const first = written[0] ?? access[0]!;
    return {
      kind: 'ask',
      ask: {
        digest: digestOf(question, target),
        rows,
        statement: statement.text,
        place: PLACES[environments.get(first.table.schema)!],
        changes: written.map(
          ({ table, action, through }) => `${DOES[action](table.name)}${through ? ` that point at ${through}` : ''}`,
        ),
        because: verdict.because,
      },
    };
  }

  async #read(question: Question, kind: Statement['kind'], prepared: Prepared, tables: string[]): Promise<Outcome> {
    const began = performance.now();
    const limits = { rows: Math.min(question.rows ?? MOST_ROWS, MOST_ROWS), bytes: MOST_BYTES };
    const answer = await withClient(prepared.pool, (client) => cappedQuery(client, question.sql, limits));
    const result = resultOf(question.target, answer, tables, began);
    if (kind === 'explain') {
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

  async #prepare(question: Question): Promise<Prepared> {
    const target = targetOf(question.chat, question.target);
    const key = preparedKey(question, target);
    const before = this.#prepared.get(key);
    const known = await before;
    if (known && isFresh(known)) return known;
    // somebody else may have begun to make it anew meanwhile
    return this.#prepared.get(key) === before ? this.#anew(question, target, key) : this.#prepare(question);
  }

  /** The tables that a statement of this shape reads, if it may, and from what has been made ready for it. */
  async #readers(question: Question, shape: string): Promise<{ prepared: Prepared; tables: string[] } | undefined> {
    const prepared = await this.#prepared.get(preparedKey(question, targetOf(question.chat, question.target)));
    const tables = prepared && isFresh(prepared) ? prepared.readers.get(shape) : undefined;
    return tables && { prepared: prepared!, tables };
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
    return { at: Date.now(), target, catalog, role, pool: this.#pool(target.database, role), readers: new Map() };
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

const countOf = (rows: unknown): number => {
  const count = Number(rows);
  return Number.isSafeInteger(count) && count >= 0 ? count : 0;
};

const isFresh = (prepared: Prepared): boolean => Date.now() - prepared.at < CATALOG_FRESH_MS;

const preparedKey = (question: Question, target: Target): string =>
  // what the schemas are changes when an app gets a live database: what was made ready before would write to its mirror
  `${keyOf(target, question.chat.chat8)} ${JSON.stringify([target.schemas, question.rules])}`;

function remember(readers: Prepared['readers'], shape: string, tables: string[]): void {
  if (readers.size >= MOST_SHAPES) readers.delete(readers.keys().next().value!);
  readers.set(shape, tables);
}

const keyOf = (target: Target, chat8: string): string => `${target.database} ${chat8} ${target.name}`;

const ruleFor = (question: Question, environment: Environment, table: string, action: Access['action']): Effective =>
  effectiveRule(question.rules, { environment, action, appId: question.chat.appId, table });

const digestOf = (question: Question, target: Target): string =>
  createHash('sha256')
    .update([question.chat.chatId, target.database, target.name, question.sql].join('\0'))
    .digest('hex');

function denied(
  { table, action, through }: Access,
  { because }: Effective,
  { schemas }: Target,
  frozen: boolean,
): Refusal {
  const [name, pointing] = [`${table.schema}.${table.name}`, through ? `, which point at ${through},` : ''];
  const environment = schemas.find((schema) => schema.name === table.schema)?.environment;
  // a read does not fail of it
  const too = frozen && action !== 'read' ? ` ${FROZEN_TOO}` : '';
  if (environment === 'mirror' && action !== 'read') {
    const site = schemas.find((schema) => schema.environment === 'site');
    return new Refusal(
      'copy_of_live',
      `${name} is here the copy of live; nobody writes to it${through ? `, and its rows point at ${through}` : ''}.${too}`,
      `Change it in live${site ? `, or in the staging site’s copy, ${site.name}.${table.name}` : ''}.`,
    );
  }
  return new Refusal(
    'rule_of_container',
    `To ${action} rows of ${name}${pointing} is not allowed. ${because}${too}`,
    'A person who manages the container can change the rule under Data.',
  );
}

/** Where another rule refuses it first: to go round that one would not help. */
const FROZEN_TOO = 'The container is frozen as well: nothing is written anywhere in it until a person lifts it.';

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
