/**
 * The sandbox driver for a machine without bubblewrap: unshare of util-linux makes the namespaces, a short Perl script (enter.pl)
 * furnishes them, makes them the root and gives up all rights. What isolates is there, in words.ts and in linux/seccomp.ts.
 */
import { execFileSync } from 'node:child_process';
import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { type Launcher, LinuxDriver, type LinuxOptions } from '../linux/linux-driver.ts';
import { enterWords } from './words.ts';

/** Handed over as text: it may lie where the sandbox's user cannot read. */
const enter = () => readFileSync(join(import.meta.dirname, 'enter.pl'), 'utf8');
/** `--keep-caps` and `--map-user` came with 2.36. */
const LEAST_UNSHARE = 236;
const NAMESPACES = ['--user', '--mount', '--pid', '--net', '--ipc', '--uts', '--cgroup'];
const USER = ['--map-user=1000', '--map-group=1000', '--keep-caps'];

function launcher(script: string): Launcher {
  return {
    name: 'unshare',
    missing() {
      const version = installedVersion();
      if (version === undefined) return { reason: 'unshare is not installed.', fix: 'apt-get install util-linux' };
      if (version < LEAST_UNSHARE)
        return { reason: 'unshare is older than 2.36.', fix: 'Install util-linux 2.36 or later.' };
      return runs('perl', '-e', '1')
        ? undefined
        : { reason: 'Perl is not installed.', fix: 'apt-get install perl-base' };
    },
    inner: (marker, command) => [
      ...['setpriv', '--no-new-privs', '--pdeathsig', 'KILL'],
      ...['unshare', ...NAMESPACES, ...USER, '--fork', '--kill-child=KILL', '--propagation', 'private', '--'],
      ...['perl', '-e', script, marker, process.arch, ...command],
    ],
    words: enterWords,
    begun: (report) => /"begun"/.test(report) && !/"failed"/.test(report),
    isInside: (_monitor, pid) => hasOwnRoot(pid),
  };
}

export class UnshareDriver extends LinuxDriver {
  constructor(options: LinuxOptions) {
    super(launcher(enter()), options);
  }
}

/** enter.pl changes from our root to the sandbox's in one step. */
function hasOwnRoot(pid: number): boolean {
  try {
    const [theirs, ours] = [statSync(`/proc/${pid}/root`), statSync('/')];
    return theirs.dev !== ours.dev || theirs.ino !== ours.ino;
  } catch {
    return false;
  }
}

/** Hundreds and ones: 2.38 is 238. */
function installedVersion(): number | undefined {
  try {
    const text = execFileSync('unshare', ['--version'], { encoding: 'utf8' });
    const [, major, minor] = /(\d+)\.(\d+)/.exec(text) ?? [];
    return major === undefined ? undefined : Number(major) * 100 + Number(minor);
  } catch {
    return undefined;
  }
}

function runs(program: string, ...words: string[]): boolean {
  try {
    execFileSync(program, words, { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}
