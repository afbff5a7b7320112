/** One living sandbox: its processes, its end and the reason for it, its log, the way to its sockets. */
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
import { familyOf, type Identity, isAlive, killExactly, type ProcessInfo } from './processes.ts';
import { connectWithin, openFolder } from './socket.ts';
import { watch } from './watchdog.ts';

/** A process tree that a driver has set going, in pid and mount namespaces of its own. */
export interface Tree {
  stdin: Writable | null;
  stdout: Readable;
  stderr: Readable;
  /** The first process, as this machine numbers it; undefined when it never came to that. */
  first: Promise<Identity | undefined>;
  /** Resolves, and never rejects, when all that it wrote was read. */
  ended: Promise<TreeEnd>;
  /** Whether the root of the first process is the sandbox's own by now: before, that path leads into the host's. */
  isInside: (first: Identity) => boolean;
  /** Ends it while no first process is known. */
  kill: () => void;
}

export interface TreeEnd {
  code: number | null;
  signal: NodeJS.Signals | null;
  /** Whether it came to the command at all. */
  begun: boolean;
  /** Somebody else than the control group saw that the kernel ended it for want of memory. */
  outOfMemory?: boolean;
}

export interface Parts {
  spec: SandboxSpec;
  tree: Tree;
  /** Counts what the kernel killed for want of memory. */
  cgroup: Pick<Cgroup, 'oomKills'> | undefined;
  kernel: { memory: boolean; processes: boolean };
  /** A recent look at all processes. */
  processes: (mustHold: number) => ProcessInfo[];
  /** Called when no process is left. */
  release: () => Promise<void>;
}

export class LinuxSandbox implements Sandbox {
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
  #folder: number | undefined;

  constructor(parts: Parts) {
    const { tree, spec } = parts;
    this.#parts = parts;
    this.id = spec.id;
    this.stdin = tree.stdin;
    this.stdout = tree.stdout;
    this.stderr = tree.stderr;
    // A peer that is gone is told by `exited`, not by an unhandled EPIPE.
    tree.stdin?.on('error', () => undefined);
    const held: Readable[] = [];
    for (const stream of ['stdout', 'stderr'] as const) {
      this[stream].setEncoding('utf8');
      if (stream === 'stderr' || spec.log !== 'stderr') {
        this[stream].on('data', (text: string) => this.logs.write(stream, text));
        // nothing is read before whoever starts it can listen as well
        this[stream].pause();
        held.push(this[stream]);
      }
    }
    this.started = tree.first.then((first) => {
      this.#first = first;
      // after whoever has awaited the start
      setImmediate(() => {
        for (const stream of held) stream.resume();
      });
      return first;
    });
    this.exited = this.#waitForEnd();
  }

  status(): SandboxStatus {
    const family = this.#state === 'ended' ? [] : this.#family();
    const rss = family.reduce((sum, one) => sum + one.rssBytes, 0);
    return { state: this.#state, rssMb: Math.round(rss / 104857.6) / 10, processes: family.length };
  }

  async stop(graceMs: number): Promise<void> {
    if (this.#state === 'ended') return void (await this.exited);
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
    const { isInside } = this.#parts.tree;
    if (!isInside(first)) throw new AppError('sandbox_socket_missing', 'unavailable', 'The app does not run yet.');
    try {
      folder = openFolder(`/proc/${first.pid}/root${SOCKET_DIR}`);
    } catch (cause) {
      throw new AppError('sandbox_socket_missing', 'unavailable', 'The app does not listen yet.', { cause });
    }
    // It still is the process that it was: what was opened belongs to it.
    if (isAlive(first) && isInside(first)) return folder;
    closeSync(folder);
    throw new AppError('sandbox_socket_missing', 'unavailable', 'The app does not run.');
  }

  async #waitForEnd(): Promise<SandboxExit> {
    const { tree, spec, cgroup, kernel } = this.#parts;
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
    const end = await tree.ended;
    unwatch();
    for (let wait = 0; this.#first && isAlive(this.#first) && wait < 500; wait++) {
      killExactly(this.#first, 'SIGKILL');
      await sleep(10);
    }
    const outOfMemory = end.outOfMemory === true || (cgroup?.oomKills() ?? 0) > 0;
    this.logs.end();
    this.#state = 'ended';
    if (this.#folder !== undefined) closeSync(this.#folder);
    await this.#parts.release();
    return this.#explain({ ...end, outOfMemory });
  }

  #explain({ code, signal, begun, outOfMemory }: TreeEnd): SandboxExit {
    const inner = code !== null && code > 128 ? signalName(code - 128) : signal;
    const text = this.logs.text(40);
    let reason: EndReason = this.#endedBy ?? 'exit';
    if (this.#endedBy === undefined && !begun && signal === null) reason = 'failed-to-start';
    if (reason === 'exit' && (outOfMemory || looksLikeOutOfMemory(inner, code, text))) reason = 'memory';
    const exit = { code: inner ? null : code, signal: inner ?? null, reason };
    return { ...exit, message: describeEnd(exit, this.#parts.spec, text) };
  }

  #kill(): void {
    // The first process takes its whole pid namespace along, and its parent hears of it only when that is empty.
    if (this.#first && isAlive(this.#first)) killExactly(this.#first, 'SIGKILL');
    else this.#parts.tree.kill();
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
