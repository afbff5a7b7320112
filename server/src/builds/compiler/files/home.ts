/** Where an app starts: nothing yet, the one list, or a page that shows what matters. */
import type { Entity, Field, HomeBlock, Spec } from '../../../../../contract/spec.ts';
import type { Words } from '../../../../../templates/words/en.ts';
import { isDay, isStored, numberKind } from '../../spec/kinds.ts';
import { isBehind } from '../../spec/moments.ts';
import { componentImports, namedImport } from '../cells.ts';
import type { Context } from '../context.ts';
import { namesOf } from '../names.ts';
import { computedSql, labelSql } from '../sql.ts';
import { attribute, file, inTemplate, quoted, template } from '../text.ts';
import { chartSql, formatterOf } from './pages/chart.ts';
import { hasRoles, seersOf } from './rules.ts';

/** src/lib/app.ts and the start page. */
export function homeFiles(context: Context): [string, string][] {
  const { spec, words } = context;
  const lists = spec.entities.filter((entity) => !entity.link);
  const files: [string, string][] = [['src/lib/app.ts', app(spec, lists)]];
  const blocks = spec.home ?? chosenBlocks(context, lists);
  if (lists.length === 0) files.push(['src/routes/+page.svelte', nothingYet(words)]);
  else if (blocks.length === 0) files.push(['src/routes/+page.server.ts', straightTo(lists[0]!.slug)]);
  else {
    const made = blocks.map((block, index): Part => {
      const made = part(context, block, index);
      const see = hasRoles(context) ? seersOf(context.entity(block.entity), block) : undefined;
      return see
        ? {
            ...made,
            see,
            markup: `{#if data.${made.key}}${made.markup.replaceAll(`data.${made.key}`, `data.${made.key}!`)}{/if}`,
          }
        : made;
    });
    files.push(['src/routes/+page.server.ts', loader(made)], ['src/routes/+page.svelte', page(made)]);
  }
  return files;
}

const app = (spec: Spec, lists: Entity[]): string =>
  file(
    `export const title = ${quoted(spec.title)};`,
    '',
    '/** The lists, as the navigation shows them. */',
    lists.length === 0 && 'export const lists: { label: string; href: string }[] = [];',
    ...(lists.length > 0
      ? [
          'export const lists = [',
          ...lists.map((entity) => `  { label: ${quoted(entity.plural)}, href: '/${entity.slug}' },`),
          '];',
        ]
      : []),
  );

const nothingYet = (words: Words): string =>
  file(
    '<script lang="ts">',
    "  import { title } from '#lib/app.ts';",
    "  import EmptyState from '#lib/components/EmptyState.svelte';",
    '</script>',
    '',
    '<h1 class="text-2xl font-bold">{title}</h1>',
    '',
    '<EmptyState',
    `  ${attribute('title', words.nothingYet)}`,
    `  ${attribute('text', words.sayInChat)}`,
    '/>',
  );

const straightTo = (slug: string): string =>
  file(
    "import { redirect } from '@sveltejs/kit';",
    "import type { PageServerLoad } from './$types';",
    '',
    `export const load: PageServerLoad = () => redirect(307, '/${slug}');`,
  );

/**
 * What matters when nobody said: how much there is, what comes next, how the work stands, and what the money comes to.
 * An app with one plain list has no home page of its own.
 */
function chosenBlocks(context: Context, lists: Entity[]): HomeBlock[] {
  const blocks: HomeBlock[] = [];
  const plannedOf = (entity: Entity) =>
    entity.fields.find(
      (field) => isDay(field) && !['today', 'now'].includes(String(field.default)) && !isBehind(field, entity),
    );
  const state = (field: Field) => field.type === 'choice';
  const money = (field: Field) => numberKind(field) === 'money';
  const first = (entity: Entity, fits: (field: Field) => boolean) => entity.fields.find(fits);
  const used = lists.map((entity) => ({ entity, field: plannedOf(entity) })).filter(({ field }) => field);
  for (const { entity, field } of used.slice(0, 2))
    blocks.push({ kind: 'upcoming', entity: entity.id, field: field!.id });
  for (const entity of lists.filter((one) => first(one, state)).slice(0, 2))
    blocks.push({ kind: 'chart', entity: entity.id, field: first(entity, state)!.id });
  for (const entity of lists.filter((one) => context.pointersTo(one).length === 0 && first(one, money)).slice(0, 2))
    blocks.push({ kind: 'sum', entity: entity.id, field: first(entity, money)!.id });
  if (lists.length === 1 && blocks.length < 2 && !context.spec.pages?.length) return [];
  return [...lists.slice(0, 8).map((entity): HomeBlock => ({ kind: 'count', entity: entity.id })), ...blocks];
}

interface Part {
  /** the roles that see it; left out: everybody */
  see?: readonly string[];
  kind: HomeBlock['kind'];
  /** what the loader reads it by */
  key: string;
  sql: string;
  /** the type of a row of the query */
  row: string;
  markup: string;
  components: string[];
  functions: string[];
}

