/** Runs one command in a sandbox to its end: checks, builds, anything that is started, watched and over. */
import { AppError } from '../errors.ts';
import type { EndReason, SandboxDriver, SandboxSpec } from './driver.ts';
import type { LogLine } from './log-buffer.ts';

export interface RunOptions {
  timeoutMs: number;
  /** Aborting it ends the sandbox at once. */
  signal?: AbortSignal;
  onLine?: (line: LogLine) => void;
  /** Bytes kept of stdout and of stderr each. Default 1 MB; what comes later is counted in `truncated`. */
  maxOutput?: number;
}

export interface RunResult {
  code: number | null;
  reason: EndReason | 'timeout' | 'aborted';
  message: string;
  stdout: string;
  stderr: string;
  /** Both streams in order, the last lines. */
  lastLines: string;
  truncated: boolean;
  durationMs: number;
}

/** Starts `spec`, waits for its end, and leaves no process behind. Rejects only when it cannot start. */
export async function runToEnd(driver: SandboxDriver, spec: SandboxSpec, options: RunOptions): Promise<RunResult> {
  if (options.signal?.aborted) throw new AppError('aborted', 'unavailable', 'It was stopped before it started.');
  const began = performance.now();
  const sandbox = await driver.start(spec);
  const cap = options.maxOutput ?? 1024 * 1024;
  const kept = { stdout: '', stderr: '' };
  let truncated = false;
  for (const stream of ['stdout', 'stderr'] as const) {
    sandbox[stream].on('data', (chunk: string) => {
      const room = cap - kept[stream].length;
      if (chunk.length > room) truncated = true;
      if (room > 0) kept[stream] += chunk.slice(0, room);
    });
  }
  if (options.onLine) sandbox.logs.subscribe(options.onLine);
  let cut: 'timeout' | 'aborted' | undefined;
  const end = (why: 'timeout' | 'aborted') => {
    cut ??= why;
    void sandbox.stop(0);
  };
  const timer = setTimeout(() => end('timeout'), options.timeoutMs);
  const onAbort = () => end('aborted');
  options.signal?.addEventListener('abort', onAbort, { once: true });
  if (options.signal?.aborted) onAbort();
  const exit = await sandbox.exited;
  clearTimeout(timer);
  options.signal?.removeEventListener('abort', onAbort);
  const seconds = Math.round(options.timeoutMs / 1000);
  const message =
    cut === 'timeout' ? `It took longer than ${seconds} s and was ended.` : cut ? 'It was stopped.' : exit.message;
  return {
    code: exit.code,
    reason: cut ?? exit.reason,
    message,
    ...kept,
    lastLines: sandbox.logs.text(60),
    truncated,
    durationMs: performance.now() - began,
  };
}
