/**
 * Control groups, driven through their files: the kernel's own limits over a whole process tree. Works with version 1 and 2,
 * as a child of our own group, so that it keeps within what the machine's owner gave us. Absent or read-only: undefined,
 * and the driver falls back to prlimit and a watchdog.
 */
import { existsSync, mkdirSync, readdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { SandboxLimits } from '../../driver.ts';
import { type CgroupParents, findMemoryGroup, findParents } from './cgroup-parents.ts';

const MB = 1024 * 1024;

/** One sandbox's groups: one folder in version 2, one per controller in version 1. */
export class Cgroup {
  readonly #folders: { memory?: string; cpu?: string; pids?: string };
  readonly #version: 1 | 2;

  constructor(version: 1 | 2, folders: { memory?: string; cpu?: string; pids?: string }) {
    this.#version = version;
    this.#folders = folders;
  }

  /** Folders without repetition. */
  get folders(): string[] {
    return [...new Set(Object.values(this.#folders))];
  }

  /** A process that writes `0` to each of these joins the group with all its later children. */
  get entrances(): string[] {
    return this.folders.map((folder) => join(folder, 'cgroup.procs'));
  }

  /** Makes the folders and writes the limits. */
  create(limits: SandboxLimits): void {
    const { memory, cpu, pids } = this.#folders;
    for (const folder of this.folders) mkdirSync(folder, { recursive: true });
    const bytes = String(limits.memoryMb * MB);
    if (memory && this.#version === 1) {
      writeFileSync(join(memory, 'memory.limit_in_bytes'), bytes);
      writeIfThere(join(memory, 'memory.memsw.limit_in_bytes'), bytes);
    } else if (memory) {
      writeFileSync(join(memory, 'memory.max'), bytes);
      writeIfThere(join(memory, 'memory.swap.max'), '0');
      writeIfThere(join(memory, 'memory.oom.group'), '1');
    }
    const quota = Math.max(1_000, limits.cpuPercent * 1_000);
    if (cpu && this.#version === 1) {
      writeFileSync(join(cpu, 'cpu.cfs_period_us'), '100000');
      writeFileSync(join(cpu, 'cpu.cfs_quota_us'), String(quota));
    } else if (cpu) writeFileSync(join(cpu, 'cpu.max'), `${quota} 100000`);
    if (pids) writeFileSync(join(pids, 'pids.max'), String(limits.processes));
  }

  /** How often the kernel killed a process of this group for want of memory. */
  oomKills(): number {
    if (!this.#folders.memory) return 0;
    const file = this.#version === 1 ? 'memory.oom_control' : 'memory.events';
    const found = /^oom_kill (\d+)$/m.exec(readOr(join(this.#folders.memory, file), ''));
    return Number(found?.[1] ?? 0);
  }

  /** Every process in the group, as the host numbers them. */
  processes(): number[] {
    const folder = this.#folders.pids ?? this.folders[0];
    return folder ? readOr(join(folder, 'cgroup.procs'), '').split('\n').filter(Boolean).map(Number) : [];
  }

  /** Ends what is left in the group and removes it. Resolves to false when something would not go within 5 s. */
  async destroy(): Promise<boolean> {
    for (let attempt = 0; attempt < 250; attempt++) {
      const left = this.folders.filter((folder) => existsSync(folder));
      if (left.length === 0) return true;
      for (const folder of left) {
        for (const pid of readOr(join(folder, 'cgroup.procs'), '').split('\n').filter(Boolean))
          killQuietly(Number(pid));
        try {
          rmdirSync(folder);
        } catch {
          // Still occupied: a killed process needs a moment to leave.
        }
      }
      if (left.some((folder) => existsSync(folder))) await sleep(20);
    }
    return false;
  }
}

/** The place for all groups of one data folder. */
export class Cgroups {
  readonly #parents: CgroupParents;

  constructor(parents: CgroupParents) {
    this.#parents = parents;
  }

  /** Which limits the kernel keeps. */
  get version(): 1 | 2 {
    return this.#parents.version;
  }
  has(controller: 'memory' | 'cpu' | 'pids'): boolean {
    return this.#parents[controller] !== undefined;
  }

  /** The group of one sandbox; nothing is made yet. */
  group(id: string): Cgroup {
    const { version, memory, cpu, pids } = this.#parents;
    const at = (parent: string | undefined) => (parent ? { path: join(parent, id) } : undefined);
    return new Cgroup(version, {
      ...(memory && { memory: at(memory)!.path }),
      ...(cpu && { cpu: at(cpu)!.path }),
      ...(pids && { pids: at(pids)!.path }),
    });
  }

  /** Names of the groups that exist, left over ones included. */
  list(): string[] {
    const { memory, cpu, pids } = this.#parents;
    const names = [memory, cpu, pids].flatMap((parent) =>
      parent && existsSync(parent)
        ? readdirSync(parent, { withFileTypes: true }).filter((entry) => entry.isDirectory())
        : [],
    );
    return [...new Set(names.map((entry) => entry.name))];
  }

  /** Removes the place itself when it is empty; the next group makes it anew. In version 2 it stays, set up as it is. */
  removeIfEmpty(): void {
    if (this.version === 2) return;
    for (const folder of new Set([this.#parents.memory, this.#parents.cpu, this.#parents.pids])) {
      try {
        if (folder) rmdirSync(folder);
      } catch {
        // In use.
      }
    }
  }
}

/** The group that limits the memory of a process that somebody else started, undefined where it cannot be seen. */
export function memoryGroupOf(pid: number): Cgroup | undefined {
  const found = findMemoryGroup(pid);
  return found && new Cgroup(found.version, { memory: found.folder });
}

/** The groups that this process may make, under the name `name`; undefined when it may make none. */
export function openCgroups(name: string): Cgroups | undefined {
  const parents = findParents(name);
  return parents && new Cgroups(parents);
}

function writeIfThere(file: string, text: string): void {
  if (existsSync(file)) writeFileSync(file, text);
}

function readOr(file: string, otherwise: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return otherwise;
  }
}

function killQuietly(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // Gone already.
  }
}
