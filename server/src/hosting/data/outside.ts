/**
 * Where a container's live database is, as its owner has said: looked at before it is kept, sealed where it is kept, and never told again. The row
 * is the truth; those who connect are told from it, at every start and with every change.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import type { Outside, OutsideCheck, OutsideInput } from '../../../../contract/outside.ts';
import type { DataKeys } from '../../accounts/data-keys.ts';
import { recordAct } from '../../databases/acts.ts';
import type { DataCluster } from '../../databases/cluster.ts';
import { containerFrozen } from '../../databases/frozen.ts';
import { databasesOf } from '../../databases/names.ts';
import { type Checked, checkOutside } from '../../databases/outside/check.ts';
import { HAS_ALL, isMarked, keepUp, leave, takePlace } from '../../databases/outside/mark.ts';
import type { OutsideDatabases, OutsideServer } from '../../databases/outside/outside-databases.ts';
import { checkCertificates, isAway, type OutsideAddress, outsideError } from '../../databases/outside/server.ts';
import { type Db, many, maybe, one, run, sql, transaction } from '../../db/database.ts';
import { AppError, codeOf } from '../../errors.ts';
import type { Hub } from '../../events/hub.ts';
import { enqueue } from '../../jobs/queue.ts';
import { leftAt, renewWayIn } from './leftovers.ts';
import { openAddress, type SealedAddress, sealedAt } from './sealed-address.ts';

export interface OutsideParts {
  db: Db;
  keys: DataKeys;
  cluster: DataCluster;
  outside: OutsideDatabases;
  hub: Hub;
}

interface Row extends SealedAddress {
  slug: string;
  version: number;
  bypasses_rls: boolean;
  lets_follow: boolean;
}

const rowsOf = (db: Db, containerId?: string): Promise<Row[]> =>
  many(
    db,
    sql<Row>`select o.*, c.slug, c.organisation_id from outside_databases o join containers c on c.id = o.container_id
      ${containerId ? sql`where o.container_id = ${containerId}` : sql``}`,
  );

async function serverOf({ keys }: Pick<OutsideParts, 'keys'>, row: Row): Promise<OutsideServer> {
  return {
    address: await openAddress(keys, row),
    version: row.version,
    bypassesRls: row.bypasses_rls,
    letsFollow: row.lets_follow,
  };
}

/** At a start, before anybody connects: without it an app's live rows would be looked for on this server. */
export async function loadOutside(parts: Pick<OutsideParts, 'db' | 'keys' | 'outside'>): Promise<void> {
  for (const row of await rowsOf(parts.db)) parts.outside.set(databasesOf(row.slug).live, await serverOf(parts, row));
}

/** What does not answer is tried again this often. */
const AGAIN_MS = 60_000;
/** It may not be done, cannot be done there, or who would do it is not let in: it will be so the next time too. */
const FOR_GOOD = /^(42|0A|28(?!P01))/;
/** Somebody else's server chooses what its errors are called. */
const MOST_CODES = 20;

/**
 * After a start: what an older server lacks is there as today's changes of tables need it, also where it was kept by an earlier build. Nobody waits for it.
 * @returns what ends the trying
 */
export async function keepUpOutside(
  parts: Pick<OutsideParts, 'db' | 'keys' | 'outside'> & { warn: (error: unknown, text: string) => void },
  againMs: number = AGAIN_MS,
): Promise<() => void> {
  const end = new AbortController();
  for (const { container_id: containerId, slug, version } of await rowsOf(parts.db))
    if (version < HAS_ALL)
      void keepUpOne(containerId, slug).catch(
        (error) => end.signal.aborted || parts.warn(error, `the live database of ${slug} was not kept up`),
      );
  return () => end.abort();

  async function keepUpOne(containerId: string, slug: string): Promise<void> {
    for (const said = new Set<string>(); ; ) {
      // as it is now: another address, or none, may have been set meanwhile
      const [row] = await rowsOf(parts.db, containerId);
      if (!row) return;
      const { address } = await serverOf(parts, row);
      try {
        return await keepUp(parts.outside.client(address), containerId);
      } catch (cause) {
        const error = outsideError(cause, address);
        if (error instanceof pg.DatabaseError && FOR_GOOD.test(error.code ?? '')) throw error;
        const code = codeOf(error).slice(0, 40);
        if (!said.has(code) && said.size < MOST_CODES) {
          said.add(code);
          parts.warn(error, `the live database of ${slug} was not kept up`);
        }
        await sleep(againMs, undefined, { signal: end.signal, ref: false });
      }
    }
  }
}

