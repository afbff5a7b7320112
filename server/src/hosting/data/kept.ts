/** What changes have dropped in the last two days, of every app of a container, and bringing it back. */
import type { BringBack, DataDropped } from '../../../../contract/data.ts';
import { inTransaction } from '../../databases/changes.ts';
import type { DataCluster } from '../../databases/cluster.ts';
import { isFrozen } from '../../databases/frozen.ts';
import { bringBack, keptCopies, listDropped } from '../../databases/kept.ts';
import type { Mirrors } from '../../databases/mirror/mirrors.ts';
import { type Db, many, maybe, run, sql } from '../../db/database.ts';
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

/** Nothing of a container that is frozen: its tables' owners are out until it is lifted. */
export async function listKept(parts: KeptParts, containerId: string): Promise<DataDropped[]> {
  const apps = await many(
    parts.db,
    sql<
      DataDropped['app']
    >`select a.id, a.slug, a.name, a.colour, a.icon from apps a join containers c on c.id = a.container_id
      where a.container_id = ${containerId} and a.deleted_at is null and c.state = 'ready' order by lower(a.name)`,
  );
  const found: DataDropped[] = [];
  for (const app of apps) {
    const place = await appPlace(parts.db, parts.dataDir, app.id);
    for (const environment of environmentsOf(place))
      found.push(...(await droppedIn(parts, place, environment, app).catch(unlessFrozen)));
  }
  return found;
}

const environmentsOf = ({ mode }: AppPlace): Environment[] =>
  mode === 'dual-repository' ? ['live', 'staging'] : ['live'];

const placeName = ({ mode }: AppPlace, environment: Environment): DataDropped['place'] =>
  environment === 'staging' ? 'site' : mode === 'dual-repository' ? 'live' : 'staging';

function unlessFrozen(error: unknown): DataDropped[] {
  if (isFrozen(error)) return [];
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
  const titles = await many(
    parts.db,
    sql<{ id: string; title: string }>`select id, title from chats where id::text = any (${ids}::text[])`,
  );
  return dropped.map(({ at, chat, ...what }) => ({
    ...what,
    app,
    place: placeName(place, environment),
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
  const place = await appPlace(parts.db, parts.dataDir, appId);
  const environment = environmentsOf(place).find((one) => placeName(place, one) === where);
  if (place.containerId !== containerId || !environment)
    throw new AppError('app_not_found', 'missing', 'There is no such app.');
  const copy = (await copiesOf(parts, place, environment)).find((one) => one.release === release);
  if (!copy)
    throw new AppError('kept_gone', 'missing', 'It is not kept any more.', {
      detail: `What a change drops is kept for ${KEPT_HOURS} hours.`,
    });
  const { database, schema } = tablesOf(place, environment);
  const result = await parts.cluster.asOwner(database, place.containerSlug, schema, (client) => {
    const work = () => bringBack(client, schema, copy, { table, column });
    // live's copy on staging follows every change of its tables
    return where === 'live' ? parts.mirrors.change(mirrorAppOf(place), client, work) : inTransaction(client, work);
  });
  const what = `${table}${column === null ? '' : `.${column}`} (${release})`.slice(0, 63);
  await run(
    parts.db,
    sql`insert into data_acts (container_id, by_user, act, app_id, table_name)
      select ${containerId}, ${by}, 'bring_back', ${appId}, ${what}
      where not exists (select 1 from data_acts where app_id = ${appId} and act = 'bring_back'
        and table_name = ${what})`,
  );
  await parts.hub.changed(`container:${containerId}`, 'app');
  return result;
}
