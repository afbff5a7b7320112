/** Makes a repository's tree an app's folder: leaves out what does not belong, has it built for Node, and says so in plain words. */
import type { Files } from '../../containers/trees.ts';
import { AppError } from '../../errors.ts';
import { checkPath } from '../files/paths.ts';
import { LOCK_FILE, MANIFEST_FILE } from '../packages/needs.ts';
import { exactVersion, packageName } from '../packages/schema.ts';

export interface Adapted {
  files: Files;
  notes: string[];
  title: string;
  /** packages beside the toolchain; `version` undefined: the newest stable one */
  wanted: { name: string; version: string | undefined; dev: boolean }[];
}

interface Manifest {
  name?: unknown;
  dependencies?: Record<string, unknown>;
  devDependencies?: Record<string, unknown>;
}

const LEFT_OUT = /^(node_modules|\.svelte-kit|\.git|\.github|\.vscode|\.idea|build|dist|\.vercel|\.netlify|changes)$/;
const SECRET = /^\.env(\..*)?$/i;
const OF_PLACES =
  /^(package-lock\.json|npm-shrinkwrap\.json|yarn\.lock|pnpm-lock\.yaml|pnpm-workspace\.yaml|bun\.lockb?|\.npmrc|\.yarnrc.*|\.gitattributes|\.gitmodules|spec\.json|vibe\.json)$/;
/** Nobody runs them here. */
const TOOLS =
  /^(eslint|prettier|typescript-eslint|husky|lint-staged|globals|playwright|@playwright\/.*|@eslint\/.*|eslint-.*|prettier-.*|@sveltejs\/adapter-.*|@sveltejs\/package|publint|svelte-package)$/;
