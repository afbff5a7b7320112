/** Says in plain words how a sandbox ended. */
import type { SandboxExit, SandboxSpec } from '../../driver.ts';

/** V8 and libstdc++ give up by aborting, with these words on stderr; a refused buffer is an exception first. */
export function looksLikeOutOfMemory(signal: NodeJS.Signals | null, code: number | null, output: string): boolean {
  if (code !== 0 && /RangeError: Array buffer allocation failed|ERR_MEMORY_ALLOCATION_FAILED/.test(output)) return true;
  return (
    signal !== null && signal !== 'SIGKILL' && /out of memory|heap limit|bad_alloc|allocation failed/i.test(output)
  );
}

/** @param output the last lines; the last one explains a failed start */
export function describeEnd(exit: Omit<SandboxExit, 'message'>, spec: SandboxSpec, output: string): string {
  const { limits } = spec;
  switch (exit.reason) {
    case 'stopped':
      return 'It was stopped.';
    case 'memory':
      return `It used more than ${limits.memoryMb} MB of memory and was ended.`;
    case 'processes':
      return `It started more than ${limits.processes} tasks and was ended.`;
    case 'disk':
      return `It wrote more than ${Math.max(...spec.mounts.map((mount) => mount.maxMb ?? 0))} MB and was ended.`;
    case 'failed-to-start':
      return `It could not start: ${output.trim().split('\n').at(-1) || 'the sandbox said nothing.'}`;
    case 'exit':
      if (exit.signal) return `It was ended by ${exit.signal}.`;
      return exit.code === 0 ? 'It ended by itself.' : `It ended with code ${exit.code}.`;
  }
}
