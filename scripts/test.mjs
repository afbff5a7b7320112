/**
 * `npm test`: installs what is missing, then runs every check and every test: formatting, types, import arrows and schema; units and
 * contracts on real Postgres, git and sandboxes; whole journeys in Chromium. Ends with a line that counts them.
 */
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buildWeb, checkBasics, installBubblewrap, installPackages, nodePath, npmPath, ROOT } from './prepare.mjs';
import { failuresOf, linesOf } from './what-failed.mjs';

const CHROMIUM = [
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/usr/bin/google-chrome-stable',
];

/** The browser of the journeys: Debian's where it is or can be had, else the one inside an npm package. */
function installBrowser() {
  if (process.env.VIBE_CHROMIUM || CHROMIUM.some((path) => existsSync(path))) return;
  if (process.env.VIBE_NO_APT === '1' || process.getuid?.() !== 0 || process.platform !== 'linux') {
    return console.log('  No Chromium is installed: the one inside the npm package is used.');
  }
  console.log('  Installing Chromium through apt (VIBE_NO_APT=1 turns this off)…');
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  const install = () =>
    spawnSync('apt-get', ['install', '-y', '--no-install-recommends', 'chromium'], { stdio: 'ignore', env }).status ===
    0;
  if (install()) return;
  spawnSync('apt-get', ['update'], { stdio: 'ignore', env });
  if (!install()) console.log('  Chromium could not be installed: the one inside the npm package is used.');
}

/** Runs a command with its output on the screen. @returns its exit code */
function show(command, args, env = process.env) {
  return new Promise((resolve) => {
    spawn(command, args, { cwd: ROOT, stdio: 'inherit', env }).once('close', (code) => resolve(code ?? 1));
  });
}

/** Prints what failed, so much of each that thirty fit on a screen or two. */
function printFailures(failures) {
  console.log('\n  What failed:\n');
  for (const { name, said } of failures.slice(0, 30)) {
    console.log(`  ✗ ${name}`);
    for (const line of linesOf(said)) console.log(`      ${line}`);
  }
  if (failures.length > 30) console.log(`  … and ${failures.length - 30} more`);
}

checkBasics();
console.log('\n  Testing Vibe\n');
await installPackages();
await buildWeb();
await installBubblewrap();
installBrowser();

const node = nodePath();
const vitest = join(ROOT, 'node_modules', 'vitest', 'vitest.mjs');
const results = mkdtempSync(join(tmpdir(), 'vibe-results-'));
const env = { ...process.env, VIBE_NPM_PATH: npmPath() };
const counts = { passed: 0, skipped: 0 };
const failures = [];

const checksFailed = await show(node, [join(ROOT, 'scripts', 'check.mjs')]);
if (checksFailed)
  failures.push({
    name: 'scripts/check.mjs',
    said: 'Format, types, arrows or the like: see the lines above the tests.',
  });
else counts.passed++;

const suites = [
  { name: 'units', args: ['run', '--reporter=./server/src/hosting/contract/reporter.ts'] },
  { name: 'journeys', args: ['run', '--config', 'e2e/vitest.config.ts'] },
];
for (const { name, args } of suites) {
  const file = join(results, `${name}.json`);
  const code = await show(
    node,
    [vitest, ...args, '--reporter=default', '--reporter=json', `--outputFile.json=${file}`],
    env,
  );
  const report = existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : undefined;
  counts.passed += report?.numPassedTests ?? 0;
  counts.skipped += (report?.numPendingTests ?? 0) + (report?.numTodoTests ?? 0);
  failures.push(...failuresOf({ name, report, code, root: ROOT }));
}
rmSync(results, { recursive: true, force: true });
if (failures.length > 0) printFailures(failures);
console.log(
  `\n${counts.passed} passed, ${failures.length} failed${counts.skipped ? `, ${counts.skipped} skipped` : ''}`,
);
process.exit(failures.length > 0 ? 1 : 0);
