/** The list of an entity: its page and what loads it. */
import type { Entity, Field } from '../../../../../contract/spec.ts';
import { isAmount, isSortable } from '../../spec/kinds.ts';
import { componentImports, maybeEmpty, namedImport, type Shown, shown, titleExpression, titleNeeds } from '../cells.ts';
import type { Context } from '../context.ts';
import { displayOf, listedFields, namesOf, searchedFields } from '../names.ts';
import { firstSort } from '../sorting.ts';
import { attribute, file, inTemplate, markup, quoted, slot, template } from '../text.ts';
import { canImport } from './csv-route.ts';
import { viewLinks } from './views.ts';

/** src/routes/<list>/+page.server.ts and +page.svelte */
export function listRoute(context: Context, entity: Entity): [string, string][] {
  const route = `src/routes/${entity.slug}`;
  return [
    [`${route}/+page.server.ts`, loader(entity)],
    [`${route}/+page.svelte`, page(context, entity)],
  ];
}

function loader(entity: Entity): string {
  const { types, one, slug } = namesOf(entity);
  return file(
    `import { ${one}Sorts } from '#lib/${slug}.ts';`,
    "import { readListQuery } from '#lib/list-query.ts';",
    `import { list${types} } from '#lib/server/${slug}.ts';`,
    "import type { PageServerLoad } from './$types';",
    '',
    'export const load: PageServerLoad = async ({ url }) => {',
    `  const query = readListQuery(url, ${one}Sorts);`,
    `  return { query, page: await list${types}(query) };`,
    '};',
  );
}

/** What stands for nothing in a template string that is filled in later. */
const SEARCH = '\u0001';

function page(context: Context, entity: Entity): string {
  const { words } = context;
  const { one, slug } = namesOf(entity);
  const listed = listedFields(entity);
  const cells = listed.slice(1).map((field) => shown(context, entity, field, one));
  const display = displayOf(entity);
  const needs = titleNeeds(entity, display);
  const searched = namedInSearch(entity).map((field) => quoted(field.name));
  const noneWith = inTemplate(words.noneWith(entity.name, SEARCH)).replace(SEARCH, () => slot('query.search'));
  return file(
    '<script lang="ts">',
    namedImport([`${one}Sorts`, ...needs.choices, ...cells.flatMap((cell) => cell.choices)], `#lib/${slug}.ts`),
    "  import { title } from '#lib/app.ts';",
    namedImport([...needs.functions, ...cells.flatMap((cell) => cell.functions)], '#lib/format.ts'),
    ...componentImports([
      'EmptyState',
      'ListTools',
      'Pager',
      'SortHeader',
      ...(viewLinks(context, entity) ? ['Views'] : []),
      ...cells.flatMap((cell) => cell.components),
    ]),
    "  import { words } from '#lib/words.ts';",
    '',
    '  let { data } = $props();',
    '',
    '  const query = $derived(data.query);',
    '  const page = $derived(data.page);',
    `  const initialSort = ${one}Sorts[0].value;`,
    '</script>',
    '',
    '<svelte:head>',
    `  <title>${markup(entity.plural)} · {title}</title>`,
    '</svelte:head>',
    '',
    '<div class="flex flex-wrap items-center gap-x-3 gap-y-2">',
    `  <h1 class="text-2xl font-bold">${markup(entity.plural)}</h1>`,
    '  {#if page.total > 0}',
    '    <span class="text-quiet">{query.search ? words.someOf(page.matching, page.total) : page.total}</span>',
    `    <a class="button ml-auto" href="/${slug}/new">${markup(words.add(entity.name))}</a>`,
    '  {/if}',
    '</div>',
    viewLinks(context, entity) ?? false,
    '',
    '{#if page.total === 0}',
    '  <EmptyState',
    `    ${attribute('title', words.none(entity.plural))}`,
    `    ${attribute('text', words.firstAppears)}`,
    `    href="/${slug}/new"`,
    `    ${attribute('action', words.addFirst(entity.name))}`,
    '  />',
    '{:else}',
    `  <ListTools {query} sorts={${one}Sorts}${searched.length > 0 ? ` searched={[${searched.join(', ')}]}` : ''} />`,
    '  {#if page.matching === 0}',
    '    <EmptyState',
    `      ${attribute('title', words.nothingFound)}`,
    `      text={${template(noneWith)}}`,
    `      href="/${slug}"`,
    `      ${attribute('action', words.showAll(entity.plural))}`,
    '    />',
    '  {:else}',
    '    <table class="table">',
    '      <thead>',
    '        <tr>',
    ...listed.map((field) => `          ${header(field)}`),
    '        </tr>',
    '      </thead>',
    '      <tbody>',
    `        {#each page.rows as ${one} (${one}.id)}`,
    '          <tr>',
    `            <td><a class="font-semibold text-ink hover:underline" href="/${slug}/{${one}.id}">{${titleExpression(context, entity, display, one)}}</a></td>`,
    ...listed.slice(1).map((field, index) => `            ${cell(field, cells[index]!, one)}`),
    '          </tr>',
    '        {/each}',
    '      </tbody>',
    '    </table>',
    '    <Pager {query} {initialSort} {page} />',
    '  {/if}',
    '{/if}',
    '',
    '<p class="no-print mt-8 flex gap-4 text-sm">',
    canImport(entity) && `  <a class="link" href="/${slug}/import">${markup(words.importCsv)}</a>`,
    `  {#if page.total > 0}<a class="link" href="/${slug}/export" download>${markup(words.exportCsv)}</a>{/if}`,
    '</p>',
  );
}

/** What the search box names: three at most, and one of them a reference where there is one. */
function namedInSearch(entity: Entity): Field[] {
  const fields = searchedFields(entity);
  const references = fields.filter((field) => field.type === 'reference');
  const texts = fields.filter((field) => field.type !== 'reference').slice(0, references.length > 0 ? 2 : 3);
  return [...texts, ...references].slice(0, 3);
}

function header(field: Field): string {
  if (!isSortable(field)) return `<th scope="col">${markup(field.name)}</th>`;
  const amount = isAmount(field) ? ' amount' : '';
  return `<SortHeader {query} {initialSort} sort=${`"${firstSort(field)}"`} ${attribute('label', field.name)}${amount} />`;
}

/** A cell of a table. On a phone it carries the name of its column itself. @param row the variable that holds the row */
export function cell(field: Field, { markup: content }: Shown, row: string): string {
  const value = `${row}.${field.column}`;
  const label = attribute('data-label', field.name);
  const amount = isAmount(field) ? ' class="amount"' : '';
  if (!maybeEmpty(field)) return `<td${amount} ${label}>${content}</td>`;
  return `<td${amount} class:empty={${value} === null} ${label}>{#if ${value} !== null}${content}{/if}</td>`;
}
