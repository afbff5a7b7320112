/** A real Vibe for tests: its own data folder and port, started as a person starts it, killed as badly as a test wants. */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { runDirOf } from '../../server/src/config.ts';
import { freePort } from './free-port.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const MAIN = join(ROOT, 'server', 'src', 'main.ts');
/** What is made once for all tests (global-setup.ts): each Vibe of a test gets hard links to the toolchain in it. */
export const PREPARED = join(ROOT, 'e2e', '.tmp');
const TOOLCHAINS = join(PREPARED, 'toolchains');

export interface Vibe {
  baseUrl: string;
  dataDir: string;
  env: NodeJS.ProcessEnv;
  /** starts it (again) and waits for the address */
  start(env?: NodeJS.ProcessEnv): Promise<void>;
  /** SIGTERM, as Ctrl-C does it; resolves with the milliseconds that it took */
  stop(): Promise<number>;
  /** kill -9 of a role, or of everything */
  kill(what: 'host' | 'web' | 'launcher' | 'all' | 'clusters'): Promise<void>;
  output(): string;
  /** stops it and deletes its data */
  remove(): Promise<void>;
}

/** Those that are not removed yet. */
export const runningVibes = new Set<Vibe>();

export async function makeVibe(env: NodeJS.ProcessEnv = {}): Promise<Vibe> {
  const dataDir = await mkdtemp(join(tmpdir(), 'vibe-e2e-'));
  const port = await freePort();
  const baseUrl = `http://localhost:${port}`;
  await seedToolchains(dataDir);
  const base = {
    ...environment(),
    PORT: String(port),
    VIBE_DATA_DIR: dataDir,
    VIBE_NPM_PATH: npmPath(),
    LOG_LEVEL: 'info',
    // a third of a start is reading our own sources: Node keeps what it has made of them
    NODE_COMPILE_CACHE: join(PREPARED, 'compiled'),
    ...env,
  };
  let child: ChildProcess | undefined;
  let output = '';
  const vibe: Vibe = {
    baseUrl,
    dataDir,
    env: base,
    output: () => output,
    async start(more = {}) {
      output = '';
      const started = spawn(process.execPath, [MAIN, 'launch'], {
        env: { ...base, ...more },
        stdio: ['ignore', 'pipe', 'pipe'],
      });
      child = started;
      const take = (chunk: Buffer) => {
        output += chunk;
      };
      started.stdout.on('data', take);
      started.stderr.on('data', take);
      await new Promise<void>((resolve, reject) => {
        const timer = setTimeout(() => reject(new Error(`Vibe did not start within 90 s:\n${output}`)), 90_000);
        const poll = setInterval(() => {
          if (!output.includes('Vibe is ready')) return;
          clearInterval(poll);
          clearTimeout(timer);
          resolve();
        }, 30);
        started.once('exit', (code) => {
          clearInterval(poll);
          clearTimeout(timer);
          reject(new Error(`Vibe ended with ${code}:\n${output}`));
        });
      });
    },
    async stop() {
      const running = child;
      if (!running || running.exitCode !== null || running.signalCode !== null) return 0;
      const began = performance.now();
      const ended = new Promise<void>((resolve) => running.once('exit', () => resolve()));
      running.kill('SIGTERM');
      await ended;
      return performance.now() - began;
    },
    async kill(what) {
      const runDir = runDirOf(dataDir);
      const pids: number[] = [];
      const note = async (name: string) => {
        const text = await readFile(join(runDir, `${name}.process`), 'utf8').catch(() => undefined);
        if (text) pids.push((JSON.parse(text) as { pid: number }).pid);
      };
      if (what === 'launcher' || what === 'all') await note('launcher');
      if (what === 'web' || what === 'all') await note('web');
      if (what === 'host' || what === 'all') await note('host');
      if (what === 'clusters' || what === 'all') {
        for (const name of ['platform', 'data']) {
          const text = await readFile(join(dataDir, 'clusters', name, 'data', 'postmaster.pid'), 'utf8').catch(
            () => '',
          );
          if (Number(text.split('\n')[0]) > 1) pids.push(Number(text.split('\n')[0]));
        }
      }
      for (const pid of pids) {
        try {
          process.kill(pid, 'SIGKILL');
        } catch {
          // gone already
        }
      }
      if (what === 'all' || what === 'launcher') child = undefined;
      await new Promise((resolve) => setTimeout(resolve, 200));
    },
    async remove() {
      await vibe.stop();
      await rm(dataDir, { recursive: true, force: true });
      await rm(runDirOf(dataDir), { recursive: true, force: true });
      runningVibes.delete(vibe);
    },
  };
  runningVibes.add(vibe);
  return vibe;
}

/** Links: the files are one for all tests that run beside each other. */
async function seedToolchains(dataDir: string): Promise<void> {
  if (existsSync(TOOLCHAINS)) execFileSync('cp', ['-al', TOOLCHAINS, join(dataDir, 'toolchains')]);
}

/**
 * Gives a Vibe that is stopped files of its own instead. Each link that a test beside it makes or removes is a change of the file to whoever
 * reads it meanwhile, and a backup must not be made of files that change.
 */
export function unshareToolchains({ dataDir }: Pick<Vibe, 'dataDir'>): void {
  const [shared, own] = [join(dataDir, 'toolchains'), join(dataDir, 'toolchains.own')];
  execFileSync('cp', ['-a', '--reflink=auto', shared, own]);
  execFileSync('find', [shared, '-type', 'd', '-exec', 'chmod', 'u+w', '{}', '+']);
  execFileSync('rm', ['-rf', shared]);
  execFileSync('mv', [own, shared]);
}

function npmPath(): string {
  const given = process.env.npm_execpath;
  return given?.endsWith('.js') ? given : 'npm';
}

/** This process's environment without the settings of a Vibe. */
export const environment = (): NodeJS.ProcessEnv =>
  Object.fromEntries(
    Object.entries(process.env).filter(
      ([name]) => !/^(ANTHROPIC|OPENAI|TOGETHER|VIBE_|DATABASE_URL|PORT|HOST$)/.test(name),
    ),
  );
