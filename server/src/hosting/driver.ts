/**
 * The sandbox port. A driver starts process trees that see their own mounts, and nothing else of the machine: no network,
 * no other process, no file that was not bound. Everything untrusted (an app, a build, the file helper) runs behind it,
 * so what a sandbox may do is decided here, once, and held by the same contract suite for each driver.
 */
import type { Socket } from 'node:net';
import type { Readable, Writable } from 'node:stream';
import type { LogBuffer } from './log-buffer.ts';

/** Where every driver shows the folder for a sandbox's own listening sockets. */
export const SOCKET_DIR = '/run/sbx';

export interface SandboxMount {
  /** Absolute path on the host. Its last component must not be a link. */
  source: string;
  /** Absolute path inside. */
  target: string;
  /** A read-only source must be world-readable; a writable one is given to the sandbox's own user at start. */
  mode: 'ro' | 'rw';
  /** For `rw`: the sandbox is ended when the folder grows beyond this many MB (looked at about once a second). */
  maxMb?: number;
}

export interface SandboxLimits {
  memoryMb: number;
  /** Tasks: threads count too, as the kernel counts them. A Node process needs about a dozen. */
  processes: number;
  /** 100 is one core. */
  cpuPercent: number;
  /** The largest single file that may be written. */
  fileSizeMb: number;
  openFiles: number;
}

export interface SandboxSpec {
  /** Lower-case letters, digits and dashes, at most 60; unique among the living. */
  id: string;
  /** `node` as the first word is the platform's own Node. */
  command: string[];
  /** The whole environment, beside PATH, HOME, LANG and TZ, which have plain defaults. */
  env: Record<string, string>;
  mounts: SandboxMount[];
  tmpfs: { target: string; sizeMb: number }[];
  workdir: string;
  limits: SandboxLimits;
  stdin: 'pipe' | 'ignore';
  /** Which streams the log keeps; `stderr` when stdout carries a protocol. Default: both. */
  log?: 'both' | 'stderr';
}

export type EndReason = 'exit' | 'stopped' | 'memory' | 'processes' | 'disk' | 'failed-to-start';

export interface SandboxExit {
  code: number | null;
  signal: NodeJS.Signals | null;
  reason: EndReason;
  /** One plain sentence for a person. */
  message: string;
}

export interface SandboxStatus {
  state: 'running' | 'stopping' | 'ended';
  rssMb: number;
  processes: number;
}

export interface Sandbox {
  readonly id: string;
  readonly startedAt: number;
  /** Resolves, and never rejects, once no process of the sandbox is left. */
  readonly exited: Promise<SandboxExit>;
  readonly logs: LogBuffer;
  readonly stdin: Writable | null;
  readonly stdout: Readable;
  readonly stderr: Readable;
  status(): SandboxStatus;
  /** SIGTERM to the first process, SIGKILL to all of them after `graceMs`. Resolves when none is left. */
  stop(graceMs: number): Promise<void>;
  /**
   * Connects to a socket that the sandbox listens on in `/run/sbx`. Rejects with AppError `sandbox_socket_missing`
   * (nothing listens yet) or `sandbox_socket_refused` (what is there is no socket of the sandbox's own).
   * @param socketFile a bare file name, such as `http.sock`
   */
  connect(socketFile: string): Promise<Socket>;
}

export interface LimitsInForce {
  memory: string;
  cpu: string;
  processes: string;
  disk: string;
}

export interface SelfTest {
  ok: boolean;
  /** Why not, in plain words. */
  reason?: string;
  /** The one command or change that fixes it. */
  fix?: string;
  limits: LimitsInForce;
}

export interface SandboxDriver {
  readonly name: string;
  readonly capabilities: {
    /** Each living sandbox has a user id of its own on the host. */
    ownUser: boolean;
    /** A program sees that user id as 1000, whatever it is on the host; otherwise it sees it as it is. */
    mapsUser: boolean;
    /** The kernel itself counts memory over the whole tree; otherwise a watchdog does, a moment later. */
    kernelMemoryLimit: boolean;
    /** CPU time is shared out by the kernel; otherwise not at all. */
    kernelCpuLimit: boolean;
  };
  /** Starts a real sandbox and looks whether it holds. Never rejects. */
  selfTest(): Promise<SelfTest>;
  start(spec: SandboxSpec): Promise<Sandbox>;
  /** Ends what a killed earlier host process left behind for this data folder; resolves to the number of sandboxes. */
  reap(): Promise<number>;
}
