/**
 * What was left on somebody else's server because it did not answer: written down before anything is let go of here, removed there when that
 * server answers again, and told to who manages the container until it is gone. Rows that nobody else may have are never removed by themselves.
 */

import { setTimeout as sleep } from 'node:timers/promises';
import type { AppLeaves, Leftover, LeftThere as ShownLeft } from '../../../../contract/outside.ts';
import type { DataKeys } from '../../accounts/data-keys.ts';
import { recordAct } from '../../databases/acts.ts';
import type { DataCluster } from '../../databases/cluster.ts';
import type { MirrorApp } from '../../databases/mirror/record.ts';
import { appSchema, databasesOf } from '../../databases/names.ts';
import {
  appLeft,
  byHand,
  chatsLeft,
  type LeftThere,
  mirrorLeft,
  removeThere,
} from '../../databases/outside/left-there.ts';
import { leave } from '../../databases/outside/mark.ts';
import type { OutsideDatabases } from '../../databases/outside/outside-databases.ts';
import { type OutsideAddress, outsideError } from '../../databases/outside/server.ts';
import { type Db, many, maybe, one, run, sql, type Tx, transaction } from '../../db/database.ts';
import { AppError, messageOf } from '../../errors.ts';
import type { Hub } from '../../events/hub.ts';
import { openAddress, type SealedAddress } from './sealed-address.ts';

export type LeftKind = Leftover['kind'];

const LOOK_MS = 15_000;
/** In the first hour a server is looked for more often. */
const SOON_MINUTES = 1;
const LATER_MINUTES = 15;
/** After this it is a person's. */
export const TRIED_DAYS = 14;

interface AppRow {
  id: string;
  slug: string;
  container: string;
  containerId: string;
  chats: string[];
}

const appRow = (db: Db, appId: string): Promise<AppRow> =>
  one(
    db,
    sql<AppRow>`select a.id, a.slug, c.slug as container, c.id as "containerId",
        coalesce((select json_agg(h.chat8 order by h.id) from chats h where h.app_id = a.id), '[]') as chats
      from apps a join containers c on c.id = a.container_id where a.id = ${appId}`,
  );

/** What an app has on its container's live database. */
export async function leftOf(db: Db, appId: string, kind: LeftKind): Promise<LeftThere> {
  const { slug, container, chats } = await appRow(db, appId);
  const schema = appSchema(slug);
  const all = appLeft(container, slug, schema, chats);
  if (kind === 'app') return all;
  if (kind === 'mirror') return mirrorLeft(container, slug, chats);
  if (kind === 'chats') return chatsLeft(container, chats);
  return { schemas: [schema], publications: [], slots: [], roles: all.roles.slice(0, 2) };
}

/** Writes down what stays where the container's live database is now. Repeating it adds to it, and it is tried from the start. */
export async function noteLeft(db: Db, appId: string, kind: LeftKind, left: LeftThere, by?: string): Promise<void> {
  await transaction(db, async (tx) => {
    const noted = await maybe(
      tx,
      sql<{ container: string; where: string; fresh: boolean }>`
        insert into outside_leftovers (container_id, app_id, kind, host, port, database, username, sealed, tls, ca, schemas, publications, slots, roles, by_hand)
        select o.container_id, ${appId}, ${kind}, o.host, o.port, o.database, o.username, o.sealed, o.tls, o.ca,
          ${left.schemas}::text[], ${left.publications}::text[], ${left.slots}::text[], ${left.roles}::text[], ${kind === 'rows'}
        from outside_databases o join apps a on a.container_id = o.container_id where a.id = ${appId}
          -- all of a removed app has its chats' roles in it
          and not (${kind} = 'chats' and exists (select from outside_leftovers l where l.app_id = a.id and l.kind = 'app' and (l.host, l.port, l.database) = (o.host, o.port, o.database)))
        on conflict (app_id, kind, host, port, database) do update set sealed = excluded.sealed, username = excluded.username,
          tls = excluded.tls, ca = excluded.ca,
          roles = (select coalesce(array_agg(distinct one), '{}') from unnest(outside_leftovers.roles || excluded.roles) one),
          -- left once more: it is tried from the start, and what was said of it was said of then. Rows are never tried.
          by_hand = excluded.by_hand, tried_at = null,
          left_at = case when excluded.by_hand then outside_leftovers.left_at else now() end,
          words = case when excluded.by_hand then outside_leftovers.words else '' end
        returning container_id as container, host || ':' || port || '/' || database as where, (xmax = 0) as fresh`,
    );
    if (kind === 'app') await run(tx, sql`delete from outside_leftovers where app_id = ${appId} and kind = 'chats'`);
    if (noted?.fresh && by)
      await recordAct(tx, { act: 'left', containerId: noted.container, appId, by, name: noted.where });
  });
}

