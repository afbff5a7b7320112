/** What the contract tests stand on: a driver over a fresh data folder, and short ways to run a script in a sandbox. */
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Sandbox, SandboxDriver, SandboxLimits, SandboxSpec } from '../driver.ts';
import { type RunResult, runToEnd } from '../run-to-end.ts';

export interface DriverUnderTest {
  name: string;
  make: (dataDir: string) => SandboxDriver;
  /** Source of an ES module expression that makes the same driver in another process, given `dataDir` in scope. */
  makeElsewhere: string;
  /** Paths that its runtime makes in every sandbox; what they hold must still be nothing of the host's. */
  furnished?: string[];
}

export const LIMITS: SandboxLimits = { memoryMb: 256, processes: 80, cpuPercent: 100, fileSizeMb: 64, openFiles: 256 };

export class Bench {
  readonly dataDir: string;
  readonly driver: SandboxDriver;
  #count = 0;
  readonly #living: Sandbox[] = [];

  constructor(under: DriverUnderTest) {
    // As strict as a home folder: nobody but us may pass.
    this.dataDir = mkdtempSync(join(tmpdir(), 'vibe-contract-'));
    this.driver = under.make(this.dataDir);
  }

  /** A folder below the data folder. */
  folder(name: string): string {
    const path = join(this.dataDir, name);
    mkdirSync(path, { recursive: true });
    return path;
  }

  spec(script: string, more: Partial<SandboxSpec> = {}): SandboxSpec {
    const id = `test-${process.pid}-${++this.#count}`;
    const base = { id, command: ['node', '-e', script], env: {}, mounts: [], tmpfs: [], workdir: '/' };
    return { ...base, limits: LIMITS, stdin: 'ignore', ...more };
  }

  async start(script: string, more: Partial<SandboxSpec> = {}): Promise<Sandbox> {
    const sandbox = await this.driver.start(this.spec(script, more));
    this.#living.push(sandbox);
    return sandbox;
  }

  /** Runs a script of Node to its end. */
  async run(script: string, more: Partial<SandboxSpec> = {}): Promise<RunResult> {
    return await runToEnd(this.driver, this.spec(script, more), { timeoutMs: 30_000 });
  }

  /** Runs a script and parses what it printed. */
  async ask<T>(script: string, more: Partial<SandboxSpec> = {}): Promise<T> {
    const result = await this.run(script, more);
    try {
      return JSON.parse(result.stdout) as T;
    } catch {
      throw new Error(`The script answered nothing: ${result.message} ${result.lastLines}`);
    }
  }

  /** Runs Perl, which can make any system call; the host's /usr is bound for it. */
  async perl(script: string): Promise<string> {
    const usr = { source: '/usr', target: '/usr', mode: 'ro' as const };
    const result = await this.run('', { command: ['/usr/bin/perl', '-e', script], mounts: [usr] });
    if (result.code !== 0) throw new Error(`Perl failed: ${result.message} ${result.lastLines}`);
    return result.stdout.trim();
  }

  async close(): Promise<void> {
    await Promise.all(this.#living.map((sandbox) => sandbox.stop(0)));
    rmSync(this.dataDir, { recursive: true, force: true });
  }
}

/** Asks until the answer is true, for at most `ms`. */
export async function eventually(holds: () => boolean | Promise<boolean>, ms = 20_000): Promise<boolean> {
  const deadline = Date.now() + ms;
  while (Date.now() < deadline) {
    if (await holds()) return true;
    await sleep(20);
  }
  return false;
}

/** Waits for a line of the sandbox's log that holds `text`. */
export async function said(sandbox: Sandbox, text: string): Promise<boolean> {
  return await eventually(() => sandbox.logs.text().includes(text));
}
