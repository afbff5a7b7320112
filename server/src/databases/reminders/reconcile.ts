/**
 * Brings an app's reminders to what is true now: both databases' records and catalogues, and the recorded writes of rows. It can be called at any
 * time and any number of times; what a crash has left out, the next call makes up for.
 */
import type pg from 'pg';
import { type Db, many, maybe, one, run, sql, type Tx, transaction } from '../../db/database.ts';
import { type Applied, appliedChanges, fingerprintOf } from '../changes.ts';
import type { DataCluster } from '../cluster.ts';
import type { MirrorApp } from '../mirror/record.ts';
import { appSchema, databasesOf, rolesOf, siteSchema } from '../names.ts';
import { cutWhenOver, inTime } from '../outside/in-time.ts';
import { type Made, openReminders } from './match.ts';
import { differing, lookAtObjects, type Objects } from './objects.ts';
import { noteStrange, type Strange } from './strange.ts';

export interface Side {
  changes: Applied[];
  objects: Objects;
}

/** How long both questions of a look may take where a server is somebody else's; those of 500 tables take a fifth of a second. */
const LOOK_MS = 30_000;

/**
 * What one of an app's two databases has.
 * @param mostMs how long one that is elsewhere is waited for
 * @throws AppError `container_frozen`, `data_unavailable`, `live_away`, `too_many_objects`
 */
export function readSide(
  cluster: DataCluster,
  app: MirrorApp,
  side: 'staging' | 'live',
  mostMs = LOOK_MS,
): Promise<Side> {
  const read = (over?: AbortSignal) =>
    atSide(cluster, app, side, async (client, runtime) => {
      if (over) cutWhenOver(over, client);
      // both of one moment
      await client.query('begin isolation level repeatable read read only');
      return { changes: await appliedChanges(client), objects: await lookAtObjects(client, runtime) };
    });
  return cluster.isOutside(databasesOf(app.containerSlug)[side]) ? inTime(mostMs, read) : read();
}

/** Looks at one of an app's two databases as the owner of its tables there. @throws AppError `container_frozen`, `data_unavailable` */
export function atSide<T>(
  cluster: DataCluster,
  app: MirrorApp,
  side: 'staging' | 'live',
  look: (client: pg.Client, runtime: string) => Promise<T>,
): Promise<T> {
  const { staging, live } = databasesOf(app.containerSlug);
  const [database, schema] = side === 'live' ? [live, appSchema(app.slug)] : [staging, siteSchema(app.slug)];
  const { runtime } = rolesOf(app.containerSlug, schema);
  return cluster.asOwner(database, app.containerSlug, schema, (client) => look(client, runtime));
}

/** As `nameBack` calls it. */
const BROUGHT_BACK = /_kept\d+(?:\W|_|$)/;

interface Write {
  key: string;
  side: 'site' | 'live';
  chat: string | null;
  tool: string;
  action: string;
  tables: string[];
  fingerprint: string;
}

/**
 * @param homes where tables are meant to be; one that is not named is meant to be in both
 * @returns ids of chats whose reminders are others now, and whether anything is
 */
export async function reconcile(
  parts: { db: Db; cluster: DataCluster; lookMs?: number | undefined },
  app: MirrorApp,
  homes: ReadonlyMap<string, string>,
): Promise<{ changed: boolean; chats: string[] }> {
  const outside = parts.cluster.isOutside(databasesOf(app.containerSlug).live);
  const { began } = await one(parts.db, sql<{ began: string }>`select clock_timestamp()::text as began`);
  const [staging, live, writes, mirrored] = await Promise.all([
    readSide(parts.cluster, app, 'staging'),
    readSide(parts.cluster, app, 'live', parts.lookMs),
    readWrites(parts.db, app.id),
    mirroredTables(parts.cluster, app),
  ]);
  const made = (side: 'site' | 'live', changes: Applied[]): Made[] => [
    ...changes.map(asMade),
    ...writes.filter((write) => write.side === side).map((write): Made => ({ ...write, kind: 'data', effect: null })),
  ];
  // what somebody brought back stands beside what is there, on the one side where it was dropped
  const keys = differing(staging.objects, live.objects).filter((key) => !BROUGHT_BACK.test(key));
  const { open, drift } = openReminders({
    staging: made('site', staging.changes),
    live: made('live', live.changes),
    differing: keys,
    inBoth: (table) => (homes.get(table) ?? 'both') === 'both',
    replicated: (table) => mirrored.has(table),
  });
  const differs = new Set(keys);
  let theirs = 0;
  const wanted: Wanted[] = [
    ...open
      .filter(
        ({ kind, direction }) =>
          !outside || kind !== 'schema' || direction !== 'to_staging' || ++theirs <= MOST_OF_THEIRS,
      )
      .map(({ direction, kind, made: { key, chat, tool, action, tables, effect } }) => ({
        kind,
        direction,
        source: key,
        chat,
        tool,
        action,
        tables,
        objects: (effect ?? []).filter((object) => differs.has(object)),
      })),
    ...drift.slice(0, outside ? MOST_OF_THEIRS : undefined).map(({ table, objects }) => ({
      kind: 'drift' as const,
      direction: null,
      source: table,
      chat: null,
      tool: '',
      action: '',
      tables: table ? [table] : [],
      objects,
    })),
  ];
  return transaction(parts.db, (tx) => write(tx, app.id, wanted, { began, outside }));
}

