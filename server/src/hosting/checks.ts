/** Runs an app's own checks (types, tests) on an exported tree, in a sandbox without network. */
import type { SandboxDriver } from './driver.ts';
import type { Layer } from './packages/layers.ts';
import { workPlan } from './plans.ts';
import { runToEnd } from './run-to-end.ts';
import type { Toolchain } from './toolchain.ts';

export interface CheckOptions {
  driver: SandboxDriver;
  /** Unique among living sandboxes. */
  id: string;
  /** Consumed: it changes hands to the sandbox's user. */
  exportedTreeDir: string;
  toolchain: Toolchain;
  /** What the app needs beside it. */
  layer?: Layer | undefined;
  /** Folder of a database socket, when the tests may use one. */
  pgDir?: string;
  env?: Record<string, string>;
  signal?: AbortSignal;
  onLine?: (line: string) => void;
  /** Default 3 min. */
  timeoutMs?: number;
}

export interface CheckStep {
  name: 'prepare' | 'types' | 'tests' | 'sandbox';
  ok: boolean;
  /** The last 64 KB of what it printed. */
  output: string;
  durationMs: number;
}

/** Every step that ran, in order; `ok` when all are. A check that was cut short has a last step `sandbox` with the reason. */
export async function runChecks(options: CheckOptions): Promise<{ ok: boolean; steps: CheckStep[] }> {
  const { driver, id, toolchain, pgDir, env, onLine } = options;
  const modules = toolchain.modules;
  const layer = options.layer?.modules;
  const treeDir = options.exportedTreeDir;
  const spec = workPlan({ id, treeDir, runner: 'check.mjs', modules, layer, pgDir, env, maxMb: 300 });
  // The results are on stdout; what the tools print goes to the log by stderr.
  const run = await runToEnd(
    driver,
    { ...spec, log: 'stderr' },
    {
      timeoutMs: options.timeoutMs ?? 180_000,
      signal: options.signal,
      onLine: onLine && ((line) => onLine(line.text)),
    },
  );
  const steps = run.stdout
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line) as CheckStep);
  if (run.reason !== 'exit' || run.code !== 0) {
    steps.push({ name: 'sandbox', ok: false, output: `${run.message}\n${run.lastLines}`, durationMs: run.durationMs });
  }
  return { ok: steps.length > 0 && steps.every((step) => step.ok), steps };
}
