/** `npm start`: installs what is missing, then hands over to the launcher on the pinned Node. */
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import {
  buildWeb,
  checkBasics,
  fail,
  installBubblewrap,
  installPackages,
  nodePath,
  npmPath,
  ROOT,
} from './prepare.mjs';

const began = performance.now();
checkBasics();
console.log('\n  Starting Vibe\n');
try {
  await installPackages();
  await buildWeb();
  await installBubblewrap();
} catch (error) {
  if (error?.code === 'ENOSPC') fail('The disk is full. Free some space, then start again.');
  throw error;
}

const env = {
  ...process.env,
  VIBE_STARTED_MS_AGO: String(Math.round(performance.now() - began)),
  VIBE_NPM_PATH: npmPath(),
};
const child = spawn(nodePath(), [join(ROOT, 'server', 'src', 'main.ts'), 'launch'], {
  cwd: ROOT,
  stdio: 'inherit',
  env,
});
// the launcher hears the terminal's Ctrl-C itself; whoever stops this process alone means the launcher too, which stops once however often it hears
for (const signal of ['SIGINT', 'SIGHUP', 'SIGTERM']) process.on(signal, () => child.kill('SIGTERM'));
child.once('exit', (code, signal) => process.exit(signal ? 1 : (code ?? 1)));
