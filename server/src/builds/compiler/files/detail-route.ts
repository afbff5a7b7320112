/** One row of an entity: its page with what belongs to it, and the page that asks before it is deleted. */
import type { Entity, Field } from '../../../../../contract/spec.ts';
import { componentImports, maybeEmpty, namedImport, shown } from '../cells.ts';
import type { Context } from '../context.ts';
import { displayOf, namesOf } from '../names.ts';
import { attribute, file, markup, quoted, slot, template } from '../text.ts';
import { relatedLoader, relatedParts } from './related.ts';
import { rowHead } from './row-head.ts';

/** src/routes/<list>/[id]/ and [id]/delete/ */
export function detailRoute(context: Context, entity: Entity): [string, string][] {
  const route = `src/routes/${entity.slug}/[id]`;
  const related = relatedLoader(context, entity);
  return [
    [`${route}/+layout.server.ts`, loader(entity)],
    ...(related ? [[`${route}/+page.server.ts`, related] as [string, string]] : []),
    [`${route}/+page.svelte`, page(context, entity)],
    [`${route}/delete/+page.server.ts`, remove(context, entity)],
    [`${route}/delete/+page.svelte`, removePage(context, entity)],
  ];
}

function loader(entity: Entity): string {
  const { type, one, slug } = namesOf(entity);
  return file(
    "import { error } from '@sveltejs/kit';",
    `import { get${type} } from '#lib/server/${slug}.ts';`,
    "import type { LayoutServerLoad } from './$types';",
    '',
    'export const load: LayoutServerLoad = async ({ params }) => {',
    `  const ${one} = await get${type}(params.id);`,
    `  if (!${one}) error(404);`,
    `  return { ${one} };`,
    '};',
  );
}

function page(context: Context, entity: Entity): string {
  const { words } = context;
  const { one, slug } = namesOf(entity);
  const display = displayOf(entity);
  const head = rowHead(context, entity);
  const fields = entity.fields.filter((field) => field !== display || entity.link);
  const details = fields.map((field) => shown(context, entity, field, one));
  const related = relatedParts(context, entity);
  const warning = warningOf(context, entity);
  return file(
    '<script lang="ts">',
    "  import { title } from '#lib/app.ts';",
    namedImport([...head.needs.choices, ...details.flatMap((detail) => detail.choices)], `#lib/${slug}.ts`),
    ...related.imports,
    namedImport(
      [...head.needs.functions, ...details.flatMap((detail) => detail.functions), ...related.functions],
      '#lib/format.ts',
    ),
    ...componentImports([
      'DeleteButton',
      ...(fields.length > 0 ? ['Detail', 'Details'] : []),
      ...details.flatMap((detail) => detail.components),
      ...related.components,
    ]),
    '',
    '  let { data } = $props();',
    '',
    ...head.lines,
    '</script>',
    '',
    '<svelte:head>',
    '  <title>{name} · {title}</title>',
    '</svelte:head>',
    '',
    `<a class="text-quiet hover:text-ink" href="/${slug}">← ${markup(entity.plural)}</a>`,
    '',
    '<div class="mt-2 flex max-w-3xl flex-wrap items-start gap-x-2 gap-y-3">',
    `  <h1 class="min-w-0 flex-1 basis-64 text-2xl font-bold${display.type === 'longtext' ? ' whitespace-pre-line' : ''}">{name}</h1>`,
    `  <a class="button" href="/${slug}/{${one}.id}/edit">${markup(words.edit)}</a>`,
    `  <DeleteButton href="/${slug}/{${one}.id}/delete" {name}${warning ? ` ${attribute('warning', warning)}` : ''} />`,
    '</div>',
    ...(fields.length > 0
      ? ['', '<Details>', ...fields.map((field, index) => detail(field, details[index]!.markup, one)), '</Details>']
      : []),
    ...related.sections,
  );
}

function detail(field: Field, content: string, one: string): string {
  const value = `${one}.${field.column}`;
  const label = attribute('label', field.name);
  if (field.type === 'image') content = content.replace('<Picture ', '<Picture large ');
  const body = field.type === 'longtext' ? `<p class="whitespace-pre-line">${content}</p>` : content;
  if (!maybeEmpty(field)) return `  <Detail ${label}>${body}</Detail>`;
  return `  <Detail ${label}>{#if ${value} !== null}${body}{:else}<span class="text-quiet">–</span>{/if}</Detail>`;
}

/** What goes along when a row is deleted. */
function warningOf(context: Context, entity: Entity): string | undefined {
  const along = context.pointersTo(entity).filter(({ field }) => field.onDelete === 'delete');
  return along.length > 0
    ? context.words.goneWith([...new Set(along.map((pointer) => pointer.entity.plural))])
    : undefined;
}

function remove(context: Context, entity: Entity): string {
  const { type, slug } = namesOf(entity);
  const refuses = context.pointersTo(entity).some(({ field }) => field.onDelete === 'refuse');
  const deleted = `await delete${type}(params.id);`;
  return file(
    "import { redirect } from '@sveltejs/kit';",
    `import { delete${type} } from '#lib/server/${slug}.ts';`,
    refuses && "import { isTied } from '#lib/server/db.ts';",
    "import { setFlash } from '#lib/server/flash.ts';",
    "import type { Actions } from './$types';",
    '',
    'export const actions: Actions = {',
    '  default: async ({ params, cookies }) => {',
    ...(refuses
      ? [
          '    try {',
          `      ${deleted}`,
          '    } catch (error) {',
          '      if (!isTied(error)) throw error;',
          `      setFlash(cookies, ${quoted(context.words.stillUsed)});`,
          `      redirect(303, ${template(`/${slug}/${slot('params.id')}`)});`,
          '    }',
        ]
      : [`    ${deleted}`]),
    `    setFlash(cookies, ${quoted(context.words.wasRemoved(entity.name))});`,
    `    redirect(303, '/${slug}');`,
    '  },',
    '};',
  );
}

function removePage(context: Context, entity: Entity): string {
  const { words } = context;
  const { one, slug } = namesOf(entity);
  const head = rowHead(context, entity);
  return file(
    '<script lang="ts">',
    "  import { enhance } from '$app/forms';",
    "  import { title } from '#lib/app.ts';",
    ...head.imports,
    "  import { words } from '#lib/words.ts';",
    '',
    '  let { data } = $props();',
    '',
    ...head.lines,
    '</script>',
    '',
    '<svelte:head>',
    '  <title>{words.removeAsk(name)} · {title}</title>',
    '</svelte:head>',
    '',
    '<h1 class="text-2xl font-bold">{words.removeAsk(name)}</h1>',
    `<p class="mt-1">${markup(warningOf(context, entity) ?? words.gone)}</p>`,
    '<form method="POST" use:enhance class="mt-5 flex gap-2">',
    `  <button class="button danger">${markup(words.remove)}</button>`,
    `  <a class="button plain" href="/${slug}/{${one}.id}">${markup(words.keep)}</a>`,
    '</form>',
  );
}
