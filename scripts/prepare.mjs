/**
 * What start, test and bench need before they can begin: packages by the lockfile, the web UI, bubblewrap. Plain JavaScript without
 * packages, because it runs on any Node >= 20 before anything is installed. Each step says what it does and how long it took.
 */
import { spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const ROOT = fileURLToPath(new URL('..', import.meta.url)).replace(/\/$/, '');
const MODULES = join(ROOT, 'node_modules');

/** Says one plain sentence and ends. */
export function fail(sentence) {
  console.error(`\n  ${sentence}\n`);
  process.exit(1);
}

async function step(name, work) {
  const began = performance.now();
  await work();
  console.log(`  ${name.padEnd(34)} ${((performance.now() - began) / 1000).toFixed(1)} s`);
}

/** Runs a command quietly; shows the end of its output and fails with the sentence when it does not succeed. */
export function run(command, args, sentence, options = {}) {
  return new Promise((resolve) => {
    const child = spawn(command, args, { cwd: ROOT, stdio: ['ignore', 'pipe', 'pipe'], ...options });
    let output = '';
    const take = (chunk) => {
      output = (output + chunk).slice(-6000);
    };
    child.stdout?.on('data', take);
    child.stderr?.on('data', take);
    child.once('error', (error) => fail(`${sentence} (${error.message})`));
    child.once('close', (code) => {
      if (code === 0) return resolve(output);
      console.error(output.split('\n').slice(-25).join('\n'));
      fail(sentence);
    });
  });
}

const has = (command, args = ['--version']) => spawnSync(command, args, { stdio: 'ignore' }).status === 0;

/** Node of the lockfile: the one that everything runs on. Elsewhere than on Linux the installed one, if it is new enough. */
export function nodePath() {
  const pinned = join(MODULES, '.bin', 'node');
  if (existsSync(pinned)) return pinned;
  if (Number(process.versions.node.split('.')[0]) >= 24) return process.execPath;
  return fail(
    `Vibe needs Node 24, and there is none for ${process.platform} ${process.arch} among its packages. Install Node 24 or newer, then try again.`,
  );
}

export function checkBasics() {
  if (Number(process.versions.node.split('.')[0]) < 20)
    fail(`Node ${process.versions.node} is too old. Install Node 20 or newer.`);
  if (!has('git')) fail('git is not installed. Install it with: apt-get install git');
}

/** `npm ci`, when the lockfile has changed since the last one (or it was never run). */
export async function installPackages() {
  const lock = createHash('sha256')
    .update(readFileSync(join(ROOT, 'package-lock.json')))
    .digest('hex');
  const stamp = join(MODULES, '.vibe-lock');
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === lock && existsSync(join(MODULES, '.bin', 'vite'))) return;
  console.log('  Installing packages by the lockfile…');
  await step('Packages', async () => {
    const args = ['ci', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'];
    await run(
      'npm',
      args,
      'The packages could not be installed. Check the connection to the npm registry, then try again.',
    );
    writeFileSync(stamp, lock);
  });
}

function* filesBelow(folder) {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.name === 'dist' || entry.name === 'node_modules') continue;
    if (entry.isDirectory()) yield* filesBelow(path);
    else if (!entry.name.endsWith('.test.ts')) yield path;
  }
}

/** Builds the web UI when one of its sources is newer than what was built. Told by content, so that a clone's dates do not matter. */
export async function buildWeb() {
  const hash = createHash('sha256');
  const sources = [
    ...filesBelow(join(ROOT, 'web')),
    ...filesBelow(join(ROOT, 'contract')),
    join(ROOT, 'package-lock.json'),
  ].sort();
  for (const file of sources) hash.update(file.slice(ROOT.length)).update(readFileSync(file));
  const wanted = hash.digest('hex');
  const stamp = join(ROOT, 'web', 'dist', '.built-from');
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted) return;
  await step('Web UI', async () => {
    await run(
      nodePath(),
      [join(MODULES, 'vite', 'bin', 'vite.js'), 'build', 'web', '--logLevel', 'warn'],
      'The web UI could not be built.',
    );
    writeFileSync(stamp, wanted);
  });
}

/** bubblewrap, through apt where that is possible and allowed. Without it the start goes on and says what is missing. */
export async function installBubblewrap() {
  if (process.platform !== 'linux' || has('bwrap')) return;
  const fix = 'Install it with: apt-get install bubblewrap';
  if (process.env.VIBE_NO_APT === '1') return console.log(`  bubblewrap is not installed, and VIBE_NO_APT=1. ${fix}`);
  if (!has('apt-get'))
    return console.log(
      `  bubblewrap is not installed, and there is no apt-get here. Install it with your system’s package manager.`,
    );
  const root = process.getuid?.() === 0;
  const sudo = !root && has('sudo', ['-n', 'true']);
  if (!root && !sudo)
    return console.log(
      `  bubblewrap is not installed, and this user may not install it. Ask for: sudo apt-get install bubblewrap`,
    );
  console.log('  Installing bubblewrap through apt (VIBE_NO_APT=1 turns this off)…');
  const command = root ? 'apt-get' : 'sudo';
  const args = (...rest) => (root ? rest : ['-n', 'apt-get', ...rest]);
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  await step('bubblewrap', async () => {
    const install = () =>
      spawnSync(command, args('install', '-y', '--no-install-recommends', 'bubblewrap'), { stdio: 'ignore', env })
        .status === 0;
    if (install()) return;
    spawnSync(command, args('update'), { stdio: 'ignore', env });
    if (!install()) console.log(`  bubblewrap could not be installed. ${fix}`);
  });
}

/** Where npm's own script is, so that the platform can install the apps' toolchain with the same npm. */
export function npmPath() {
  const given = process.env.npm_execpath;
  if (given && existsSync(given) && given.endsWith('.js')) return given;
  return 'npm';
}

/** A folder that exists, for scratch files of scripts. */
export function ensureFolder(path) {
  mkdirSync(path, { recursive: true });
  return statSync(path).isDirectory() ? path : fail(`${path} is not a folder.`);
}
