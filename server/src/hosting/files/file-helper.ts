/**
 * The host's side of the file helper: starts it in a sandbox that sees one app's folder and nothing else, asks, and starts it
 * anew after it died. Every write into a worktree goes through here: a model's edits, undo, merge and compile alike.
 */
import { fileURLToPath } from 'node:url';
import { AppError, messageOf } from '../../errors.ts';
import type { Sandbox, SandboxDriver, SandboxLimits, SandboxSpec } from '../driver.ts';
import { FILE_LIMITS } from './limits.ts';
import type {
  ApplyInput,
  ApplyValue,
  ListInput,
  ListValue,
  Operation,
  Operations,
  ReadInput,
  ReadTreeValue,
  ReadValue,
  Response,
  Result,
  SearchInput,
  SearchValue,
  WriteTreeInput,
} from './protocol.ts';

export interface FileHelperOptions {
  driver: SandboxDriver;
  /** Unique among living sandboxes, such as `files-<chat8>`. */
  id: string;
  /** The app's folder in the worktree. */
  appDir: string;
  /** The toolchain's node_modules: the compilers that check syntax. */
  modulesDir: string;
  /** Time for one call. Default 30 s. */
  timeoutMs?: number;
  /** More environment; for tests. */
  env?: Record<string, string>;
}

/** The helper holds the app in memory while it works on it; twice, and the compilers. */
const LIMITS: SandboxLimits = { memoryMb: 512, processes: 64, cpuPercent: 100, fileSizeMb: 16, openFiles: 256 };

interface Waiting {
  resolve: (response: Response) => void;
  reject: (error: AppError) => void;
}

interface Running {
  sandbox: Sandbox;
  waiting: Map<number, Waiting>;
}

export class FileHelper {
  readonly #options: FileHelperOptions;
  #running: Promise<Running> | undefined;
  #sandbox: Sandbox | undefined;
  /** The stop of one that took too long; the next starts after it. */
  #ending: Promise<void> | undefined;
  #count = 0;
  #closed = false;

  /** Starts nothing yet; the first call does, or `start`. */
  constructor(options: FileHelperOptions) {
    this.#options = options;
  }

  /** Resolves when it is ready; also finishes what a killed one had begun. */
  async start(): Promise<void> {
    await this.#ensure();
  }

  /** Ends it. Later calls reject. */
  async close(): Promise<void> {
    this.#closed = true;
    await this.#ending;
    const running = await this.#running?.catch(() => undefined);
    await running?.sandbox.stop(1_000);
  }

  list(input: ListInput): Promise<Result<ListValue>> {
    return this.#ask('list', input);
  }
  read(input: ReadInput): Promise<Result<ReadValue>> {
    return this.#ask('read', input);
  }
  search(input: SearchInput): Promise<Result<SearchValue>> {
    return this.#ask('search', input);
  }
  /** A model's edits: all of them, or none and the reason. */
  apply(input: ApplyInput): Promise<Result<ApplyValue>> {
    return this.#ask('apply', input);
  }
  /** For the platform alone, never offered to a model: it may also write changes/ and the spec. All or nothing. */
  writeTree(input: WriteTreeInput): Promise<Result<ApplyValue>> {
    return this.#ask('writeTree', input);
  }
  /** For the platform alone. */
  readTree(): Promise<Result<ReadTreeValue>> {
    return this.#ask('readTree', {});
  }

  async #ask<Name extends Operation>(op: Name, input: Operations[Name][0]): Promise<Result<Operations[Name][1]>> {
    const { sandbox, waiting } = await this.#ensure();
    const id = ++this.#count;
    const line = JSON.stringify({ id, op, input });
    if (line.length > FILE_LIMITS.messageBytes) {
      return { ok: false, code: 'call_large', message: 'The call is too large.' };
    }
    const answer = new Promise<Response>((resolve, reject) => waiting.set(id, { resolve, reject }));
    const timeoutMs = this.#options.timeoutMs ?? 30_000;
    const timer = setTimeout(() => {
      const error = new AppError('helper_timeout', 'limit', `The file operation took longer than ${timeoutMs} ms.`);
      waiting.get(id)?.reject(error);
      this.#running = undefined;
      this.#ending = sandbox.stop(0);
    }, timeoutMs);
    sandbox.stdin!.write(`${line}\n`);
    try {
      const { id: _, ...result } = await answer;
      return result as Result<Operations[Name][1]>;
    } finally {
      clearTimeout(timer);
      waiting.delete(id);
    }
  }

  async #ensure(): Promise<Running> {
    if (this.#closed) throw new AppError('helper_closed', 'unavailable', 'The files of this chat are closed.');
    if (!this.#running) {
      const starting = this.#launch();
      this.#running = starting;
      starting.catch(() => this.#forget(starting));
    }
    return await this.#running;
  }

  #forget(running: Promise<Running>): void {
    if (this.#running === running) this.#running = undefined;
  }

  async #launch(): Promise<Running> {
    await this.#ending;
    const sandbox = await this.#options.driver.start(this.#spec());
    this.#sandbox = sandbox;
    const waiting: Running['waiting'] = new Map();
    const running = { sandbox, waiting };
    const ready = new Promise<Response>((resolve, reject) => waiting.set(0, { resolve, reject }));
    readLines(sandbox, (line) => {
      const response = parse(line);
      if (response) waiting.get(response.id)?.resolve(response);
    });
    void sandbox.exited.then((exit) => {
      if (this.#sandbox === sandbox) this.#running = undefined;
      const detail = sandbox.logs.text(5) || undefined;
      const error = new AppError('helper_ended', 'unavailable', `The file helper ended. ${exit.message}`, { detail });
      for (const one of waiting.values()) one.reject(error);
    });
    const timer = setTimeout(() => void sandbox.stop(0), 20_000);
    try {
      await ready;
      return running;
    } catch (cause) {
      throw cause instanceof AppError
        ? cause
        : new AppError('helper_ended', 'unavailable', messageOf(cause), { cause });
    } finally {
      clearTimeout(timer);
      waiting.delete(0);
    }
  }

  #spec(): SandboxSpec {
    const { id, appDir, modulesDir, env } = this.#options;
    return {
      id,
      command: ['node', '--no-warnings', '/w/files/inside/helper.ts'],
      env: { NODE_OPTIONS: '--max-old-space-size=384', ...env },
      mounts: [
        { source: appDir, target: '/w/app', mode: 'rw', maxMb: (3 * FILE_LIMITS.treeBytes) / 1024 / 1024 },
        { source: modulesDir, target: '/w/node_modules', mode: 'ro' },
        { source: fileURLToPath(new URL('.', import.meta.url)).replace(/\/$/, ''), target: '/w/files', mode: 'ro' },
      ],
      tmpfs: [{ target: '/tmp', sizeMb: 8 }],
      workdir: '/w/app',
      limits: LIMITS,
      stdin: 'pipe',
      log: 'stderr',
    };
  }
}

/** One line at a time; a line that never ends is cut off with its sandbox. */
function readLines(sandbox: Sandbox, take: (line: string) => void): void {
  let pieces: string[] = [];
  let size = 0;
  sandbox.stdout.on('data', (chunk: string) => {
    const lines = chunk.split('\n');
    for (const [index, piece] of lines.entries()) {
      pieces.push(piece);
      size += piece.length;
      if (index === lines.length - 1) break;
      take(pieces.join(''));
      pieces = [];
      size = 0;
    }
    if (size > FILE_LIMITS.messageBytes) void sandbox.stop(0);
  });
}

function parse(line: string): Response | undefined {
  try {
    return JSON.parse(line) as Response;
  } catch {
    return undefined;
  }
}
