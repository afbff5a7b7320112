/** A statement against what the target has: which table each name is, and everything that a write would also change. */
import type { Catalog, CatalogTable } from './catalog.ts';
import { Refusal } from './refusal.ts';
import type { Action, Statement } from './statement.ts';

export interface Access {
  table: CatalogTable;
  action: Action;
  /** the table whose rows this one hangs on, where the statement itself does not name it */
  through: string | undefined;
}

/**
 * @returns every table that is read or changed, each once for each action
 * @throws Refusal `unknown_table`, `unknown_type`, `function`, `written_view`
 */
export function resolveStatement(statement: Statement, catalog: Catalog): Access[] {
  const found = new Map<string, Access>();
  const add = (table: CatalogTable, action: Action, through?: string) => {
    const key = `${action} ${table.schema}.${table.name}`;
    if (found.has(key)) return false;
    found.set(key, { table, action, through });
    return true;
  };
  for (const { schema, table: name, action } of statement.touched) {
    const table = findTable(catalog, schema, name);
    if (!table) {
      if (schema === undefined && action === 'read' && statement.own.has(name)) continue;
      throw unknownTable(catalog, schema, name);
    }
    refuseIndirect(table, action);
    if (add(table, action)) cascade(catalog, table, action, add);
  }
  for (const { schema, name } of statement.types)
    if (!isThere(catalog, catalog.enums, schema, name))
      throw new Refusal(
        'unknown_type',
        `There is no type ${name} here.`,
        'Plain types such as text, numeric, date and jsonb are let through.',
      );
  for (const { schema, name } of statement.functions)
    if (!isThere(catalog, catalog.functions, schema, name))
      throw new Refusal(
        'function',
        `The function ${name} is not let through.`,
        'Functions that compute from what they are given are: count, sum, lower, date_trunc, …',
      );
  return [...found.values()];
}

function findTable(catalog: Catalog, schema: string | undefined, name: string): CatalogTable | undefined {
  if (name.startsWith('_vibe_')) return undefined;
  if (schema !== undefined) return catalog.tables.get(`${schema}.${name}`);
  for (const one of catalog.schemas) {
    const table = catalog.tables.get(`${one}.${name}`);
    if (table) return table;
  }
  return undefined;
}

const isThere = (catalog: Catalog, names: Set<string>, schema: string | undefined, name: string): boolean =>
  schema !== undefined ? names.has(`${schema}.${name}`) : catalog.schemas.some((one) => names.has(`${one}.${name}`));

/** What would change something else than what is named. */
function refuseIndirect(table: CatalogTable, action: Action): void {
  if (table.kind === 'other')
    throw new Refusal('kind_of_table', `${table.name} is neither a table nor a view.`, 'Use a table.');
  if (table.kind === 'view' && !table.invoker)
    throw new Refusal('view', `The view ${table.name} reads with the rights of its owner.`, 'Read its tables.');
  if (action === 'read') return;
  if (table.kind === 'view')
    throw new Refusal('written_view', `${table.name} is a view.`, 'Write the table that it shows.');
  if (table.rewritten)
    throw new Refusal(
      'rewritten_table',
      `A rule of the database on ${table.name} changes what is written to it.`,
      'Ask somebody to take the rule away.',
    );
}

/** Deletes and new keys reach the rows that point here, and theirs. */
function cascade(
  catalog: Catalog,
  table: CatalogTable,
  action: Action,
  add: (table: CatalogTable, action: Action, through: string) => boolean,
): void {
  if (action !== 'delete' && action !== 'update') return;
  for (const { schema, table: name, on, does } of table.cascades) {
    if (on !== action) continue;
    const other = catalog.tables.get(`${schema}.${name}`);
    if (!other)
      throw new Refusal(
        'cascade',
        `Rows of ${schema}.${name} hang on ${table.name}, and are out of reach.`,
        'Change them first, where that is allowed.',
      );
    refuseIndirect(other, does);
    if (add(other, does, table.name)) cascade(catalog, other, does, add);
  }
}

function unknownTable(catalog: Catalog, schema: string | undefined, name: string): Refusal {
  const names = [...catalog.tables.values()].map((table) => table.name).sort();
  const list = names.length > 30 ? `${names.slice(0, 30).join(', ')} and ${names.length - 30} more` : names.join(', ');
  return new Refusal(
    'unknown_table',
    `There is no table ${schema === undefined ? name : `${schema}.${name}`} here.`,
    names.length > 0 ? `Tables here: ${list}.` : 'This database has no tables yet.',
  );
}
