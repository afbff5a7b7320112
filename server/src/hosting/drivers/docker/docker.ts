/**
 * The sandbox driver on top of an engine that speaks Docker's API (Docker, Podman). The engine starts the process tree; from then on it is
 * watched, reached and ended like one of our own, because it is on this machine. What isolates is in container.ts and seccomp-profile.ts.
 */
import { execFile } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { AppError, messageOf } from '../../../errors.ts';
import type { LimitsInForce, Sandbox, SandboxDriver, SandboxSpec, SelfTest } from '../../driver.ts';
import { memoryGroupOf } from '../linux/cgroups.ts';
import { type Furniture, prepareFurniture } from '../linux/furniture.ts';
import { ownCeilings } from '../linux/launch.ts';
import { bootId, type Identity, identify, isAlive, ProcessTable } from '../linux/processes.ts';
import { folderName } from '../linux/record.ts';
import { LinuxSandbox } from '../linux/sandbox.ts';
import { testSandbox } from '../linux/selftest.ts';
import type { Machine } from '../linux/syscalls.ts';
import { UidPool, usableRange } from '../linux/uids.ts';
import { validateSpec } from '../linux/validate.ts';
import { type EngineClient, EngineRefusal } from './client.ts';
import { type ContainerOptions, containerOptions } from './container.ts';
import { connectEngine, type Engine } from './engine.ts';
import { Guard } from './guard.ts';
import { describeImage, type Image } from './image.ts';
import { seccompProfile } from './seccomp-profile.ts';
import { startContainer } from './tree.ts';

export interface DockerOptions {
  /** Its folder `sandboxes` holds what the driver writes. */
  dataDir: string;
  /** The Node that runs inside. */
  nodePath: string;
  /** `unix:///path/of/socket`; the usual places without it. */
  dockerHost?: string | undefined;
}

interface Ready {
  engine: Engine;
  image: Image;
  /** What follows `seccomp=`: Docker wants the profile itself, Podman the path of a file. */
  seccomp: string;
}

/** Whose containers (this data folder's), started by which process, for which spec. */
const LABEL = 'vibe.sandbox';
const OWNER = 'vibe.owner';
const NAME = 'vibe.id';
const LIMITS: LimitsInForce = {
  memory: 'control groups of the engine',
  cpu: 'control groups of the engine',
  processes: 'control groups of the engine, and RLIMIT_NPROC',
  disk: 'sized tmpfs, RLIMIT_FSIZE per file, and a watchdog over writable folders (1 s)',
};

export class DockerDriver implements SandboxDriver {
  readonly name = 'docker';
  readonly capabilities: SandboxDriver['capabilities'];
  readonly #options: DockerOptions;
  readonly #folder: string;
  readonly #mark: string;
  readonly #furniture: Furniture;
  readonly #uids: UidPool | undefined;
  readonly #table = new ProcessTable();
  readonly #living = new Set<string>();
  readonly #guard = new Guard();
  #ready: Promise<Ready> | undefined;

  constructor(options: DockerOptions) {
    const asRoot = process.getuid?.() === 0;
    this.#options = options;
    this.#folder = join(options.dataDir, 'sandboxes');
    this.#mark = folderName(options.dataDir);
    this.#furniture = prepareFurniture(this.#folder, options.nodePath);
    this.#uids = asRoot ? new UidPool(usableRange(), process.pid * 7) : undefined;
    this.capabilities = { ownUser: asRoot, mapsUser: false, kernelMemoryLimit: true, kernelCpuLimit: true };
  }

