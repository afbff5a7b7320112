/** src/lib/server/<list>.ts: the SQL of an entity, written out so that it can be read and changed. */
import type { Entity } from '../../../../../contract/spec.ts';
import { isStored } from '../../spec/kinds.ts';
import type { Context } from '../context.ts';
import { labelOf, namesOf, searchedFields, sortedFields, storedFields } from '../names.ts';
import { orderExpression, startSort } from '../sorting.ts';
import { computedSql, labelSql, referenceSql } from '../sql.ts';
import { file, inTemplate, quoted, slot, template } from '../text.ts';
import { hasRoles, limitedFields } from './rules.ts';

/** The function that reads the rows that point at one other: `listOrdersByCustomerId`. */
export const listByName = (entity: Entity, column: string): string =>
  `list${namesOf(entity).types}By${column.replace(/(^|_)([a-z0-9])/g, (_, __, letter: string) => letter.toUpperCase())}`;
/** The function that reads what a form can choose from: `customersOptions`. */
export function optionsName(entity: Entity): string {
  const { types } = namesOf(entity);
  return `${types[0]!.toLowerCase()}${types.slice(1)}Options`;
}

/** src/lib/server/<list>.ts */
export function queriesFile(context: Context, entity: Entity): string {
  const { type, types, table, slug } = namesOf(entity);
  const columns = storedFields(entity).map((field) => field.column);
  const values = columns.map((column) => `values.${column}`);
  const references = entity.fields.filter((field) => field.type === 'reference');
  const selected = [
    'id',
    ...columns,
    ...references.map((field) => `${inTemplate(referenceSql(context, field, table))} AS ${labelOf(field)}`),
    ...entity.fields
      .filter((field) => !isStored(field))
      .map((field) => `${computedSql(context, entity, field, table)} AS ${field.column}`),
    'created_at',
    'updated_at',
  ];
  const views = (context.spec.pages ?? []).filter((page) => page.entity === entity.id);
  const limited = limitedFields(context, entity).map((field) => field.column);
  const conceals = limited.length > 0;
  /** Rows as the person of the request may see them. */
  const seen = (rows: string) => (conceals ? `conceal('${slug}', await ${rows})` : rows);
  const asyncIf = conceals ? 'async ' : '';
  const isTarget = context.pointersTo(entity).length > 0;
  // some roles do not see the list, so they do not choose from it either
  const secret = isTarget && hasRoles(context) && entity.access?.see !== undefined;
  const start = startSort(entity);
  const startName = start.replace(/^-/, '');
  const startField = entity.fields.find((field) => field.column === startName);
  const order = `${startField ? orderExpression(startField) : startName}${start.startsWith('-') ? ' DESC' : ''} NULLS LAST`;
  return file(
    `import type { ${type}, ${type}Values } from '#lib/${slug}.ts';`,
    "import type { ListQuery, Page } from '#lib/list-query.ts';",
    (conceals || secret) &&
      `import { ${[conceals && 'conceal', conceals && 'hiddenColumns', secret && 'mayList'].filter(Boolean).join(', ')} } from './access.ts';`,
    "import { read, write } from './db.ts';",
    "import { isId, selectPage } from './page.ts';",
    '',
    'const columns = `',
    ...selected.map((expression, index) => `  ${expression}${index < selected.length - 1 ? ',' : ''}`),
    '`;',
    '',
    'const source = {',
    `  table: '${table}',`,
    '  columns,',
    '  searched: {',
    ...searchedFields(entity).map(
      (field) =>
        `    ${field.column}: ${field.type === 'reference' ? template(inTemplate(referenceSql(context, field, table))) : quoted(field.column)},`,
    ),
    '  },',
    '  orders: {',
    "    created_at: 'created_at',",
    ...sortedFields(entity).map((field) => `    ${field.column}: ${quotedSql(orderExpression(field))},`),
    '  },',
    '};',
    '',
    ...(conceals
      ? [
          '/** What somebody does not see is not searched and not sorted by either. */',
          `export async function list${types}(query: ListQuery): Promise<Page<${type}>> {`,
          `  const hidden = hiddenColumns('${slug}');`,
          '  const seen = (expressions: Record<string, string>) =>',
          '    Object.fromEntries(Object.entries(expressions).filter(([column]) => !hidden.includes(column)));',
          `  const page = await selectPage<${type}>({ ...source, searched: seen(source.searched), orders: seen(source.orders) }, query);`,
          `  return { ...page, rows: conceal('${slug}', page.rows) };`,
          '}',
        ]
      : [`export const list${types} = (query: ListQuery): Promise<Page<${type}>> => selectPage(source, query);`]),
    '',
    '/** All of them, in the order in which the list starts. */',
    `export const all${types} = ${asyncIf}(most: number): Promise<${type}[]> =>`,
    `  ${seen(`read<${type}>(${template(`SELECT ${slot('columns')} FROM ${table} ORDER BY ${inTemplate(order)}, id LIMIT $1`)}, [most])`)};`,
    '',
    ...(views.some((page) => page.kind === 'calendar')
      ? [
          '/** Those that a condition of this app names; values of people come as `values`. */',
          `export const some${types} = ${asyncIf}(where: string, values: unknown[]): Promise<${type}[]> =>`,
          `  ${seen(`read<${type}>(${template(`SELECT ${slot('columns')} FROM ${table} WHERE ${slot('where')}`)}, values)`)};`,
          '',
        ]
      : []),
    `export async function get${type}(id: string): Promise<${type} | undefined> {`,
    '  if (!isId(id)) return undefined;',
    `  const [row] = await read<${type}>(${template(`SELECT ${slot('columns')} FROM ${table} WHERE id = $1`)}, [id]);`,
    conceals ? `  return row && conceal('${slug}', [row])[0];` : '  return row;',
    '}',
    '',
    ...references.flatMap((field) => [
      `/** Those that belong to one ${context.entity(field.target!).name.replaceAll('*/', '')}. */`,
      `export const ${listByName(entity, field.column)} = ${asyncIf}(id: string): Promise<${type}[]> =>`,
      `  ${seen(`read<${type}>(${template(`SELECT ${slot('columns')} FROM ${table} WHERE ${field.column} = $1 ORDER BY ${inTemplate(order)}, id LIMIT 100`)}, [id])`)};`,
      '',
    ]),
    ...(isTarget
      ? [
          '/** What a form can choose from. */',
          `export const ${optionsName(entity)} = ${secret ? 'async ' : ''}(most = 1000): Promise<{ value: string; label: string }[]> =>`,
          `  ${secret ? `!mayList('${slug}') ? [] : ` : ''}read(\`SELECT id AS value, ${inTemplate(labelSql(context, entity, table))} AS label FROM ${table} ORDER BY lower(${inTemplate(labelSql(context, entity, table))}), id LIMIT $1\`, [most]);`,
          '',
        ]
      : []),
    ...(conceals
      ? createSeen(entity)
      : [
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
        ]),
    ...(conceals
      ? updateSeen(entity)
      : [
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
        ]),
    `export async function delete${type}(id: string): Promise<void> {`,
    `  await write('DELETE FROM ${table} WHERE id = $1', [id]);`,
    '}',
  );
}

