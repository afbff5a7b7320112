/**
 * `npm run restore -- file.tar.gz`: brings a backup back onto an empty data folder. It is unpacked beside it and takes its place when it
 * is whole: an interrupted restore leaves nothing half done.
 */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, renameSync, rmdirSync, rmSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fail, ROOT } from './prepare.mjs';

const FORMAT = 1;
const file = process.argv[2] && resolve(process.argv[2]);
if (!file) fail('Say which backup: npm run restore -- vibe-backup-….tar.gz');
if (!existsSync(file)) fail(`${file} does not exist.`);
const folder = resolve(ROOT, process.env.VIBE_DATA_DIR || '.vibe');
if (existsSync(folder) && readdirSync(folder).length > 0)
  fail(`${folder} is not empty. Name an empty folder (VIBE_DATA_DIR=…), or clear this one: npm run reset`);

let manifest;
try {
  const text = execFileSync(
    'tar',
    ['--extract', '--gzip', `--file=${file}`, '--to-stdout', '--occurrence=1', 'vibe-backup.json'],
    {
      stdio: ['ignore', 'pipe', 'ignore'],
    },
  );
  manifest = JSON.parse(text.toString());
} catch {
  fail(`${file} is no backup of Vibe, or it is damaged.`);
}
if (manifest.format !== FORMAT) fail(`${file} was made by a newer Vibe (${manifest.vibe}). Update this one first.`);

const began = Date.now();
const beside = `${folder}.restoring`;
rmSync(beside, { recursive: true, force: true });
mkdirSync(beside, { recursive: true, mode: 0o700 });
try {
  execFileSync(
    'tar',
    ['--extract', '--gzip', '--preserve-permissions', `--file=${file}`, '-C', beside, '--exclude=vibe-backup.json'],
    {
      stdio: ['ignore', 'ignore', 'pipe'],
    },
  );
  for (const name of ['keys', 'clusters', 'repositories'])
    if (!existsSync(join(beside, name))) throw new Error(`it holds no ${name}`);
  execFileSync('sync', ['-f', dirname(beside)]);
  if (existsSync(folder)) rmdirSync(folder);
  renameSync(beside, folder);
} catch (error) {
  rmSync(beside, { recursive: true, force: true });
  fail(`The backup could not be brought back: ${error instanceof Error ? error.message.split('\n')[0] : error}`);
}
console.log(`\n  The backup of ${manifest.createdAt} is in ${folder}  (${((Date.now() - began) / 1000).toFixed(1)} s)`);
console.log('\n  npm start  goes on from there.\n');
