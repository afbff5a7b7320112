/** A chart: rows counted, or a number added up, by a choice, a date or another list. */
import type { Entity, Field } from '../../../../../../contract/spec.ts';
import { literal } from '../../../changes/sql.ts';
import { isDay, isStored, numberKind } from '../../../spec/kinds.ts';
import type { Context } from '../../context.ts';
import { namesOf } from '../../names.ts';
import { computedSql, referenceSql } from '../../sql.ts';
import { attribute, file, inTemplate, quoted, template } from '../../text.ts';
import { fieldOf, type PageParts, pageComponent, pageFiles } from './page.ts';

export function chartPage(parts: PageParts & { page: { kind: 'chart' } }): [string, string][] {
  const { context, page, entity } = parts;
  const field = fieldOf(entity, page.field);
  const value = page.value ? fieldOf(entity, page.value) : undefined;
  const loader = file(
    "import { read } from '#lib/server/db.ts';",
    "import type { PageServerLoad } from './$types';",
    '',
    'export const load: PageServerLoad = async () => ({',
    `  bars: await read<{ label: string; value: number }>(${template(inTemplate(chartSql(context, entity, field, value)))}),`,
    '});',
  );
  const format = formatterOf(value);
  const component = pageComponent(
    parts,
    { functions: [format.name], components: ['Bars'] },
    [
      '<div class="mt-6 max-w-3xl">',
      `  <Bars ${attribute('caption', page.name)} bars={data.bars} format={${format.code}} />`,
      '</div>',
    ],
    false,
  );
  return pageFiles(page, loader, component);
}

/** How the number of a bar is shown: the function to import, and the expression. */
export function formatterOf(value: Field | undefined): { name: string; code: string } {
  const kind = value && numberKind(value);
  if (kind === 'money')
    return { name: 'formatMoney', code: `(value) => formatMoney(value, ${quoted(value!.currency!)})` };
  if (kind === 'percent') return { name: 'formatPercent', code: 'formatPercent' };
  if (kind === 'duration') return { name: 'formatDuration', code: 'formatDuration' };
  return { name: 'formatNumber', code: 'formatNumber' };
}

/** One row per bar: its label and its value. Dates are put together by month. */
export function chartSql(context: Context, entity: Entity, field: Field, value?: Field): string {
  const { table } = namesOf(entity);
  const { words } = context;
  const none = literal(words.noChoice);
  const number = value && (isStored(value) ? `${table}.${value.column}` : computedSql(context, entity, value, table));
  const amount = number ? `coalesce(sum(${number}), 0)::numeric` : 'count(*)::int';
  const column = `${table}.${field.column}`;
  const label = (() => {
    if (isDay(field)) return `to_char(${column}, 'YYYY-MM')`;
    if (field.type === 'boolean')
      return `CASE WHEN ${column} THEN ${literal(field.name)} ELSE ${literal(words.no)} END`;
    if (field.type === 'reference') return referenceSql(context, field, table);
    if (field.type === 'choice')
      return `CASE ${column} ${field.choices!.map((choice) => `WHEN ${literal(choice.value)} THEN ${literal(choice.label)}`).join(' ')} END`;
    return `${column}::text`;
  })();
  const inner = `SELECT coalesce(${label}, ${none}) AS label, ${amount} AS value FROM ${table} GROUP BY 1`;
  if (field.type !== 'choice')
    return `${inner} ORDER BY ${isDay(field) || field.type === 'rating' ? '1' : '2 DESC, 1'} LIMIT 60`;
  const labels = field.choices!.map((choice) => literal(choice.label)).join(', ');
  return `SELECT label, value FROM (${inner}) AS bars ORDER BY array_position(ARRAY[${labels}], label) LIMIT 60`;
}
