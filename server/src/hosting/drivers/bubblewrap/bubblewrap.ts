/** The sandbox driver on top of bubblewrap. What isolates is in arguments.ts and linux/seccomp.ts. */
import { execFileSync } from 'node:child_process';
import { ARGS_FD, FILTER_FD, REPORT_FD } from '../linux/launch.ts';
import { type Launcher, LinuxDriver, type LinuxOptions } from '../linux/linux-driver.ts';
import { executableOf } from '../linux/processes.ts';
import { bwrapArguments } from './arguments.ts';

const bubblewrap: Launcher = {
  name: 'bubblewrap',
  missing() {
    const version = installedVersion();
    if (version === undefined) return { reason: 'bubblewrap is not installed.', fix: 'apt-get install bubblewrap' };
    return version < 8
      ? { reason: 'bubblewrap is older than 0.8.', fix: 'Install bubblewrap 0.8 or later.' }
      : undefined;
  },
  inner: (marker, command) => [
    ...['bwrap', '--setenv', 'VIBE_SANDBOX', marker, '--json-status-fd', String(REPORT_FD)],
    ...['--seccomp', String(FILTER_FD), '--args', String(ARGS_FD), '--', ...command],
  ],
  words: (spec, furniture, sources) => bwrapArguments(spec, furniture, sources),
  begun: (report) => /"exit-code"/.test(report),
  /** Until bubblewrap has become the command, its root is not the sandbox's own. */
  isInside(monitorPid, pid) {
    const first = executableOf(pid);
    return first !== undefined && first !== executableOf(monitorPid);
  },
};

export class BubblewrapDriver extends LinuxDriver {
  constructor(options: LinuxOptions) {
    super(bubblewrap, options);
  }
}

/** Hundreds and ones: 0.8 is 8. */
function installedVersion(): number | undefined {
  try {
    const text = execFileSync('bwrap', ['--version'], { encoding: 'utf8' });
    const [, major, minor] = /(\d+)\.(\d+)/.exec(text) ?? [];
    return Number(major) * 100 + Number(minor);
  } catch {
    return undefined;
  }
}
