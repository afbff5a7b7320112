/**
 * The apps' toolchain (SvelteKit, Vite, …): installed once per lockfile into the data folder and mounted read-only beside every
 * app. Content-addressed, so that an upgrade of the platform never pulls modules from under a running app or an old release.
 */
import { spawn } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { cp, mkdir, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { AppError } from '../errors.ts';

export interface Toolchain {
  /** The first 20 digits of the lockfile's SHA-256. */
  id: string;
  /** Absolute path of its node_modules: world-readable, writable for nobody. */
  modules: string;
  /** Absolute path of the folder that holds it. */
  folder: string;
}

export interface ToolchainOptions {
  dataDir: string;
  /** Holds package.json and package-lock.json. */
  lockDir: string;
  /** npm's own npm-cli.js, or an executable. */
  npmPath: string;
  nodePath: string;
  onProgress?: (line: string) => void;
}

/** npm's own settings that a person may have made; nothing else of our environment reaches it. */
const PASSED =
  /^(HOME|(https?|no)_proxy|NODE_EXTRA_CA_CERTS|SSL_CERT_(FILE|DIR)|npm_config_(registry|userconfig|globalconfig|cache|cafile|ca|proxy|https_proxy|noproxy|strict_ssl|fetch_\w+|offline|prefer_offline))$/i;

/**
 * The toolchain of `lockDir`, installed when it is not there yet (about 15 s). Safe when killed in between and when several
 * processes ask at once: each installs beside it and one rename wins.
 */
export async function ensureToolchain(options: ToolchainOptions): Promise<Toolchain> {
  const lock = await readFile(join(options.lockDir, 'package-lock.json'));
  const id = createHash('sha256').update(lock).digest('hex').slice(0, 20);
  const toolchain = findToolchain(options.dataDir, id);
  if (await exists(join(toolchain.folder, 'toolchain.json'))) return toolchain;
  const parent = dirname(toolchain.folder);
  await mkdir(parent, { recursive: true, mode: 0o755 });
  await removeAbandoned(parent);
  const temporary = join(parent, `.${process.pid}-${randomBytes(6).toString('hex')}`);
  await mkdir(temporary, { mode: 0o755 });
  try {
    for (const name of ['package.json', 'package-lock.json'])
      await cp(join(options.lockDir, name), join(temporary, name));
    await install(temporary, options);
    await mkdir(join(temporary, 'node_modules'), { recursive: true });
    await run('chmod', ['-R', 'go+rX,a-w', join(temporary, 'node_modules')], { cwd: temporary, env: process.env });
    await writeFile(join(temporary, 'toolchain.json'), JSON.stringify({ id, installedAt: new Date().toISOString() }));
    await rename(temporary, toolchain.folder).catch(async (error: NodeJS.ErrnoException) => {
      // Another process was faster.
      if (error.code !== 'ENOTEMPTY' && error.code !== 'EEXIST') throw error;
    });
  } finally {
    await removeTree(temporary);
  }
  return toolchain;
}

/** Where the toolchain `id` is, or would be: a release names the one that it was built with. */
export function findToolchain(dataDir: string, id: string): Toolchain {
  const folder = join(dataDir, 'toolchains', id);
  return { id, folder, modules: join(folder, 'node_modules') };
}

async function install(folder: string, options: ToolchainOptions): Promise<void> {
  const words = ['ci', '--ignore-scripts', '--no-audit', '--no-fund', '--no-progress', '--loglevel=warn'];
  const env: NodeJS.ProcessEnv = {
    ...Object.fromEntries(Object.entries(process.env).filter(([name]) => PASSED.test(name))),
    PATH: `${dirname(options.nodePath)}:${process.env.PATH ?? ''}`,
  };
  const byNode = /\.c?js$/.test(options.npmPath);
  const [program, all] = byNode ? [options.nodePath, [options.npmPath, ...words]] : [options.npmPath, words];
  options.onProgress?.('Installing the tools that apps are built with …');
  await run(program, all, { cwd: folder, env }, options.onProgress);
}

async function run(
  program: string,
  words: string[],
  place: { cwd: string; env: NodeJS.ProcessEnv },
  onLine?: (line: string) => void,
): Promise<void> {
  const child = spawn(program, words, { ...place, stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      output = (output + text).slice(-8_192);
      for (const line of text.split('\n')) if (line.trim()) onLine?.(line.trim());
    });
  }
  await new Promise<void>((resolve, reject) => {
    const fail = (cause: unknown) =>
      reject(
        new AppError('toolchain_failed', 'unavailable', 'The tools that apps are built with could not be installed.', {
          cause,
          detail: output.trim() || 'Look whether this machine reaches the npm registry.',
        }),
      );
    child.on('error', fail);
    child.on('close', (code) => (code === 0 ? resolve() : fail(new Error(`${program} ended with code ${code}`))));
  });
}

/** Temporary folders of processes that are gone. */
async function removeAbandoned(parent: string): Promise<void> {
  for (const name of await readdir(parent)) {
    const pid = /^\.(\d+)-/.exec(name)?.[1];
    if (pid && !(await exists(`/proc/${pid}`))) await removeTree(join(parent, name));
  }
}

/** Removes a folder with all that is in it: read-only ones refuse to be emptied by anybody but root. */
export async function removeTree(folder: string): Promise<void> {
  if (!(await exists(folder))) return;
  await run('chmod', ['-R', 'u+w', folder], { cwd: '/', env: process.env }).catch(() => undefined);
  await rm(folder, { recursive: true, force: true });
}

async function exists(path: string): Promise<boolean> {
  return await stat(path).then(
    () => true,
    () => false,
  );
}
