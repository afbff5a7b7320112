/** What each kind of sandbox of an app sees: its folder, the toolchain, its database's socket. One function per kind. */
import { lchownSync, lstatSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { AppError } from '../errors.ts';
import type { SandboxLimits, SandboxMount, SandboxSpec } from './driver.ts';

export interface InstancePlan {
  spec: SandboxSpec;
  /** File name below /run/sbx. */
  socket: string;
  /** Time between SIGTERM and SIGKILL. */
  graceMs: number;
  /** What is asked for until it answers; left out: the first page. */
  probe?: string;
}

interface Common {
  /** Unique among living sandboxes; lower-case letters, digits, dashes. */
  id: string;
  /** The toolchain's node_modules. */
  modules: string;
  /** What the app needs beside it: a layer's node_modules. Node looks there first. */
  layer?: string | undefined;
  /** Folder that holds `.s.PGSQL.5432`; left out: no database. */
  pgDir?: string;
  /** What the app is told: VIBE_IDENTITY_PUBLIC_KEY, VIBE_APP_AUDIENCE, ORIGIN, … */
  env?: Record<string, string>;
  limits?: Partial<SandboxLimits>;
}

const SOCKET = 'http.sock';
const OWN_MODULES = '/w/app/node_modules';
/** What SvelteKit, Vite and Vitest write in an app's node_modules, also beside a layer, which is read-only. */
export const WRITTEN_MODULES = ['$app', '.vite', '.vite-temp', '.vitest-cache'];

const ownModules = (layer: string | undefined): SandboxSpec['tmpfs'] =>
  layer
    ? WRITTEN_MODULES.map((name) => ({ target: `${OWN_MODULES}/${name}`, sizeMb: 64 }))
    : [{ target: OWN_MODULES, sizeMb: 64 }];
const MODERATE = { processes: 200, fileSizeMb: 64, openFiles: 4_096 };
/** Measured: the dev server of a small app takes 200 MB, an adapter-node server 60 MB, a build 400 MB. */
const LIMITS: Record<'preview' | 'release' | 'work', SandboxLimits> = {
  preview: { memoryMb: 768, cpuPercent: 200, ...MODERATE },
  release: { memoryMb: 384, cpuPercent: 100, ...MODERATE },
  work: { memoryMb: 1_536, cpuPercent: 200, ...MODERATE },
};

/** By the command line, because SvelteKit's threads take that over. */
const WITHOUT_TYPESCRIPT = ['--import', '/w/runners/without-typescript.mjs'];
const LOADS_KIT = new Set(['preview.mjs', 'build.mjs']);

/** The dev server over a worktree's app folder, which stays read-only: only the file helper writes there. */
export function previewPlan(options: Common & { appDir: string; viteSeed?: string }): InstancePlan {
  makeMountPoints(options.appDir);
  const mounts: SandboxMount[] = [{ source: options.appDir, target: '/w/app', mode: 'ro' }];
  if (options.viteSeed) mounts.push({ source: options.viteSeed, target: '/w/vite-seed', mode: 'ro' });
  const tmpfs = [
    { target: '/tmp', sizeMb: 256 },
    { target: '/w/app/.svelte-kit', sizeMb: 64 },
    ...ownModules(options.layer),
  ];
  const spec = specOf(options, 'preview', 'preview.mjs', { NODE_ENV: 'development' });
  return { spec: { ...spec, mounts: [...mounts, ...spec.mounts], tmpfs }, socket: SOCKET, graceMs: 1_000 };
}

/** A release's server over its immutable folder. */
export function releasePlan(options: Common & { releaseDir: string }): InstancePlan {
  const env = {
    NODE_ENV: 'production',
    SOCKET_PATH: `/run/sbx/${SOCKET}`,
    PROTOCOL_HEADER: 'x-forwarded-proto',
    HOST_HEADER: 'x-forwarded-host',
    BODY_SIZE_LIMIT: '10M',
    SHUTDOWN_TIMEOUT: '30',
  };
  const spec = specOf(options, 'release', 'serve.mjs', env);
  const app: SandboxMount = { source: join(options.releaseDir, 'app'), target: '/w/app', mode: 'ro' };
  const tmpfs = [{ target: '/tmp', sizeMb: 64 }];
  return {
    spec: { ...spec, mounts: [app, ...spec.mounts], tmpfs },
    socket: SOCKET,
    graceMs: 32_000,
    // a file: whoever waits for the app to wake does not wait for a page that nobody asked for
    probe: '/_app/version.json',
  };
}

/** A build or a check: runs to its end over an exported tree, which it may write. */
export function workPlan(
  options: Common & { treeDir: string; runner: 'build.mjs' | 'check.mjs'; maxMb: number },
): SandboxSpec {
  if (options.layer) makeMountPoints(options.treeDir);
  const spec = specOf(
    options,
    'work',
    options.runner,
    options.runner === 'build.mjs' ? { NODE_ENV: 'production' } : {},
  );
  const tree: SandboxMount = { source: options.treeDir, target: '/w/app', mode: 'rw', maxMb: options.maxMb };
  const tmpfs = [{ target: '/tmp', sizeMb: 256 }];
  if (options.layer) tmpfs.push(...ownModules(options.layer));
  return { ...spec, mounts: [tree, ...spec.mounts], tmpfs };
}

/**
 * In a read-only folder a tmpfs needs a folder to stand on. They belong to whoever has the app's folder, because the file helper
 * keeps its journal in one of them.
 */
export function makeMountPoints(appDir: string): void {
  const owner = lstatSync(appDir);
  for (const name of ['.svelte-kit', 'node_modules']) {
    const path = join(appDir, name);
    const found = lstatSync(path, { throwIfNoEntry: false });
    if (found?.isDirectory()) continue;
    if (found) throw new AppError('mount_point', 'conflict', `"${name}" in the app must be a folder.`);
    mkdirSync(path, { mode: 0o755 });
    if (process.getuid?.() === 0) lchownSync(path, owner.uid, owner.gid);
  }
}

function specOf(options: Common, kind: keyof typeof LIMITS, runner: string, env: Record<string, string>): SandboxSpec {
  const limits = { ...LIMITS[kind], ...options.limits };
  const mounts: SandboxMount[] = [
    { source: options.modules, target: '/w/node_modules', mode: 'ro' },
    { source: fileURLToPath(new URL('./runners', import.meta.url)), target: '/w/runners', mode: 'ro' },
  ];
  const database: Record<string, string> = options.pgDir ? { PGHOST: '/run/pg', PGUSER: 'app', PGDATABASE: 'app' } : {};
  if (options.layer) mounts.push({ source: options.layer, target: OWN_MODULES, mode: 'ro' });
  if (options.pgDir) mounts.push({ source: options.pgDir, target: '/run/pg', mode: 'ro' });
  return {
    id: options.id,
    command: ['node', '--no-warnings', ...(LOADS_KIT.has(runner) ? WITHOUT_TYPESCRIPT : []), `/w/runners/${runner}`],
    // V8 sees the machine's memory, not the sandbox's: without this it would grow until it is ended.
    env: {
      NODE_OPTIONS: `--max-old-space-size=${Math.floor(limits.memoryMb * 0.7)}`,
      ...database,
      ...env,
      ...options.env,
    },
    mounts,
    tmpfs: [],
    workdir: '/w/app',
    limits,
    stdin: 'ignore',
  };
}
