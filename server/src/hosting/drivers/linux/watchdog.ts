/** Looks at a living sandbox in intervals and ends it for what no kernel limit covers here: its memory, its tasks, its disk. */
import { lstat, opendir } from 'node:fs/promises';
import { join } from 'node:path';
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

/** Bytes on disk below `folder`, giving up counting once `enough` is passed. Never follows a link. */
export async function folderBytes(folder: string, enough = Number.POSITIVE_INFINITY): Promise<number> {
  let bytes = 0;
  const waiting = [folder];
  while (waiting.length > 0 && bytes <= enough) {
    const current = waiting.pop()!;
    try {
      for await (const entry of await opendir(current)) {
        const path = join(current, entry.name);
        if (entry.isDirectory()) waiting.push(path);
        const status = await lstat(path).catch(() => undefined);
        // A file takes its blocks and, about, an inode: a million empty files are a filled disk too.
        if (status) bytes += Math.min(status.blocks * 512, Math.max(status.size, 4096)) + 256;
        if (bytes > enough) break;
      }
    } catch {
      // It was removed while we looked.
    }
  }
  return bytes;
}
