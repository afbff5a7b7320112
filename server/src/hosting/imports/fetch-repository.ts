/**
 * Fetches the newest state of a repository's main branch: over https alone, from the one address that was looked at, without redirects,
 * submodules, hooks, credentials or configuration of the machine, and with limits. What comes is data: nothing of it is checked out or run.
 */
import { spawn } from 'node:child_process';
import { mkdir, readdir, stat } from 'node:fs/promises';
import { isIP } from 'node:net';
import { join } from 'node:path';
import { Git } from '../../containers/git.ts';
import { type Files, readFiles } from '../../containers/trees.ts';
import { AppError } from '../../errors.ts';
import { openAddress } from './public-address.ts';

export interface FetchLimits {
  packBytes: number;
  fileBytes: number;
  treeBytes: number;
  files: number;
  timeoutMs: number;
}

const MB = 1024 * 1024;
const LIMITS: FetchLimits = {
  packBytes: 80 * MB,
  fileBytes: 8 * MB,
  treeBytes: 40 * MB,
  files: 1_900,
  timeoutMs: 120_000,
};
const LOOK_MS = 150;

export interface Fetched {
  files: Files;
  /** links and submodules, by path: they are not followed */
  left: string[];
}

/** @param folder of its own; the caller removes it */
export async function fetchRepository(options: {
  address: string;
  folder: string;
  allowed: ReadonlySet<string>;
  limits?: Partial<FetchLimits>;
  signal?: AbortSignal;
}): Promise<Fetched> {
  const limits = { ...LIMITS, ...options.limits };
  const url = new URL(options.address);
  const ip = await openAddress(url, options.allowed);
  await mkdir(options.folder, { recursive: true, mode: 0o700 });
  const git = new Git(join(options.folder, 'repository.git'));
  await git.run(['init', '--bare', '--quiet', '--template=']);
  await fetchInto(git.dir, url, ip, limits, options.signal);
  const listing = (await git.text(['ls-tree', '-r', '-l', '-z', '--full-tree', 'refs/heads/import']))
    .split('\0')
    .filter(Boolean);
  const left: string[] = [];
  let [bytes, count] = [0, 0];
  for (const line of listing) {
    const [, mode, size, path] = /^(\d+) \w+ [0-9a-f]+ +(-|\d+)\t(.*)$/s.exec(line) ?? [];
    if (mode !== '100644' && mode !== '100755') {
      left.push(path ?? '');
      continue;
    }
    bytes += Number(size);
    if (Number(size) > limits.fileBytes)
      throw new AppError('import_too_large', 'limit', `“${path}” is larger than ${limits.fileBytes / MB} MB.`);
    if (++count > limits.files || bytes > limits.treeBytes)
      throw new AppError(
        'import_too_large',
        'limit',
        `The repository is larger than an app may be: ${limits.files} files, ${limits.treeBytes / MB} MB.`,
      );
  }
  const wanted = await readFiles(git, 'refs/heads/import');
  for (const path of left) wanted.delete(path);
  return { files: wanted, left };
}

async function fetchInto(dir: string, url: URL, ip: string, limits: FetchLimits, signal?: AbortSignal): Promise<void> {
  const port = url.port || (url.protocol === 'https:' ? '443' : '80');
  const host = url.hostname.replace(/^\[|\]$/g, '');
  const settings = [
    ['protocol.allow', 'never'],
    [`protocol.${url.protocol.slice(0, -1)}.allow`, 'always'],
    ['http.followRedirects', 'false'],
    // an address needs no looking up
    ...(isIP(host) === 0 ? [['http.curloptResolve', `${host}:${port}:${isIP(ip) === 6 ? `[${ip}]` : ip}`]] : []),
    ['http.proxy', ''],
    ['http.lowSpeedLimit', '1000'],
    ['http.lowSpeedTime', '20'],
    ['credential.helper', ''],
    ['core.askPass', 'false'],
    ['core.hooksPath', '/dev/null'],
    ['core.symlinks', 'false'],
    ['core.bigFileThreshold', '4m'],
    ['transfer.fsckObjects', 'true'],
    ['transfer.bundleURI', 'false'],
    ['fetch.unpackLimit', '1'],
    ['fetch.recurseSubmodules', 'false'],
    ['gc.auto', '0'],
    ['maintenance.auto', 'false'],
    ['pack.threads', '1'],
    ['safe.directory', '*'],
  ].flatMap(([name, value]) => ['-c', `${name}=${value}`]);
  const words = ['fetch', '--quiet', '--depth=1', '--no-tags', '--no-recurse-submodules', '--no-write-fetch-head'];
  // a group of its own: git's helpers end with it
  const child = spawn('git', [...settings, `--git-dir=${dir}`, ...words, '--', url.href, 'HEAD:refs/heads/import'], {
    detached: true,
    stdio: ['ignore', 'ignore', 'pipe'],
    env: {
      PATH: process.env.PATH ?? '/usr/bin:/bin',
      HOME: '/nonexistent',
      GIT_CONFIG_NOSYSTEM: '1',
      GIT_CONFIG_GLOBAL: '/dev/null',
      GIT_TERMINAL_PROMPT: '0',
      GIT_ATTR_NOSYSTEM: '1',
      LC_ALL: 'C',
    },
  });
  let words_ = '';
  child.stderr.on('data', (chunk) => {
    words_ = (words_ + chunk).slice(-3000);
  });
  let cut: 'time' | 'size' | 'stopped' | undefined;
  const end = (why: typeof cut) => {
    cut ??= why;
    try {
      process.kill(-child.pid!, 'SIGKILL');
    } catch {
      // gone already
    }
  };
  const timer = setTimeout(() => end('time'), limits.timeoutMs);
  const look = setInterval(() => void sizeOf(dir).then((bytes) => bytes > limits.packBytes && end('size')), LOOK_MS);
  const onAbort = () => end('stopped');
  signal?.addEventListener('abort', onAbort, { once: true });
  const code = await new Promise<number>((resolve) => {
    child.once('error', () => resolve(-1));
    child.once('close', (exit) => resolve(exit ?? 137));
  });
  clearTimeout(timer);
  clearInterval(look);
  signal?.removeEventListener('abort', onAbort);
  const fail = (message: string) =>
    new AppError('import_failed', 'invalid', message, { detail: words_.trim().slice(-500) || undefined });
  if (cut === 'time') throw fail('The repository could not be fetched: it took too long.');
  if (cut === 'size' || (await sizeOf(dir)) > limits.packBytes)
    throw fail(`The repository is larger than ${limits.packBytes / MB} MB.`);
  if (cut) throw fail('It was stopped.');
  if (code === 0) return;
  if (/redirect|returned error: 30\d/i.test(words_))
    throw fail('This address sends somewhere else. Give the one that it sends to.');
  if (/could not read Username|Authentication failed|returned error: 40[134]|not found/i.test(words_))
    throw fail('There is no repository at this address that everybody may read.');
  throw fail('The repository could not be fetched.');
}

async function sizeOf(folder: string): Promise<number> {
  const names = await readdir(folder, { recursive: true }).catch(() => []);
  const sizes = await Promise.all(
    names.map((name) =>
      stat(join(folder, name)).then(
        ({ size }) => size,
        () => 0,
      ),
    ),
  );
  return sizes.reduce((sum, size) => sum + size, 0);
}
