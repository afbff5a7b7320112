/**
 * One installation: npm in a sandbox, over the toolchain's lockfile and what the app needs beside it. npm places packages as if the toolchain
 * were installed with them (so that peers fit, and nothing shadows it by accident); what is kept is only what the toolchain does not have.
 * Nothing that comes out of the sandbox is believed before it was looked at.
 */
import { execFile } from 'node:child_process';
import { constants } from 'node:fs';
import { lstat, mkdir, open, readdir, readFile, realpath, rename, stat, utimes, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { AppError } from '../../errors.ts';
import type { SandboxDriver, SandboxSpec } from '../driver.ts';
import { WRITTEN_MODULES } from '../plans.ts';
import { type RunResult, runToEnd } from '../run-to-end.ts';
import type { Toolchain } from '../toolchain.ts';
import { type Lock, type LockEntry, lockOf, type Needs, sorted, topOf } from './needs.ts';
import type { Registry } from './registry.ts';
import { RegistryDoor } from './registry-door.ts';

export interface InstallOptions {
  driver: SandboxDriver;
  /** unique among living sandboxes */
  id: string;
  /** of its own */
  folder: string;
  /** where the packages are put; its parent is there */
  modules: string;
  toolchain: Toolchain;
  registry: Registry;
  /** npm's own package */
  npmFolder: string;
  needs: Needs;
  /** places and versions that stay as they are where they can */
  known: Map<string, LockEntry>;
  limits?: Partial<InstallLimits>;
}

interface InstallLimits {
  loadBytes: number;
  timeoutMs: number;
  /** of what is kept */
  bytes: number;
  files: number;
}

const MB = 1024 * 1024;
const LIMITS: InstallLimits = { loadBytes: 400 * MB, timeoutMs: 180_000, bytes: 300 * MB, files: 60_000 };
const WORK_MB = 1_200;
const LARGEST_LOCK = 8 * MB;
/** Measured: npm takes 150 to 400 MB. */
const SANDBOX = { memoryMb: 1_280, processes: 120, cpuPercent: 200, fileSizeMb: 256, openFiles: 4_096 };

interface Tools {
  direct: Record<string, string>;
  packages: Record<string, LockEntry>;
  /** what npm noted of what it has installed */
  hidden: { packages: Record<string, object> } | undefined;
}

/** @returns what there is now beside the toolchain */
export async function install(options: InstallOptions): Promise<Lock> {
  const { folder, toolchain, needs } = options;
  const limits = { ...LIMITS, ...options.limits };
  const tools = await readTools(toolchain);
  const work = join(folder, 'work');
  await prepare(work, tools, needs, options.known);
  const door = await RegistryDoor.open(join(folder, 'door'), options.registry, limits.loadBytes);
  let run: RunResult;
  try {
    run = await runToEnd(options.driver, planOf(options, work, door.folder), { timeoutMs: limits.timeoutMs });
  } finally {
    await door.close();
  }
  if (run.reason !== 'exit' || run.code !== 0) throw failure(run, door);
  const lock = readResult(await readPlain(join(work, 'package-lock.json')), tools, needs);
  await keep(work, options.modules, lock, limits);
  return lock;
}

async function readTools({ folder, modules }: Toolchain): Promise<Tools> {
  const read = async (path: string) => JSON.parse(await readFile(path, 'utf8'));
  const [manifest, lock, hidden] = await Promise.all([
    read(join(folder, 'package.json')),
    read(join(folder, 'package-lock.json')),
    read(join(modules, '.package-lock.json')).catch(() => undefined),
  ]);
  const { '': _, ...packages } = lock.packages;
  return { direct: manifest.dependencies ?? {}, packages, hidden };
}

/** What every app has already, and in which version. */
export async function toolchainVersions(toolchain: Toolchain): Promise<ReadonlyMap<string, string>> {
  const { direct } = await readTools(toolchain);
  return new Map(Object.entries(direct));
}

/**
 * The folder as npm shall find it. The toolchain's packages are there as empty folders with npm's own note that they are installed, so it
 * loads only what is new; should it not believe that note one day, it loads them too, which is slow and comes to the same.
 */
async function prepare(work: string, tools: Tools, needs: Needs, known: Map<string, LockEntry>): Promise<void> {
  await mkdir(join(work, 'node_modules'), { recursive: true, mode: 0o755 });
  const root = {
    name: 'app',
    private: true,
    type: 'module',
    dependencies: sorted({ ...needs.dependencies, ...tools.direct }),
    devDependencies: Object.fromEntries(
      Object.entries(needs.devDependencies).filter(([name]) => !Object.hasOwn(tools.direct, name)),
    ),
  };
  await writeFile(join(work, 'package.json'), JSON.stringify(root));
  const packages = { '': root, ...Object.fromEntries(known), ...withoutPrograms(tools.packages) };
  const lock = { name: 'app', lockfileVersion: 3, requires: true, packages };
  await writeFile(join(work, 'package-lock.json'), JSON.stringify(lock));
  if (!tools.hidden) return;
  for (const place of Object.keys(tools.hidden.packages)) await mkdir(join(work, place), { recursive: true });
  const note = join(work, 'node_modules', '.package-lock.json');
  await writeFile(
    note,
    JSON.stringify({ ...tools.hidden, name: 'app', packages: withoutPrograms(tools.hidden.packages) }),
  );
  // npm believes a note that is newer than all folders
  const soon = Date.now() / 1000 + 60;
  await utimes(note, soon, soon);
}

/** A package whose program is not linked is loaded anew: here nobody runs any. */
const withoutPrograms = (packages: Record<string, object>): Record<string, object> =>
  Object.fromEntries(Object.entries(packages).map(([place, one]) => [place, { ...one, bin: undefined }]));

function planOf({ id, npmFolder, registry }: InstallOptions, work: string, door: string): SandboxSpec {
  return {
    id,
    command: ['node', '--no-warnings', '/w/runners/install.mjs'],
    env: { REGISTRY_PATH: registry.basePath, NODE_OPTIONS: '--max-old-space-size=896', NO_COLOR: '1' },
    mounts: [
      { source: work, target: '/w/work', mode: 'rw', maxMb: WORK_MB },
      { source: npmFolder, target: '/opt/npm', mode: 'ro' },
      { source: door, target: '/run/registry', mode: 'ro' },
      { source: fileURLToPath(new URL('../runners', import.meta.url)), target: '/w/runners', mode: 'ro' },
    ],
    tmpfs: [{ target: '/tmp', sizeMb: 64 }],
    workdir: '/w/work',
    limits: SANDBOX,
    stdin: 'ignore',
  };
}

/** Why npm gave up, in plain words; its own words are the detail. */
function failure(run: RunResult, door: RegistryDoor): AppError {
  const words = run.lastLines.replaceAll('/w/work/', '').trim();
  const code = /npm error code (\w+)/.exec(words)?.[1];
  const detail =
    [...door.refused]
      .map((what) => `Refused: ${what}`)
      .concat(words.slice(-2_000))
      .join('\n') || undefined;
  const say = (message: string) => new AppError('packages_fail', 'conflict', message, { detail });
  if (run.reason === 'timeout') return say('The packages could not be installed: it took too long.');
  if (run.reason === 'disk') return say('The packages could not be installed: they are too large.');
  if (run.reason !== 'exit') return say(`The packages could not be installed. ${run.message}`);
  if (code === 'ERESOLVE') return say('These packages do not fit together, or do not fit what apps are built with.');
  if (code === 'EINTEGRITY') return say('A package is not what the registry promised it to be. It was not installed.');
  if (code === 'ETARGET' || code === 'E404')
    return say('The registry does not have a package, or a version of it, that is needed.');
  if (/ENOENT[\s\S]*\bgit\b|\bgit dep|EAI_AGAIN|ENETUNREACH|ENOTFOUND|EALLOWGIT|EALLOWREMOTE/.test(words))
    return say('A package is needed that does not come from the registry. Only the registry is asked.');
  if (door.refused.size > 0)
    return say('The packages could not be installed: something else than the registry was asked for.');
  return say('The packages could not be installed.');
}

/** What npm came to, without what the toolchain has. @throws AppError `package_elsewhere`, `packages_fail` */
function readResult(text: string, tools: Tools, needs: Needs): Lock {
  const own: [string, unknown][] = [];
  const { packages } = JSON.parse(text) as { packages: Record<string, LockEntry> };
  const same = (place: string) =>
    Object.hasOwn(tools.packages, place) &&
    tools.packages[place]!.version === packages[place]?.version &&
    tools.packages[place]!.integrity === packages[place]?.integrity;
  for (const [place, entry] of Object.entries(packages)) {
    // what lies inside a package of the toolchain, the toolchain has at a place of its own
    if (place === '' || same(place) || same(/^node_modules\/(?:@[^/]+\/)?[^/]+/.exec(place)?.[0] ?? '')) continue;
    if (entry.link || entry.resolved !== undefined)
      throw new AppError(
        'package_elsewhere',
        'forbidden',
        `“${place.split('node_modules/').at(-1)}” does not come from the registry. Only the registry is asked.`,
      );
    own.push([place, entry]);
  }
  let lock: Lock;
  try {
    lock = lockOf(needs, own);
  } catch (cause) {
    if (cause instanceof AppError) throw cause;
    throw new AppError(
      'packages_fail',
      'conflict',
      'The packages could not be installed: what came of it is not a plain list of packages.',
      { cause },
    );
  }
  for (const [name, version] of Object.entries({ ...needs.devDependencies, ...needs.dependencies })) {
    const found = packages[`node_modules/${name}`]?.version;
    if (found !== version && !Object.hasOwn(tools.direct, name))
      throw new AppError(
        'packages_fail',
        'conflict',
        `The packages could not be installed: ${name} came as ${found ?? 'nothing'}, not as ${version}.`,
      );
  }
  return lock;
}

/** Moves the packages that are kept, once they are seen to hold plain files only. */
async function keep(work: string, modules: string, { packages }: Lock, limits: InstallLimits): Promise<void> {
  await mkdir(modules, { mode: 0o755 });
  // places to mount something writable on
  for (const name of WRITTEN_MODULES) await mkdir(join(modules, name), { mode: 0o755 });
  const left = { bytes: limits.bytes, files: limits.files };
  for (const name of new Set([...packages.keys()].map(topOf))) {
    const from = join(work, 'node_modules', name);
    const found = await lstat(from).catch(() => undefined);
    // made for another kind of machine
    if (!found && packages.get(`node_modules/${name}`)?.optional) continue;
    if (!found?.isDirectory()) throw odd(name);
    await look(from, left);
    const to = join(modules, name);
    await mkdir(dirname(to), { recursive: true, mode: 0o755 });
    await rename(from, to);
  }
  const run = promisify(execFile);
  if (process.getuid?.() === 0) await run('chown', ['-R', '-h', '-P', '0:0', modules]);
  await run('chmod', ['-R', 'go+rX,a-w,ug-s', modules]);
}

async function look(folder: string, left: { bytes: number; files: number }): Promise<void> {
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    left.files--;
    if (!entry.isDirectory()) {
      const status = await lstat(join(entry.parentPath, entry.name));
      if (!status.isFile() || status.nlink > 1) throw odd(entry.name);
      left.bytes -= status.size;
    }
    if (left.bytes < 0 || left.files < 0)
      throw new AppError('packages_too_large', 'limit', 'The packages are too large for an app.');
  }
}

