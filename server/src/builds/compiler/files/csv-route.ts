/** A list as a table for spreadsheets: out as CSV, and in from CSV with a look at it first. */
import type { Entity, Field } from '../../../../../contract/spec.ts';
import { isUpload } from '../../spec/kinds.ts';
import { componentImports } from '../cells.ts';
import type { Context } from '../context.ts';
import { labelOf, namesOf, storedFields } from '../names.ts';
import { file, markup, quoted } from '../text.ts';
import { choicesName } from './model.ts';
import { optionsName } from './queries.ts';

/** src/routes/<list>/export/ and import/ */
export function csvRoute(context: Context, entity: Entity): [string, string][] {
  const route = `src/routes/${entity.slug}`;
  const out: [string, string] = [`${route}/export/+server.ts`, exporter(entity)];
  if (!canImport(entity)) return [out];
  return [
    out,
    [`${route}/import/+page.server.ts`, importer(context, entity)],
    [`${route}/import/+page.svelte`, page(context, entity)],
  ];
}

/** A row that needs a file cannot come from a table. */
export const canImport = (entity: Entity): boolean => !entity.fields.some((field) => isUpload(field) && field.required);

/** Files stay where they are: a table cannot carry them. */
const written = (entity: Entity): Field[] => entity.fields.filter((field) => !isUpload(field));
const read = (entity: Entity): Field[] => storedFields(entity).filter((field) => !isUpload(field));

function exporter(entity: Entity): string {
  const { types, one, slug } = namesOf(entity);
  const choices = entity.fields.filter((field) => field.type === 'choice').map((field) => choicesName(entity, field));
  return file(
    ...(choices.length > 0 ? [`import { ${choices.sort().join(', ')} } from '#lib/${slug}.ts';`] : []),
    "import { formatCsv } from '#lib/csv.ts';",
    `import { all${types} } from '#lib/server/${slug}.ts';`,
    "import { words } from '#lib/words.ts';",
    "import type { RequestHandler } from './$types';",
    '',
    'export const GET: RequestHandler = async () => {',
    `  const rows = (await all${types}(50_000)).map((${one}) => [`,
    ...written(entity).map((field) => `    ${cellOf(entity, field, one)},`),
    '  ]);',
    `  const head = [${written(entity)
      .map((field) => quoted(field.name))
      .join(', ')}];`,
    '  return new Response(formatCsv([head, ...rows]), {',
    '    headers: {',
    "      'content-type': 'text/csv; charset=utf-8',",
    `      'content-disposition': 'attachment; filename="${slug}.csv"',`,
    "      'x-content-type-options': 'nosniff',",
    '    },',
    '  });',
    '};',
  ).replace(
    "import { words } from '#lib/words.ts';\n",
    entity.fields.some((field) => field.type === 'boolean') ? "import { words } from '#lib/words.ts';\n" : '',
  );
}

function cellOf(entity: Entity, field: Field, row: string): string {
  const value = `${row}.${field.column}`;
  if (field.type === 'boolean') return `${value} ? words.yes : words.no`;
  if (field.type === 'reference') return `${row}.${labelOf(field)}`;
  if (field.type !== 'choice') return value;
  const label = `${choicesName(entity, field)}[${value}]`;
  return field.required ? label : `${value} && ${label}`;
}

const kinds: Partial<Record<Field['type'], string>> = {
  boolean: 'yes',
  choice: 'choice',
  reference: 'reference',
  date: 'day',
  datetime: 'moment',
  time: 'time',
};

function importer(context: Context, entity: Entity): string {
  const { type, one, slug, table } = namesOf(entity);
  const fields = read(entity);
  const choices = fields.filter((field) => field.type === 'choice').map((field) => choicesName(entity, field));
  const targets = new Map(
    fields
      .filter((field) => field.type === 'reference')
      .map((field) => [field.target!, context.entity(field.target!)] as const),
  );
  const itself = targets.has(entity.id);
  return file(
    `import { ${[`${one}Fields`, ...choices].sort().join(', ')} } from '#lib/${slug}.ts';`,
    `import { ${[`create${type}`, ...(itself ? [optionsName(entity)] : [])].join(', ')} } from '#lib/server/${slug}.ts';`,
    ...[...targets.values()]
      .filter((target) => target.id !== entity.id)
      .map((target) => `import { ${optionsName(target)} } from '#lib/server/${target.slug}.ts';`),
    "import { type ImportField, importRows, LARGEST, previewImport } from '#lib/server/import.ts';",
    "import { words } from '#lib/words.ts';",
    "import { fail } from '@sveltejs/kit';",
    "import type { Actions } from './$types';",
    '',
    'const fields = async (): Promise<ImportField[]> => [',
    ...fields.map((field) => {
      const more =
        field.type === 'choice'
          ? `, choices: ${choicesName(entity, field)}`
          : field.type === 'reference'
            ? `, options: await ${optionsName(targets.get(field.target!)!)}(50_000)`
            : '';
      return `  { column: '${field.column}', label: ${quoted(field.name)}, kind: '${kinds[field.type] ?? 'text'}'${more} },`;
    }),
    '];',
    '',
    'async function look(text: string) {',
    '  try {',
    `    return { text, preview: previewImport(text, await fields(), ${one}Fields) };`,
    '  } catch (error) {',
    '    return { problem: (error as Error).message };',
    '  }',
    '}',
    '',
    'export const actions: Actions = {',
    '  check: async ({ request }) => {',
    "    const chosen = (await request.formData()).get('file');",
    '    if (!(chosen instanceof File) || chosen.size === 0) return fail(400, { problem: words.noTable });',
    '    if (chosen.size > LARGEST) return fail(400, { problem: words.tableTooLarge });',
    '    const looked = await look(await chosen.text());',
    '    return looked.problem ? fail(400, looked) : looked;',
    '  },',
    '  add: async ({ request }) => {',
    "    const text = String((await request.formData()).get('text') ?? '');",
    '    const looked = await look(text);',
    '    if (!looked.preview) return fail(400, looked);',
    `    return importRows(looked.preview, ${one}Fields, '${table}', create${type});`,
    '  },',
    '};',
  );
}

function page(context: Context, entity: Entity): string {
  const { words } = context;
  const heading = `${words.importCsv}: ${entity.plural}`;
  return file(
    '<script lang="ts">',
    "  import { title } from '#lib/app.ts';",
    ...componentImports(['Import']),
    '',
    '  let { form } = $props();',
    '</script>',
    '',
    '<svelte:head>',
    `  <title>${markup(heading)} · {title}</title>`,
    '</svelte:head>',
    '',
    `<a class="text-quiet hover:text-ink" href="/${entity.slug}">← ${markup(entity.plural)}</a>`,
    `<h1 class="mt-2 mb-6 text-2xl font-bold">${markup(heading)}</h1>`,
    '',
    `<Import {form} fields={[${read(entity)
      .map((field) => quoted(field.name))
      .join(', ')}]} href="/${entity.slug}" />`,
  );
}
