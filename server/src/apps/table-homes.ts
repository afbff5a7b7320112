/** In which databases the tables of an app live: what was said of them, and otherwise what the app's mode says. */
import type { TableHome } from '../../../contract/schema-operations.ts';
import { type Db, many, maybe, sql } from '../db/database.ts';

/** Where a table of an app lives of which nobody has said anything. */
export const usualHome = (mode: 'vibe-coded' | 'dual-repository'): TableHome =>
  mode === 'dual-repository' ? 'both' : 'staging';

/**
 * @param tables those that must be in the answer even when nothing was said of them
 * @returns the home of every table of which something was said, and of these; empty for an app that is not there
 */
export async function homesOf(db: Db, appId: string, tables: Iterable<string> = []): Promise<Map<string, TableHome>> {
  const app = await maybe(
    db,
    sql<{ mode: 'vibe-coded' | 'dual-repository' }>`select mode from apps where id = ${appId}`,
  );
  if (!app) return new Map();
  const usual = usualHome(app.mode);
  const said = await many(
    db,
    sql<{
      table: string;
      home: TableHome | null;
    }>`select table_name as "table", home from crm_tabs where app_id = ${appId} order by 1`,
  );
  return new Map([
    ...[...tables].map((table) => [table, usual] as const),
    ...said.map(({ table, home }) => [table, home ?? usual] as const),
  ]);
}
