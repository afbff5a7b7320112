/** A gallery: rows by their picture. */
import { titleExpression, titleNeeds } from '../../cells.ts';
import { displayOf, namesOf } from '../../names.ts';
import { attribute, file } from '../../text.ts';
import { fieldOf, type PageParts, pageComponent, pageFiles } from './page.ts';

export function galleryPage(parts: PageParts & { page: { kind: 'gallery' } }): [string, string][] {
  const { context, page, entity } = parts;
  const { words } = context;
  const { types, one, slug } = namesOf(entity);
  const field = fieldOf(entity, page.field);
  const display = displayOf(entity);
  const needs = titleNeeds(entity, display);
  const loader = file(
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
  const body = [
    '{#if data.page.total === 0}',
    `  <EmptyState ${attribute('title', words.none(entity.plural))} ${attribute('text', words.firstAppears)} href="/${slug}/new" ${attribute('action', words.addFirst(entity.name))} />`,
    '{:else}',
    '  <ul class="mt-6 grid grid-cols-2 gap-4 sm:grid-cols-3 lg:grid-cols-4">',
    `    {#each data.page.rows as ${one} (${one}.id)}`,
    `      {@const name = ${titleExpression(context, entity, display, one)}}`,
    '      <li>',
    `        <a class="group block" href="/${slug}/{${one}.id}">`,
    '          <div class="aspect-square overflow-hidden rounded-2xl border border-line bg-soft">',
    `            {#if ${one}.${field.column}}<img src="/files/{${one}.${field.column}}" alt="" loading="lazy" class="size-full object-cover" />{/if}`,
    '          </div>',
    '          <p class="mt-2 truncate font-semibold text-ink group-hover:underline">{name}</p>',
    '        </a>',
    '      </li>',
    '    {/each}',
    '  </ul>',
    `  <Pager query={data.query} initialSort={${one}Sorts[0].value} page={data.page} />`,
    '{/if}',
  ];
  const component = pageComponent(
    parts,
    { model: [`${one}Sorts`, ...needs.choices], functions: needs.functions, components: ['EmptyState', 'Pager'] },
    body,
  );
  return pageFiles(page, loader, component);
}
