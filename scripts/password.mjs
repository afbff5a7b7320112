/** `npm run password -- you@example.com`: a new password for somebody who has forgotten theirs. Vibe must be running on this machine. */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { checkBasics, fail, nodePath, ROOT } from './prepare.mjs';

checkBasics();
if (!process.argv[2]) fail('Name the account: npm run password -- you@example.com');
if (!existsSync(join(ROOT, 'node_modules', '.bin', 'vite')))
  fail('The packages are not installed yet. `npm start` installs them; then try again.');
const { status } = spawnSync(nodePath(), [join(ROOT, 'server', 'src', 'main.ts'), 'password', process.argv[2]], {
  stdio: 'inherit',
});
process.exit(status ?? 1);
