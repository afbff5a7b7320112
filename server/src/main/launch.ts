/**
 * Starts everything on one machine and watches it: two database clusters, the host, the web+worker process. It alone handles signals,
 * and stops the parts in order (turns and web, sandboxes and host, clusters). What a killed earlier start has left is taken over or ended.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { openSync } from 'node:fs';
import { mkdir, readFile, rm, statfs, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { Config } from '../config.ts';
import { one, openDatabase, sql } from '../db/database.ts';
import { type ClusterPlan, MIRRORING, startCluster, stopCluster } from '../db/embedded.ts';
import { migrate } from '../db/migrate.ts';
import { AppError } from '../errors.ts';
import { migrateQueue } from '../jobs/queue.ts';
import { endLeftover, findProcess, noteProcess } from './process-file.ts';

const MAIN = fileURLToPath(new URL('../main.ts', import.meta.url));
const SMALLEST_DISK = 300 * 1024 * 1024;
const PLATFORM = 'vibe';
const TEND_MS = 1000;

interface Part {
  name: 'host' | 'web';
  child: ChildProcess;
  ended: Promise<void>;
}

interface State {
  parts: Map<string, Part>;
  stopping: boolean;
  /** the look after the clusters that is under way */
  tending: Promise<unknown>;
}

export async function runLauncher(config: Config): Promise<void> {
  const began = Date.now() - config.startedMsAgo;
  await mkdir(config.dataDir, { recursive: true, mode: 0o700 });
  await mkdir(config.runDir, { recursive: true, mode: 0o700 });
  await mkdir(join(config.dataDir, 'logs'), { recursive: true });
  const note = (name: string) => join(config.runDir, `${name}.process`);
  const running = await findProcess(note('launcher'));
  if (running) {
    const at = running.address?.baseUrl ?? config.baseUrl;
    throw new AppError('running', 'conflict', `Vibe is already running on this data folder: ${at}`, {
      detail: 'Stop it with Ctrl-C where it was started, or use that one.',
    });
  }
  const { port, baseUrl, loopback } = config;
  await noteProcess(note('launcher'), process.pid, { port, baseUrl, loopback });
  await refuseFullDisk(config.dataDir);

  const folder = (name: string) => join(config.dataDir, 'clusters', name);
  const state: State = { parts: new Map(), stopping: false, tending: Promise.resolve() };
  let stopped: Promise<void> | undefined;
  const stop = (): Promise<void> => {
    stopped ??= stopAll(config, state, [folder('platform'), folder('data')], note('launcher'));
    return stopped;
  };
  // Ctrl-C arrives twice, from the terminal and from npm: the second finds the first at work
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(signal, () => void stop().then(() => process.exit(0)));
  }

  try {
    await step('Cleared what an earlier start had left', async () => {
      const left = await Promise.all([endLeftover(note('web'), 3000), endLeftover(note('host'), 5000)]);
      return left.some(Boolean);
    });
    await refuseTakenPort(config);
    const urls = await step('Databases', () => startDatabases(config, folder));
    await step('Database schema', () => prepare(urls.platform));
    const code = await firstCode(config, urls.platform);
    const env = {
      ...process.env,
      DATABASE_URL: urls.platform,
      VIBE_DATA_CLUSTER_URL: urls.data,
      VIBE_FIRST_CODE: code ?? '',
    };
    const start = (name: Part['name']) => startPart(name, config, env, note(name), state);
    await step('Host: gateway, sandboxes', () => start('host'));
    await step('Web and worker', () => start('web'));
    if (state.stopping) return;
    const plans = clusterPlans(config, folder);
    void tendClusters(
      [config.databaseUrl ? [] : plans.platform, config.dataClusterUrl ? [] : plans.data].flat(),
      state,
    );
    console.log(`\n  Vibe is ready in ${((Date.now() - began) / 1000).toFixed(1)} s:  ${config.baseUrl}\n`);
    if (code) console.log(`  The first account needs this code: ${code}\n`);
    console.log('  Ctrl-C stops it. Everything is kept.\n');
  } catch (error) {
    await stop();
    throw error;
  }
  await new Promise(() => {});
}

/** Prints a line with its time when the step is done; a step that answers false did nothing and prints nothing. */
async function step<T>(name: string, work: () => Promise<T>): Promise<T> {
  const began = performance.now();
  const result = await work();
  if (result !== false) console.log(`  ${name.padEnd(34)} ${((performance.now() - began) / 1000).toFixed(1)} s`);
  return result;
}

async function refuseFullDisk(dataDir: string): Promise<void> {
  const { bavail, bsize } = await statfs(dataDir);
  if (bavail * bsize < SMALLEST_DISK) {
    throw new AppError('disk_full', 'unavailable', `The disk of ${dataDir} is full.`, {
      detail: `Free at least ${SMALLEST_DISK / 1024 / 1024} MB, then start again.`,
    });
  }
}

async function refuseTakenPort(config: Config): Promise<void> {
  const probe = createServer();
  await new Promise<void>((resolve, reject) => {
    probe.once('error', (cause: NodeJS.ErrnoException) => {
      const text =
        cause.code === 'EACCES'
          ? `Port ${config.port} needs more rights than this user has.`
          : `Port ${config.port} is taken by another program.`;
      reject(
        new AppError('port_taken', 'conflict', text, {
          cause,
          detail: `Choose another one: PORT=${config.port + 1} npm start`,
        }),
      );
    });
    probe.listen({ port: config.port, host: config.host }, () => probe.close(() => resolve()));
  });
}

