/**
 * Vite optimizes an app's dependencies before the browser gets its first page. Every app is mounted at the same path with the same
 * toolchain, so it is done once per toolchain and copied into each preview. Nothing writable is shared: a preview has a copy.
 */
import { mkdir, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { SandboxDriver } from './driver.ts';
import { previewPlan } from './plans.ts';
import { runToEnd } from './run-to-end.ts';
import type { Toolchain } from './toolchain.ts';

export interface SeedOptions {
  driver: SandboxDriver;
  toolchain: Toolchain;
  /** A folder with an app as the template makes it; only read (its mount points are made). */
  appDir: string;
}

/**
 * The folder to give to `previewPlan` as `viteSeed`, made when it is not there (about 3 s).
 * @returns undefined when it could not be made: previews work without, only slower
 */
export async function seedViteCache(options: SeedOptions): Promise<string | undefined> {
  const { driver, toolchain, appDir } = options;
  const folder = join(toolchain.folder, 'vite-seed');
  if (await exists(folder)) return folder;
  const temporary = `${folder}.${process.pid}`;
  await mkdir(temporary, { recursive: true, mode: 0o755 });
  const { spec } = previewPlan({ id: `vite-seed-${process.pid}`, appDir, modules: toolchain.modules });
  const out = { source: temporary, target: '/w/vite-seed-out', mode: 'rw' as const, maxMb: 64 };
  try {
    const run = await runToEnd(driver, { ...spec, mounts: [...spec.mounts, out] }, { timeoutMs: 60_000 });
    if (run.code !== 0) return undefined;
    await rename(temporary, folder);
    return folder;
  } catch {
    // Another process was faster, or it does not work here.
    return (await exists(folder)) ? folder : undefined;
  } finally {
    await rm(temporary, { recursive: true, force: true });
  }
}

async function exists(path: string): Promise<boolean> {
  return await stat(path).then(
    () => true,
    () => false,
  );
}
