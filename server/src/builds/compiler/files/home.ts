/** Where an app starts: nothing yet, the one list, or an overview of several. */
import type { Entity, Spec } from '../../../../../contract/spec.ts';
import type { Words } from '../../../../../templates/words/en.ts';
import type { Context } from '../context.ts';
import { namesOf } from '../names.ts';
import { attribute, file, quoted } from '../text.ts';

/** src/lib/app.ts and the start page. */
export function homeFiles({ spec, words }: Context): [string, string][] {
  const lists = spec.entities.filter((entity) => !entity.link);
  const files: [string, string][] = [['src/lib/app.ts', app(spec, lists)]];
  if (lists.length === 0) files.push(['src/routes/+page.svelte', nothingYet(words)]);
  else if (lists.length === 1) files.push(['src/routes/+page.server.ts', straightTo(lists[0]!.slug)]);
  else files.push(['src/routes/+page.server.ts', counts(lists)], ['src/routes/+page.svelte', overview(lists)]);
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

const counts = (lists: Entity[]): string =>
  file(
    "import { read } from '#lib/server/db.ts';",
    "import type { PageServerLoad } from './$types';",
    '',
    'export const load: PageServerLoad = async () => {',
    '  const [counts] = await read<Record<string, number>>(`',
    '    SELECT',
    lists
      .map((entity) => `      (SELECT count(*)::int FROM ${namesOf(entity).table}) AS ${namesOf(entity).table}`)
      .join(',\n'),
    '  `);',
    '  return { counts: counts! };',
    '};',
  );

const overview = (lists: Entity[]): string =>
  file(
    '<script lang="ts">',
    "  import { title } from '#lib/app.ts';",
    "  import ListCard from '#lib/components/ListCard.svelte';",
    '',
    '  let { data } = $props();',
    '</script>',
    '',
    '<h1 class="text-2xl font-bold">{title}</h1>',
    '',
    '<ul class="mt-6 grid gap-3 sm:grid-cols-2 lg:grid-cols-3">',
    ...lists.map((entity) => {
      const labels = `${attribute('one', entity.name)} ${attribute('many', entity.plural)}`;
      return `  <ListCard href="/${entity.slug}" ${labels} amount={data.counts.${namesOf(entity).table}!} />`;
    }),
    '</ul>',
  );
