/**
 * Sets up the mirror of an app's live tables: roles, publication, tables, slot, subscription. Each step looks whether it is done already, so a
 * killed one is repeated from the start, and a mirror that has lost its slot or points to where live was before is put right by the same road.
 */
import { randomUUID } from 'node:crypto';
import pg from 'pg';
import { AppError } from '../../errors.ts';
import { inTransaction } from '../changes.ts';
import type { DataCluster } from '../cluster.ts';
import { rolesOf } from '../names.ts';
import { isAway } from '../outside/server.ts';
import { asRole, follow, readSide } from './follow.ts';
import type { MirrorPlace } from './place.ts';
import { checkLevel, checkOwner, checkPlaces, checkRoomThere } from './possible.ts';

const id = pg.escapeIdentifier;
const literal = pg.escapeLiteral;

/**
 * @returns what differed between live and its mirror, in words
 * @throws AppError `mirror_not_possible`, `mirror_full`
 */
export async function setUpMirror(cluster: DataCluster, place: MirrorPlace): Promise<string[]> {
  await checkLevel(cluster, place);
  await checkOwner(cluster, place);
  await makeRoles(cluster, place);
  await makePublication(cluster, place);
  const state = await stateOf(cluster, place);
  // without its slot a subscription has missed rows that it can never get: it begins again
  const missed = !state.slot || state.lost || state.wentBack;
  if (state.subscribed && missed) await forget(cluster, place);
  const stays = state.subscribed && !missed;
  if (stays) {
    const words = await follow(cluster, place);
    await bringUpToDate(cluster, place, state);
    await noteRun(cluster, place);
    return words;
  }
  const words = await begin(cluster, place).catch(async (error) => {
    // this time's or a killed one's: nobody follows it, and live would keep its log for it until its disk is full; who lost the answer may have subscribed
    const followed = isAway(error) || (await isSubscribed(cluster, place).catch(() => true));
    if (!followed) await dropSlot(cluster, place).catch(() => {});
    throw error;
  });
  await noteRun(cluster, place);
  return words;
}

async function begin(cluster: DataCluster, place: MirrorPlace): Promise<string[]> {
  const words = await follow(cluster, place);
  await checkPlaces(cluster);
  await checkRoomThere(cluster, place);
  // the slot first: a subscription that makes its own on the same cluster waits for itself
  await makeSlot(cluster, place);
  await subscribe(cluster, place).catch(named);
  return words;
}

async function makeRoles(cluster: DataCluster, place: MirrorPlace): Promise<void> {
  const { owner, subscriber, reader, staging, live, schema } = place;
  const unlimited = -1;
  await cluster.alone(() =>
    cluster.administer(
      staging,
      [
        ...cluster.roleStatements(staging, owner, { connections: 0 }),
        ...cluster.roleStatements(staging, subscriber, { login: true, connections: unlimited }),
        `grant ${id(owner)} to ${id(subscriber)} with inherit false, set true`,
        `grant pg_create_subscription to ${id(subscriber)} with inherit true`,
        `grant connect, create on database ${id(staging)} to ${id(subscriber)}`,
        `create schema if not exists ${id(schema)} authorization ${id(owner)}`,
        `grant usage on schema ${id(schema)} to ${id(subscriber)}`,
        ...place.readers.flatMap((name) => [
          `do $$ begin create role ${id(name)}; exception when duplicate_object or unique_violation then null; end $$`,
          `grant usage on schema ${id(schema)} to ${id(name)}`,
          `grant select on all tables in schema ${id(schema)} to ${id(name)}`,
          `alter default privileges for role ${id(owner)} in schema ${id(schema)} grant select on tables to ${id(name)}`,
        ]),
      ].join(';\n'),
    ),
  );
  const { owner: liveOwner } = rolesOf(place.containerSlug, schema);
  await cluster.alone(
    () =>
      cluster.administer(
        live,
        [
          // row security must not keep rows from the mirror
          ...cluster.roleStatements(live, reader, {
            login: true,
            replication: true,
            bypassRls: true,
            connections: unlimited,
          }),
          ...cluster.readsAsOwner(live, liveOwner, reader),
          `grant connect on database ${id(cluster.nameOf(live))} to ${id(reader)}`,
          `grant usage on schema ${id(schema)} to ${id(reader)}`,
          `grant select on all tables in schema ${id(schema)} to ${id(reader)}`,
          `alter default privileges for role ${id(liveOwner)} in schema ${id(schema)} grant select on tables to ${id(reader)}`,
        ].join(';\n'),
      ),
    live,
  );
}

