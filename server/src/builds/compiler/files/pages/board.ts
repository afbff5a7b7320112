/** A board: rows in a column for each choice, which can be moved. */
import type { Entity, Field } from '../../../../../../contract/spec.ts';
import { isDay } from '../../../spec/kinds.ts';
import { isAhead, isBehind, isBirthday } from '../../../spec/moments.ts';
import { maybeEmpty, shown, titleExpression, titleNeeds } from '../../cells.ts';
import { displayOf, listedFields, namesOf } from '../../names.ts';
import { attribute, file } from '../../text.ts';
import { choicesName } from '../model.ts';
import { fieldOf, type PageParts, pageComponent, pageFiles } from './page.ts';

/** What a card says below its title: whose it is and when it is due, else the first columns of the list. */
function linesOf(entity: Entity, elsewhere: Field[]): Field[] {
  const others = entity.fields.filter((field) => !elsewhere.includes(field) && field.listed !== false);
  const whose = others.find((field) => field.type === 'reference');
  const days = others.filter((field) => isDay(field) && !isBirthday(field, entity));
  const due = days.find(isAhead) ?? days.find((field) => !isBehind(field, entity)) ?? days[0];
  const first = [whose, due].filter((field) => field !== undefined);
  const columns = listedFields(entity).filter((field) => others.includes(field) && !first.includes(field));
  return [...first, ...columns].slice(0, 2);
}

export function boardPage(parts: PageParts & { page: { kind: 'board' } }): [string, string][] {
  const { context, page, entity } = parts;
  const { type, types, one, slug, table } = namesOf(entity);
  const field = fieldOf(entity, page.field);
  const display = displayOf(entity);
  const choices = choicesName(entity, field);
  const needs = titleNeeds(entity, display);
  const lines = linesOf(entity, [field, display]);
  const cells = lines.map((line) => shown(context, entity, line, one));
  const loader = file(
    "import { error } from '@sveltejs/kit';",
    `import { ${choices} } from '#lib/${slug}.ts';`,
    `import { all${types} } from '#lib/server/${slug}.ts';`,
    "import { write } from '#lib/server/db.ts';",
    "import { isId } from '#lib/server/page.ts';",
    "import type { Actions, PageServerLoad } from './$types';",
    '',
    `export const load: PageServerLoad = async () => ({ rows: await all${types}(1000) });`,
    '',
    'export const actions: Actions = {',
    '  move: async ({ request }) => {',
    '    const form = await request.formData();',
    "    const [id, value] = [String(form.get('id')), String(form.get('value'))];",
    `    if (!isId(id) || !Object.hasOwn(${choices}, value)) error(400);`,
    `    await write('UPDATE ${table} SET ${field.column} = $2, updated_at = now() WHERE id = $1', [id, value]);`,
    '  },',
    '};',
  );
  const name = titleExpression(context, entity, display, one);
  const body = [
    `<Board choices={${choices}} rows={data.rows} choiceOf={(${one}) => ${one}.${field.column}} nameOf={(${one}) => ${name}} ${attribute('label', field.name)}>`,
    `  {#snippet card(${one}: ${type})}`,
    `    <a class="font-semibold text-ink hover:underline" href="/${slug}/{${one}.id}">{${name}}</a>`,
    ...lines.map((line, index) => {
      const text = `<p class="mt-0.5 truncate text-sm text-quiet">${cells[index]!.markup}</p>`;
      return maybeEmpty(line) ? `    {#if ${one}.${line.column} !== null}${text}{/if}` : `    ${text}`;
    }),
    '  {/snippet}',
    '</Board>',
  ];
  const component = pageComponent(
    parts,
    {
      model: [choices, ...needs.choices, ...cells.flatMap((cell) => cell.choices)],
      functions: [...needs.functions, ...cells.flatMap((cell) => cell.functions)],
      components: ['Board', ...cells.flatMap((cell) => cell.components)],
      imports: [`  import type { ${type} } from '#lib/${slug}.ts';`],
    },
    body,
  );
  return pageFiles(page, loader, component);
}