function clusterPlans(config: Config, folder: (name: string) => string): { platform: ClusterPlan; data: ClusterPlan } {
  const plan = (name: string, settings: Record<string, string> = {}): ClusterPlan => ({
    name,
    folder: folder(name),
    socketDir: join(config.runDir, `pg-${name}`),
    settings,
  });
  return { platform: plan('platform'), data: plan('data', MIRRORING) };
}

/** Starts a cluster again that has died; one that lives is left alone. */
async function tendClusters(plans: ClusterPlan[], state: State): Promise<void> {
  while (!state.stopping) {
    await sleep(TEND_MS);
    if (state.stopping) return;
    state.tending = Promise.allSettled(plans.map((plan) => startCluster(plan)));
    await state.tending;
  }
}

async function startDatabases(
  config: Config,
  folder: (name: string) => string,
): Promise<{ platform: string; data: string }> {
  const plans = clusterPlans(config, folder);
  const [platform, data] = await Promise.all([
    config.databaseUrl ??
      startCluster(plans.platform).then(async (cluster) => {
        const { db } = openDatabase(cluster.url('postgres'), { max: 1 });
        const { rows } = await sql`select 1 from pg_database where datname = ${PLATFORM}`.execute(db);
        if (rows.length === 0) await sql`create database ${sql.id(PLATFORM)}`.execute(db);
        await db.destroy();
        return cluster.url(PLATFORM);
      }),
    config.dataClusterUrl ?? startCluster(plans.data).then((cluster) => cluster.url('postgres')),
  ]);
  return { platform, data };
}

async function prepare(url: string): Promise<void> {
  const { db } = openDatabase(url, { max: 2 });
  try {
    await migrate(db);
    await migrateQueue(url);
    await sql`insert into nodes (name, address) values ('local', 'unix:') on conflict (name) do nothing`.execute(db);
    await sql`insert into clusters (name, address) values ('local', 'default') on conflict (name) do nothing`.execute(
      db,
    );
  } finally {
    await db.destroy();
  }
}

/** Off loopback whoever comes first must not own the server by chance: the code is printed where only its owner sees it. */
async function firstCode(config: Config, url: string): Promise<string | undefined> {
  if (config.loopback) return undefined;
  const { db } = openDatabase(url, { max: 1 });
  const { claimed } = await one(
    db,
    sql<{ claimed: boolean }>`select owner_user_id is not null as claimed from installation`,
  );
  await db.destroy();
  if (claimed) return undefined;
  const file = join(config.dataDir, 'first-code');
  const known = await readFile(file, 'utf8').catch(() => undefined);
  if (known) return known.trim();
  const letters = 'ABCDEFGHJKLMNPQRSTUVWXYZ23456789';
  const code = Array.from({ length: 10 }, () => letters[randomInt(letters.length)]).join('');
  await writeFile(file, code, { mode: 0o600 });
  return code;
}

/** Starts a role in a process group of its own, resolves when it says that it is ready, and starts it again should it die. */
async function startPart(
  name: Part['name'],
  config: Config,
  env: NodeJS.ProcessEnv,
  noteFile: string,
  state: State,
): Promise<void> {
  const log = openSync(join(config.dataDir, 'logs', `${name}.log`), 'a', 0o600);
  let quickDeaths = 0;
  const launch = async (): Promise<void> => {
    const began = Date.now();
    const child = spawn(process.execPath, [MAIN, name], { env, detached: true, stdio: ['ignore', log, log, 'ipc'] });
    const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
    state.parts.set(name, { name, child, ended });
    if (child.pid) await noteProcess(noteFile, child.pid);
    const ready = new Promise<void>((resolve, reject) => {
      child.once('message', (message: { ready?: boolean; problem?: string; detail?: string }) => {
        if (message.ready) resolve();
        else
          reject(
            new AppError('part_failed', 'unavailable', message.problem ?? `The ${name} process did not start.`, {
              ...(message.detail ? { detail: message.detail } : {}),
            }),
          );
      });
      void ended.then(() =>
        reject(
          new AppError('part_failed', 'unavailable', `The ${name} process ended while starting.`, {
            detail: `See ${join(config.dataDir, 'logs', `${name}.log`)}`,
          }),
        ),
      );
    });
    void ended.then(async () => {
      if (state.stopping) return;
      quickDeaths = Date.now() - began < 10_000 ? quickDeaths + 1 : 0;
      if (quickDeaths > 5) return;
      await sleep(Math.min(200 * 2 ** quickDeaths, 5000));
      if (!state.stopping) await launch().catch(() => {});
    });
    await ready;
  };
  await launch();
}

async function stopAll(config: Config, state: State, clusters: string[], noteFile: string): Promise<void> {
  state.stopping = true;
  console.log('\n  Stopping…');
  for (const [name, patience] of [
    ['web', 3000],
    ['host', 4000],
  ] as const) {
    const part = state.parts.get(name);
    if (!part?.child.pid) continue;
    part.child.kill('SIGTERM');
    const inTime = await Promise.race([part.ended.then(() => true), sleep(patience, false)]);
    if (!inTime) part.child.kill('SIGKILL');
    await rm(join(config.runDir, `${name}.process`), { force: true });
  }
  await state.tending;
  await Promise.all(clusters.map((folder) => stopCluster({ folder }, 1500)));
  await rm(noteFile, { force: true });
  console.log('  Stopped.');
}
