/**
 * The git command line, made safe to point at files that a model has written: arguments as arrays, explicit git dir, no hooks,
 * filters, fsmonitor, external diff or configuration of the machine.
 */
import { spawn } from 'node:child_process';
import { AppError } from '../errors.ts';

const SAFE = [
  'core.hooksPath=/dev/null',
  'core.fsmonitor=false',
  'core.attributesFile=/dev/null',
  'core.symlinks=false',
  'core.autocrlf=false',
  'core.quotePath=false',
  'core.preloadIndex=false',
  'diff.external=',
  'protocol.allow=never',
  'gc.auto=0',
  'commit.gpgSign=false',
  'safe.directory=*',
].flatMap((setting) => ['-c', setting]);

const LARGEST_OUTPUT = 64 * 1024 * 1024;

export interface GitOptions {
  input?: string | Buffer;
  /** the work tree, where the command needs one */
  workTree?: string;
  indexFile?: string;
  env?: Record<string, string>;
  /** exit codes that are answers, not errors */
  accept?: number[];
}

export interface GitResult {
  code: number;
  stdout: Buffer;
}

/** One repository. */
export class Git {
  readonly dir: string;

  constructor(dir: string) {
    this.dir = dir;
  }

  /** @throws AppError `git_failed` for an exit code that is not accepted (default: only 0) */
  async run(args: string[], options: GitOptions = {}): Promise<GitResult> {
    const where = [`--git-dir=${this.dir}`, ...(options.workTree ? [`--work-tree=${options.workTree}`] : [])];
    const child = spawn('git', [...SAFE, ...where, ...args], {
      stdio: ['pipe', 'pipe', 'pipe'],
      ...(options.workTree ? { cwd: options.workTree } : {}),
      env: {
        PATH: process.env.PATH ?? '/usr/bin:/bin',
        HOME: '/nonexistent',
        GIT_CONFIG_NOSYSTEM: '1',
        GIT_CONFIG_GLOBAL: '/dev/null',
        GIT_TERMINAL_PROMPT: '0',
        GIT_OPTIONAL_LOCKS: '0',
        GIT_ATTR_NOSYSTEM: '1',
        LC_ALL: 'C',
        ...(options.indexFile ? { GIT_INDEX_FILE: options.indexFile } : {}),
        ...options.env,
      },
    });
    const out: Buffer[] = [];
    let size = 0;
    let complaint = '';
    child.stdout.on('data', (chunk: Buffer) => {
      size += chunk.length;
      if (size > LARGEST_OUTPUT) child.kill('SIGKILL');
      else out.push(chunk);
    });
    child.stderr.on('data', (chunk) => {
      complaint = (complaint + chunk).slice(-4000);
    });
    child.stdin.on('error', () => {});
    child.stdin.end(options.input ?? '');
    const code = await new Promise<number>((resolve, reject) => {
      child.once('error', (cause) =>
        reject(
          new AppError('git_missing', 'unavailable', 'git is not installed.', {
            cause,
            detail: 'Install it with: apt-get install git',
          }),
        ),
      );
      child.once('close', (exit) => resolve(exit ?? 137));
    });
    if (code !== 0 && !options.accept?.includes(code)) {
      throw new AppError('git_failed', 'bug', `git ${args[0]} failed (${code}): ${complaint.trim()}`);
    }
    return { code, stdout: Buffer.concat(out) };
  }

  /** Standard output as text without the last line end. */
  async text(args: string[], options: GitOptions = {}): Promise<string> {
    return (await this.run(args, options)).stdout.toString().replace(/\n$/, '');
  }

  /** The object that a name stands for, or undefined. */
  async resolve(name: string): Promise<string | undefined> {
    const { code, stdout } = await this.run(['rev-parse', '--verify', '--quiet', '--end-of-options', name], {
      accept: [1, 128],
    });
    return code === 0 ? stdout.toString().trim() : undefined;
  }

  /**
   * Moves a ref, but only from where it is expected to be (undefined: it must not exist).
   * @throws AppError `ref_moved` when somebody else was faster
   */
  async moveRef(ref: string, to: string, from: string | undefined): Promise<void> {
    const { code } = await this.run(['update-ref', ref, to, from ?? '0'.repeat(40)], { accept: [1, 128] });
    if (code !== 0) throw new AppError('ref_moved', 'conflict', `${ref} has moved meanwhile.`);
  }
}
