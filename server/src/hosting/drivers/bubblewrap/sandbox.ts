/** One living bubblewrap sandbox: its processes, its end and the reason for it, its log, the way to its sockets. */
import type { ChildProcess } from 'node:child_process';
import { closeSync } from 'node:fs';
import type { Socket } from 'node:net';
import { constants as os } from 'node:os';
import type { Readable, Writable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { AppError } from '../../../errors.ts';
import {
  type EndReason,
  type Sandbox,
  type SandboxExit,
  type SandboxSpec,
  type SandboxStatus,
  SOCKET_DIR,
} from '../../driver.ts';
import { LogBuffer } from '../../log-buffer.ts';
import type { Cgroup } from './cgroups.ts';
import { describeEnd, looksLikeOutOfMemory } from './endings.ts';
import {
  executableOf,
  familyOf,
  type Identity,
  identify,
  isAlive,
  killExactly,
  type ProcessInfo,
  readProcess,
} from './processes.ts';
import { connectWithin, openFolder } from './socket.ts';
import { watch } from './watchdog.ts';

export interface Parts {
  spec: SandboxSpec;
  child: ChildProcess;
  cgroup: Cgroup | undefined;
  kernel: { memory: boolean; processes: boolean };
  /** A recent look at all processes. */
  processes: (mustHold: number) => ProcessInfo[];
  /** Called once both process ids are known. */
  onStarted: (monitor: Identity | undefined, first: Identity) => void;
  /** Called when no process is left. */
  release: () => Promise<void>;
}

export class BubblewrapSandbox implements Sandbox {
  readonly id: string;
  readonly startedAt = Date.now();
  readonly exited: Promise<SandboxExit>;
  /** Resolves when the first process is known, or with undefined when it never came to that. */
  readonly started: Promise<Identity | undefined>;
  readonly logs = new LogBuffer();
  readonly stdin: Writable | null;
  readonly stdout: Readable;
  readonly stderr: Readable;
  readonly #parts: Parts;
  #first: Identity | undefined;
  #state: SandboxStatus['state'] = 'running';
  #endedBy: EndReason | undefined;
  #setUp = false;
  #folder: number | undefined;

  constructor(parts: Parts) {
    const { child, spec } = parts;
    this.#parts = parts;
    this.id = spec.id;
    this.stdin = child.stdin;
    this.stdout = child.stdout!;
    this.stderr = child.stderr!;
    // A peer that is gone is told by `exited`, not by an unhandled EPIPE.
    child.stdin?.on('error', () => undefined);
    for (const stream of ['stdout', 'stderr'] as const) {
      this[stream].setEncoding('utf8');
      if (stream === 'stderr' || spec.log !== 'stderr') {
        this[stream].on('data', (text: string) => this.logs.write(stream, text));
      }
    }
    this.started = this.#readReport(child.stdio[3] as Readable);
    this.exited = this.#waitForEnd();
  }

  status(): SandboxStatus {
    const family = this.#state === 'ended' ? [] : this.#family();
    const rss = family.reduce((sum, one) => sum + one.rssBytes, 0);
    return { state: this.#state, rssMb: Math.round(rss / 104857.6) / 10, processes: family.length };
  }

  async stop(graceMs: number): Promise<void> {
    if (this.#state === 'ended') return;
    this.#state = 'stopping';
    this.#endedBy ??= 'stopped';
    if (graceMs > 0 && this.#first) {
      killExactly(this.#first, 'SIGTERM');
      await Promise.race([this.exited, sleep(graceMs, undefined, { ref: false })]);
    }
    this.#kill();
    await this.exited;
  }

  async connect(socketFile: string): Promise<Socket> {
    const first = this.#first;
    if (!first || this.#state === 'ended') {
      throw new AppError('sandbox_socket_missing', 'unavailable', 'The app does not run.');
    }
    if (this.#folder === undefined) this.#folder = this.#openSocketFolder(first);
    return await connectWithin(this.#folder, socketFile);
  }

  /** The folder is a tmpfs of the sandbox alone, so it can fill no disk; we reach it through the first process's root. */
  #openSocketFolder(first: Identity): number {
    let folder: number;
    // Before the program runs, that path leads into the host's own root.
    if (!this.#isReady(first.pid)) {
      throw new AppError('sandbox_socket_missing', 'unavailable', 'The app does not run yet.');
    }
    try {
      folder = openFolder(`/proc/${first.pid}/root${SOCKET_DIR}`);
    } catch (cause) {
      throw new AppError('sandbox_socket_missing', 'unavailable', 'The app does not listen yet.', { cause });
    }
    if (isAlive(first) && readProcess(first.pid)?.parent === this.#parts.child.pid) return folder;
    closeSync(folder);
    throw new AppError('sandbox_socket_missing', 'unavailable', 'The app does not run.');
  }

  /** Until bubblewrap has become the command, its root is not the sandbox's own. */
  #isReady(pid: number): boolean {
    const [monitor, first] = [this.#parts.child.pid, pid].map((one) => executableOf(one ?? 0));
    return first !== undefined && first !== monitor;
  }

  async #readReport(report: Readable): Promise<Identity | undefined> {
    return await new Promise((resolve) => {
      let text = '';
      report.setEncoding('utf8');
      report.on('data', (chunk: string) => {
        text += chunk;
        const pid = Number(/"child-pid"\s*:\s*(\d+)/.exec(text)?.[1]);
        if (pid && !this.#first) {
          this.#first = identify(pid);
          if (this.#first) this.#parts.onStarted(identify(this.#parts.child.pid ?? 0), this.#first);
          resolve(this.#first);
        }
        if (/"exit-code"/.test(text)) this.#setUp = true;
      });
      report.on('error', () => resolve(undefined));
      report.on('close', () => resolve(this.#first));
    });
  }

  async #waitForEnd(): Promise<SandboxExit> {
    const { child, spec, cgroup, kernel } = this.#parts;
    const unwatch = watch({
      spec,
      cgroup,
      kernel,
      family: () => this.#family(),
      end: (reason) => {
        this.#endedBy ??= reason;
        this.#kill();
      },
    });
    const [code, signal] = await new Promise<[number | null, NodeJS.Signals | null]>((resolve) => {
      child.once('error', () => resolve([null, null]));
      child.once('exit', (exitCode, exitSignal) => {
        const done = () => resolve([exitCode, exitSignal]);
        child.once('close', done);
        setTimeout(done, 2_000).unref();
      });
    });
    unwatch();
    for (let wait = 0; this.#first && isAlive(this.#first) && wait < 500; wait++) {
      killExactly(this.#first, 'SIGKILL');
      await sleep(10);
    }
    const outOfMemory = (cgroup?.oomKills() ?? 0) > 0;
    this.logs.end();
    this.#state = 'ended';
    if (this.#folder !== undefined) closeSync(this.#folder);
    await this.#parts.release();
    return this.#explain(code, signal, outOfMemory);
  }

  #explain(code: number | null, signal: NodeJS.Signals | null, outOfMemory: boolean): SandboxExit {
    const inner = code !== null && code > 128 ? signalName(code - 128) : signal;
    const text = this.logs.text(40);
    let reason: EndReason = this.#endedBy ?? 'exit';
    if (this.#endedBy === undefined && !this.#setUp && signal === null) reason = 'failed-to-start';
    if (reason === 'exit' && (outOfMemory || looksLikeOutOfMemory(inner, code, text))) reason = 'memory';
    const exit = { code: inner ? null : code, signal: inner ?? null, reason };
    return { ...exit, message: describeEnd(exit, this.#parts.spec, text) };
  }

  #kill(): void {
    // The first process takes its whole pid namespace along, and the monitor returns only when that is empty.
    if (this.#first && isAlive(this.#first)) killExactly(this.#first, 'SIGKILL');
    else this.#parts.child.kill('SIGKILL');
  }

  #family(): ProcessInfo[] {
    return this.#first
      ? familyOf(this.#first.pid, this.#parts.processes(this.#first.pid)).filter((one) => one.state !== 'Z')
      : [];
  }
}

function signalName(number: number): NodeJS.Signals | null {
  const found = Object.entries(os.signals).find(([, value]) => value === number);
  return found ? (found[0] as NodeJS.Signals) : null;
}
