/**
 * A chat's draft: its own copy of the app's tables, in a schema of its own with roles of its own. Made from the changes of the commit
 * that the chat started from, the rows of the app, and the chat's own changes. Nothing of it is seen outside until it is merged.
 * Every step is one transaction of the draft's owner: a killed one leaves what was before.
 */
import type pg from 'pg';
import { appliedChanges, applyChangesWithin, type Change, fingerprintOf, inTransaction } from './changes.ts';
import type { DataCluster } from './cluster.ts';
import { isFrozen } from './frozen.ts';
import { rolesOf, snapshotSchema } from './names.ts';
import { copyRows, dropTables, printRows, snapshotRows } from './rows.ts';

const WHOLE_COPY_BYTES = 50 * 1024 * 1024;
const SAMPLE_ROWS = 10_000;

export interface DraftPlace {
  database: string;
  containerSlug: string;
  /** the draft's schema */
  schema: string;
  /** the app's own schema, where rows come from */
  source: string;
}

export interface DraftMade {
  /** rows copied when the draft was made now; 0 when it was there */
  rows: number;
  /** the app holds more than is copied whole: the draft has the newest rows of each table */
  sampled: boolean;
  /** changes applied now */
  applied: string[];
}

type Hook = (() => Promise<void>) | undefined;

/**
 * Makes the draft if it is not there, and applies what it lacks.
 * @param base changes at the commit that the chat branched from, in order
 * @param all changes of the chat's tree, in order (base included)
 * @param beforeCommit what must be done for the changes to count; when it throws, none is made
 */
export async function ensureDraft(
  cluster: DataCluster,
  place: DraftPlace,
  base: Change[],
  all: Change[],
  beforeCommit?: Hook,
): Promise<DraftMade> {
  const isNew = await cluster.createSchema(place.database, place.containerSlug, place.schema);
  let made: boolean | undefined;
  // asked while the connection is made
  const bytes = cluster.schemaSize(place.database, place.source);
  bytes.catch(() => {});
  try {
    return await asOwner(cluster, place, async (client) => {
      made = !isNew && (await isMade(client));
      return fill(cluster, place, client, {
        bytes: made ? undefined : await bytes,
        fresh: !made,
        base,
        all,
        beforeCommit,
      });
    });
  } catch (error) {
    // what is there can be read while the container is frozen
    const unread = made === undefined && isFrozen(error) && !beforeCommit;
    if (!unread || !(await cluster.tableExists(place.database, place.schema, '_vibe_changes'))) throw error;
    return { rows: 0, sampled: false, applied: [] };
  }
}

/**
 * A fresh one gets the tables of `base` and the app's rows; then what is missing of `all` is applied. One transaction.
 * @param how bytes: of the rows that are to come; undefined where none are
 */
async function fill(
  cluster: DataCluster,
  place: DraftPlace,
  client: pg.Client,
  {
    fresh,
    bytes,
    base,
    all,
    beforeCommit,
  }: { fresh: boolean; bytes: number | undefined; base: Change[]; all: Change[]; beforeCommit?: Hook },
): Promise<DraftMade> {
  const { owner, runtime } = rolesOf(place.containerSlug, place.schema);
  const sampled = bytes !== undefined && bytes > WHOLE_COPY_BYTES;
  const work = (granted?: Promise<void>, hasRead?: () => void) =>
    inTransaction(client, async () => {
      // somebody else may have made it since it was looked for
      const empty = fresh && (await isEmpty(client));
      const made = empty ? await applyChangesWithin(client, runtime, base, true) : [];
      await granted;
      const most = sampled ? SAMPLE_ROWS : undefined;
      const rows = bytes === undefined || !empty ? 0 : await copyRows(client, place.source, place.schema, most);
      hasRead?.();
      const before = new Map((empty ? base : []).map((change) => [change.id, fingerprintOf(change)]));
      const rest = all.filter((change) => before.get(change.id) !== fingerprintOf(change));
      const applied = [...made, ...(await applyChangesWithin(client, runtime, rest, empty && base.length === 0))];
      await beforeCommit?.();
      return { rows, sampled, applied };
    });
  return bytes === undefined ? work() : cluster.withReadGrant(place.database, place.source, owner, work);
}

/** Waits for whoever makes changes in the same schema, as the runner does. */
const isEmpty = async (client: pg.Client): Promise<boolean> => {
  const results = await client.query(
    // of the table itself: what this connection has kept of it can be older than the lock
    `select pg_advisory_xact_lock(hashtextextended(current_schema(), 0));
     select not exists (select from pg_class where relname = '_vibe_changes' and relnamespace = current_schema()::regnamespace) as empty`,
  );
  return (results as unknown as pg.QueryResult[])[1]!.rows[0].empty;
};

const isMade = async (client: pg.Client): Promise<boolean> => {
  const { rows } = await client.query(`select to_regclass('_vibe_changes') is not null as made`);
  return rows[0].made;
};

const asOwner = <T>(cluster: DataCluster, place: DraftPlace, work: (client: pg.Client) => Promise<T>) =>
  cluster.asOwner(place.database, place.containerSlug, place.schema, work);

/**
 * Starts the draft again from the app's rows, with the chat's own changes. Snapshots of earlier turns stay. Killed in the middle, the draft is made
 * anew at its next use.
 */