function part(context: Context, block: HomeBlock, index: number): Part {
  const { words } = context;
  const entity = context.entity(block.entity);
  const { table, slug } = namesOf(entity);
  const field = 'field' in block ? entity.fields.find((one) => one.id === block.field)! : undefined;
  const key = `${block.kind}${index + 1}`;
  const names = (order: string, note: string, where = '') =>
    `SELECT id, ${labelSql(context, entity, table)} AS name, ${note} AS note FROM ${table} ${where}ORDER BY ${order} LIMIT 5`;
  const shortlist = (title: string, sql: string, note?: string): Part => ({
    kind: block.kind,
    key,
    sql,
    row: '{ id: string; name: string; note: string | null }',
    markup: `<Shortlist ${attribute('title', title)} href="/${slug}" rows={${note ? `data.${key}.map((row) => ({ ...row, note: row.note && ${note}(row.note) }))` : `data.${key}`}} />`,
    components: ['Shortlist'],
    functions: note ? [note] : [],
  });
  switch (block.kind) {
    case 'count':
      return {
        kind: block.kind,
        key,
        sql: `SELECT count(*)::int AS value FROM ${table}`,
        row: '{ value: number }',
        markup: `<ListCard href="/${slug}" ${attribute('one', entity.name)} ${attribute('many', entity.plural)} amount={data.${key}[0]!.value} />`,
        components: ['ListCard'],
        functions: [],
      };
    case 'sum': {
      const value = isStored(field!) ? `${table}.${field!.column}` : computedSql(context, entity, field!, table);
      const format = formatterOf(field);
      const call = format.code.startsWith('(') ? `(${format.code})` : format.code;
      const shown =
        numberKind(field!) === 'money'
          ? `formatMoney(data.${key}[0]!.value, ${quoted(field!.currency!)})`
          : `${call}(data.${key}[0]!.value)`;
      return {
        kind: block.kind,
        key,
        sql: `SELECT coalesce(sum(${value}), 0)::numeric AS value FROM ${table}`,
        row: '{ value: number }',
        markup: `<Figure ${attribute('label', words.total(field!.name, entity.plural))} value={${shown}} href="/${slug}" />`,
        components: ['Figure'],
        functions: [format.name],
      };
    }
    case 'latest':
      return shortlist(words.latest(entity.plural), names('created_at DESC', 'NULL'));
    case 'upcoming': {
      const column = `${table}.${field!.column}`;
      const moment = field!.type === 'datetime';
      const text = moment ? `to_char(${column}, 'YYYY-MM-DD"T"HH24:MI')` : `${column}::text`;
      const sql = names(column, text, `WHERE ${column} >= CURRENT_DATE `);
      return shortlist(words.upcoming(entity.plural), sql, moment ? 'formatMoment' : 'formatDate');
    }
    case 'chart': {
      const value = block.value ? entity.fields.find((one) => one.id === block.value) : undefined;
      const format = formatterOf(value);
      const title = words.countedBy(entity.plural, field!.name);
      return {
        kind: block.kind,
        key,
        sql: chartSql(context, entity, field!, value),
        row: '{ label: string; value: number }',
        markup: `<section class="rounded-2xl border border-line p-5"><h2 class="mb-3 text-lg font-bold">{${quoted(title)}}</h2><Bars ${attribute('caption', title)} bars={data.${key}} format={${format.code}} /></section>`,
        components: ['Bars'],
        functions: [format.name],
      };
    }
  }
}

const loader = (parts: Part[]): string =>
  file(
    "import { read } from '#lib/server/db.ts';",
    "import type { PageServerLoad } from './$types';",
    '',
    parts.some(({ see }) => see)
      ? 'export const load: PageServerLoad = async ({ locals }) => {'
      : 'export const load: PageServerLoad = async () => {',
    ...(parts.some(({ see }) => see)
      ? ["  const sees = (roles: string[]) => locals.rights.owner || roles.includes(locals.rights.role ?? '');"]
      : []),
    `  const [${parts.map(({ key }) => key).join(', ')}] = await Promise.all([`,
    ...parts.map(({ row, sql, see }) => {
      const query = `read<${row}>(${template(inTemplate(sql))})`;
      return see ? `    sees([${see.map(quoted).join(', ')}]) ? ${query} : null,` : `    ${query},`;
    }),
    '  ]);',
    `  return { ${parts.map(({ key }) => key).join(', ')} };`,
    '};',
  );

/** Figures first, as one grid; then what needs more room. */
function page(parts: Part[]): string {
  const small = parts.filter(({ kind }) => kind === 'count' || kind === 'sum');
  const large = parts.filter((one) => !small.includes(one));
  return file(
    '<script lang="ts">',
    "  import { title } from '#lib/app.ts';",
    namedImport(
      parts.flatMap(({ functions }) => functions),
      '#lib/format.ts',
    ),
    ...componentImports(parts.flatMap(({ components }) => components)),
    '',
    '  let { data } = $props();',
    '</script>',
    '',
    '<h1 class="text-2xl font-bold">{title}</h1>',
    ...(small.length > 0
      ? [
          '',
          '<ul class="mt-6 grid gap-3 sm:grid-cols-2 lg:grid-cols-3">',
          ...small.map(({ markup }) => `  ${markup}`),
          '</ul>',
        ]
      : []),
    ...(large.length > 0
      ? [
          '',
          '<div class="mt-4 grid items-start gap-3 lg:grid-cols-2">',
          ...large.map(({ markup }) => `  ${markup}`),
          '</div>',
        ]
      : []),
  );
}
