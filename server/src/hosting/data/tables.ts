/** The tables of a container's apps in both databases, side by side, and what differs. Drafts of chats are nobody else's business and not here. */

import type { DataApp, DataColumn, DataDifference, DataSide, DataTable } from '../../../../contract/data.ts';
import { usualHome } from '../../apps/table-homes.ts';
import { readRegistry, type TableEntry } from '../../apps/table-registry.ts';
import type { DataCluster } from '../../databases/cluster.ts';
import { appSchema, databasesOf, siteSchema } from '../../databases/names.ts';
import { isAway } from '../../databases/outside/server.ts';
import { differencesOf } from '../../databases/reminders/differences.ts';
import { type Catalog, type CatalogTable, readCatalog } from '../../databases/router/catalog.ts';
import { type Db, many, sql } from '../../db/database.ts';
import type { Comparison, Comparisons } from './comparisons.ts';
import { type AboutTables, remindersAboutTables } from './reminders.ts';

interface AppRow {
  id: string;
  slug: string;
  name: string;
  colour: string;
  icon: string;
  mode: DataApp['mode'];
  container: string;
  mirror: DataApp['mirror'];
}

interface Facts {
  written: number;
  /** bytes of the rows alone */
  heap: number;
  refs: Record<string, string> | null;
}

interface Database {
  catalog: Catalog;
  /** by the table's oid: rows as counted while they were written, and what its columns point at */
  facts: Map<number, Facts>;
}

/** Every app's tables. @returns also the bytes of each database's tables */
export async function listTables(
  parts: { db: Db; cluster: DataCluster; comparisons: Comparisons },
  containerId: string,
): Promise<{ apps: DataApp[]; bytes: { staging: number; live: number | null } }> {
  const apps = await many(
    parts.db,
    sql<AppRow>`select a.id, a.slug, a.name, a.colour, a.icon, a.mode, c.slug as container,
        case when m.app_id is null then null else json_build_object('state', m.state, 'words', m.words, 'lagMs', m.lag_ms, 'percent', m.percent) end as mirror
      from apps a left join mirrors m on m.app_id = a.id join containers c on c.id = a.container_id
      where a.container_id = ${containerId} and a.deleted_at is null and c.state = 'ready' order by lower(a.name)`,
  );
  if (apps.length === 0) return { apps: [], bytes: { staging: 0, live: 0 } };
  const databases = databasesOf(apps[0]!.container);
  const dual = apps.filter(({ mode }) => mode === 'dual-repository');
  const [staging, live, compared, reminders] = await Promise.all([
    readDatabase(parts.cluster, databases.staging, [
      ...apps.map(({ slug }) => appSchema(slug)),
      ...dual.map(({ slug }) => siteSchema(slug)),
    ]),
    parts.comparisons.patience
      .ask(databases.live, () =>
        readDatabase(
          parts.cluster,
          databases.live,
          dual.map(({ slug }) => appSchema(slug)),
        ),
      )
      .catch((error) => {
        // what is on staging can be looked at meanwhile
        if (isAway(error)) return undefined;
        throw error;
      }),
    compareAll(parts.comparisons, containerId, dual, parts.cluster.isOutside(databases.live)),
    dual.length > 0 ? remindersAboutTables(parts.db, containerId) : [],
  ]);
  return {
    apps: await Promise.all(
      apps.map(async (app) => {
        const about = reminders.filter(({ appId }) => appId === app.id);
        const known = { staging, live, compared: compared.get(app.id), reminders: about };
        return appTables(app, known, await readRegistry(parts.db, app.id));
      }),
    ),
    bytes: { staging: bytesOf(staging), live: live ? bytesOf(live) : null },
  };
}

/**
 * A few at a time: each takes two connections.
 * @param outside one slow answer after the other must not keep everybody waiting, so those that are left are not asked then
 */
async function compareAll(
  comparisons: Comparisons,
  containerId: string,
  apps: readonly AppRow[],
  outside: boolean,
): Promise<Map<string, Comparison>> {
  const found = new Map<string, Comparison>();
  const began = performance.now();
  for (let at = 0; at < apps.length; at += AT_ONCE) {
    const late = outside && performance.now() - began > MOST_MS;
    await Promise.all(
      apps.slice(at, at + AT_ONCE).map(async ({ id, slug, container }) => {
        found.set(id, late ? SLOW : await comparisons.read({ id, slug, containerId, containerSlug: container }));
      }),
    );
  }
  return found;
}