  /** The engine and its version, once it was reached. */
  async engineTitle(): Promise<string> {
    return (await this.#prepared()).engine.title;
  }

  async selfTest(): Promise<SelfTest> {
    try {
      const { engine } = await this.#prepared();
      const info = await engine.client.call<Record<string, unknown>>('GET', '/info');
      const lacking = ['MemoryLimit', 'PidsLimit', 'CpuCfsQuota'].filter((name) => info[name] === false);
      if (lacking.length > 0) {
        const reason = `${engine.title} cannot limit ${lacking.join(', ')} on this machine.`;
        return { ok: false, reason, fix: 'Give the engine control groups for memory, cpu and pids.', limits: LIMITS };
      }
      return { ...(await testSandbox(this)), limits: LIMITS };
    } catch (error) {
      const fix = error instanceof AppError ? error.detail : undefined;
      return { ok: false, reason: messageOf(error), ...(fix && { fix }), limits: LIMITS };
    }
  }

  async start(spec: SandboxSpec): Promise<Sandbox> {
    validateSpec(spec, this.#uids !== undefined);
    if (this.#living.has(spec.id)) throw new AppError('sandbox_exists', 'bug', `The sandbox ${spec.id} runs already.`);
    this.#living.add(spec.id);
    const user = this.#uids?.take() ?? process.getuid?.() ?? 0;
    const passwd = join(this.#folder, 'passwd', spec.id);
    let container: string | undefined;
    let first: Identity | undefined;
    const release = async () => {
      // What the engine cannot remove now is removed by the next start: until then its id and its user stay taken.
      if (container && !(await removeContainer((await this.#prepared()).engine.client, container))) return;
      if (first) this.#guard.remove(first);
      await rm(passwd, { force: true });
      this.#uids?.give(user);
      this.#living.delete(spec.id);
    };
    try {
      const { engine, image, seccomp } = await this.#prepared();
      mkdirSync(join(this.#folder, 'passwd'), { recursive: true, mode: 0o755 });
      writeFileSync(passwd, `app:x:${user}:${user}:app:/tmp:/usr/sbin/nologin\n`, { mode: 0o644 });
      await this.#giveFolders(spec, user);
      const options = containerOptions(spec, {
        image: image.name,
        labels: {
          [LABEL]: this.#mark,
          [NAME]: spec.id,
          [OWNER]: JSON.stringify({ ...identify(process.pid), boot: bootId() }),
        },
        user,
        passwd,
        seccomp,
        isPodman: engine.isPodman,
        asRoot: this.#uids !== undefined,
        ceilings: ownCeilings(),
      });
      const name = `${this.#mark}-${spec.id}`;
      container = await create(engine.client, image, name, options);
      const tree = await startContainer(engine.client, container, spec.stdin === 'pipe', user);
      first = await tree.first;
      if (first) this.#guard.add(first);
      const sandbox = new LinuxSandbox({
        spec,
        tree,
        cgroup: first && memoryGroupOf(first.pid),
        kernel: { memory: true, processes: true },
        processes: (mustHold) => this.#table.read(mustHold),
        release,
      });
      await sandbox.started;
      return sandbox;
    } catch (error) {
      await release();
      throw error;
    }
  }

  async reap(): Promise<number> {
    const { engine } = await this.#prepared();
    const query = { all: '1', filters: JSON.stringify({ label: [`${LABEL}=${this.#mark}`] }) };
    const found = await engine.client.call<{ Id: string; Labels: Record<string, string> }[]>(
      'GET',
      '/containers/json',
      { query },
    );
    const kept = new Set(this.#living);
    let ended = 0;
    for (const { Id, Labels } of found) {
      const owner = JSON.parse(Labels[OWNER] ?? '{}') as Partial<Identity> & { boot?: string };
      const { pid, startTime, boot } = owner;
      const owned = boot === bootId() && pid && startTime && isAlive({ pid, startTime });
      if (!owned && (await removeContainer(engine.client, Id))) ended++;
      else kept.add(Labels[NAME] ?? '');
    }
    const notes = join(this.#folder, 'passwd');
    for (const name of await readdir(notes).catch(() => []))
      if (!kept.has(name)) await rm(join(notes, name), { force: true });
    return ended;
  }

  /** Asked again after a failure: an engine may be started later. */
  #prepared(): Promise<Ready> {
    this.#ready ??= this.#prepare().catch((error) => {
      this.#ready = undefined;
      throw error;
    });
    return this.#ready;
  }

  async #prepare(): Promise<Ready> {
    const engine = await connectEngine(this.#options.dockerHost);
    const image = await describeImage(engine.client, this.#folder, this.#furniture);
    await image.ensure();
    const profile = JSON.stringify(seccompProfile(process.arch as Machine));
    if (!engine.isPodman) return { engine, image, seccomp: profile };
    const file = join(this.#folder, 'seccomp.json');
    writeFileSync(file, profile, { mode: 0o644 });
    return { engine, image, seccomp: file };
  }

  /** Writable folders change hands, as the port promises. Links in them are never followed. */
  async #giveFolders(spec: SandboxSpec, user: number): Promise<void> {
    if (!this.#uids) return;
    const sources = spec.mounts.filter(({ mode }) => mode === 'rw').map(({ source }) => source);
    if (sources.length > 0) await promisify(execFile)('chown', ['-R', '-h', '-P', `${user}:${user}`, '--', ...sources]);
  }
}

/** Somebody may have removed the image meanwhile. @returns the container's id */
async function create(client: EngineClient, image: Image, name: string, body: ContainerOptions): Promise<string> {
  const make = async () => await client.call<{ Id: string }>('POST', '/containers/create', { query: { name }, body });
  try {
    return (await make()).Id;
  } catch (error) {
    if (!isMissing(error)) throw error;
    await image.ensure();
    return (await make()).Id;
  }
}

/** Ends it too. @returns whether it is gone */
async function removeContainer(client: EngineClient, id: string): Promise<boolean> {
  try {
    await client.call('DELETE', `/containers/${id}`, { query: { force: '1', v: '1' } });
    return true;
  } catch (error) {
    return isMissing(error);
  }
}

function isMissing(error: unknown): boolean {
  return error instanceof EngineRefusal && error.status === 404;
}
