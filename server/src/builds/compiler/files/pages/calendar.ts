/** A calendar: one month of rows by a date. */
import { titleExpression, titleNeeds } from '../../cells.ts';
import { displayOf, namesOf } from '../../names.ts';
import { file, template } from '../../text.ts';
import { fieldOf, type PageParts, pageComponent, pageFiles } from './page.ts';

export function calendarPage(parts: PageParts & { page: { kind: 'calendar' } }): [string, string][] {
  const { context, page, entity } = parts;
  const { types, one, slug } = namesOf(entity);
  const field = fieldOf(entity, page.field);
  const display = displayOf(entity);
  const needs = titleNeeds(entity, display);
  const loader = file(
    "import { monthOf } from '#lib/month.ts';",
    `import { some${types} } from '#lib/server/${slug}.ts';`,
    "import type { PageServerLoad } from './$types';",
    '',
    'export const load: PageServerLoad = async ({ url }) => {',
    "  const month = monthOf(url.searchParams.get('month'));",
    `  const within = ${template(`${field.column} >= $1::date AND ${field.column} < $2::date + 1 ORDER BY ${field.column}, id LIMIT 1000`)};`,
    `  return { month, rows: await some${types}(within, [month.days[0], month.days.at(-1)]) };`,
    '};',
  );
  const entries = `data.rows.map((${one}) => ({ id: ${one}.id, at: ${one}.${field.column} ?? '', name: ${titleExpression(context, entity, display, one)}, href: \`/${slug}/\${${one}.id}\` }))`;
  const component = pageComponent(
    parts,
    { model: needs.choices, functions: needs.functions, components: ['Calendar'] },
    [`<Calendar month={data.month} entries={${entries}} />`],
  );
  return pageFiles(page, loader, component);
}