const AT_ONCE = 4;
const MOST_MS = 7000;
const SLOW = { why: 'Live takes too long to answer, so nobody knows now what differs.' };

const bytesOf = ({ catalog }: Database): number =>
  [...catalog.tables.values()].reduce((sum, { bytes }) => sum + bytes, 0);

async function readDatabase(cluster: DataCluster, database: string, schemas: string[]): Promise<Database> {
  if (schemas.length === 0)
    return { catalog: { schemas, tables: new Map(), enums: new Set(), functions: new Set() }, facts: new Map() };
  return cluster.readCatalogue(database, async (client) => {
    const [catalog, { rows }] = await Promise.all([
      readCatalog(client, schemas),
      client.query<Facts & { oid: number }>(FACTS, [schemas]),
    ]);
    return { catalog, facts: new Map(rows.map((row) => [Number(row.oid), row])) };
  });
}

const FACTS = `select c.oid::int8 as oid, pg_catalog.pg_stat_get_live_tuples(c.oid)::float8 as written, pg_catalog.pg_relation_size(c.oid)::float8 as heap,
    (select pg_catalog.json_object_agg(a.attname, r.relname) from pg_catalog.pg_constraint k join pg_catalog.pg_class r on r.oid = k.confrelid
      join pg_catalog.pg_attribute a on a.attrelid = c.oid and a.attnum = any (k.conkey) where k.conrelid = c.oid and k.contype = 'f') as refs
  from pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid = c.relnamespace
  where n.nspname operator(pg_catalog.=) any ($1::text[]) and c.relkind in ('r', 'p')`;

interface Known {
  staging: Database;
  /** undefined while it does not answer */
  live: Database | undefined;
  /** undefined for an app with one database */
  compared: Comparison | undefined;
  reminders: readonly AboutTables[];
}

function appTables(
  { id, slug, name, colour, icon, mode, mirror }: AppRow,
  { staging, live, compared, reminders }: Known,
  registry: Map<string, TableEntry>,
): DataApp {
  const said = (table: string) => ({
    purpose: registry.get(table)?.purpose ?? '',
    home: registry.get(table)?.home ?? usualHome(mode),
  });
  const inSchema = (of: Database, schema: string): Map<string, CatalogTable> =>
    new Map(
      [...of.catalog.tables.values()]
        .filter((table) => table.schema === schema && table.kind !== 'other')
        .map((table) => [table.name, table]),
    );
  const own = inSchema(staging, appSchema(slug));
  const app = { id, slug, name, colour, icon };
  const sorted = (tables: DataTable[]) => tables.sort((a, b) => a.name.localeCompare(b.name));
  if (mode === 'vibe-coded') {
    const tables = [...own.values()].map(
      (table): DataTable => ({
        name: table.name,
        group: 'in_use',
        staging: sideOf(staging, table, 'staging'),
        live: null,
        ...said(table.name),
      }),
    );
    return { app, mode, mirror, tables: sorted(tables), differences: [], notCompared: null };
  }
  const there = live ? inSchema(live, appSchema(slug)) : new Map<string, CatalogTable>();
  const tables = [...new Set([...own.keys(), ...there.keys()])].map((table): DataTable => {
    const [here, beyond] = [own.get(table), there.get(table)];
    const sides = {
      staging: here ? sideOf(staging, here, 'staging') : null,
      live: live && beyond ? sideOf(live, beyond, 'live') : null,
    };
    const group = here && (beyond || !live) ? 'mirrored' : here ? 'staging_only' : 'live_only';
    return { name: table, group, ...sides, ...said(table) };
  });
  const site = [...inSchema(staging, siteSchema(slug)).values()].map(
    (table): DataTable => ({
      name: table.name,
      group: 'site',
      staging: sideOf(staging, table, 'site'),
      live: null,
      ...said(table.name),
    }),
  );
  const mirrored = tables.some(({ group }) => group === 'mirrored');
  const unmeasured = { state: 'preparing' as const, words: '', lagMs: null, percent: null };
  const both = compared && !('why' in compared) ? compared : undefined;
  const differences = both ? differencesOf(both, (table) => said(table).home === 'both', MOST_DIFFERENCES) : [];
  const whole = new Set(
    differences.filter(({ columns, on }) => columns.length === 0 && on === 'live').map(({ table }) => table),
  );
  // a copy that is still being made lacks nothing
  const settled = live !== undefined && mirror !== null && SETTLED.has(mirror.state);
  const reminder = reminderFor(reminders);
  const all: DataDifference[] = [
    ...differences.map(({ keys, ...one }) => ({
      ...one,
      between: 'site' as const,
      reminder: reminder(one.table, keys),
    })),
    ...sorted(tables).flatMap((table) => copyDifferences(table, settled, whole.has(table.name))),
  ];
  return {
    app,
    mode,
    mirror: mirror ?? (mirrored ? unmeasured : null),
    tables: [...tables, ...sorted(site)],
    differences: all.slice(0, MOST_DIFFERENCES),
    notCompared:
      compared && 'why' in compared
        ? compared.why
        : all.length > MOST_DIFFERENCES
          ? `More than ${MOST_DIFFERENCES.toLocaleString('en')} things differ: the first of them are shown.`
          : null,
  };
}

