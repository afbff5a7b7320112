/** src/lib/server/<list>.ts: the SQL of an entity, written out so that it can be read and changed. */
import type { Entity } from '../../../../../contract/spec.ts';
import { namesOf, searchedFields, sortedFields } from '../names.ts';
import { orderExpression } from '../sorting.ts';
import { file, quoted, slot, template } from '../text.ts';

/** src/lib/server/<list>.ts */
export function queriesFile(entity: Entity): string {
  const { type, types, table, slug } = namesOf(entity);
  const columns = entity.fields.map((field) => field.column);
  const values = columns.map((column) => `values.${column}`);
  return file(
    `import type { ${type}, ${type}Values } from '#lib/${slug}.ts';`,
    "import type { ListQuery, Page } from '#lib/list-query.ts';",
    "import { read, write } from './db.ts';",
    "import { isId, selectPage } from './page.ts';",
    '',
    'const columns = `',
    '  id,',
    ...columns.map((column) => `  ${column},`),
    '  created_at,',
    '  updated_at',
    '`;',
    '',
    'const source = {',
    `  table: '${table}',`,
    '  columns,',
    `  searched: [${searchedFields(entity)
      .map((field) => `'${field.column}'`)
      .join(', ')}],`,
    '  orders: {',
    "    created_at: 'created_at',",
    ...sortedFields(entity).map((field) => `    ${field.column}: ${quotedSql(orderExpression(field))},`),
    '  },',
    '};',
    '',
    `export const list${types} = (query: ListQuery): Promise<Page<${type}>> => selectPage(source, query);`,
    '',
    `export async function get${type}(id: string): Promise<${type} | undefined> {`,
    '  if (!isId(id)) return undefined;',
    `  const [row] = await read<${type}>(${template(`SELECT ${slot('columns')} FROM ${table} WHERE id = $1`)}, [id]);`,
    '  return row;',
    '}',
    '',
    '/** Adds one and returns its id. */',
    `export async function create${type}(values: ${type}Values): Promise<string> {`,
    '  const [row] = await write<{ id: string }>(',
    `    \`INSERT INTO ${table} (`,
    ...columns.map((column, index) => `       ${column}${index < columns.length - 1 ? ',' : ''}`),
    `     ) VALUES (${columns.map((_, index) => `$${index + 1}`).join(', ')})`,
    `     RETURNING id\`,`,
    '    [',
    ...values.map((value) => `      ${value},`),
    '    ],',
    '  );',
    '  return row!.id;',
    '}',
    '',
    '/** Whether there was one to change. */',
    `export async function update${type}(id: string, values: ${type}Values): Promise<boolean> {`,
    '  const rows = await write(',
    `    \`UPDATE ${table} SET`,
    ...columns.map((column, index) => `       ${column} = $${index + 2},`),
    '       updated_at = now()',
    '     WHERE id = $1',
    `     RETURNING id\`,`,
    '    [',
    '      id,',
    ...values.map((value) => `      ${value},`),
    '    ],',
    '  );',
    '  return rows.length > 0;',
    '}',
    '',
    `export async function delete${type}(id: string): Promise<void> {`,
    `  await write('DELETE FROM ${table} WHERE id = $1', [id]);`,
    '}',
  );
}

/** A TypeScript string of SQL, which may hold single quotes. */
const quotedSql = (sql: string): string => (sql.includes("'") ? `${'"'}${sql}${'"'}` : quoted(sql));
