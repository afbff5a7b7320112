/**
 * `npm test`: installs what is missing, then runs every check and every test: formatting, types, import arrows and schema; units and
 * contracts on real Postgres, git and sandboxes; whole journeys in Chromium. Ends with a line that counts them.
 */
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { buildWeb, checkBasics, installBubblewrap, installPackages, nodePath, npmPath, ROOT } from './prepare.mjs';

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

/** @returns the tests of a report of vitest that failed, each with what it said first: what broke is read at the end, not searched for */
function failuresOf(report) {
  const of = (file) => {
    const name = relative(ROOT, file.name);
    const failed = file.assertionResults.filter((test) => test.status === 'failed');
    const tests = failed.map((test) => ({ name: `${name} > ${test.fullName}`, said: test.failureMessages.join('\n') }));
    // a file that could not be read, or whose set-up broke, has no test that failed
    if (tests.length === 0 && file.status === 'failed') return [{ name, said: file.message }];
    return tests;
  };
  return (report?.testResults ?? []).flatMap(of);
}

/** Prints what failed, so much of each that thirty fit on a screen or two. */
function printFailures(failures) {
  console.log('\n  What failed:\n');
  for (const { name, said } of failures.slice(0, 30)) {
    const lines = stripVTControlCharacters(said)
      .split('\n')
      .filter((line) => line.trim());
    const ours = lines.filter((line) => !line.includes('node_modules')).slice(0, 8);
    console.log(`  ✗ ${name}`);
    for (const line of ours) console.log(`      ${line.trim().slice(0, 240)}`);
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
const counts = { passed: 0, failed: 0, skipped: 0 };
const failures = [];

const checksFailed = await show(node, [join(ROOT, 'scripts', 'check.mjs')]);
if (checksFailed) {
  counts.failed++;
  failures.push({
    name: 'scripts/check.mjs',
    said: 'Format, types, arrows or the like: see the lines above the tests.',
  });
} else counts.passed++;

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
  counts.failed += report?.numFailedTests ?? 0;
  counts.skipped += (report?.numPendingTests ?? 0) + (report?.numTodoTests ?? 0);
  failures.push(...failuresOf(report));
  // a suite that broke before or after its tests has failed too
  if (code !== 0 && !report?.numFailedTests) {
    counts.failed++;
    failures.push({ name, said: `The ${name} ended with code ${code}, and no test of them failed.` });
  }
}
rmSync(results, { recursive: true, force: true });
if (failures.length > 0) printFailures(failures);
console.log(`\n${counts.passed} passed, ${counts.failed} failed${counts.skipped ? `, ${counts.skipped} skipped` : ''}`);
process.exit(counts.failed > 0 ? 1 : 0);
