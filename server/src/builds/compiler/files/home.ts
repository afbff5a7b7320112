/** Where an app starts: nothing yet, the one list, or an overview of several. */
import type { Spec } from '../../../../../contract/spec.ts';
import { namesOf } from '../names.ts';
import { attribute, file, quoted } from '../text.ts';

/** src/lib/app.ts and the start page. */
export function homeFiles(spec: Spec): [string, string][] {
  const files: [string, string][] = [['src/lib/app.ts', app(spec)]];
  if (spec.entities.length === 0) files.push(['src/routes/+page.svelte', nothingYet]);
  else if (spec.entities.length === 1) files.push(['src/routes/+page.server.ts', straightTo(spec.entities[0]!.slug)]);
  else files.push(['src/routes/+page.server.ts', counts(spec)], ['src/routes/+page.svelte', overview(spec)]);
  return files;
}

const app = (spec: Spec): string =>
  file(
    `export const title = ${quoted(spec.title)};`,
    '',
    '/** The lists, as the navigation shows them. */',
    spec.entities.length === 0 && 'export const lists: { label: string; href: string }[] = [];',
    ...(spec.entities.length > 0
      ? [
          'export const lists = [',
          ...spec.entities.map((entity) => `  { label: ${quoted(entity.plural)}, href: '/${entity.slug}' },`),
          '];',
        ]
      : []),
  );

const nothingYet = file(
  '<script lang="ts">',
  "  import { title } from '#lib/app.ts';",
  "  import EmptyState from '#lib/components/EmptyState.svelte';",
  '</script>',
  '',
  '<h1 class="text-2xl font-bold">{title}</h1>',
  '',
  '<EmptyState',
  '  title="Nothing here yet"',
  '  text="Say in the chat what this app should keep track of, for example: books with title, author and a rating from 1 to 5."',
  '/>',
);

const straightTo = (slug: string): string =>
  file(
    "import { redirect } from '@sveltejs/kit';",
    "import type { PageServerLoad } from './$types';",
    '',
    `export const load: PageServerLoad = () => redirect(307, '/${slug}');`,
  );

const counts = (spec: Spec): string =>
  file(
    "import { read } from '#lib/server/db.ts';",
    "import type { PageServerLoad } from './$types';",
    '',
    'export const load: PageServerLoad = async () => {',
    '  const [counts] = await read<Record<string, number>>(`',
    '    SELECT',
    spec.entities
      .map((entity) => `      (SELECT count(*)::int FROM ${namesOf(entity).table}) AS ${namesOf(entity).table}`)
      .join(',\n'),
    '  `);',
    '  return { counts: counts! };',
    '};',
  );

const overview = (spec: Spec): string =>
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
    ...spec.entities.map((entity) => {
      const labels = `${attribute('one', entity.name)} ${attribute('many', entity.plural)}`;
      return `  <ListCard href="/${entity.slug}" ${labels} amount={data.counts.${namesOf(entity).table}!} />`;
    }),
    '</ul>',
  );