/** What may be shown of it. */
export async function readOutside(db: Db, containerId: string, mayChange: boolean): Promise<Outside> {
  const row = await maybe(
    db,
    sql<{
      host: string;
      port: number;
      database: string;
      user: string;
      tls: boolean;
      ownCertificate: boolean;
      setBy: string;
      setAt: Date;
      givenUp: boolean;
    }>`select o.given_up_at is not null as "givenUp", o.host, o.port, o.database, o.username as user, o.tls, o.ca is not null as "ownCertificate", u.name as "setBy", o.set_at as "setAt"
      from outside_databases o join users u on u.id = o.set_by where o.container_id = ${containerId}`,
  );
  const { givenUp = false, ...address } = row ?? {};
  return {
    address: row ? { ...(address as Omit<typeof row, 'givenUp'>), setAt: row.setAt.toISOString() } : null,
    givingUp: givenUp,
    fixed: await isInUse(db, containerId),
    mayChange,
  };
}

/** An app has its rows there, or is about to. */
async function isInUse(db: Db, containerId: string): Promise<boolean> {
  const { used } = await one(
    db,
    sql<{ used: boolean }>`select exists (select 1 from apps a left join mirrors m on m.app_id = a.id
      where a.container_id = ${containerId} and ((a.removed_at is null and a.mode = 'dual-repository') or m.app_id is not null)) as used`,
  );
  return used;
}

/** One look at a time for each container: each opens connections to somebody else's server. */
const LOOKING = 'outside_busy';

export class OutsideKeeper {
  readonly #parts: OutsideParts;
  readonly #looking = new Set<string>();

  constructor(parts: OutsideParts) {
    this.#parts = parts;
  }

  /** @param input null: the address that is kept. @throws AppError `outside_busy`, `outside_invalid`, `no_outside` */
  async check(containerId: string, input: OutsideInput | null): Promise<OutsideCheck> {
    const { findings, server } = await this.#look(containerId, input ?? (await this.#kept(containerId)));
    return { fits: server !== undefined, findings };
  }

