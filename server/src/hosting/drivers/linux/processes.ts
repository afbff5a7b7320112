/** Reads /proc: who lives, who belongs to whom. Identity is pid AND start time, because the kernel uses a pid again. */
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';

export interface ProcessInfo {
  pid: number;
  parent: number;
  state: string;
  threads: number;
  /** Clock ticks after boot. */
  startTime: string;
  rssBytes: number;
}

export interface Identity {
  pid: number;
  startTime: string;
}

/** What /proc/PID/stat says, or undefined when there is no such process. */
export function readProcess(pid: number): ProcessInfo | undefined {
  let stat: string;
  try {
    stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
  } catch {
    return undefined;
  }
  // The name is in parentheses and may hold anything, parentheses too: the fields start after the last one.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return {
    pid,
    state: fields[0] ?? '?',
    parent: Number(fields[1]),
    threads: Number(fields[17]),
    startTime: fields[19] ?? '',
    rssBytes: Number(fields[21]) * 4096,
  };
}

/** Every process that can be seen. */
export function readProcesses(): ProcessInfo[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => readProcess(Number(name)) ?? []);
}

/** `root` and all its descendants among `all`. In a pid namespace an orphan's parent is that namespace's first process. */
export function familyOf(root: number, all: ProcessInfo[]): ProcessInfo[] {
  const children = new Map<number, ProcessInfo[]>();
  for (const one of all) {
    const siblings = children.get(one.parent);
    if (siblings) siblings.push(one);
    else children.set(one.parent, [one]);
  }
  const family = all.filter((one) => one.pid === root);
  for (let index = 0; index < family.length; index++) family.push(...(children.get(family[index]!.pid) ?? []));
  return family;
}

export function identify(pid: number): Identity | undefined {
  const found = readProcess(pid);
  return found && { pid, startTime: found.startTime };
}

/** Whether exactly this process still runs; a zombie is dead. */
export function isAlive(identity: Identity): boolean {
  const found = readProcess(identity.pid);
  return found !== undefined && found.startTime === identity.startTime && found.state !== 'Z' && found.state !== 'X';
}

/** Kills exactly this process, if it is still the same one. */
export function killExactly(identity: Identity, signal: NodeJS.Signals): void {
  if (!isAlive(identity)) return;
  try {
    process.kill(identity.pid, signal);
  } catch {
    // It ended in between.
  }
}

/** Tells two runs of the machine apart: pids and start times begin anew. */
export function bootId(): string {
  return readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
}

/** Arguments of a process, empty when it is gone. */
export function commandLine(pid: number): string[] {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0');
  } catch {
    return [];
  }
}

/** The program that a process runs, undefined when it may not be read. */
export function executableOf(pid: number): string | undefined {
  try {
    return readlinkSync(`/proc/${pid}/exe`);
  } catch {
    return undefined;
  }
}

/** Looks at all processes at most every `maxAgeMs`: many sandboxes share one look. */
export class ProcessTable {
  readonly #maxAgeMs: number;
  #at = 0;
  #seen: ProcessInfo[] = [];

  constructor(maxAgeMs = 100) {
    this.#maxAgeMs = maxAgeMs;
  }

  /** @param mustHold a process that a look has to show; without it the look is older than the process */
  read(mustHold: number): ProcessInfo[] {
    const stale = performance.now() - this.#at > this.#maxAgeMs;
    if (stale || !this.#seen.some((one) => one.pid === mustHold)) {
      this.#seen = readProcesses();
      this.#at = performance.now();
    }
    return this.#seen;
  }
}
