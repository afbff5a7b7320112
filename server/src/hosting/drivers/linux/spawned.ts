/** A process tree whose monitor is a child of ours: how it is heard of, and how its end is told. */
import type { ChildProcess } from 'node:child_process';
import type { Readable } from 'node:stream';
import { type Identity, identify, readProcess } from './processes.ts';
import type { Tree, TreeEnd } from './sandbox.ts';

export interface Spawned {
  /** The monitor. Its fourth stdio stream is the report: JSON that names `child-pid`. */
  child: ChildProcess;
  /** Whether a report, read to its end, says that the command was begun. */
  begun: (report: string) => boolean;
  /** Whether this process has left the host's root for the sandbox's own. */
  isInside: (monitorPid: number, pid: number) => boolean;
  /** Called once both process ids are known. */
  onStarted: (monitor: Identity | undefined, first: Identity) => void;
}

export function spawnedTree(spawned: Spawned): Tree {
  const { child } = spawned;
  const report = readReport(spawned);
  // A process id counts only as long as it is the monitor's child.
  const isInside = ({ pid }: Identity) =>
    spawned.isInside(child.pid ?? 0, pid) && readProcess(pid)?.parent === child.pid;
  return {
    stdin: child.stdin,
    stdout: child.stdout!,
    stderr: child.stderr!,
    first: report.first,
    isInside,
    kill: () => void child.kill('SIGKILL'),
    ended: ended(child, () => spawned.begun(report.text())),
  };
}

function readReport({ child, onStarted }: Spawned): { first: Promise<Identity | undefined>; text: () => string } {
  const report = child.stdio[3] as Readable;
  let text = '';
  const first = new Promise<Identity | undefined>((resolve) => {
    let found: Identity | undefined;
    report.setEncoding('utf8');
    report.on('data', (chunk: string) => {
      text += chunk;
      const pid = Number(/"child-pid"\s*:\s*(\d+)/.exec(text)?.[1]);
      if (!pid || found) return;
      found = identify(pid);
      if (found) onStarted(identify(child.pid ?? 0), found);
      resolve(found);
    });
    report.on('error', () => resolve(undefined));
    report.on('close', () => resolve(found));
  });
  return { first, text: () => text };
}

/** Once all streams are read, but at most 2 s after the monitor's end. */
function ended(child: ChildProcess, begun: () => boolean): Promise<TreeEnd> {
  return new Promise((resolve) => {
    child.once('error', () => resolve({ code: null, signal: null, begun: false }));
    child.once('exit', (code, signal) => {
      const done = () => resolve({ code, signal, begun: begun() });
      child.once('close', done);
      setTimeout(done, 2_000).unref();
    });
  });
}
