/** Starting and stopping as people and machines do it badly: taken ports, newer data, a full disk, killed parts, an impatient Ctrl-C. */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm, symlink } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { RawBuilder } from 'kysely';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { readConfig, runDirOf } from '../server/src/config.ts';
import { openDatabase, run, sql } from '../server/src/db/database.ts';
import { startCluster, stopCluster } from '../server/src/db/embedded.ts';
import { call, Person } from './support/client.ts';
import { containerReady, turn } from './support/maker.ts';
import { platformUrl } from './support/platform.ts';
import { makeVibe, type Vibe } from './support/vibe.ts';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const MAIN = join(ROOT, 'server', 'src', 'main.ts');

let vibe: Vibe;
let marta: Person;
beforeAll(async () => {
  vibe = await makeVibe();
  await vibe.start();
  marta = await Person.register(vibe.baseUrl);
  await containerReady(marta);
}, 120_000);
afterAll(() => vibe?.remove());

/** Runs a program to its end. */
function outcome(
  command: string,
  args: string[],
  env: NodeJS.ProcessEnv,
): Promise<{ code: number | null; text: string }> {
  return new Promise((resolve) => {
    const child = spawn(command, args, { cwd: ROOT, env, stdio: ['ignore', 'pipe', 'pipe'] });
    let text = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream.on('data', (chunk) => {
        text += chunk;
      });
    }
    child.once('close', (code) => resolve({ code, text }));
  });
}
const launch = (env: NodeJS.ProcessEnv) => outcome(process.execPath, [MAIN, 'launch'], { ...vibe.env, ...env });

/** Processes of a data folder: whatever names it, or works for it. */
async function processesOf(dataDir: string): Promise<string[]> {
  const marks = [dataDir, runDirOf(dataDir)];
  const found: string[] = [];
  for (const pid of (await readdir('/proc')).filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)) {
    const [line, environment, stat] = await Promise.all(
      ['cmdline', 'environ', 'stat'].map((name) => readFile(`/proc/${pid}/${name}`, 'utf8').catch(() => '')),
    );
    if (/\) Z /.test(stat!)) continue;
    if (marks.some((mark) => `${line}\0${environment}`.includes(mark)))
      found.push(`${pid} ${line!.replaceAll('\0', ' ')}`);
  }
  return found;
}

it('a second start on the same data folder says where the first one is, and leaves it alone', async () => {
  const { code, text } = await launch({ PORT: new URL(vibe.baseUrl).port });
  expect(code).toBe(1);
  expect(text.trim()).toBe(
    `Vibe is already running on this data folder: ${vibe.baseUrl} Stop it with Ctrl-C where it was started, or use that one.`,
  );
  expect((await marta.ask('GET', '/api/me')).status).toBe(200);
});

it('a port that another program has is named, with the way out, and nothing is left behind', async () => {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as { port: number };
  const dataDir = await mkdtemp(join(tmpdir(), 'vibe-port-'));
  try {
    const { code, text } = await launch({ PORT: String(port), VIBE_DATA_DIR: dataDir });
    expect(code).toBe(1);
    expect(text).toContain(`Port ${port} is taken by another program. Choose another one: PORT=${port + 1} npm start`);
    expect(text).not.toMatch(/at .*\.ts:\d+/);
    expect(await processesOf(dataDir)).toEqual([]);
  } finally {
    server.close();
    await rm(dataDir, { recursive: true, force: true });
  }
});

it('settings that are wrong are all named at once', async () => {
  const { code, text } = await launch({ PORT: 'abc', ANTHROPIC_BASE_URL: 'nonsense', VIBE_NO_APT: 'maybe' });
  expect(code).toBe(1);
  for (const name of ['PORT', 'ANTHROPIC_BASE_URL', 'VIBE_NO_APT']) expect(text).toContain(name);
  const { code: open, text: why } = await launch({ HOST: '0.0.0.0' });
  expect(open).toBe(1);
  expect(why).toContain('passwords would travel unprotected');
});

it('data lives in .vibe of the folder that one starts in, unless a setting says otherwise', () => {
  expect(readConfig({}).dataDir).toBe(join(process.cwd(), '.vibe'));
  expect(readConfig({ VIBE_DATA_DIR: '' }).dataDir).toBe(join(process.cwd(), '.vibe'));
  expect(readConfig({ VIBE_DATA_DIR: '/srv/vibe' }).dataDir).toBe('/srv/vibe');
});

it('a machine without git is told so in one sentence', async () => {
  const bin = await mkdtemp(join(tmpdir(), 'vibe-path-'));
  try {
    for (const name of ['node', 'sh', 'env']) {
      const real = name === 'node' ? process.execPath : execFileSync('which', [name], { encoding: 'utf8' }).trim();
      await symlink(real, join(bin, name));
    }
    const { code, text } = await outcome(process.execPath, [join(ROOT, 'scripts', 'start.mjs')], {
      PATH: bin,
      HOME: bin,
    });
    expect(code).toBe(1);
    expect(text.trim().split('\n')).toHaveLength(1);
    expect(text).toMatch(/git/);
  } finally {
    await rm(bin, { recursive: true, force: true });
  }
});