async function makePublication(cluster: DataCluster, place: MirrorPlace): Promise<void> {
  const { publication, live } = place;
  const { owner } = rolesOf(place.containerSlug, place.schema);
  const made = await cluster.readCatalogue(live, async (pool) =>
    Boolean((await pool.query('select 1 from pg_catalog.pg_publication where pubname = $1', [publication])).rowCount),
  );
  if (made) return;
  // partitions count as their table; what live computes and keeps comes as a plain value, where its version can send it
  const computed = (cluster.versionOf(live) ?? SENDS_COMPUTED) >= SENDS_COMPUTED;
  const database = id(cluster.nameOf(live));
  // who is no superuser gives a publication to nobody that could not make one
  const [before, after] = cluster.isOutside(live)
    ? [
        `grant create on database ${database} to ${id(owner)};`,
        `; revoke create on database ${database} from ${id(owner)}`,
      ]
    : ['', ''];
  await cluster.alone(
    () =>
      cluster.administer(
        live,
        `${before} create publication ${id(publication)} with (publish_via_partition_root = true${computed ? ', publish_generated_columns = stored' : ''});
         alter publication ${id(publication)} owner to ${id(owner)} ${after}`,
      ),
    live,
  );
}

const SENDS_COMPUTED = 180_000;

interface MirrorState {
  subscribed: boolean;
  enabled: boolean;
  connection: string;
  slot: boolean;
  lost: boolean;
  /** staging is older than what live has sent it: a backup was brought back */
  wentBack: boolean;
}

async function stateOf(cluster: DataCluster, place: MirrorPlace): Promise<MirrorState> {
  const subscription = await cluster.readCatalogue(place.staging, (pool) =>
    pool.query(
      `select s.subenabled as enabled, s.subconninfo as connection, pg_catalog.obj_description(s.oid, 'pg_subscription') as run from pg_catalog.pg_subscription s
       where s.subname = $1 and s.subdbid = (select oid from pg_catalog.pg_database where datname = current_database())`,
      [place.subscription],
    ),
  );
  const slot = await cluster.readCatalogue(place.live, (pool) =>
    pool.query(
      `select coalesce(k.wal_status = 'lost'${(cluster.versionOf(place.live) ?? NAMES_REASON) >= NAMES_REASON ? ' or k.invalidation_reason is not null' : ''}, false) as lost
       from pg_catalog.pg_replication_slots k where k.slot_name = $1`,
      [place.slot],
    ),
  );
  const published = await cluster.readCatalogue(place.live, (pool) =>
    pool.query(
      `select pg_catalog.obj_description(oid, 'pg_publication') as run from pg_catalog.pg_publication where pubname = $1`,
      [place.publication],
    ),
  );
  const [subscribed, there] = [subscription.rows[0], slot.rows[0]];
  return {
    subscribed: subscribed !== undefined,
    enabled: subscribed?.enabled ?? false,
    connection: subscribed?.connection ?? '',
    slot: there !== undefined,
    lost: there?.lost ?? false,
    wentBack: subscribed !== undefined && subscribed.run !== (published.rows[0]?.run ?? null),
  };
}

/** From this version on a slot says why it is of no use any more. */
const NAMES_REASON = 170_000;

/**
 * A live database on a server of its own is not in this server's backups: after one was brought back, live would go on sending from where it
 * was, and what lies between would be missing for good. So each run leaves its name on both, first there: with another name here, all is copied again.
 */
async function noteRun(cluster: DataCluster, place: MirrorPlace): Promise<void> {
  if (!cluster.isOutside(place.live)) return;
  const run = literal(randomUUID());
  await cluster.administer(place.live, `comment on publication ${id(place.publication)} is ${run}`);
  await asRole(cluster, place.staging, place.subscriber, (client) =>
    client.query(`comment on subscription ${id(place.subscription)} is ${run}`),
  );
}

async function makeSlot(cluster: DataCluster, place: MirrorPlace): Promise<void> {
  const lost = (await stateOf(cluster, place)).lost;
  if (lost) await dropSlot(cluster, place);
  await cluster
    .readCatalogue(place.live, (pool) =>
      pool.query(
        `select pg_catalog.pg_create_logical_replication_slot($1, 'pgoutput')
         where not exists (select from pg_catalog.pg_replication_slots where slot_name = $1)`,
        [place.slot],
      ),
    )
    .catch(named);
}

async function dropSlot(cluster: DataCluster, place: MirrorPlace): Promise<void> {
  await cluster.readCatalogue(place.live, async (pool) => {
    await pool.query(
      'select pg_catalog.pg_terminate_backend(active_pid) from pg_catalog.pg_replication_slots where slot_name = $1 and active_pid is not null',
      [place.slot],
    );
    for (let attempt = 0; ; attempt++) {
      try {
        await pool.query(
          'select pg_catalog.pg_drop_replication_slot(slot_name) from pg_catalog.pg_replication_slots where slot_name = $1',
          [place.slot],
        );
        return;
      } catch (error) {
        if ((error as { code?: string }).code !== '55006' || attempt === 50) throw error;
        await new Promise((resolve) => setTimeout(resolve, 100));
      }
    }
  });
}

/** How long the server of live may take with what a subscription asks it while it is made. */
const SUBSCRIBE = "set local statement_timeout = '30s'; set local lock_timeout = '2s'";

