/** How a draft differs from the rows in use: tables, columns, and how many rows there are. */
import type pg from 'pg';
import type { DataCluster } from './cluster.ts';
import type { DraftPlace } from './drafts.ts';
import { type Catalog, type CatalogTable, readCatalog } from './router/catalog.ts';

export interface TableDifference {
  name: string;
  /** rows; null without the table */
  draft: number | null;
  staging: number | null;
  differs: string[];
}

/** Counting stops there: a table that is larger is told as this many. */
const MOST_COUNTED = 1_000_000;

export async function draftDifference(
  cluster: DataCluster,
  place: DraftPlace,
): Promise<{ made: boolean; tables: TableDifference[] }> {
  const look = (schema: string): Promise<Catalog> =>
    cluster.readCatalogue(place.database, (client) => readCatalog(client, [schema]));
  const [draft, staging] = await Promise.all([look(place.schema), look(place.source)]);
  const tablesOf = ({ tables }: Catalog) =>
    new Map([...tables.values()].filter(({ kind }) => kind === 'table').map((table) => [table.name, table]));
  const [own, inUse] = [tablesOf(draft), tablesOf(staging)];
  const [ownRows, rowsInUse] = await Promise.all([
    countRows(cluster, place, place.schema, own),
    countRows(cluster, place, place.source, inUse),
  ]);
  const names = [...new Set([...own.keys(), ...inUse.keys()])].sort();
  return {
    made: draft.schemas.length > 0,
    tables: names.map((name) => ({
      name,
      draft: ownRows.get(name) ?? null,
      staging: rowsInUse.get(name) ?? null,
      differs: difference(own.get(name), inUse.get(name)),
    })),
  };
}

async function countRows(
  cluster: DataCluster,
  { database, containerSlug }: DraftPlace,
  schema: string,
  tables: Map<string, CatalogTable>,
): Promise<Map<string, number>> {
  if (tables.size === 0) return new Map();
  return cluster.asOwner(database, containerSlug, schema, async (client: pg.Client) => {
    const counted = new Map<string, number>();
    for (const name of tables.keys()) {
      const { rows } = await client.query<{ count: number }>(
        `select count(*)::int as count from (select 1 from ${client.escapeIdentifier(name)} limit ${MOST_COUNTED}) counted`,
      );
      counted.set(name, rows[0]!.count);
    }
    return counted;
  });
}

function difference(draft: CatalogTable | undefined, staging: CatalogTable | undefined): string[] {
  if (!draft) return ['The draft does not have it'];
  if (!staging) return ['Only the draft has it'];
  const inUse = new Map(staging.columns.map((column) => [column.name, column]));
  const own = new Set(draft.columns.map(({ name }) => name));
  return [
    ...draft.columns.flatMap(({ name, type, notNull }) => {
      const other = inUse.get(name);
      if (!other) return [`${name} is new`];
      // each schema has its own list of values of that name
      if (bare(other.type) !== bare(type)) return [`${name} is ${bare(type)}, was ${bare(other.type)}`];
      return other.notNull === notNull ? [] : [`${name} ${notNull ? 'is required now' : 'may be empty now'}`];
    }),
    ...staging.columns.flatMap(({ name }) => (own.has(name) ? [] : [`${name} is gone`])),
  ];
}

const bare = (type: string): string => type.replace(/^(?:"[^"]+"|\w+)\./, '');
