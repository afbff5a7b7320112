/** Finds where this process may make control groups: below its own group, in whichever hierarchy holds each controller. */
import { existsSync, mkdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { familyOf, readProcesses } from './processes.ts';

export interface CgroupParents {
  version: 1 | 2;
  memory?: string;
  cpu?: string;
  pids?: string;
}

interface Hierarchy {
  version: 1 | 2;
  mountPoint: string;
  mountRoot: string;
  controllers: string[];
}

/** Makes the folder `name` where it can and tells which controllers work there. Version 2 wins when it has memory. */
export function findParents(name: string): CgroupParents | undefined {
  const hierarchies = mountedHierarchies();
  const own = groupsOf('self');
  const second = hierarchies.find((one) => one.version === 2);
  const unified = second && versionTwo(second, own.get('') ?? '/', name);
  if (unified?.memory) return unified;
  const parents: CgroupParents = { version: 1 };
  for (const controller of ['memory', 'cpu', 'pids'] as const) {
    const hierarchy = hierarchies.find((one) => one.version === 1 && one.controllers.includes(controller));
    const folder = hierarchy && join(groupFolder(hierarchy, own.get(controller) ?? '/'), name);
    if (folder && canMake(folder)) {
      parents[controller] = folder;
      removeIfEmpty(folder); // The first sandbox makes it again.
    }
  }
  return parents.memory || parents.pids || parents.cpu ? parents : unified;
}

/** Where the group lies that counts the memory of process `pid`. */
export function findMemoryGroup(pid: number): { version: 1 | 2; folder: string } | undefined {
  const groups = groupsOf(pid);
  for (const { version, mountPoint, mountRoot, controllers } of mountedHierarchies()) {
    const path = version === 2 ? groups.get('') : controllers.includes('memory') ? groups.get('memory') : undefined;
    if (path === undefined) continue;
    const folder = join(mountPoint, mountRoot === '/' ? path : path.slice(mountRoot.length));
    if (existsSync(join(folder, version === 1 ? 'memory.oom_control' : 'memory.events'))) return { version, folder };
  }
  return undefined;
}

function versionTwo(hierarchy: Hierarchy, ownPath: string, name: string): CgroupParents | undefined {
  const own = groupFolder(hierarchy, ownPath);
  // In the machine's root group processes may live beside groups; elsewhere they must move into a leaf first.
  for (const parent of new Set([own, hierarchy.mountPoint])) {
    const available = read(join(parent, 'cgroup.controllers')).trim().split(/\s+/);
    const wanted = (['memory', 'cpu', 'pids'] as const).filter((one) => available.includes(one));
    if (wanted.length === 0 || !enable(parent, wanted)) continue;
    const folder = join(parent, name);
    if (!canMake(folder) || !enable(folder, wanted)) continue;
    return { version: 2, ...Object.fromEntries(wanted.map((one) => [one, folder])) };
  }
  return undefined;
}

/** Hands `controllers` down to the children of `folder`, moving our own processes out of the way when that is all it takes. */
function enable(folder: string, controllers: string[]): boolean {
  const line = controllers.map((one) => `+${one}`).join(' ');
  if (tryWrite(join(folder, 'cgroup.subtree_control'), line)) return true;
  const inside = read(join(folder, 'cgroup.procs')).split('\n').filter(Boolean).map(Number);
  const ours = new Set(familyOf(process.pid, readProcesses()).map((one) => one.pid));
  if (inside.length === 0 || !inside.every((pid) => ours.has(pid))) return false;
  const leaf = join(folder, 'vibe-host');
  if (!canMake(leaf)) return false;
  for (const pid of inside) tryWrite(join(leaf, 'cgroup.procs'), String(pid));
  return tryWrite(join(folder, 'cgroup.subtree_control'), line);
}

function mountedHierarchies(): Hierarchy[] {
  return read('/proc/self/mountinfo')
    .split('\n')
    .flatMap((line): Hierarchy[] => {
      const [before, after] = line.split(' - ');
      if (!before || !after) return [];
      const [, , , mountRoot = '/', mountPoint = '/'] = before.split(' ');
      const [type, , options = ''] = after.split(' ');
      if (type === 'cgroup2') return [{ version: 2, mountPoint, mountRoot, controllers: [] }];
      if (type === 'cgroup') return [{ version: 1, mountPoint, mountRoot, controllers: options.split(',') }];
      return [];
    });
}

/** A process's group per controller; the empty name is version 2. */
function groupsOf(pid: number | 'self'): Map<string, string> {
  const groups = new Map<string, string>();
  for (const line of read(`/proc/${pid}/cgroup`).split('\n')) {
    const [, controllers, ...path] = line.split(':');
    for (const controller of controllers?.split(',') ?? []) groups.set(controller, path.join(':'));
  }
  return groups;
}

function groupFolder(hierarchy: Hierarchy, ownPath: string): string {
  const below = hierarchy.mountRoot !== '/' && ownPath.startsWith(hierarchy.mountRoot);
  const folder = join(hierarchy.mountPoint, below ? ownPath.slice(hierarchy.mountRoot.length) : ownPath);
  return existsSync(folder) ? folder : hierarchy.mountPoint;
}

function canMake(folder: string): boolean {
  try {
    const existed = existsSync(folder);
    mkdirSync(folder, { recursive: true });
    const probe = join(folder, 'probe');
    mkdirSync(probe, { recursive: true });
    rmdirSync(probe);
    return existed || existsSync(join(folder, 'cgroup.procs'));
  } catch {
    return false;
  }
}

function removeIfEmpty(folder: string): void {
  try {
    rmdirSync(folder);
  } catch {
    // Sandboxes are in it.
  }
}

function tryWrite(file: string, text: string): boolean {
  try {
    writeFileSync(file, text);
    return true;
  } catch {
    return false;
  }
}

function read(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}