/** A server of somebody else's can have any number of changes and differences: the first of them are told. */
const MOST_OF_THEIRS = 500;

const asMade = (change: Applied): Made => ({
  key: change.id,
  kind: 'schema',
  chat: change.origin?.chat ?? null,
  tool: change.origin?.tool ?? '',
  action: change.origin?.action ?? '',
  tables: change.origin?.tables ?? [],
  fingerprint: fingerprintOf(change),
  effect: change.effect,
});

/** Writes of rows by chats and the console. Filling the staging site from live settles all that were before: it has live's rows then. */
const readWrites = (db: Db, appId: string): Promise<Write[]> =>
  many(
    db,
    sql<Write>`select coalesce(s.replays, s.id)::text as key, s.environment as side, s.chat_id as chat, s.agent as tool, case s.action when 'upsert' then 'insert' else coalesce(s.action, '') end as action, s.tables, s.fingerprint
      from sql_calls s join mirrors m on m.app_id = s.app_id
      where s.app_id = ${appId} and s.writes and s.state = 'done' and s.rows > 0 and s.fingerprint is not null
        and s.environment in ('site', 'live') and s.called_at > coalesce(m.site_filled_at, '-infinity')
      order by s.id limit ${MOST_WRITES}`,
  );

const MOST_WRITES = 20_000;

/** Tables whose rows come from live by themselves. */
async function mirroredTables(cluster: DataCluster, app: MirrorApp): Promise<Set<string>> {
  return cluster.readCatalogue(databasesOf(app.containerSlug).staging, async (pool) => {
    const { rows } = await pool.query<{ name: string }>(
      `select c.relname as name from pg_catalog.pg_subscription_rel r join pg_catalog.pg_class c on c.oid = r.srrelid
         join pg_catalog.pg_namespace n on n.oid = c.relnamespace where n.nspname = $1`,
      [appSchema(app.slug)],
    );
    return new Set(rows.map(({ name }) => name));
  });
}

interface Wanted {
  kind: 'schema' | 'data' | 'drift';
  direction: 'to_live' | 'to_staging' | null;
  source: string;
  chat: string | null;
  tool: string;
  action: string;
  tables: string[];
  objects: string[];
}

interface Row {
  id: string;
  kind: string;
  direction: string | null;
  source: string;
  objects: string[];
  noted: string[];
  state: string;
  chat_id: string | null;
}

async function write(
  tx: Tx,
  appId: string,
  wanted: Wanted[],
  look: { began: string; outside: boolean },
): Promise<{ changed: boolean; chats: string[] }> {
  // one after the other, and none of an app that is gone
  const app = await maybe(tx, sql`select 1 from apps where id = ${appId} and removed_at is null for update`);
  if (!app) return { changed: false, chats: [] };
  const rows = await many(
    tx,
    sql<Row>`select id, kind, direction, source, objects, noted, state, chat_id from reminders where app_id = ${appId}`,
  );
  const keyOf = ({ kind, direction, source }: { kind: string; direction: string | null; source: string }) =>
    `${kind} ${direction} ${source}`;
  const known = new Map(rows.map((row) => [keyOf(row), row]));
  const changed: (string | null)[] = [];
  const strange: Strange[] = [];
  for (const one of wanted) {
    const row = known.get(keyOf(one));
    known.delete(keyOf(one));
    const same = row && row.objects.join() === one.objects.join();
    // what a person has dismissed stays so, unless it is another difference by now
    const stays = row && (row.state === 'open' ? same : row.state === 'dismissed' && (one.kind !== 'drift' || same));
    if (!stays) {
      await run(
        tx,
        sql`insert into reminders (app_id, chat_id, kind, direction, source, tool, action, tables, objects)
          values (${appId}, (select h.id from chats h join apps a on a.id = ${appId} and a.container_id = h.container_id where h.id = ${one.chat}), ${one.kind}, ${one.direction}, ${one.source}, ${one.tool}, ${one.action}, ${one.tables}::text[], ${one.objects}::text[])
          on conflict (app_id, kind, direction, source) do update set objects = excluded.objects,
            since = case when reminders.state = 'open' then reminders.since else now() end, state = 'open', ended_at = null, ended_by = null, reason = null,
            noted = case when reminders.state = 'cleared' then '{}' else reminders.noted end`,
      );
      if (row?.state !== 'open') changed.push(one.chat);
    }
    // one that was over and has come again is somebody's anew
    if (one.kind === 'drift') strange.push({ ...one, noted: row && row.state !== 'cleared' ? row.noted : [] });
  }
  await noteStrange(tx, appId, strange, look);
  // what was dismissed and has come to both all the same is not dismissed any more
  const over = [...known.values()].filter(({ state }) => state !== 'cleared');
  if (over.length > 0)
    await run(
      tx,
      sql`update reminders set state = 'cleared', ended_at = now(), ended_by = null, reason = null, noted = '{}' where id = any (${over.map(({ id }) => id)}::uuid[])`,
    );
  changed.push(...over.map((row) => row.chat_id));
  return { changed: changed.length > 0, chats: [...new Set(changed.filter((id) => id !== null))] };
}
