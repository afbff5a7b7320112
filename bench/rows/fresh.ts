/** From a clone in an empty folder to the address: what somebody waits for who has just found Vibe. Packages, the web UI and both clusters are made there. */
import { execFileSync, spawn } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { call } from '../../e2e/support/client.ts';
import { freePort } from '../../e2e/support/free-port.ts';
import { environment } from '../../e2e/support/vibe.ts';
import { runDirOf } from '../../server/src/config.ts';
import type { Row } from '../support/row.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const PATIENCE_MS = 600_000;

export async function fresh(): Promise<Row> {
  const folder = await mkdtemp(join(tmpdir(), 'vibe-fresh-'));
  const clone = join(folder, 'vibe');
  execFileSync('git', ['clone', '-q', '--no-hardlinks', ROOT, clone]);
  const cache = cacheWords();
  const port = await freePort();
  const began = performance.now();
  const started = spawn('npm', ['start'], {
    cwd: clone,
    env: { ...environment(), PORT: String(port) },
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  });
  let output = '';
  for (const stream of [started.stdout, started.stderr])
    stream.on('data', (chunk: Buffer) => {
      output = (output + chunk).slice(-4000);
    });
  try {
    while (!(await answers(`http://localhost:${port}`))) {
      if (started.exitCode !== null || performance.now() - began > PATIENCE_MS)
        throw new Error(`a fresh clone did not start:\n${output}`);
      await sleep(20);
    }
    const seconds = (performance.now() - began) / 1000;
    return {
      path: 'fresh clone → address',
      beside: '',
      ours: seconds,
      bare: null,
      unit: 's',
      result: seconds,
      kind: 'value',
      limit: 60,
      note: cache,
    };
  } finally {
    await interrupt(started.pid!);
    await rm(runDirOf(join(clone, '.vibe')), { recursive: true, force: true });
    // what was still being installed for apps may write for a moment longer
    await rm(folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 250 });
  }
}

const answers = (address: string): Promise<boolean> =>
  call(address, 'GET', '/').then(
    ({ status }) => status === 200,
    () => false,
  );

/** Ctrl-C, as a terminal sends it to everything that a command has started; resolves when all of that is gone. */
async function interrupt(group: number): Promise<void> {
  const send = (signal: NodeJS.Signals | 0) => {
    try {
      return process.kill(-group, signal);
    } catch {
      return false;
    }
  };
  send('SIGINT');
  while (send(0)) await sleep(50);
}

/** Packages that npm has fetched before are not fetched again: the row says which of the two it measured. */
function cacheWords(): string {
  const folder = join(execFileSync('npm', ['config', 'get', 'cache']).toString().trim(), '_cacache', 'index-v5');
  return existsSync(folder) && readdirSync(folder).length > 0 ? 'with npm’s cache warm' : 'with npm’s cache empty';
}