/** A TypeScript string of SQL, which may hold single quotes. */
const quotedSql = (sql: string): string => (sql.includes("'") ? `${'"'}${sql}${'"'}` : quoted(sql));

/** An update that leaves alone what the person of the request does not see. */
function updateSeen(entity: Entity): string[] {
  const { type, table, slug } = namesOf(entity);
  const columns = storedFields(entity).map((field) => `'${field.column}'`);
  return [
    '/** Whether there was one to change. What somebody does not see stays as it is. */',
    `export async function update${type}(id: string, values: ${type}Values): Promise<boolean> {`,
    `  const hidden = hiddenColumns('${slug}');`,
    `  const columns = ([${columns.join(', ')}] as const).filter((column) => !hidden.includes(column));`,
    `  const set = columns.map((column, index) => column + ' = $' + (index + 2) + ',').join(' ');`,
    '  const rows = await write(',
    `    \`UPDATE ${table} SET \${set} updated_at = now() WHERE id = $1 RETURNING id\`,`,
    '    [id, ...columns.map((column) => values[column])],',
    '  );',
    '  return rows.length > 0;',
    '}',
    '',
  ];
}

/** An insert that leaves to the table's defaults what the person of the request does not see. */
function createSeen(entity: Entity): string[] {
  const { type, table, slug } = namesOf(entity);
  const columns = storedFields(entity).map((field) => `'${field.column}'`);
  return [
    '/** Adds one and returns its id. What somebody does not see starts as the table says. */',
    `export async function create${type}(values: ${type}Values): Promise<string> {`,
    `  const hidden = hiddenColumns('${slug}');`,
    `  const columns = ([${columns.join(', ')}] as const).filter((column) => !hidden.includes(column));`,
    "  const places = columns.map((_, index) => '$' + (index + 1)).join(', ');",
    '  const [row] = await write<{ id: string }>(',
    `    \`INSERT INTO ${table} (\${columns.join(', ')}) VALUES (\${places}) RETURNING id\`,`,
    '    columns.map((column) => values[column]),',
    '  );',
    '  return row!.id;',
    '}',
    '',
  ];
}