interface Row extends LeftThere, SealedAddress {
  id: string;
  app_id: string;
  kind: LeftKind;
  app: string;
  slug: string;
  container: string;
  left_at: Date;
  words: string;
  by_hand: boolean;
}

const rowsOf = (db: Db, where: ReturnType<typeof sql>): Promise<Row[]> =>
  many(
    db,
    sql<Row>`select l.*, a.name as app, a.slug, c.slug as container, c.organisation_id from outside_leftovers l join apps a on a.id = l.app_id join containers c on c.id = l.container_id
      where ${where} order by l.left_at, l.id`,
  );

const mirrorAppOf = ({ app_id, slug, container_id, container }: Row): MirrorApp => ({
  id: app_id,
  slug,
  containerId: container_id,
  containerSlug: container,
});

/** For who manages the container. */
export async function listLeftovers(db: Db, containerId: string): Promise<Leftover[]> {
  const rows = await rowsOf(db, sql`l.container_id = ${containerId}`);
  return rows.map((row) => ({
    id: row.id,
    app: row.app,
    kind: row.kind,
    leftAt: row.left_at.toISOString(),
    until: row.by_hand ? null : new Date(row.left_at.getTime() + TRIED_DAYS * 86_400_000).toISOString(),
    words: row.words,
    ...shown(row, { host: row.host, port: row.port, database: row.database, user: row.username }),
  }));
}

/** In words and statements, as a person is told. */
export const shown = (
  { schemas, publications, slots, roles }: LeftThere,
  at: Pick<OutsideAddress, 'host' | 'port' | 'database' | 'user'>,
): ShownLeft => ({
  where: `${at.database} at ${at.host}:${at.port}`,
  user: at.user,
  schemas,
  publications,
  slots,
  roles,
  sql: byHand({ schemas, publications, slots, roles }),
});

export interface LeftoverParts {
  db: Db;
  keys: DataKeys;
  outside: OutsideDatabases;
  hub: Hub;
  /** does one thing to an app's mirror, when nothing else is done to it */
  alone: (app: MirrorApp, work: () => Promise<void>) => Promise<void>;
  warn: (error: unknown, text: string) => void;
}

/** An app is given a live database where it had one before: what asks and follows it there is in use again. */
export const forgetFollowed = (tx: Tx, appId: string): Promise<number> =>
  run(
    tx,
    sql`delete from outside_leftovers l using outside_databases o where l.app_id = ${appId} and l.kind = 'mirror'
      and o.container_id = l.container_id and (l.host, l.port, l.database) = (o.host, o.port, o.database)`,
  );

/** What an app is asked and followed by is in use again once it has a live database elsewhere. */
const UNUSED = sql`(l.kind in ('app', 'chats') or a.mode = 'vibe-coded' or not exists (select from outside_databases o where o.container_id = l.container_id))`;

export class Leftovers {
  readonly #parts: LeftoverParts;
  readonly #end = new AbortController();
  #looking: Promise<unknown> = Promise.resolve();

  constructor(parts: LeftoverParts) {
    this.#parts = parts;
  }