const MOST_DIFFERENCES = 2000;

/** The reminder of what is made of some objects. One whose change was made before it was recorded what a change does names its tables alone. */
function reminderFor(
  reminders: readonly AboutTables[],
): (table: string | null, keys: readonly string[]) => DataDifference['reminder'] {
  const [byObject, byTable] = [new Map<string, AboutTables>(), new Map<string, AboutTables>()];
  for (const one of reminders) {
    for (const key of one.objects) if (!byObject.has(key)) byObject.set(key, one);
    if (one.objects.length === 0) for (const table of one.tables) if (!byTable.has(table)) byTable.set(table, one);
  }
  return (table, keys) => {
    const key = keys.find((one) => byObject.has(one));
    const found = key === undefined ? byTable.get(table ?? '') : byObject.get(key);
    return found ? { id: found.id, direction: found.direction } : null;
  };
}

function sideOf({ facts }: Database, table: CatalogTable, place: DataSide['place']): DataSide {
  const known = facts.get(table.oid);
  return {
    place,
    kind: table.kind === 'view' ? 'view' : 'table',
    columns: table.columns.map(
      ({ name, type, notNull }): DataColumn => ({
        name,
        type,
        notNull,
        key: table.primaryKey.includes(name),
        references: known?.refs?.[name] ?? null,
      }),
    ),
    rows: known ? rowsOf(table.estimate, known) : null,
    bytes: table.bytes,
  };
}

/** Of little, what was written since it was last counted is nearer than the count. */
function rowsOf(estimate: number, { written, heap }: Facts): number | null {
  if (heap === 0) return 0;
  if (written > 0 && estimate < SMALL) return written;
  return estimate >= 0 ? estimate : null;
}

const SMALL = 1000;

const SETTLED = new Set<NonNullable<DataApp['mirror']>['state']>(['in_step', 'behind', 'stalled']);

/**
 * What the copy should have and has not, or the other way round. That it has no rules of its own is how a copy is: live has looked at each row.
 * Views are not copied.
 * @param settled whether all of live is in the copy
 * @param lacking the site lacks the whole table too, which is said already
 */
function copyDifferences(
  { name, staging, live, home }: DataTable,
  settled: boolean,
  lacking: boolean,
): DataDifference[] {
  const one = { table: name, columns: [], between: 'copy' as const, reminder: null };
  if (!live) return settled ? [{ ...one, on: 'staging', words: 'the whole table only in the copy on staging' }] : [];
  if (!staging)
    return settled && !lacking && home === 'both' && live.kind === 'table'
      ? [{ ...one, on: 'live', words: 'the whole table only on live, not in its copy on staging' }]
      : [];
  const found: DataDifference[] = [];
  const say = (column: string, on: DataDifference['on'], words: string) =>
    found.push({ table: name, columns: [column], between: 'copy', on, words, reminder: null });
  const beyond = new Map(live.columns.map((column) => [column.name, column]));
  for (const column of staging.columns) {
    const other = beyond.get(column.name);
    if (!other) say(column.name, 'staging', `${column.name} only in the copy on staging`);
    else if (other.type !== column.type)
      say(column.name, 'both', `${column.name} is ${column.type} in the copy on staging and ${other.type} on live`);
    else if (other.key !== column.key)
      say(
        column.name,
        'both',
        `${column.name} is part of the key ${column.key ? 'in the copy on staging' : 'on live'} only`,
      );
  }
  const here = new Set(staging.columns.map((column) => column.name));
  for (const column of live.columns)
    if (!here.has(column.name)) say(column.name, 'live', `${column.name} only on live, not in its copy on staging`);
  return found;
}
