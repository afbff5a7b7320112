/** Whether Vibe's databases run on a data folder: its files must not be taken or removed then. A pid file that a kill has left says nothing. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

export const isInUse = (folder) =>
  ['platform', 'data'].some((cluster) => isRunning(join(folder, 'clusters', cluster, 'data', 'postmaster.pid')));

/** Whether the process that a pid file names lives. */
function isRunning(file) {
  if (!existsSync(file)) return false;
  const pid = Number(readFileSync(file, 'utf8').split('\n')[0]);
  try {
    if (existsSync('/proc/self/stat')) {
      // neither a dead one that nobody has buried, nor another program that was given the same id
      const [, name, state] = /^\d+ \((.*)\) (\S)/s.exec(readFileSync(`/proc/${pid}/stat`, 'utf8')) ?? [];
      return name === 'postgres' && state !== 'Z';
    }
    return pid > 1 && process.kill(pid, 0);
  } catch (error) {
    return error.code === 'EPERM';
  }
}
