/** Starts one real sandbox at start-up and looks from inside and outside whether it holds, before anything relies on it. */
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { messageOf } from '../../../errors.ts';
import type { LimitsInForce, Sandbox, SandboxDriver, SandboxSpec, SelfTest } from '../../driver.ts';
import type { Cgroups } from './cgroups.ts';
import { INNER_USER } from './furniture.ts';

/** Listens, and tells each caller what the inside looks like. */
const PROBE = `
const fs = require('node:fs'), net = require('node:net');
const seen = {
  user: process.getuid(),
  pid: process.pid,
  network: fs.readFileSync('/proc/net/dev', 'utf8').split('\\n').slice(2).filter(Boolean).map((l) => l.split(':')[0].trim()),
  shadow: fs.existsSync('/etc/shadow'),
  filter: /^Seccomp:\\s*2$/m.test(fs.readFileSync('/proc/self/status', 'utf8')),
};
net.createServer((c) => c.end(JSON.stringify(seen))).listen('/run/sbx/probe.sock');
process.on('SIGTERM', () => process.exit(0));
`;

const SPEC: Omit<SandboxSpec, 'id'> = {
  command: ['node', '-e', PROBE],
  env: {},
  mounts: [],
  tmpfs: [],
  workdir: '/',
  limits: { memoryMb: 256, processes: 64, cpuPercent: 100, fileSizeMb: 1, openFiles: 256 },
  stdin: 'ignore',
};

/** @returns whether a sandbox starts, is reachable, and sees what it should */
export async function testSandbox(driver: SandboxDriver): Promise<Omit<SelfTest, 'limits'>> {
  let sandbox: Sandbox | undefined;
  try {
    sandbox = await driver.start({ ...SPEC, id: `self-test-${process.pid}` });
    const seen = JSON.parse(await answer(sandbox)) as Record<string, unknown>;
    const holds =
      (driver.capabilities.mapsUser ? seen.user === INNER_USER : seen.user !== 0) &&
      seen.pid === 1 &&
      String(seen.network) === 'lo' &&
      !seen.shadow &&
      seen.filter === true;
    if (holds) return { ok: true };
    return { ok: false, reason: `A sandbox does not hold here: ${JSON.stringify(seen)}.` };
  } catch (error) {
    const output = sandbox?.logs.text(5).trim();
    return { ok: false, reason: output || messageOf(error), fix: fixFor(output ?? '') };
  } finally {
    await sandbox?.stop(0);
  }
}

/** In words for the doctor and the settings page. */
export function limitsInForce(cgroups: Cgroups | undefined, ownUser: boolean): LimitsInForce {
  const group = cgroups && `control groups version ${cgroups.version}`;
  return {
    memory: cgroups?.has('memory')
      ? `${group}`
      : 'RLIMIT_DATA per process, and a watchdog over the whole sandbox (200 ms)',
    cpu: cgroups?.has('cpu') ? `${group}` : 'none: a busy sandbox can slow down others',
    processes: cgroups?.has('pids')
      ? `${group}`
      : ownUser
        ? 'RLIMIT_NPROC of a user id per sandbox'
        : 'a watchdog over the whole sandbox (200 ms), because all share one user id',
    disk: 'sized tmpfs, RLIMIT_FSIZE per file, and a watchdog over writable folders (1 s)',
  };
}

async function answer(sandbox: Sandbox): Promise<string> {
  const deadline = Date.now() + 10_000;
  for (;;) {
    try {
      const socket = await sandbox.connect('probe.sock');
      let text = '';
      socket.setEncoding('utf8').on('data', (chunk: string) => {
        text += chunk;
      });
      await once(socket, 'end');
      return text;
    } catch (error) {
      if (Date.now() > deadline || sandbox.status().state === 'ended') throw error;
      await sleep(10);
    }
  }
}

function fixFor(output: string): string | undefined {
  if (/uid map|user namespace|Operation not permitted|Permission denied/i.test(output)) {
    return 'Allow user namespaces: sysctl -w kernel.apparmor_restrict_unprivileged_userns=0 (Ubuntu 24.04), or sysctl -w kernel.unprivileged_userns_clone=1 (older Debian).';
  }
  return undefined;
}
