/** A page for paper: every row with every field, and nothing to click. */
import { maybeEmpty, shown, titleExpression, titleNeeds } from '../../cells.ts';
import { displayOf, namesOf } from '../../names.ts';
import { file, markup } from '../../text.ts';
import { type PageParts, pageComponent, pageFiles } from './page.ts';

export function printPage(parts: PageParts): [string, string][] {
  const { context, page, entity } = parts;
  const { types, one, slug } = namesOf(entity);
  const display = displayOf(entity);
  const needs = titleNeeds(entity, display);
  const fields = entity.fields.filter((field) => field !== display && field.type !== 'image' && field.type !== 'file');
  const cells = fields.map((field) => shown(context, entity, field, one));
  const loader = file(
    `import { all${types} } from '#lib/server/${slug}.ts';`,
    "import type { PageServerLoad } from './$types';",
    '',
    `export const load: PageServerLoad = async () => ({ rows: await all${types}(5000), day: new Date().toISOString().slice(0, 10) });`,
  );
  const body = [
    '<div class="mt-3 flex flex-wrap items-center gap-3">',
    '  <span class="text-sm text-quiet">{words.printedOn(formatDate(data.day))}</span>',
    '  <button class="button no-print" type="button" onclick={() => print()}>{words.print}</button>',
    '</div>',
    '<div class="mt-4 overflow-x-auto" tabindex="-1">',
    '  <table class="paper">',
    '    <thead>',
    '      <tr>',
    ...[display, ...fields].map((field) => `        <th scope="col">${markup(field.name)}</th>`),
    '      </tr>',
    '    </thead>',
    '    <tbody>',
    `      {#each data.rows as ${one} (${one}.id)}`,
    '        <tr>',
    `          <td>{${titleExpression(context, entity, display, one)}}</td>`,
    ...fields.map((field, index) => {
      const content = cells[index]!.markup;
      return maybeEmpty(field)
        ? `          <td>{#if ${one}.${field.column} !== null}${content}{/if}</td>`
        : `          <td>${content}</td>`;
    }),
    '        </tr>',
    '      {/each}',
    '    </tbody>',
    '  </table>',
    '</div>',
  ];
  const component = pageComponent(
    parts,
    {
      model: [...needs.choices, ...cells.flatMap((cell) => cell.choices)],
      functions: ['formatDate', ...needs.functions, ...cells.flatMap((cell) => cell.functions)],
      components: cells.flatMap((cell) => cell.components),
      imports: ["  import { words } from '#lib/words.ts';"],
    },
    body,
    false,
  );
  return pageFiles(page, loader, component);
}
