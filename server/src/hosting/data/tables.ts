/** The tables of a container's apps in both databases, side by side, and what differs. Drafts of chats are nobody else's business and not here. */
import type { DataApp, DataColumn, DataSide, DataTable } from '../../../../contract/data.ts';
import { usualHome } from '../../apps/table-homes.ts';
import { readRegistry, type TableEntry } from '../../apps/table-registry.ts';
import type { DataCluster } from '../../databases/cluster.ts';
import { appSchema, databasesOf, siteSchema } from '../../databases/names.ts';
import { type Catalog, type CatalogTable, readCatalog } from '../../databases/router/catalog.ts';
import { type Db, many, sql } from '../../db/database.ts';
import { AppError } from '../../errors.ts';

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
  parts: { db: Db; cluster: DataCluster },
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
  const [staging, live] = await Promise.all([
    readDatabase(parts.cluster, databases.staging, [
      ...apps.map(({ slug }) => appSchema(slug)),
      ...dual.map(({ slug }) => siteSchema(slug)),
    ]),
    readDatabase(
      parts.cluster,
      databases.live,
      dual.map(({ slug }) => appSchema(slug)),
    ).catch((error) => {
      // what is on staging can be looked at meanwhile
      if (error instanceof AppError && error.code === 'live_away') return undefined;
      throw error;
    }),
  ]);
  return {
    apps: await Promise.all(
      apps.map(async (app) => appTables(app, staging, live, await readRegistry(parts.db, app.id))),
    ),
    bytes: { staging: bytesOf(staging), live: live ? bytesOf(live) : null },
  };
}

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

function appTables(
  { id, slug, name, colour, icon, mode, mirror }: AppRow,
  staging: Database,
  /** undefined while it does not answer */
  live: Database | undefined,
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
        differences: [],
        ...said(table.name),
      }),
    );
    return { app, mode, mirror, tables: sorted(tables) };
  }
  const there = live ? inSchema(live, appSchema(slug)) : new Map<string, CatalogTable>();
  const tables = [...new Set([...own.keys(), ...there.keys()])].map((table): DataTable => {
    const [here, beyond] = [own.get(table), there.get(table)];
    const sides = {
      staging: here ? sideOf(staging, here, 'staging') : null,
      live: live && beyond ? sideOf(live, beyond, 'live') : null,
    };
    const group = here && (beyond || !live) ? 'mirrored' : here ? 'staging_only' : 'live_only';
    return { name: table, group, ...sides, differences: differencesOf(sides.staging, sides.live), ...said(table) };
  });
  const site = [...inSchema(staging, siteSchema(slug)).values()].map(
    (table): DataTable => ({
      name: table.name,
      group: 'site',
      staging: sideOf(staging, table, 'site'),
      live: null,
      differences: [],
      ...said(table.name),
    }),
  );
  const mirrored = tables.some(({ group }) => group === 'mirrored');
  const unmeasured = { state: 'preparing' as const, words: '', lagMs: null, percent: null };
  return { app, mode, mirror: mirror ?? (mirrored ? unmeasured : null), tables: [...sorted(tables), ...sorted(site)] };
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

/** What is not the same, in words; nothing where one of the two is missing as a whole. */
/** What the copy should have and has not, or the other way round. That it has no rules of its own is how a copy is: live has looked at each row. */
function differencesOf(staging: DataSide | null, live: DataSide | null): string[] {
  if (!staging || !live) return [];
  const found: string[] = [];
  const beyond = new Map(live.columns.map((column) => [column.name, column]));
  for (const column of staging.columns) {
    const other = beyond.get(column.name);
    if (!other) found.push(`${column.name} only on staging`);
    else if (other.type !== column.type)
      found.push(`${column.name} is ${column.type} on staging and ${other.type} on live`);
    else if (other.key !== column.key)
      found.push(`${column.name} is part of the key ${column.key ? 'on staging' : 'on live'} only`);
  }
  const here = new Set(staging.columns.map(({ name }) => name));
  for (const { name } of live.columns) if (!here.has(name)) found.push(`${name} only on live`);
  return found;
}
