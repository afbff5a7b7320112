/** What all drivers have in common that start their process trees themselves: rights, control groups, records, reaping. */
import { spawn } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Writable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { isMainThread } from 'node:worker_threads';
import { AppError } from '../../../errors.ts';
import type { Sandbox, SandboxDriver, SandboxSpec, SelfTest } from '../../driver.ts';
import { type Cgroup, type Cgroups, openCgroups } from './cgroups.ts';
import { commandInside, type Furniture, prepareFurniture } from './furniture.ts';
import { coverInherited, findInherited, type Inherited } from './inherited.ts';
import { ARGS_FD, type LaunchPlan, launchCommand, ownCeilings, STAGED_ROOT, stagedPath } from './launch.ts';
import { bootId, type Identity, identify, ProcessTable } from './processes.ts';
import { endOrphan, folderName, Records, type SandboxRecord } from './record.ts';
import { LinuxSandbox } from './sandbox.ts';
import { limitsInForce, testSandbox } from './selftest.ts';
import { spawnedTree } from './spawned.ts';
import { UidPool, usableRange } from './uids.ts';
import { validateSpec } from './validate.ts';

/** How a process tree gets its namespaces: the one thing in which the drivers differ. */
export interface Launcher {
  name: string;
  /** What this machine lacks for it, undefined when nothing. */
  missing: () => Pick<SelfTest, 'reason' | 'fix'> | undefined;
  /**
   * The command line that runs `command` inside. It writes JSON with `child-pid` to REPORT_FD, reads `words` from ARGS_FD
   * and the filter from FILTER_FD, and carries `marker` as a word.
   */
  inner: (marker: string, command: string[]) => string[];
  /** @param root an empty folder; @param sources where each of the spec's mounts can be read */
  words: (spec: SandboxSpec, furniture: Furniture, sources: string[], root: string) => string[];
  begun: (report: string) => boolean;
  isInside: (monitorPid: number, pid: number) => boolean;
}

export interface LinuxOptions {
  /** Its folder `sandboxes` holds what the driver writes. */
  dataDir: string;
  /** The Node that runs inside. */
  nodePath: string;
  /** False: leave control groups alone, as on a machine where they cannot be written. */
  useCgroups?: boolean;
}

interface Prepared {
  furniture: Furniture & { filter: string };
  root: string;
  cgroups: Cgroups | undefined;
  records: Records;
  name: string;
  uids: UidPool | undefined;
  staging: string;
  ceilings: LaunchPlan['ceilings'];
  inherited: Inherited;
}

/** Not for worker threads: the kernel ties a sandbox's life to the thread that started it. */
export class LinuxDriver implements SandboxDriver {
  readonly name: string;
  readonly #launcher: Launcher;
  readonly #table = new ProcessTable();
  readonly #living = new Set<string>();
  readonly #prepared: Prepared;

  constructor(launcher: Launcher, options: LinuxOptions) {
    if (!isMainThread) throw new AppError('sandbox_thread', 'bug', 'Sandboxes must be started from the main thread.');
    this.name = launcher.name;
    this.#launcher = launcher;
    this.#prepared = prepare(options);
  }

  get capabilities(): SandboxDriver['capabilities'] {
    const { uids, cgroups } = this.#prepared;
    return {
      ownUser: uids !== undefined,
      mapsUser: true,
      kernelMemoryLimit: cgroups?.has('memory') ?? false,
      kernelCpuLimit: cgroups?.has('cpu') ?? false,
    };
  }

  async selfTest(): Promise<SelfTest> {
    const { uids, cgroups } = this.#prepared;
    const limits = limitsInForce(cgroups, uids !== undefined);
    const missing = this.#launcher.missing();
    return missing ? { ok: false, ...missing, limits } : { ...(await testSandbox(this)), limits };
  }

