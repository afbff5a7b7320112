/** Notes of running processes: who they are, told apart from another process that was given the same id later. */
import { readFileSync } from 'node:fs';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';

export interface ProcessNote {
  pid: number;
  /** when the kernel started it, in its own clock; undefined where that cannot be read */
  born: string | undefined;
  /** where the whole of Vibe answers */
  address?: { port: number; baseUrl: string; loopback: boolean };
}

/** The kernel's start time of a process: field 22 of its stat line. */
function bornOf(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return fields[0] === 'Z' ? undefined : fields[19];
  } catch {
    return undefined;
  }
}

export async function noteProcess(file: string, pid: number, address?: ProcessNote['address']): Promise<void> {
  await writeFile(file, JSON.stringify({ pid, born: bornOf(pid), address }), { mode: 0o600 });
}

/** The noted process if it still lives. */
export async function findProcess(file: string): Promise<ProcessNote | undefined> {
  try {
    const note = JSON.parse(await readFile(file, 'utf8')) as ProcessNote;
    const born = bornOf(note.pid);
    return born !== undefined && born === note.born ? note : undefined;
  } catch {
    return undefined;
  }
}

/** Ends a noted process that an earlier, killed start has left, and everything in its group. */
export async function endLeftover(file: string, patienceMs: number): Promise<boolean> {
  const note = await findProcess(file);
  if (note) {
    send(note.pid, 'SIGTERM');
    for (let waited = 0; waited < patienceMs && (await findProcess(file)); waited += 50) await sleep(50);
    if (await findProcess(file)) send(note.pid, 'SIGKILL');
    while (await findProcess(file)) await sleep(20);
  }
  await rm(file, { force: true });
  return note !== undefined;
}

function send(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch {
    // gone meanwhile
  }
}