it('a disk without room is refused before anything is written', async ({ skip }) => {
  const mount = await mkdtemp(join(tmpdir(), 'vibe-full-'));
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=20m', 'tmpfs', mount], { stdio: 'ignore' });
  } catch {
    await rm(mount, { recursive: true, force: true });
    return skip('a small disk can be mounted by root only');
  }
  try {
    const { code, text } = await launch({ PORT: '1024', VIBE_DATA_DIR: mount });
    expect(code).toBe(1);
    expect(text.trim()).toMatch(/^The disk of \S+ is full\. Free at least 300 MB, then start again\.$/m);
    expect(await readdir(mount)).not.toContain('clusters');
  } finally {
    execFileSync('umount', [mount]);
    await rm(mount, { recursive: true, force: true });
  }
});

it('starts again whatever subset of its parts was killed, with all that was there', async () => {
  const parts = ['launcher', 'host', 'web', 'clusters'] as const;
  const subsets: (typeof parts)[number][][] = [
    ['launcher'],
    ['launcher', 'host'],
    ['launcher', 'web'],
    ['launcher', 'clusters'],
    ['launcher', 'host', 'web'],
    ['launcher', 'host', 'web', 'clusters'],
  ];
  for (const subset of subsets) {
    for (const part of subset) await vibe.kill(part);
    await vibe.start();
    const me = await marta.ask<{ user: { name: string } }>('GET', '/api/me');
    expect(`${me.status} ${me.body.user?.name}`, subset.join(', ')).toBe('200 Marta Lindqvist');
    const running = (await processesOf(vibe.dataDir)).filter((line) => line.includes(MAIN));
    expect(running, subset.join(', ')).toHaveLength(3);
  }
});

it('heals by itself when the launcher lives: a killed host, web or database comes back', async () => {
  for (const part of ['host', 'web', 'clusters'] as const) {
    await vibe.kill(part);
    await marta.until(
      async () => (await call(vibe.baseUrl, 'GET', '/api/ready').catch(() => undefined))?.status === 200,
      `the ${part}`,
    );
    expect((await marta.ask('GET', '/api/me')).status).toBe(200);
    // and it works: what is said is answered
    expect((await turn(marta, `hello after the ${part}`)).ended.outcome).toBe('completed');
  }
});

it('data of a newer version is refused in words and left as it is', async () => {
  await vibe.stop();
  const folder = join(vibe.dataDir, 'clusters', 'platform');
  const change = async (statement: RawBuilder<unknown>) => {
    await startCluster({
      name: 'platform',
      folder,
      socketDir: join(runDirOf(vibe.dataDir), 'pg-platform'),
      settings: {},
    });
    const { db } = openDatabase(platformUrl(vibe), { max: 1 });
    await run(db, statement);
    await db.destroy();
    await stopCluster({ folder });
  };
  await change(sql`insert into kysely_migration (name, timestamp) values ('999999_future', now())`);
  const { code, text } = await launch({});
  expect(code).toBe(1);
  expect(text).toContain(
    'The data was written by a newer version of Vibe (it has 999999_future). Update Vibe, or point VIBE_DATA_DIR at another folder.',
  );
  expect(await processesOf(vibe.dataDir)).toEqual([]);
  await change(sql`delete from kysely_migration where name = '999999_future'`);
  await vibe.start();
  expect((await marta.ask('GET', '/api/me')).status).toBe(200);
});

it('stops within ten seconds when Ctrl-C is pressed twice, and leaves no process', async () => {
  await vibe.stop();
  expect(await processesOf(vibe.dataDir)).toEqual([]);
  // as a terminal does it: to every process of the group, and once more out of impatience
  const child: ChildProcess = spawn(process.execPath, [MAIN, 'launch'], {
    env: vibe.env,
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let text = '';
  for (const stream of [child.stdout!, child.stderr!]) {
    stream.on('data', (chunk) => {
      text += chunk;
    });
  }
  await marta.until(async () => text.includes('Vibe is ready'), 'the start', 60_000);
  const ended = new Promise<number | null>((resolve) => child.once('exit', (code) => resolve(code)));
  const began = Date.now();
  process.kill(-child.pid!, 'SIGINT');
  await sleep(20);
  process.kill(-child.pid!, 'SIGINT');
  expect(await ended).toBe(0);
  expect(Date.now() - began).toBeLessThan(10_000);
  expect(text).toContain('Stopped.');
  expect(await processesOf(vibe.dataDir)).toEqual([]);
});
