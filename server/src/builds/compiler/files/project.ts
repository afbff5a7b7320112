/** The files around an app's code: what it is called, how it is run, and what a newcomer should read first. */
import type { Spec } from '../../../../../contract/spec.ts';
import { typeWords } from '../../spec/kinds.ts';
import { file, markdown } from '../text.ts';

/** package.json, vibe.json, spec.json and README.md. */
export function projectFiles(spec: Spec, slug: string): [string, string][] {
  return [
    ['package.json', packageJson(slug)],
    ['vibe.json', json({ name: slug, mode: 'vibe-coded', uses: [], toolchain: 'sveltekit-3' })],
    ['spec.json', json(spec)],
    ['README.md', readme(spec)],
  ];
}

const json = (value: unknown): string => `${JSON.stringify(value, null, 2)}\n`;

const packageJson = (slug: string): string =>
  json({
    name: slug,
    private: true,
    type: 'module',
    scripts: {
      dev: 'vite dev',
      build: 'vite build',
      start: 'node build',
      check: 'svelte-kit sync && svelte-check',
      test: 'vitest run',
      'test:browser': 'node tests/browser/run.ts',
    },
    imports: { '#lib/*': './src/lib/*' },
  });

function readme(spec: Spec): string {
  const lists = spec.entities.map((entity) => {
    const fields = entity.fields.map((field) => `${markdown(field.name)} (${typeWords[field.type]})`).join(', ');
    return `- **${markdown(entity.plural)}**: ${fields}`;
  });
  return file(
    `# ${markdown(spec.title)}`,
    '',
    ...(lists.length > 0 ? ['It keeps:', '', ...lists] : ['It keeps nothing yet.']),
    '',
    '## Where things are',
    '',
    '- `src/lib/<list>.ts`: the fields of a list, checked in the browser and on the server by the same schema',
    '- `src/lib/server/<list>.ts`: its SQL',
    '- `src/routes/<list>/`: its pages',
    '- `src/lib/components/`: the parts that pages are made of; `src/app.css` and `src/theme.css` are the look',
    '- `changes/`: how the database came to be what it is. They are written for you when the spec changes',
    '- `spec.json`: what the app keeps. Change it by asking for it; your own edits of the code stay',
    '',
    '## Working on it',
    '',
    '`npm run check` checks types, `npm test` runs the tests, `npm run test:browser` drives the running app in a browser',
    '(set `APP_URL`, and `APP_IDENTITY` to a signed identity token). The app finds its Postgres by `PGHOST`, `PGUSER`',
    'and `PGDATABASE`, and learns who signed in from the `x-vibe-identity` header.',
  );
}
