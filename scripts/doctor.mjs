/** `npm run doctor`: looks at the machine, the settings and the data, and says for each thing that is wrong what mends it. */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { checkBasics, fail, nodePath, ROOT } from './prepare.mjs';

checkBasics();
if (!existsSync(join(ROOT, 'node_modules', '.bin', 'vite')))
  fail('The packages are not installed yet. `npm start` installs them; then ask the doctor again.');
const { status } = spawnSync(nodePath(), [join(ROOT, 'server', 'src', 'main.ts'), 'doctor'], {
  stdio: 'inherit',
  env: { ...process.env, VIBE_NPM_PATH: process.env.npm_execpath ?? 'npm' },
});
process.exit(status ?? 1);
