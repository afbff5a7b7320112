/** What changes have dropped in the last two days, of every app of a container, and bringing it back. */
import type pg from 'pg';
import type { BringBack, DataBack, DataDropped, RemoveBack } from '../../../../contract/data.ts';
import { beginAct, endAct, giveUpAct } from '../../databases/acts.ts';
import { listBroughtBack, removeBroughtBack } from '../../databases/brought-back.ts';
import { inTransaction } from '../../databases/changes.ts';
import type { DataCluster } from '../../databases/cluster.ts';
import { isFrozen } from '../../databases/frozen.ts';
import { bringBack, keptCopies, listDropped, nameBack } from '../../databases/kept.ts';
import type { Mirrors } from '../../databases/mirror/mirrors.ts';
import { type Db, many, maybe, sql, transaction } from '../../db/database.ts';
import { AppError } from '../../errors.ts';
import type { Hub } from '../../events/hub.ts';
import { type AppPlace, appPlace, type Environment, mirrorAppOf, tablesOf } from '../../shipping/app-places.ts';
import { KEPT_HOURS } from '../../shipping/kept-rows.ts';

export interface KeptParts {
  db: Db;
  dataDir: string;
  cluster: DataCluster;
  mirrors: Mirrors;
  hub: Hub;
}

const HOUR_MS = 3_600_000;

/** Nothing of a container that is frozen (its tables' owners are out until it is lifted), nor of a database that does not answer: the list of tables says so. */
export const listKept = (parts: KeptParts, containerId: string): Promise<DataDropped[]> =>
  ofEveryApp(parts, containerId, (place, environment, app) => droppedIn(parts, place, environment, app));

/** What was brought back and no change of the app uses. */
export const listBack = (parts: KeptParts, containerId: string): Promise<DataBack[]> =>
  ofEveryApp(parts, containerId, async (place, environment, app) => {
    const { database, schema } = tablesOf(place, environment);
    if (!(await parts.cluster.schemaExists(database, schema))) return [];
    const back = await parts.cluster.asOwner(database, place.containerSlug, schema, (client) =>
      listBroughtBack(client, schema),
    );
    return back.map((one) => ({ ...one, app, place: placeName(place, environment) }));
  });

async function ofEveryApp<T>(
  parts: KeptParts,
  containerId: string,
  listed: (place: AppPlace, environment: Environment, app: DataDropped['app']) => Promise<T[]>,
): Promise<T[]> {
  const apps = await many(
    parts.db,
    sql<
      DataDropped['app']
    >`select a.id, a.slug, a.name, a.colour, a.icon from apps a join containers c on c.id = a.container_id
      where a.container_id = ${containerId} and a.deleted_at is null and c.state = 'ready' order by lower(a.name)`,
  );
  const found: T[] = [];
  for (const app of apps) {
    const place = await appPlace(parts.db, parts.dataDir, app.id);
    for (const environment of environmentsOf(place))
      found.push(...(await listed(place, environment, app).catch(unlessAway)));
  }
  return found;
}

const environmentsOf = ({ mode }: AppPlace): Environment[] =>
  mode === 'dual-repository' ? ['live', 'staging'] : ['live'];

const placeName = ({ mode }: AppPlace, environment: Environment): DataDropped['place'] =>
  environment === 'staging' ? 'site' : mode === 'dual-repository' ? 'live' : 'staging';

function unlessAway(error: unknown): never[] {
  if (isFrozen(error) || (error instanceof AppError && error.kind === 'unavailable')) return [];
  throw error;
}

async function copiesOf(parts: KeptParts, place: AppPlace, environment: Environment) {
  const { database, schema } = tablesOf(place, environment);
  const now = Date.now() / HOUR_MS;
  const copies = keptCopies(schema, await parts.cluster.schemasLike(database, `${schema}__k`));
  return copies.filter(({ hour }) => now - hour <= KEPT_HOURS + 1);
}

async function droppedIn(
  parts: KeptParts,
  place: AppPlace,
  environment: Environment,
  app: DataDropped['app'],
): Promise<DataDropped[]> {
  const copies = await copiesOf(parts, place, environment);
  if (copies.length === 0) return [];
  const { database, schema } = tablesOf(place, environment);
  const dropped = await parts.cluster.asOwner(database, place.containerSlug, schema, (client) =>
    listDropped(client, schema, copies),
  );
  const chats = new Map<number, string | null>();
  for (const { release } of dropped) if (!chats.has(release)) chats.set(release, await chatOf(parts, place, release));
  const ids = [...new Set(dropped.map(({ chat, release }) => chat ?? chats.get(release)).filter(Boolean))];
  // whose change it was is the database's word, which may be a stranger's
  const titles = await many(
    parts.db,
    sql<{ id: string; title: string }>`select id, title from chats
      where id::text = any (${ids}::text[]) and container_id = ${place.containerId} and deleted_at is null and removed_at is null`,
  );
  return dropped.map(({ at, chat, ...what }) => ({
    ...what,
    app,
    place: placeName(place, environment),
    comesAs: nameBack(what.column ?? what.table, what.release),
    at: at.toISOString(),
    until: new Date(at.getTime() + KEPT_HOURS * HOUR_MS).toISOString(),
    chat: titles.find(({ id }) => id === (chat ?? chats.get(what.release))) ?? null,
  }));
}

