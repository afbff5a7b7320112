/** `npm run reset`: deletes all data of this installation, after the person has typed the folder's name. `-- --yes` asks nothing. */
import { existsSync, rmSync } from 'node:fs';
import { basename, resolve } from 'node:path';
import { createInterface } from 'node:readline/promises';
import { fail, ROOT } from './prepare.mjs';
import { isInUse } from './running.mjs';

const folder = resolve(ROOT, process.env.VIBE_DATA_DIR || '.vibe');
if (!existsSync(folder)) {
  console.log(`\n  There is nothing to reset: ${folder} does not exist.\n`);
  process.exit(0);
}
if (!existsSync(`${folder}/clusters`) && !existsSync(`${folder}/keys`))
  fail(`${folder} does not look like data of Vibe. Nothing was deleted.`);
if (isInUse(folder)) fail('Vibe is running on this data. Stop it first (Ctrl-C where it was started).');
if (!process.argv.includes('--yes')) {
  const ask = createInterface({ input: process.stdin, output: process.stdout });
  // the input may end without an answer
  const unanswered = () => fail('Nothing was deleted.');
  ask.once('close', unanswered);
  const typed = await ask.question(
    `\n  This deletes every account, chat, app and row in ${folder}.\n  Type ${basename(folder)} to go on: `,
  );
  ask.off('close', unanswered);
  ask.close();
  if (typed.trim() !== basename(folder)) fail('Nothing was deleted.');
}
rmSync(folder, { recursive: true, force: true });
console.log('\n  Everything is deleted. `npm start` begins anew.\n');
if (process.env.DATABASE_URL || process.env.VIBE_DATA_CLUSTER_URL)
  console.log('  Databases at an address of their own are as they were.\n');
