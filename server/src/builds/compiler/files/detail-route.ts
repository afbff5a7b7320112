/** One row of an entity: its page, and the page that asks before it is deleted. */
import type { Entity, Field } from '../../../../../contract/spec.ts';
import { componentImports, maybeEmpty, namedImport, shown, titleExpression, titleNeeds } from '../cells.ts';
import { displayOf, namesOf } from '../names.ts';
import { attribute, file, lower, markup, quoted } from '../text.ts';

/** src/routes/<list>/[id]/ and [id]/delete/ */
export function detailRoute(entity: Entity): [string, string][] {
  const route = `src/routes/${entity.slug}/[id]`;
  return [
    [`${route}/+layout.server.ts`, loader(entity)],
    [`${route}/+page.svelte`, page(entity)],
    [`${route}/delete/+page.server.ts`, remove(entity)],
    [`${route}/delete/+page.svelte`, removePage(entity)],
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

function page(entity: Entity): string {
  const { one, slug } = namesOf(entity);
  const display = displayOf(entity);
  const needs = titleNeeds(entity, display);
  const fields = entity.fields.filter((field) => field !== display);
  const details = fields.map((field) => shown(entity, field, `${one}.${field.column}`));
  return file(
    '<script lang="ts">',
    "  import { title } from '#lib/app.ts';",
    namedImport([...needs.choices, ...details.flatMap((detail) => detail.choices)], `#lib/${slug}.ts`),
    namedImport([...needs.functions, ...details.flatMap((detail) => detail.functions)], '#lib/format.ts'),
    ...componentImports([
      'DeleteButton',
      ...(fields.length > 0 ? ['Detail', 'Details'] : []),
      ...details.flatMap((detail) => detail.components),
    ]),
    '',
    '  let { data } = $props();',
    '',
    `  const ${one} = $derived(data.${one});`,
    `  const name = $derived(${titleExpression(entity, display, one)});`,
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
    `  <a class="button" href="/${slug}/{${one}.id}/edit">Edit</a>`,
    `  <DeleteButton href="/${slug}/{${one}.id}/delete" {name} />`,
    '</div>',
    ...(fields.length > 0
      ? [
          '',
          '<Details>',
          ...fields.map((field, index) => detail(field, details[index]!.markup, `${one}.${field.column}`)),
          '</Details>',
        ]
      : []),
  );
}

function detail(field: Field, content: string, value: string): string {
  const label = attribute('label', field.name);
  const body = field.type === 'longtext' ? `<p class="whitespace-pre-line">${content}</p>` : content;
  if (!maybeEmpty(field)) return `  <Detail ${label}>${body}</Detail>`;
  return `  <Detail ${label}>{#if ${value} !== null}${body}{:else}<span class="text-quiet">–</span>{/if}</Detail>`;
}

function remove(entity: Entity): string {
  const { type, slug } = namesOf(entity);
  return file(
    "import { redirect } from '@sveltejs/kit';",
    `import { delete${type} } from '#lib/server/${slug}.ts';`,
    "import { setFlash } from '#lib/server/flash.ts';",
    "import type { Actions } from './$types';",
    '',
    'export const actions: Actions = {',
    '  default: async ({ params, cookies }) => {',
    `    await delete${type}(params.id);`,
    `    setFlash(cookies, ${quoted(`The ${lower(entity.name)} was deleted.`)});`,
    `    redirect(303, '/${slug}');`,
    '  },',
    '};',
  );
}

function removePage(entity: Entity): string {
  const { one, slug } = namesOf(entity);
  const display = displayOf(entity);
  const needs = titleNeeds(entity, display);
  return file(
    '<script lang="ts">',
    "  import { enhance } from '$app/forms';",
    "  import { title } from '#lib/app.ts';",
    namedImport(needs.choices, `#lib/${slug}.ts`),
    namedImport(needs.functions, '#lib/format.ts'),
    '',
    '  let { data } = $props();',
    '',
    `  const ${one} = $derived(data.${one});`,
    `  const name = $derived(${titleExpression(entity, display, one)});`,
    '</script>',
    '',
    '<svelte:head>',
    '  <title>Delete {name} · {title}</title>',
    '</svelte:head>',
    '',
    '<h1 class="text-2xl font-bold">Delete “{name}”?</h1>',
    '<p class="mt-1">It will be gone for good.</p>',
    '<form method="POST" use:enhance class="mt-5 flex gap-2">',
    '  <button class="button danger">Delete</button>',
    `  <a class="button plain" href="/${slug}/{${one}.id}">Keep it</a>`,
    '</form>',
  );
}