  async start(spec: SandboxSpec): Promise<Sandbox> {
    const { uids, cgroups, records, name } = this.#prepared;
    validateSpec(spec, uids !== undefined);
    if (this.#living.has(spec.id)) throw new AppError('sandbox_exists', 'bug', `The sandbox ${spec.id} runs already.`);
    this.#living.add(spec.id);
    const uid = uids?.take();
    const cgroup = cgroups?.group(spec.id);
    const owner = identify(process.pid)!;
    const record: SandboxRecord = { id: spec.id, marker: `${name}-${spec.id}`, boot: bootId(), owner, uid };
    const release = async () => {
      if (cgroup && !(await cgroup.destroy())) return;
      records.remove(spec.id);
      if (uid !== undefined) uids?.give(uid);
      this.#living.delete(spec.id);
      if (this.#living.size === 0) cgroups?.removeIfEmpty();
    };
    try {
      records.write(record);
      cgroup?.create(spec.limits);
      const sandbox = this.#launch(spec, record, cgroup, release);
      await sandbox.started;
      return sandbox;
    } catch (error) {
      await release();
      throw error;
    }
  }

  async reap(): Promise<number> {
    const { records, cgroups } = this.#prepared;
    const orphans = records.orphans();
    for (const record of orphans) {
      const ended = await endOrphan(record, sleep);
      const emptied = (await cgroups?.group(record.id).destroy()) ?? true;
      if (ended && emptied) records.remove(record.id);
    }
    // A record is removed last, so a group without one belongs to nobody.
    const known = new Set(records.all().map((record) => record.id));
    for (const group of cgroups?.list() ?? []) if (!known.has(group)) await cgroups?.group(group).destroy();
    if (this.#living.size === 0) cgroups?.removeIfEmpty();
    return orphans.length;
  }

  #launch(spec: SandboxSpec, record: SandboxRecord, cgroup: Cgroup | undefined, release: () => Promise<void>) {
    const { furniture, root, staging, ceilings, records, cgroups, inherited } = this.#prepared;
    const paths = [furniture.node, furniture.etc, ...spec.mounts.map((mount) => mount.source)];
    const asRoot = record.uid !== undefined;
    const [node = '', etc = '', ...sources] = asRoot ? paths.map((_, index) => stagedPath(staging, index)) : paths;
    const kernel = { memory: cgroups?.has('memory') ?? false, processes: asRoot || (cgroups?.has('pids') ?? false) };
    const [program, words] = launchCommand({
      filter: furniture.filter,
      entrances: cgroup?.entrances ?? [],
      root: record.uid === undefined ? undefined : { uid: record.uid, staging },
      sources: paths.map((path, index) => ({ path, give: spec.mounts[index - 2]?.mode === 'rw' })),
      limits: spec.limits,
      ceilings,
      // Per process, and above the limit: the watchdog counts the whole tree, this only stops a jump between two looks.
      dataMb: kernel.memory ? undefined : spec.limits.memoryMb + 512,
      inner: this.#launcher.inner(record.marker, commandInside(spec.command)),
    });
    const env = { PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin' };
    // A group of its own: the terminal's Ctrl-C is for the launcher, which stops things in order.
    const child = spawn(program, words, {
      stdio: coverInherited([spec.stdin, 'pipe', 'pipe', 'pipe', 'pipe'], inherited),
      env,
      cwd: '/',
      detached: true,
    });
    const list = child.stdio[ARGS_FD] as Writable;
    list.on('error', () => undefined);
    const inside = this.#launcher.words(spec, { ...furniture, node, etc }, sources, root);
    list.end(`${inside.join('\0')}\0`);
    const { begun, isInside } = this.#launcher;
    const onStarted = (monitor: Identity | undefined, first: Identity) => records.write({ ...record, monitor, first });
    const tree = spawnedTree({ child, begun, isInside, onStarted });
    return new LinuxSandbox({
      spec,
      tree,
      cgroup,
      kernel,
      processes: (mustHold) => this.#table.read(mustHold),
      release,
    });
  }
}

function prepare(options: LinuxOptions): Prepared {
  const folder = join(options.dataDir, 'sandboxes');
  mkdirSync(folder, { recursive: true, mode: 0o755 });
  const name = folderName(options.dataDir);
  const asRoot = process.getuid?.() === 0;
  const staging = asRoot ? stagingPoint() : '';
  const root = asRoot ? join(staging, STAGED_ROOT) : join(folder, 'root');
  if (!asRoot) mkdirSync(root, { recursive: true });
  return {
    furniture: prepareFurniture(folder, options.nodePath),
    cgroups: options.useCgroups === false ? undefined : openCgroups(name),
    records: new Records(join(folder, 'records')),
    name,
    uids: asRoot ? new UidPool(usableRange(), process.pid * 7) : undefined,
    staging,
    root,
    ceilings: ownCeilings(),
    inherited: findInherited(),
  };
}

/** An empty folder that everybody may traverse; each sandbox covers it in a mount namespace of its own. */
function stagingPoint(): string {
  const parent = ['/run', '/var/tmp', '/tmp'].find((one) => existsSync(one)) ?? '/';
  const point = join(parent, 'vibe-staging');
  mkdirSync(point, { recursive: true, mode: 0o755 });
  chmodSync(point, 0o755);
  return point;
}
