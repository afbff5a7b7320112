/**
 * What a statement that writes rows is, apart from where it runs: what it does, and a text that is the same for the same write on either database,
 * with every literal and without the names of schemas.
 */
import { deparseSync } from 'pgsql-deparser';
import type { RowAction } from '../../../../contract/data.ts';
import { readStatement, type Statement } from '../router/statement.ts';
import type { Tree } from '../router/walk.ts';

export interface WriteOf {
  action: RowAction;
  /** tables that it writes, by name */
  tables: string[];
  canonical: string;
}

/** @returns undefined for what reads, or cannot be read */
export function writeOf(text: string): WriteOf | undefined {
  const statement = read(text);
  if (!statement || statement.kind === 'read' || statement.kind === 'explain') return undefined;
  const written = statement.touched.filter(({ action }) => action !== 'read');
  const tables = written.map(({ table }) => table);
  // who is asked to add rows must know that it may change those that are there
  const changes = statement.kind === 'insert' && written.some(({ action }) => action === 'update');
  return {
    action: changes ? 'upsert' : statement.kind,
    tables: [...new Set(tables)].sort(),
    canonical: JSON.stringify(bare(statement.tree)),
  };
}

/** The statement as it runs on the other database: the same on tables of the same names. @param schema of the tables there; left out: the role's own */
export function statementElsewhere(text: string, schema?: string): string {
  const statement = readStatement(text);
  if (!schema && !statement.touched.some((table) => table.schema !== undefined)) return text;
  const tree = bare(statement.tree, false);
  if (schema) nameSchema(tree, schema, statement.own);
  return deparseSync({ version: statement.version, stmts: [{ stmt: tree }] } as never);
}

function nameSchema(value: unknown, schema: string, own: ReadonlySet<string>): void {
  if (typeof value !== 'object' || value === null) return;
  const node = value as Tree;
  if (typeof node.relname === 'string' && 'relpersistence' in node && !own.has(node.relname)) node.schemaname = schema;
  for (const inner of Object.values(node)) nameSchema(inner, schema, own);
}

function read(text: string): Statement | undefined {
  try {
    return readStatement(text);
  } catch {
    return undefined;
  }
}

/** @param places false: also without where each word stands in the text, which differs where only spaces do */
function bare(value: unknown, comparing = true): unknown {
  if (Array.isArray(value)) return value.map((one) => bare(one, comparing));
  if (typeof value !== 'object' || value === null) return value;
  const { ColumnRef: column } = value as { ColumnRef?: { fields: unknown[] } };
  if (column && column.fields.length > 2)
    return bare({ ColumnRef: { ...column, fields: column.fields.slice(-2) } }, comparing);
  return Object.fromEntries(
    Object.entries(value as Tree)
      .filter(([key]) => key !== 'schemaname' && !(comparing && PLACES.test(key)))
      .map(([key, inner]) => [key, bare(inner, comparing)]),
  );
}

const PLACES = /(^|_)(location|len)$/;
