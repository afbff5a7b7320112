/** `npm run bench`: speed beside the bare thing in the same run, as ratios. Prints a table and writes JSON to bench/results. */
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { buildWeb, checkBasics, installBubblewrap, installPackages, nodePath, npmPath, ROOT } from './prepare.mjs';

checkBasics();
console.log('\n  Measuring Vibe\n');
await installPackages();
await buildWeb();
await installBubblewrap();
const env = { ...process.env, VIBE_NPM_PATH: npmPath() };
const args = [join(ROOT, 'bench', 'run.ts'), ...process.argv.slice(2)];
spawn(nodePath(), args, { cwd: ROOT, stdio: 'inherit', env }).once('close', (code) => process.exit(code ?? 1));
