/** Putting rows into a draft, and what must be known of it before. Runs as the draft's owner, in one transaction. */
import pg from 'pg';
import { inTransaction } from './changes.ts';
import type { DataCluster } from './cluster.ts';
import type { DraftPlace } from './drafts.ts';

const id = pg.escapeIdentifier;
const MOST_IDS = 1000;

export interface RowsOfTable {
  table: string;
  rows: Record<string, unknown>[];
}

/** The newest ids of a table, and what its columns that must differ hold. */
export async function readTaken(
  cluster: DataCluster,
  place: DraftPlace,
  tables: { table: string; unique: string[] }[],
): Promise<Map<string, { ids: string[]; taken: Map<string, Set<string>> }>> {
  return cluster.asOwner(place.database, place.containerSlug, place.schema, async (client) => {
    const found = new Map<string, { ids: string[]; taken: Map<string, Set<string>> }>();
    for (const { table, unique } of tables) {
      const columns = unique.map((column) => `, ${id(column)}::text as ${id(column)}`).join('');
      const { rows } = await client.query<Record<string, string>>(
        `select id as "id"${columns} from ${id(place.schema)}.${id(table)} order by created_at desc limit ${MOST_IDS}`,
      );
      found.set(table, {
        ids: rows.map((row) => row.id!),
        taken: new Map(unique.map((column) => [column, new Set(rows.map((row) => String(row[column])))])),
      });
    }
    return found;
  });
}

/** Inserts all rows or none. What the draft's rules refuse (a value that must differ and is there) is left out. @returns rows inserted, by table */
export async function insertRows(
  cluster: DataCluster,
  place: DraftPlace,
  tables: RowsOfTable[],
): Promise<Map<string, number>> {
  return cluster.asOwner(place.database, place.containerSlug, place.schema, (client) =>
    inTransaction(client, async () => {
      const inserted = new Map<string, number>();
      await client.query('set constraints all deferred');
      for (const { table, rows } of tables) {
        let count = 0;
        for (const row of rows) {
          const columns = Object.keys(row);
          const result = await client.query(
            `insert into ${id(place.schema)}.${id(table)} (${columns.map(id).join(', ')})
             values (${columns.map((_, at) => `$${at + 1}`).join(', ')}) on conflict do nothing`,
            Object.values(row),
          );
          count += result.rowCount ?? 0;
        }
        inserted.set(table, count);
      }
      return inserted;
    }),
  );
}
