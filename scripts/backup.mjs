/**
 * `npm run backup [-- file.tar.gz]`: everything of this installation in one file: databases, repositories, releases, keys. Vibe must be
 * stopped, so that all parts are of the same moment. The file appears under its name when it is whole.
 */
import { execFileSync } from 'node:child_process';
import { chmodSync, existsSync, mkdtempSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join, resolve } from 'node:path';
import { fail, ROOT } from './prepare.mjs';
import { isInUse } from './running.mjs';

/** What is made anew by itself. */
const LEFT_OUT = ['builds', 'seed-app', 'sandboxes', 'logs'];

const folder = resolve(ROOT, process.env.VIBE_DATA_DIR || '.vibe');
if (!existsSync(join(folder, 'keys'))) fail(`There is nothing to back up: ${folder} holds no data of Vibe.`);
if (isInUse(folder)) fail('Vibe is running on this data. Stop it first (Ctrl-C where it was started), then back up.');
const stamp = new Date().toISOString().slice(0, 19).replaceAll(':', '-');
const target = resolve(process.argv[2] ?? `vibe-backup-${stamp}.tar.gz`);
if (existsSync(target)) fail(`${target} exists already. Name another file.`);

const began = Date.now();
const notes = mkdtempSync(join(tmpdir(), 'vibe-backup-'));
const { version } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));
const manifest = { format: 1, vibe: version, createdAt: new Date().toISOString(), folder: basename(folder) };
writeFileSync(join(notes, 'vibe-backup.json'), `${JSON.stringify(manifest, null, 2)}\n`);
const part = `${target}.part`;
try {
  writeFileSync(part, '', { mode: 0o600 });
  const leave = LEFT_OUT.map((name) => `--exclude=./${name}`);
  const args = ['--create', '--gzip', `--file=${part}`, '-C', notes, 'vibe-backup.json', ...leave, '-C', folder, '.'];
  execFileSync('tar', args, { stdio: ['ignore', 'ignore', 'inherit'] });
  chmodSync(part, 0o600);
  execFileSync('sync', [part]);
  renameSync(part, target);
} catch (error) {
  rmSync(part, { force: true });
  fail(`The backup could not be written: ${error instanceof Error ? error.message.split('\n')[0] : error}`);
} finally {
  rmSync(notes, { recursive: true, force: true });
}
const mb = (statSync(target).size / 1024 / 1024).toFixed(1);
console.log(
  `\n  Everything of ${folder} is in\n  ${target}  (${mb} MB, ${((Date.now() - began) / 1000).toFixed(1)} s)\n`,
);
console.log('  It holds the keys that the data is encrypted with: keep it where only you can read it.');
if (process.env.DATABASE_URL || process.env.VIBE_DATA_CLUSTER_URL)
  console.log('  Databases at an address of their own are not in it: back those up where they run.');
console.log(`\n  To bring it back onto an empty folder:  npm run restore -- ${target}\n`);