/** The chat whose merge a release is. */
async function chatOf({ db }: KeptParts, { appId, git }: AppPlace, release: number): Promise<string | null> {
  const row = await maybe(
    db,
    sql<{ commit: string }>`select commit from releases where app_id = ${appId} and number = ${release}`,
  );
  if (!row) return null;
  const said = await git.text(['log', '-1', '--format=%(trailers:key=Vibe-Chat,valueonly)', row.commit]);
  return said.trim() || null;
}

/**
 * Brings one back, beside what is there, and writes down who did. Repeating it finds it there.
 * @throws AppError `app_not_found`, `kept_gone`, `kept_no_key`, `container_frozen`
 */
export async function bringKeptBack(
  parts: KeptParts,
  { containerId, by, appId, place: where, release, table, column }: BringBack & { containerId: string; by: string },
): Promise<{ name: string; rows: number }> {
  const { place, environment } = await placeOf(parts, containerId, appId, where);
  const copy = (await copiesOf(parts, place, environment)).find((one) => one.release === release);
  if (!copy)
    throw new AppError('kept_gone', 'missing', 'It is not kept any more.', {
      detail: `What a change drops is kept for ${KEPT_HOURS} hours.`,
    });
  const { schema } = tablesOf(place, environment);
  const what = `${table}${column === null ? '' : `.${column}`} (${release})`;
  const name = nameBack(column ?? table, release);
  const now = column === null ? name : `${table}.${name}`;
  const act = { act: 'bring_back', appId, by, environment: where, name: what, tables: [table], note: now } as const;
  const { id, began } = await transaction(parts.db, async (tx) => {
    // of two at once, the second finds the first one's
    await maybe(tx, sql`select 1 from apps where id = ${appId} for update`);
    // said already, and not removed again since
    const said = await maybe(
      tx,
      sql<{
        id: string;
      }>`select id from data_acts d where app_id = ${appId} and act = 'bring_back' and environment = ${where} and table_name = ${what} and not exists (
        select 1 from data_acts r where r.app_id = ${appId} and r.act = 'remove_back' and r.environment = ${where} and r.table_name = ${now} and r.id > d.id)`,
    );
    return said ? { id: said.id, began: false } : { id: await beginAct(tx, act), began: true };
  });
  const result = await recordedAct(parts.db, { id, began }, () =>
    changing(parts, place, environment, (client) => bringBack(client, schema, copy, { table, column })),
  );
  await parts.hub.changed(`container:${containerId}`, 'app');
  return result;
}

/**
 * Removes what was brought back, and writes down who did.
 * @throws AppError `app_not_found`, `not_brought_back`, `brought_back_used`, `container_frozen`
 */
export async function removeBack(
  parts: KeptParts,
  { containerId, by, appId, place: where, table, column }: RemoveBack & { containerId: string; by: string },
): Promise<void> {
  const { place, environment } = await placeOf(parts, containerId, appId, where);
  const { schema } = tablesOf(place, environment);
  const what = `${table}${column === null ? '' : `.${column}`}`;
  const act = { act: 'remove_back', appId, by, environment: where, name: what, tables: [table] } as const;
  const id = await beginAct(parts.db, act);
  await recordedAct(parts.db, { id, began: true }, () =>
    changing(parts, place, environment, async (client) => {
      await removeBroughtBack(client, schema, { table, column });
      return {};
    }),
  );
  await parts.hub.changed(`container:${containerId}`, 'app');
}

/** @param began an act of another call is that one's to give up */
async function recordedAct<T extends { rows?: number }>(
  db: Db,
  { id, began }: { id: string; began: boolean },
  work: () => Promise<T>,
): Promise<T> {
  let result: T;
  try {
    result = await work();
  } catch (error) {
    if (began) await giveUpAct(db, id, error).catch(() => {});
    throw error;
  }
  await endAct(db, id, { rows: result.rows ?? null });
  return result;
}

async function placeOf(parts: KeptParts, containerId: string, appId: string, where: DataDropped['place']) {
  const place = await appPlace(parts.db, parts.dataDir, appId);
  const environment = environmentsOf(place).find((one) => placeName(place, one) === where);
  if (place.containerId !== containerId || !environment)
    throw new AppError('app_not_found', 'missing', 'There is no such app.');
  return { place, environment };
}

/** One transaction of the tables' owner. Live's copy on staging follows every change of its tables. */
function changing<T>(
  parts: KeptParts,
  place: AppPlace,
  environment: Environment,
  work: (client: pg.Client) => Promise<T>,
): Promise<T> {
  const { database, schema } = tablesOf(place, environment);
  const mirrored = placeName(place, environment) === 'live';
  return parts.cluster.asOwner(database, place.containerSlug, schema, (client) =>
    mirrored
      ? parts.mirrors.change(mirrorAppOf(place), client, () => work(client))
      : inTransaction(client, () => work(client)),
  );
}
