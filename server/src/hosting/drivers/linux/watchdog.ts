/** Looks at a living sandbox in intervals and ends it for what no kernel limit covers here: its memory, its tasks, its disk. */
import { type Dir, lstatSync, opendirSync } from 'node:fs';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import type { EndReason, SandboxSpec } from '../../driver.ts';
import type { Cgroup } from './cgroups.ts';
import type { ProcessInfo } from './processes.ts';

export interface Watched {
  spec: SandboxSpec;
  cgroup: Pick<Cgroup, 'oomKills'> | undefined;
  /** What the kernel already limits over the whole tree. */
  kernel: { memory: boolean; processes: boolean };
  family: () => ProcessInfo[];
  end: (reason: EndReason) => void;
}

const MB = 1024 * 1024;

/** Starts watching; returns the function that ends it. */
export function watch(watched: Watched): () => void {
  const { spec, cgroup, kernel, family, end } = watched;
  const byHand = !kernel.memory || !kernel.processes;
  const limited = spec.mounts.filter((mount) => mount.mode === 'rw' && mount.maxMb !== undefined);
  let measuring = false;
  let round = 0;
  const measureFolders = async () => {
    if (measuring) return;
    measuring = true;
    for (const mount of limited) {
      if ((await folderBytes(mount.source, mount.maxMb! * MB)) > mount.maxMb! * MB) end('disk');
    }
    measuring = false;
  };
  const timer = setInterval(
    () => {
      if (kernel.memory && cgroup && cgroup.oomKills() > 0) end('memory');
      if (byHand) {
        const living = family();
        const rss = living.reduce((sum, one) => sum + one.rssBytes, 0);
        const tasks = living.reduce((sum, one) => sum + one.threads, 0);
        if (!kernel.memory && rss > spec.limits.memoryMb * MB) end('memory');
        else if (!kernel.processes && tasks > spec.limits.processes) end('processes');
      }
      if (limited.length > 0 && round++ % (byHand ? 4 : 1) === 0) void measureFolders();
    },
    byHand ? 200 : 800,
  );
  timer.unref();
  return () => clearInterval(timer);
}

/** Entries between two pauses: nobody waits for a folder to be counted. */
const AT_ONCE = 500;

/**
 * Bytes on disk below `folder`, giving up counting once `enough` is passed. Never follows a link. A promise for each file would cost five
 * times as much as the look at it, and this looks at every folder of every sandbox again and again.
 */
export async function folderBytes(folder: string, enough = Number.POSITIVE_INFINITY): Promise<number> {
  let bytes = 0;
  let looked = 0;
  const waiting = [folder];
  while (waiting.length > 0 && bytes <= enough) {
    const current = waiting.pop()!;
    let open: Dir | undefined;
    try {
      open = opendirSync(current);
      for (let entry = open.readSync(); entry && bytes <= enough; entry = open.readSync()) {
        const path = join(current, entry.name);
        if (entry.isDirectory()) waiting.push(path);
        const status = lstatSync(path, { throwIfNoEntry: false });
        // A file takes its blocks and, about, an inode: a million empty files are a filled disk too.
        if (status) bytes += Math.min(status.blocks * 512, Math.max(status.size, 4096)) + 256;
        if (++looked % AT_ONCE === 0) await setImmediate();
      }
    } catch {
      // It was removed while we looked.
    } finally {
      open?.closeSync();
    }
  }
  return bytes;
}