  async #kept(containerId: string): Promise<OutsideAddress> {
    const [row] = await rowsOf(this.#parts.db, containerId);
    if (!row) throw new AppError('no_outside', 'missing', 'The live database is on this server.');
    return (await serverOf(this.#parts, row)).address;
  }

  async #look(containerId: string, address: OutsideAddress): Promise<Checked> {
    checkCertificates(address.ca);
    if (this.#looking.has(containerId))
      throw new AppError(LOOKING, 'limit', 'An address is being looked at already.', {
        detail: 'Wait until that is done.',
      });
    this.#looking.add(containerId);
    try {
      return await checkOutside({ outside: this.#parts.outside, own: () => this.#ownSystems(), containerId }, address);
    } finally {
      this.#looking.delete(containerId);
    }
  }

  /** What PostgreSQL calls this server's own clusters, whatever name leads to them. */
  async #ownSystems(): Promise<Set<string>> {
    const query = 'select system_identifier::text as id from pg_control_system()';
    const found = await Promise.all(
      [
        this.#parts.cluster.readCatalogue('postgres', async (pool) => (await pool.query(query)).rows[0].id as string),
        one(this.#parts.db, sql<{ id: string }>`${sql.raw(query)}`).then(({ id }) => id),
      ].map((asked) => asked.catch(() => '')),
    );
    return new Set(found.filter(Boolean));
  }

  /**
   * Keeps an address that fits. With rows there already, only how one comes in may change.
   * @throws AppError `outside_unfit`, `live_in_use`, `outside_taken`, `container_frozen` and what `check` throws
   */
  async keep(containerId: string, by: string, input: OutsideInput): Promise<void> {
    const { db, keys, cluster, outside } = this.#parts;
    await this.#refuseInUse(db, containerId, input);
    const { findings, server } = await this.#look(containerId, input);
    const wrong = findings.find(({ state }) => state === 'bad');
    if (wrong || !server)
      throw new AppError('outside_unfit', 'conflict', wrong?.text ?? 'It cannot hold a live database.', {
        detail: wrong?.fix ?? 'Look at it again.',
      });
    await this.#refuseRows(containerId, input);
    // first there: a row here without its mark would be another container's to take
    await takePlace(outside.client(input), containerId);
    const before = await this.#kept(containerId).catch(() => undefined);
    const { host, port, database, user, tls, ca, password } = input;
    const live = await transaction(db, async (tx) => {
      const container = await one(
        tx,
        sql<{
          slug: string;
          organisation_id: string;
          frozen: boolean;
          given_up: boolean;
        }>`select slug, organisation_id, frozen_at is not null as frozen,
            exists (select from outside_databases o where o.container_id = c.id and o.given_up_at is not null) as given_up
          from containers c where id = ${containerId} for update`,
      );
      if (container.frozen) throw containerFrozen();
      if (container.given_up)
        throw new AppError('outside_given_up', 'conflict', 'It is being given up: its apps are being brought back.', {
          detail: 'Wait until that is done.',
        });
      await this.#refuseInUse(tx, containerId, input);
      const taken = await maybe(
        tx,
        sql`select 1 from outside_databases where host = ${host} and port = ${port} and database = ${database} and container_id <> ${containerId}`,
      );
      if (taken)
        throw new AppError('outside_taken', 'conflict', 'Another container has its live database there already.', {
          detail: 'Make a database of its own for this one.',
        });
      const sealed = await keys.seal(container.organisation_id, sealedAt(containerId), { password }, tx);
      await run(
        tx,
        sql`insert into outside_databases (container_id, host, port, database, username, sealed, tls, ca, version, bypasses_rls, lets_follow, set_by)
          values (${containerId}, ${host}, ${port}, ${database}, ${user}, ${sealed}, ${tls}, ${ca}, ${server.version}, ${server.bypassesRls}, ${server.letsFollow}, ${by})
          on conflict (container_id) do update set host = excluded.host, port = excluded.port, database = excluded.database, username = excluded.username,
            sealed = excluded.sealed, tls = excluded.tls, ca = excluded.ca, version = excluded.version, bypasses_rls = excluded.bypasses_rls, lets_follow = excluded.lets_follow,
            set_by = excluded.set_by, set_at = now()`,
      );
      await renewWayIn(tx, containerId);
      await recordAct(tx, { act: 'outside', containerId, appId: null, by, name: `${host}:${port}/${database}` });
      return databasesOf(container.slug).live;
    });
    outside.set(live, server);
    await cluster.forget(live);
    const elsewhere = before && (before.host !== host || before.port !== port || before.database !== database);
    if (elsewhere && !(await leftAt(db, containerId, before)))
      await leave(outside.client(before), containerId).catch(() => {});
    await this.#parts.hub.changed(`container:${containerId}`, 'container');
  }

  /** Back to this server. @throws AppError `live_in_use`, `no_outside` */
  async leave(containerId: string, by: string): Promise<void> {
    const { db, cluster, outside } = this.#parts;
    const address = await this.#kept(containerId);
    const names = await transaction(db, async (tx) => {
      const { slug } = await one(
        tx,
        sql<{ slug: string }>`select slug from containers where id = ${containerId} for update`,
      );
      await this.#refuseInUse(tx, containerId);
      await run(tx, sql`delete from outside_databases where container_id = ${containerId}`);
      const where = `${address.host}:${address.port}/${address.database}`;
      await recordAct(tx, { act: 'inside', containerId, appId: null, by, name: where });
      return databasesOf(slug);
    });
    outside.delete(names.live);
    await cluster.forget(names.live);
    await cluster.createDatabases(names);
    // a server that is gone for good keeps nobody from leaving; with something left there the mark is taken back with the last of it
    if (!(await leftAt(db, containerId, address))) await leave(outside.client(address), containerId).catch(() => {});
    await this.#parts.hub.changed(`container:${containerId}`, 'container');
  }

  /**
   * An owner's yes to losing what is there alone: what does not answer is given up, and a job brings the apps back from it (`bringAppsHome`).
   * @throws AppError `no_outside`, `not_confirmed`, `live_answers`, `container_frozen`
   */
  async giveUp(containerId: string, by: string, typed: string): Promise<void> {
    const { db, cluster } = this.#parts;
    const address = await this.#kept(containerId);
    if (typed.trim().toLowerCase() !== address.host)
      throw new AppError('not_confirmed', 'invalid', `Type “${address.host}” to give it up.`, {
        fields: { host: `Type “${address.host}” to give it up.` },
      });
    const { slug } = await one(db, sql<{ slug: string }>`select slug from containers where id = ${containerId}`);
    const answers = await cluster
      .readCatalogue(databasesOf(slug).live, (pool) => pool.query('select 1'))
      .then(
        () => true,
        (error) => {
          if (isAway(error)) return false;
          throw error;
        },
      );
    if (answers)
      throw new AppError('live_answers', 'conflict', 'It answers, so nothing of it needs to be given up.', {
        detail: 'Delete its apps, or leave them where they are.',
      });
    await transaction(db, async (tx) => {
      const { frozen } = await one(
        tx,
        sql<{
          frozen: boolean;
        }>`select frozen_at is not null as frozen from containers where id = ${containerId} for update`,
      );
      if (frozen) throw containerFrozen();
      const begun = await run(
        tx,
        sql`update outside_databases set given_up_at = now(), given_up_by = ${by} where container_id = ${containerId} and given_up_at is null`,
      );
      if (begun > 0)
        await recordAct(tx, {
          ...{ act: 'give_up', containerId, appId: null, by },
          name: `${address.host}:${address.port}/${address.database}`,
        });
      await enqueue(tx, 'outside.leave', { containerId }, { key: `outside.leave:${containerId}` });
    });
    await this.#parts.hub.changed(`container:${containerId}`, 'container');
  }

  /** The end of giving up, when no app has its rows there any more. Repeating it does nothing. @throws AppError `live_in_use` */
  async finishGivingUp(containerId: string): Promise<void> {
    const row = await maybe(
      this.#parts.db,
      sql<{
        by: string;
      }>`select given_up_by as by from outside_databases where container_id = ${containerId} and given_up_at is not null`,
    );
    if (row) await this.leave(containerId, row.by);
  }

  /** Rows of apps that were given up there may be nobody else's: an app that is given live there again would take their place. */
  async #refuseRows(containerId: string, input: OutsideInput): Promise<void> {
    const { db, outside } = this.#parts;
    const left = await maybe(
      db,
      sql`select 1 from outside_leftovers where container_id = ${containerId} and kind = 'rows'
        and not exists (select from outside_databases o where o.container_id = ${containerId})`,
    );
    // by its mark: another name may lead to the same server
    if (!left || !(await isMarked(outside.client(input), containerId))) return;
    throw new AppError('outside_has_rows', 'conflict', 'Rows of apps that were given up are still there.', {
      detail: 'Save what you need of them and remove them by hand, as the Data page says; or make another database.',
    });
  }

  async #refuseInUse(db: Db, containerId: string, input?: OutsideInput): Promise<void> {
    if (!(await isInUse(db, containerId))) return;
    const [row] = await rowsOf(db, containerId);
    const same =
      row &&
      input &&
      row.host === input.host &&
      row.port === input.port &&
      row.database === input.database &&
      row.username === input.user;
    if (same) return;
    throw new AppError(
      'live_in_use',
      'conflict',
      'An app has its rows in the live database, so it stays where it is.',
      {
        detail: row
          ? 'The password and the certificate can be changed.'
          : 'Say where it is before an app is given a live database.',
      },
    );
  }
}
