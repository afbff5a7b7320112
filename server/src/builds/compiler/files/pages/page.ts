/** What every page beyond the list is made of: a loader, and a component with the same head. */
import type { Entity, Field, Page } from '../../../../../../contract/spec.ts';
import { componentImports, namedImport } from '../../cells.ts';
import type { Context } from '../../context.ts';
import { namesOf } from '../../names.ts';
import { file, markup } from '../../text.ts';
import { viewLinks } from '../views.ts';

export interface PageParts {
  context: Context;
  page: Page;
  entity: Entity;
}

/** The field of an entity that a page names. */
export const fieldOf = (entity: Entity, id: string): Field => entity.fields.find((field) => field.id === id)!;

/** +page.server.ts and +page.svelte of a page */
export const pageFiles = (page: Page, loader: string, component: string): [string, string][] => [
  [`src/routes/${page.slug}/+page.server.ts`, loader],
  [`src/routes/${page.slug}/+page.svelte`, component],
];

export interface Needs {
  /** from the entity's module */
  model?: string[];
  functions?: string[];
  components?: string[];
  /** more lines of imports */
  imports?: string[];
}

/** A page's component: its head, the way to the entity's other views, and its body. */
export function pageComponent({ context, page, entity }: PageParts, needs: Needs, body: string[], add = true): string {
  const { slug } = namesOf(entity);
  return file(
    '<script lang="ts">',
    namedImport(needs.model ?? [], `#lib/${slug}.ts`),
    "  import { title } from '#lib/app.ts';",
    namedImport(needs.functions ?? [], '#lib/format.ts'),
    ...componentImports([...(needs.components ?? []), 'Views']),
    ...(needs.imports ?? []),
    '',
    '  let { data } = $props();',
    '</script>',
    '',
    '<svelte:head>',
    `  <title>${markup(page.name)} · {title}</title>`,
    '</svelte:head>',
    '',
    '<div class="flex flex-wrap items-center gap-x-3 gap-y-2">',
    `  <h1 class="text-2xl font-bold">${markup(page.name)}</h1>`,
    add && `  <a class="button no-print ml-auto" href="/${slug}/new">${markup(context.words.add(entity.name))}</a>`,
    '</div>',
    viewLinks(context, entity)!,
    '',
    ...body,
  );
}
