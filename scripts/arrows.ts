/**
 * The permitted arrows between folders (ARCHITECTURE.md draws them). Our own fifty lines because the usual linters for this read TypeScript
 * through its compiler's API, which TypeScript 7 does not publish yet: they would look at no file and find nothing wrong.
 */
import { readFileSync } from 'node:fs';
import { glob } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseSync } from 'oxc-parser';

const ROOT = fileURLToPath(new URL('..', import.meta.url));

/** What each domain may import beside itself, contract, db, errors, events and jobs: path prefixes below server/src. */
const DOMAINS: Record<string, string[]> = {
  accounts: ['containers/slugs'],
  apps: ['accounts', 'containers/slugs', 'databases/acts', 'hosting/gateway/addresses'],
  builds: [],
  containers: ['databases'],
  databases: [],
  conversations: ['accounts', 'containers/slugs', 'hosting/api', 'hosting/gateway/addresses'],
  gates: [
    'hosting/api',
    'hosting/browser/schema',
    'hosting/files/schema',
    'hosting/imports/schema',
    'hosting/packages/schema',
    'hosting/sql-schema',
  ],
  agents: ['accounts', 'builds', 'conversations', 'gates', 'hosting/api'],
  hosting: ['accounts', 'apps', 'builds', 'containers', 'databases', 'shipping'],
  shipping: ['apps', 'builds', 'containers', 'databases', 'hosting'],
};
/** What the ground stands on. */
const GROUND: Record<string, string[]> = { db: [], jobs: ['db'], events: ['accounts/data-keys', 'db'] };
const EVERYBODY = ['db', 'errors', 'events', 'jobs'];

/** @returns why `from` may not import `to` (paths from the root), undefined when it may */
function objection(from: string, to: string): string | undefined {
  const inside = (path: string, folder: string) =>
    path === folder || path.startsWith(`${folder}/`) || path.startsWith(`${folder}.`);
  if (inside(from, 'contract')) return inside(to, 'contract') ? undefined : 'the contract imports nothing of ours';
  if (inside(from, 'web')) {
    if (inside(to, 'server')) return 'the web UI knows the contract only';
    if (!inside(from, 'web/src/app') && inside(to, 'web/src/app'))
      return from === 'web/src/main.tsx' ? undefined : 'features and components do not know routes';
    if ((inside(from, 'web/src/components') || inside(from, 'web/src/lib')) && inside(to, 'web/src/features'))
      return 'components know no feature';
    return undefined;
  }
  if (!inside(from, 'server/src') || !inside(to, 'server/src')) return undefined;
  const [source, target] = [from.slice('server/src/'.length), to.slice('server/src/'.length)];
  const home = source.split('/')[0]!;
  if (inside(source, 'main')) return undefined;
  if (inside(target, 'main')) return 'nobody imports main';
  if (target === 'config.ts')
    return home === 'http' || home === 'agents' ? undefined : 'settings are passed in, not imported';
  if (inside(target, home)) return undefined;
  if (home === 'http') return undefined;
  if (inside(target, 'http')) return 'http is imported by main only';
  const allowed = GROUND[home] ? [...GROUND[home], 'errors'] : [...EVERYBODY, ...(DOMAINS[home] ?? [])];
  return allowed.some((prefix) => inside(target, prefix))
    ? undefined
    : `${home} may not import ${target.split('/')[0]}`;
}

const wrong: string[] = [];
let read = 0;
for await (const file of glob(['contract/**/*.ts', 'server/src/**/*.ts', 'web/src/**/*.{ts,tsx}'], { cwd: ROOT })) {
  if (/\.test\.ts$|contract\.ts$|test-database|fixtures|workbench/.test(file) && !file.startsWith('contract/'))
    continue;
  read++;
  const { module } = parseSync(file, readFileSync(join(ROOT, file), 'utf8'));
  const targets = [
    ...module.staticImports.map((one) => one.moduleRequest.value),
    ...module.staticExports.flatMap((one) => one.entries.flatMap((entry) => entry.moduleRequest?.value ?? [])),
  ];
  for (const target of targets) {
    if (!target.startsWith('.')) continue;
    const to = relative(ROOT, join(ROOT, dirname(file), target));
    const why = objection(file, to);
    if (why) wrong.push(`${file} → ${to}: ${why}`);
  }
}
if (read < 100) wrong.push(`only ${read} files were read: the patterns are wrong`);
for (const line of wrong) console.error(line);
console.log(`${read} files, ${wrong.length} wrong arrows`);
process.exit(wrong.length > 0 ? 1 : 0);