  /** Begins to look for servers that answer again. */
  start(everyMs = LOOK_MS): void {
    const { signal } = this.#end;
    this.#looking = (async () => {
      for (;;) {
        await this.look().catch((error) => this.#parts.warn(error, 'what was left elsewhere could not be looked at'));
        await sleep(everyMs, undefined, { signal, ref: false });
      }
    })().catch(() => {});
  }

  async close(): Promise<void> {
    this.#end.abort();
    // one that does not answer is not waited for
    await Promise.race([this.#looking, sleep(2000, undefined, { ref: false })]);
  }

  /** Tries what is due. @param now also what was tried a moment ago */
  async look(now = false): Promise<void> {
    const { db } = this.#parts;
    await run(
      db,
      sql`update outside_leftovers set by_hand = true,
        words = 'It did not answer for ${sql.raw(String(TRIED_DAYS))} days, so it is not tried any more. Remove it by hand.'
        where not by_hand and left_at < now() - ${TRIED_DAYS}::int * interval '1 day'`,
    );
    const due = await rowsOf(
      db,
      sql`not l.by_hand
        and (${now}::boolean or l.tried_at is null or l.tried_at < now() - interval '1 minute' * (case when l.left_at > now() - interval '1 hour' then ${SOON_MINUTES}::int else ${LATER_MINUTES}::int end))
        and ${UNUSED}`,
    );
    // while it is removed there, the app is given no live database that would be followed by the same names
    for (const row of due)
      await (row.kind === 'mirror' ? this.#parts.alone(mirrorAppOf(row), () => this.#try(row.id)) : this.#try(row.id));
  }

  /** A person has removed it there, or wants to hear no more of it. @throws AppError `no_leftover` */
  async forget(containerId: string, id: string, by: string): Promise<void> {
    const { db } = this.#parts;
    const [row] = await rowsOf(db, sql`l.id = ${id} and l.container_id = ${containerId}`);
    if (!row) throw new AppError('no_leftover', 'missing', 'This is not there any more.');
    await transaction(db, async (tx) => {
      await run(tx, sql`delete from outside_leftovers where id = ${id}`);
      await recordAct(tx, {
        ...{ act: 'cleared', containerId, appId: row.app_id, by },
        name: `${row.host}:${row.port}/${row.database}`,
      });
    });
    void this.#leavePlace(row).catch(() => {});
    await this.#told(row);
  }

  async #try(id: string): Promise<void> {
    const { db, outside } = this.#parts;
    // as it is now: others were tried before it
    const [row] = await rowsOf(db, sql`l.id = ${id} and not l.by_hand and ${UNUSED}`);
    if (!row) return;
    await run(db, sql`update outside_leftovers set tried_at = now() where id = ${id}`);
    // more may be written down meanwhile: that is tried the next time
    const same = sql`id = ${id} and roles = ${row.roles}::text[]`;
    let address: OutsideAddress | undefined;
    let words: string;
    let never = false;
    try {
      address = await openAddress(this.#parts.keys, row);
      const result = await removeThere(outside.client(address), row.container_id, row);
      if (result.gone) {
        if ((await run(db, sql`delete from outside_leftovers where ${same}`)) === 0) return;
        await this.#leavePlace(row).catch((error) => this.#parts.warn(error, 'a mark was not taken back'));
        return await this.#told(row);
      }
      ({ words, never } = result);
    } catch (cause) {
      const error = address ? outsideError(cause, address) : cause;
      words = (error instanceof AppError ? (error.detail ?? error.message) : messageOf(error)).slice(0, 1000);
    }
    await run(db, sql`update outside_leftovers set words = ${words}, by_hand = by_hand or ${never} where ${same}`);
    if (words !== row.words) await this.#told(row);
  }

  /** When nothing of the container is left there and it is somewhere else, the place is free for others. */
  async #leavePlace(row: Row): Promise<void> {
    const { db, outside } = this.#parts;
    const at = sql`host = ${row.host} and port = ${row.port} and database = ${row.database}`;
    const used = await maybe(
      db,
      sql`select 1 from outside_leftovers where container_id = ${row.container_id} and ${at}
        union all select 1 from outside_databases where container_id = ${row.container_id} and ${at} limit 1`,
    );
    if (!used) await leave(outside.client(await openAddress(this.#parts.keys, row)), row.container_id);
  }

  #told = (row: Row) => this.#parts.hub.changed(`container:${row.container_id}`, 'container');
}

/** The way in has changed: what was left behind the same address is reached by it too. */
export const renewWayIn = (tx: Tx, containerId: string): Promise<number> =>
  run(
    tx,
    sql`update outside_leftovers l set sealed = o.sealed, username = o.username, tls = o.tls, ca = o.ca from outside_databases o
      where o.container_id = ${containerId} and l.container_id = o.container_id and (l.host, l.port, l.database) = (o.host, o.port, o.database)`,
  );

/** Whether something of the container is still there. */
export const leftAt = async (
  db: Db,
  containerId: string,
  at: Pick<OutsideAddress, 'host' | 'port' | 'database'>,
): Promise<boolean> =>
  Boolean(
    await maybe(
      db,
      sql`select 1 from outside_leftovers where container_id = ${containerId} and host = ${at.host} and port = ${at.port} and database = ${at.database}`,
    ),
  );

const PATIENCE_MS = 5000;

/** What deleting an app would leave now, for the person who is about to. */
export async function appLeaves({ db, cluster }: { db: Db; cluster: DataCluster }, appId: string): Promise<AppLeaves> {
  const row = await maybe(
    db,
    sql<{
      slug: string;
      host: string;
      port: number;
      database: string;
      user: string;
    }>`select c.slug, o.host, o.port, o.database, o.username as user
      from apps a join containers c on c.id = a.container_id join outside_databases o on o.container_id = c.id
      where a.id = ${appId} and a.mode = 'dual-repository'`,
  );
  if (!row) return { leaves: null, because: '' };
  const late = sleep(PATIENCE_MS, 'no answer in time', { ref: false });
  const asked = cluster
    .readCatalogue(databasesOf(row.slug).live, (pool) => pool.query('select 1'))
    .then(
      () => '',
      (error) => messageOf(error instanceof AppError && error.cause ? error.cause : error),
    );
  const because = await Promise.race([asked, late]);
  return { leaves: because ? shown(await leftOf(db, appId, 'app'), row) : null, because };
}
