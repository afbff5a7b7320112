/** The list of an entity: its page and what loads it. */
import type { Entity, Field } from '../../../../../contract/spec.ts';
import { componentImports, maybeEmpty, namedImport, shown, titleExpression, titleNeeds } from '../cells.ts';
import { displayOf, listedFields, namesOf, searchedFields } from '../names.ts';
import { firstSort, searchedWords } from '../sorting.ts';
import { attribute, file, inTemplate, lower, markup, orList, slot, template, withArticle } from '../text.ts';

/** src/routes/<list>/+page.server.ts and +page.svelte */
export function listRoute(entity: Entity): [string, string][] {
  const route = `src/routes/${entity.slug}`;
  return [
    [`${route}/+page.server.ts`, loader(entity)],
    [`${route}/+page.svelte`, page(entity)],
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

function page(entity: Entity): string {
  const { one, slug } = namesOf(entity);
  const listed = listedFields(entity);
  const cells = listed.slice(1).map((field) => shown(entity, field, `${one}.${field.column}`));
  const display = displayOf(entity);
  const needs = titleNeeds(entity, display);
  const searched = orList(searchedWords(searchedFields(entity).slice(0, 3)));
  const many = lower(entity.plural);
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
      ...cells.flatMap((cell) => cell.components),
    ]),
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
    `    <span class="text-quiet">{query.search ? ${template(`${slot('page.matching')} of ${slot('page.total')}`)} : page.total}</span>`,
    `    <a class="button ml-auto" href="/${slug}/new">${markup(`Add ${withArticle(entity.name)}`)}</a>`,
    '  {/if}',
    '</div>',
    '',
    '{#if page.total === 0}',
    '  <EmptyState',
    `    ${attribute('title', `No ${many} yet`)}`,
    `    ${attribute('text', `The first one that is added appears here.`)}`,
    `    href="/${slug}/new"`,
    `    ${attribute('action', `Add the first ${lower(entity.name)}`)}`,
    '  />',
    '{:else}',
    `  <ListTools {query} sorts={${one}Sorts}${searched ? ` ${attribute('searched', searched)}` : ''} />`,
    '  {#if page.matching === 0}',
    '    <EmptyState',
    `      ${attribute('title', 'Nothing found')}`,
    `      text={${template(`No ${inTemplate(lower(entity.name))} has “${slot('query.search')}” in it.`)}}`,
    `      href="/${slug}"`,
    `      ${attribute('action', `Show all ${many}`)}`,
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
    `            <td><a class="font-semibold text-ink hover:underline" href="/${slug}/{${one}.id}">{${titleExpression(entity, display, one)}}</a></td>`,
    ...listed.slice(1).flatMap((field, index) => cell(field, cells[index]!.markup, `${one}.${field.column}`)),
    '          </tr>',
    '        {/each}',
    '      </tbody>',
    '    </table>',
    '    <Pager {query} {initialSort} {page} />',
    '  {/if}',
    '{/if}',
  );
}

const isAmount = (field: Field): boolean => field.type === 'number' || field.type === 'integer';

function header(field: Field): string {
  if (field.type === 'longtext') return `<th scope="col">${markup(field.name)}</th>`;
  const amount = isAmount(field) ? ' amount' : '';
  return `<SortHeader {query} {initialSort} sort=${`"${firstSort(field)}"`} ${attribute('label', field.name)}${amount} />`;
}

function cell(field: Field, content: string, value: string): string[] {
  const label = attribute('data-label', field.name);
  const amount = isAmount(field) ? ' class="amount"' : '';
  if (!maybeEmpty(field)) return [`            <td${amount} ${label}>${content}</td>`];
  return [
    `            <td${amount} class:empty={${value} === null} ${label}>{#if ${value} !== null}${content}{/if}</td>`,
  ];
}
