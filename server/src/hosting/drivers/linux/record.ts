/**
 * One small file per living sandbox, written before its first process exists. A host that is killed leaves them behind, and
 * the next one ends exactly what they name: never a process that merely has a number that was ours before.
 */
import { createHash } from 'node:crypto';
import {
  mkdirSync,
  readdirSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { bootId, commandLine, type Identity, identify, isAlive, killExactly, readProcesses } from './processes.ts';

export interface SandboxRecord {
  id: string;
  /** An argument on the command line of each launcher process, unique to this data folder and sandbox. */
  marker: string;
  boot: string;
  owner: Identity;
  uid?: number;
  monitor?: Identity;
  first?: Identity;
}

/** A short name for one data folder on this machine. */
export function folderName(folder: string): string {
  return `vibe-${createHash('sha256').update(realpathSync(folder)).digest('hex').slice(0, 12)}`;
}

export class Records {
  readonly #folder: string;

  constructor(folder: string) {
    this.#folder = folder;
    mkdirSync(folder, { recursive: true, mode: 0o700 });
  }

  /** Written whole or not at all: a torn record would hide a living sandbox. */
  write(record: SandboxRecord): void {
    const temporary = join(this.#folder, `.${record.id}.tmp`);
    writeFileSync(temporary, JSON.stringify(record), { mode: 0o600 });
    renameSync(temporary, join(this.#folder, `${record.id}.json`));
  }

  remove(id: string): void {
    rmSync(join(this.#folder, `${id}.json`), { force: true });
  }

  all(): SandboxRecord[] {
    return readdirSync(this.#folder)
      .filter((name) => name.endsWith('.json'))
      .map((name) => JSON.parse(readFileSync(join(this.#folder, name), 'utf8')) as SandboxRecord);
  }

  /** Those whose host process is gone. */
  orphans(): SandboxRecord[] {
    const boot = bootId();
    return this.all().filter((record) => record.boot !== boot || !isAlive(record.owner));
  }
}

/** The processes of an orphan that still live. A user id counts only as root, where it was the sandbox's own. */
export function survivors(record: SandboxRecord): Identity[] {
  if (record.boot !== bootId()) return [];
  const named = [record.first, record.monitor].filter((one): one is Identity => one !== undefined && isAlive(one));
  const found = readProcesses()
    .filter(
      (one) => one.state !== 'Z' && (commandLine(one.pid).includes(record.marker) || hasUser(one.pid, record.uid)),
    )
    .flatMap((one) => identify(one.pid) ?? []);
  return [...named, ...found];
}

/** Kills until nothing is left; a sandbox's first process takes all others with it. Resolves to false after 5 s. */
export async function endOrphan(record: SandboxRecord, pause: (ms: number) => Promise<unknown>): Promise<boolean> {
  for (let attempt = 0; attempt < 100; attempt++) {
    const left = survivors(record);
    if (left.length === 0) return true;
    for (const one of left) killExactly(one, 'SIGKILL');
    await pause(50);
  }
  return false;
}

function hasUser(pid: number, uid: number | undefined): boolean {
  if (uid === undefined) return false;
  try {
    return statSync(`/proc/${pid}`).uid === uid;
  } catch {
    return false;
  }
}