export async function refreshDraft(
  cluster: DataCluster,
  place: DraftPlace,
  base: Change[],
  all: Change[],
): Promise<DraftMade> {
  if (await cluster.schemaExists(place.database, place.schema)) {
    await cluster.disconnect(place.database, rolesOf(place.containerSlug, place.schema).runtime);
    await asOwner(cluster, place, (client) => inTransaction(client, () => dropTables(client, place.schema)));
  }
  return ensureDraft(cluster, place, base, all);
}

/** Keeps the draft as it is now, under a label. Repeating it keeps the first. @returns the snapshot's schema, undefined without a draft */
export async function snapshotDraft(
  cluster: DataCluster,
  place: DraftPlace,
  label: string,
): Promise<string | undefined> {
  if (!(await cluster.schemaExists(place.database, place.schema))) return undefined;
  const { owner } = rolesOf(place.containerSlug, place.schema);
  const snapshot = snapshotSchema(place.schema, label);
  await cluster.createSideSchema(place.database, snapshot, owner);
  await asOwner(cluster, place, (client) =>
    inTransaction(client, async () => {
      const { rows } = await client.query('select to_regclass($1) is not null as taken', [`${snapshot}._vibe_changes`]);
      if (!rows[0].taken && (await isMade(client))) await snapshotRows(client, place.schema, snapshot);
    }),
  );
  return snapshot;
}

/**
 * Brings the draft back to a snapshot: its tables, and either its rows exactly or the rows of now as far as they fit.
 * The runtime's connections are cut, because an app may hold what is about to go.
 */
export async function restoreDraft(
  cluster: DataCluster,
  place: DraftPlace,
  snapshot: string,
  rows: 'exact' | 'keep',
): Promise<void> {
  const { runtime } = rolesOf(place.containerSlug, place.schema);
  await cluster.createSchema(place.database, place.containerSlug, place.schema);
  const current = snapshotSchema(place.schema, 'now');
  await cluster.dropSchema(place.database, current);
  if (rows === 'keep') await snapshotDraft(cluster, place, 'now');
  await cluster.disconnect(place.database, runtime);
  await asOwner(cluster, place, (client) =>
    inTransaction(client, async () => {
      const changes = await changesOfSnapshot(client, snapshot);
      await dropTables(client, place.schema);
      await applyChangesWithin(client, runtime, changes);
      await copyRows(client, rows === 'keep' ? current : snapshot, place.schema);
    }),
  );
  await cluster.dropSchema(place.database, current);
}

/**
 * Brings the draft to another set of changes, where what it has is not a part of that set. Its rows stay as far as they fit; where they do
 * not, the draft starts anew from the app's rows at its next use.
 */
export async function rebuildDraft(cluster: DataCluster, place: DraftPlace, changes: Change[]): Promise<void> {
  const wanted = new Set(changes.map(({ id }) => id));
  if ((await changesIn(cluster, place)).every(({ id }) => wanted.has(id))) return;
  const { runtime } = rolesOf(place.containerSlug, place.schema);
  const current = snapshotSchema(place.schema, 'now');
  await cluster.dropSchema(place.database, current);
  await snapshotDraft(cluster, place, 'now');
  await cluster.disconnect(place.database, runtime);
  const refill = (client: pg.Client) =>
    inTransaction(client, async () => {
      await dropTables(client, place.schema);
      await applyChangesWithin(client, runtime, changes);
      await copyRows(client, current, place.schema);
    });
  await asOwner(cluster, place, (client) =>
    refill(client).catch(() => inTransaction(client, () => dropTables(client, place.schema))),
  );
  await cluster.dropSchema(place.database, current);
}

async function changesOfSnapshot(client: pg.Client, snapshot: string): Promise<Change[]> {
  const { rows: found } = await client.query('select to_regclass($1) is not null as found', [
    `${snapshot}._vibe_changes`,
  ]);
  if (!found[0].found) return [];
  const { rows } = await client.query(
    `select id, statements, destructive from ${client.escapeIdentifier(snapshot)}._vibe_changes order by position`,
  );
  return rows.map((row) => ({ id: row.id, statements: row.statements, destructive: row.destructive }));
}

/** A fingerprint of the draft's rows; empty without a draft, and while the container is frozen. */
export async function printDraft(cluster: DataCluster, place: DraftPlace): Promise<string> {
  if (!(await cluster.schemaExists(place.database, place.schema))) return '';
  return asOwner(cluster, place, (client) => printRows(client, place.schema)).catch((error) => {
    if (isFrozen(error)) return '';
    throw error;
  });
}

/** Drops the draft, its snapshots and its roles. */
export async function dropDraft(cluster: DataCluster, place: DraftPlace): Promise<void> {
  for (const snapshot of await cluster.schemasLike(place.database, `${place.schema}__`))
    await cluster.dropSchema(place.database, snapshot);
  await cluster.dropSchemaAndRoles(place.database, place.containerSlug, place.schema);
}

/** What the draft or app schema has, oldest first. */
export async function changesIn(
  cluster: DataCluster,
  place: Pick<DraftPlace, 'database' | 'containerSlug' | 'schema'>,
): Promise<Change[]> {
  if (!(await cluster.schemaExists(place.database, place.schema))) return [];
  return cluster.asOwner(place.database, place.containerSlug, place.schema, appliedChanges);
}