const odd = (name: string) =>
  new AppError(
    'packages_fail',
    'conflict',
    `The packages hold “${name}”, which is no ordinary file. They were not installed.`,
  );

/** Reads a file of the sandbox's; never through a link. */
async function readPlain(path: string): Promise<string> {
  const file = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  try {
    const status = await file.stat();
    if (!status.isFile() || status.size > LARGEST_LOCK) throw odd('package-lock.json');
    return await file.readFile('utf8');
  } finally {
    await file.close();
  }
}

/** npm's own package folder. @throws AppError `npm_incomplete` where npm's parts are spread over the system */
export async function findNpm(npmPath: string): Promise<string> {
  const path = npmPath.includes('/')
    ? npmPath
    : (await promisify(execFile)('sh', ['-c', 'command -v -- "$0"', npmPath])).stdout.trim();
  const folder = dirname(dirname(await realpath(path)));
  const whole = async (part: string) => (await stat(join(folder, part)).catch(() => undefined)) !== undefined;
  if ((await whole('bin/npm-cli.js')) && (await whole('node_modules/@npmcli/arborist'))) return folder;
  throw new AppError(
    'npm_incomplete',
    'unavailable',
    'Packages cannot be added: npm is not installed as one folder here.',
    {
      detail: 'Install it with: npm install -g npm, and start Vibe with that one.',
    },
  );
}