const ADAPTER = /(['"])@sveltejs\/adapter-(?!node\1)[a-z-]+\1/g;
const DATABASES = [
  'pg',
  'postgres',
  '@prisma/client',
  'drizzle-orm',
  'kysely',
  'better-sqlite3',
  'mysql2',
  'mongodb',
  '@supabase/supabase-js',
];

/** @param tools what every app has, by name @throws AppError `import_not_sveltekit` */
export function adaptRepository(found: Files, linked: string[], tools: ReadonlyMap<string, string>): Adapted {
  const notes: string[] = [];
  const files: Files = new Map();
  const odd: string[] = [...linked];
  const secrets: string[] = [];
  const pointers: string[] = [];
  for (const [path, content] of found) {
    const parts = path.split('/');
    if (parts.some((part) => SECRET.test(part))) secrets.push(path);
    else if (
      parts.some((part, index) => LEFT_OUT.test(part) && (index === 0 || part === 'node_modules' || part === '.git'))
    )
      continue;
    else if (parts.length === 1 && OF_PLACES.test(path)) continue;
    else if (!checkPath(path, 'platform').ok) odd.push(path);
    else {
      if (content.subarray(0, 60).toString().startsWith('version https://git-lfs')) pointers.push(path);
      files.set(path, content);
    }
  }
  const manifest = readManifest(files);
  const all = { ...manifest.devDependencies, ...manifest.dependencies };
  const kit = String(all['@sveltejs/kit']);
  const major = /\d+/.exec(kit)?.[0];
  const here = /^\d+/.exec(tools.get('@sveltejs/kit') ?? '')?.[0];
  notes.push(
    major === here || !major
      ? `It is made with SvelteKit ${major ?? here}.`
      : `It is made for SvelteKit ${major}; here it runs with SvelteKit ${here}, so some of it may need to change.`,
  );
  notes.push(...adaptConfig(files));
  const locked = lockedVersions(found.get(LOCK_FILE));
  const { wanted, elsewhere } = wantedPackages(manifest, tools, locked);
  if (elsewhere.length > 0)
    notes.push(`Left out, because only packages of the registry are installed: ${list(elsewhere)}.`);
  const database = DATABASES.filter((name) => Object.hasOwn(all, name));
  const asks = [...files].some(([path, content]) => /\.(ts|js|svelte)$/.test(path) && content.includes('DATABASE_URL'));
  if (asks || database.length > 0)
    notes.push(
      `It uses a database of its own${database.length > 0 ? ` (${list(database)})` : ''}. Here an app reaches Postgres by PGHOST, PGUSER and PGDATABASE, with the tables that its changes make; say in the chat how its tables should come along.`,
    );
  else notes.push('It has no database of its own.');
  if (secrets.length > 0) notes.push(`Left out, because they may hold secrets: ${list(secrets)}.`);
  if (odd.length > 0)
    notes.push(`Left out, because they are links, submodules or names that cannot be used here: ${list(odd)}.`);
  if (pointers.length > 0)
    notes.push(`Only pointers, because large files are kept elsewhere (LFS): ${list(pointers)}.`);
  return { files, notes, title: titleOf(manifest, files), wanted };
}

function readManifest(files: Files): Manifest {
  let manifest: Manifest | undefined;
  try {
    manifest = JSON.parse(files.get(MANIFEST_FILE)?.toString() ?? '') as Manifest;
  } catch {
    manifest = undefined;
  }
  const names = { ...manifest?.devDependencies, ...manifest?.dependencies };
  if (!manifest || typeof manifest !== 'object' || !Object.hasOwn(names, '@sveltejs/kit'))
    throw new AppError('import_not_sveltekit', 'invalid', 'This repository is no SvelteKit app.', {
      detail: 'Its package.json must stand at the top and name @sveltejs/kit.',
    });
  return manifest;
}

const STANDARD = `import adapter from '@sveltejs/adapter-node';
import { sveltekit } from '@sveltejs/kit/vite';
import { defineConfig } from 'vite';

export default defineConfig({ plugins: [sveltekit({ adapter: adapter() })] });
`;

/** Has it built for Node, where a container's apps run. Since SvelteKit 3 its settings stand in Vite's. */
function adaptConfig(files: Files): string[] {
  const notes: string[] = [];
  const vite = ['vite.config.ts', 'vite.config.js', 'vite.config.mjs'].find((path) => files.has(path));
  const svelte = ['svelte.config.js', 'svelte.config.ts', 'svelte.config.mjs'].find((path) => files.has(path));
  for (const path of [vite, svelte]) {
    const text = path ? files.get(path)!.toString() : undefined;
    if (!path || !text?.match(ADAPTER)) continue;
    const before = text.match(ADAPTER)![0].slice(1, -1);
    files.set(path, Buffer.from(withoutOptions(text.replace(ADAPTER, '$1@sveltejs/adapter-node$1'))));
    notes.push(`It was built with ${before}; now with @sveltejs/adapter-node, which runs here.`);
  }
  const config = vite ? files.get(vite)!.toString() : '';
  const takes = /\bsveltekit\(\s*\)/;
  if (!vite || (svelte && !takes.test(config)) || !config.includes('sveltekit(')) {
    if (vite) files.delete(vite);
    files.set('vite.config.ts', Buffer.from(STANDARD));
    notes.push(
      vite
        ? `Its ${vite} cannot be read for a preview, so it has a plain one now.`
        : 'It had no Vite settings; it has plain ones now.',
    );
  } else if (svelte) {
    const moved = svelte.replace('svelte.config', 'svelte.options');
    files.set(moved, files.get(svelte)!);
    const head = `import adapterForNode from '@sveltejs/adapter-node';\nimport svelteOptions from './${moved}';\n`;
    const tail = `\n\nfunction kitOptions({ kit = {}, ...rest }: Record<string, any>) {\n  return { ...rest, ...kit, adapter: adapterForNode() };\n}\n`;
    const plain = vite.endsWith('.ts') ? tail : tail.replace(': Record<string, any>', '');
    files.set(
      vite,
      Buffer.from(head + config.replace(takes, 'sveltekit(kitOptions(svelteOptions))').trimEnd() + plain),
    );
    notes.push(`Its settings moved from ${svelte} to ${moved}, where SvelteKit of today is given them by ${vite}.`);
  } else if (takes.test(config)) {
    const head = `import adapterForNode from '@sveltejs/adapter-node';\n`;
    files.set(vite, Buffer.from(head + config.replace(takes, 'sveltekit({ adapter: adapterForNode() })')));
    notes.push('It named no adapter; now it is built with @sveltejs/adapter-node.');
  }
  if (svelte) files.delete(svelte);
  for (const path of ['tsconfig.json', 'jsconfig.json']) {
    const text = files.get(path)?.toString();
    if (text?.includes('./.svelte-kit/tsconfig.json'))
      files.set(path, Buffer.from(text.replace('./.svelte-kit/tsconfig.json', '$app/tsconfig')));
  }
  return notes;
}

/** `adapter({ … })` of another adapter means nothing to this one. */
function withoutOptions(text: string): string {
  const name = /import\s+(\w+)\s+from\s+['"]@sveltejs\/adapter-node['"]/.exec(text)?.[1];
  const at = name ? text.search(new RegExp(`\\b${name}\\(\\s*\\{`)) : -1;
  if (at < 0) return text;
  const open = text.indexOf('(', at);
  let depth = 0;
  for (let end = open; end < text.length; end++) {
    if (text[end] === '(') depth++;
    if (text[end] === ')' && --depth === 0) return `${text.slice(0, open)}()${text.slice(end + 1)}`;
  }
  return text;
}

function wantedPackages(manifest: Manifest, tools: ReadonlyMap<string, string>, locked: Map<string, string>) {
  const wanted: Adapted['wanted'] = [];
  const elsewhere: string[] = [];
  for (const [dev, map] of [
    [false, manifest.dependencies],
    [true, manifest.devDependencies],
  ] as const)
    for (const [name, range] of Object.entries(map ?? {})) {
      if (tools.has(name) || TOOLS.test(name) || wanted.some((one) => one.name === name)) continue;
      if (!packageName.safeParse(name).success || typeof range !== 'string' || /[:/]/.test(range))
        elsewhere.push(name.slice(0, 80));
      else {
        const base = /^[\^~]?\s*(\d+\.\d+\.\d+[^\s|<>]*)$/.exec(range)?.[1];
        const version = locked.get(name) ?? base;
        wanted.push({ name, dev, version: exactVersion.safeParse(version).success ? version : undefined });
      }
    }
  return { wanted, elsewhere };
}

/** The versions that the repository's own lockfile names, where npm wrote it. */
function lockedVersions(lock: Buffer | undefined): Map<string, string> {
  try {
    const { packages = {} } = JSON.parse(lock?.toString() ?? '{}') as {
      packages?: Record<string, { version?: string; resolved?: string }>;
    };
    return new Map(
      Object.entries(packages).flatMap(([place, one]) => {
        const name = /^node_modules\/((?:@[^/]+\/)?[^/]+)$/.exec(place)?.[1];
        return name && exactVersion.safeParse(one?.version).success ? [[name, one.version!] as const] : [];
      }),
    );
  } catch {
    return new Map();
  }
}

function titleOf(manifest: Manifest, files: Files): string {
  const heading = /^#\s+([^\n#`<[]{2,60})$/m.exec(files.get('README.md')?.toString().slice(0, 4000) ?? '')?.[1]?.trim();
  const name =
    typeof manifest.name === 'string'
      ? manifest.name
          .replace(/^@[^/]+\//, '')
          .replace(/[-_.]+/g, ' ')
          .trim()
      : '';
  const title = heading || name || 'Imported app';
  return (title.charAt(0).toUpperCase() + title.slice(1)).slice(0, 80);
}

const list = (names: string[]): string =>
  names.length > 8 ? `${names.slice(0, 8).join(', ')} and ${names.length - 8} more` : names.join(', ');