/** What the first copy brings must not be there already. Both in one transaction: where live refuses, staging goes on reading what it had. */
async function subscribe(cluster: DataCluster, place: MirrorPlace): Promise<void> {
  const connection = await cluster.subscriptionText(place.live, place.reader);
  const { tables } = await readSide(cluster, place, place.staging);
  const names = tables.map(({ name }) => `${id(place.schema)}.${id(name)}`);
  await asRole(cluster, place.staging, place.subscriber, (client) =>
    inTransaction(client, async () => {
      await client.query(SUBSCRIBE);
      await client.query(
        `create subscription ${id(place.subscription)} connection ${literal(connection)} publication ${id(place.publication)}
         with (create_slot = false, slot_name = ${literal(place.slot)}, origin = none, copy_data = true)`,
      );
      if (names.length === 0) return;
      await client.query(`set local search_path = pg_catalog; set local role ${id(place.owner)}`);
      await client.query(`truncate ${names.join(', ')}`);
    }),
  );
}

async function bringUpToDate(cluster: DataCluster, place: MirrorPlace, state: MirrorState): Promise<void> {
  const wanted = await cluster.subscriptionText(place.live, place.reader);
  if (state.connection !== wanted)
    await asRole(cluster, place.staging, place.subscriber, (client) =>
      client.query(`alter subscription ${id(place.subscription)} connection ${literal(wanted)}`),
    );
  if (!state.enabled) await enableSubscription(cluster, place);
}

/** Lets a subscription that was switched off go on. */
export async function enableSubscription(cluster: DataCluster, place: MirrorPlace): Promise<void> {
  await asRole(cluster, place.staging, place.subscriber, (client) =>
    client.query(`alter subscription ${id(place.subscription)} enable`),
  );
}

/** Switches a subscription off. What live writes meanwhile waits in its slot. */
export async function disableSubscription(cluster: DataCluster, place: MirrorPlace): Promise<void> {
  await asRole(cluster, place.staging, place.subscriber, (client) =>
    client.query(`alter subscription ${id(place.subscription)} disable`),
  );
}

/** Begins the mirror anew: what waits in the slot is thrown away, and everything is copied again. */
export async function beginAnew(cluster: DataCluster, place: MirrorPlace): Promise<void> {
  await forget(cluster, place);
  await setUpMirror(cluster, place);
}

async function forget(cluster: DataCluster, place: MirrorPlace): Promise<void> {
  await unsubscribe(cluster, place);
  await dropSlot(cluster, place);
}

/** As it is once nobody is at it any more: who lost a connection may go on for a while on the other end. */
async function isSubscribed(cluster: DataCluster, place: MirrorPlace): Promise<boolean> {
  // one text is one transaction; the last of its answers is the one that was asked for
  const results = await cluster.readCatalogue(place.staging, (pool) =>
    pool.query(
      `set local lock_timeout = '5s'; lock table pg_catalog.pg_subscription in share mode;
       select from pg_catalog.pg_subscription s where s.subname = ${literal(place.subscription)}
         and s.subdbid = (select oid from pg_catalog.pg_database where datname = current_database())`,
    ),
  );
  return Boolean([results].flat().at(-1)?.rowCount);
}

/** Says nothing to live: its slot stays. */
async function unsubscribe(cluster: DataCluster, place: MirrorPlace): Promise<void> {
  const subscribed = await cluster.readCatalogue(place.staging, (pool) =>
    pool.query(
      `select from pg_catalog.pg_subscription s
       where s.subname = $1 and s.subdbid = (select oid from pg_catalog.pg_database where datname = current_database())`,
      [place.subscription],
    ),
  );
  if (!subscribed.rowCount) return;
  // one statement each: none of them may be part of a transaction that could be undone
  for (const words of ['disable', 'set (slot_name = none)'])
    await cluster.administer(place.staging, `alter subscription ${id(place.subscription)} ${words}`);
  await cluster.administer(place.staging, `drop subscription if exists ${id(place.subscription)}`);
}

/** Removes everything that belongs to the mirror alone. Live's tables and the site's copy stay. */
export async function removeMirror(cluster: DataCluster, place: MirrorPlace): Promise<void> {
  await forget(cluster, place);
  await cluster.administer(place.live, `drop publication if exists ${id(place.publication)}`);
  await dropCopy(cluster, place, [place.staging, place.live]);
}

/** The same as far as it is on this server: live does not answer, and may never again. */
export async function removeMirrorHere(cluster: DataCluster, place: MirrorPlace): Promise<void> {
  await unsubscribe(cluster, place);
  await dropCopy(cluster, place, [place.staging]);
}

const dropCopy = (cluster: DataCluster, place: MirrorPlace, databases: string[]): Promise<void> =>
  cluster.alone(async () => {
    await cluster.dropSchema(place.staging, place.schema);
    for (const role of [place.subscriber, place.reader, place.owner]) await cluster.dropRole(databases, role);
  });

/** A cluster that can hold no more mirrors says so in words. */
function named(error: unknown): never {
  const { code, message } = error as { code?: string; message?: string };
  if (code !== '53400' && code !== '53300') throw error;
  throw new AppError('mirror_full', 'unavailable', 'Live’s PostgreSQL can serve no more copies.', {
    cause: error,
    detail: `Raise max_replication_slots, max_active_replication_origins and max_wal_senders, and start it again. (${message})`,
  });
}
