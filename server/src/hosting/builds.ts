/** Builds a release: the exported tree of an app becomes an immutable folder that an adapter-node server runs from. */
import { execFile } from 'node:child_process';
import { cp, lstat, mkdir, readdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { AppError } from '../errors.ts';
import type { SandboxDriver } from './driver.ts';
import type { Layer } from './packages/layers.ts';
import { workPlan } from './plans.ts';
import { runToEnd } from './run-to-end.ts';
import type { Toolchain } from './toolchain.ts';

export interface BuildOptions {
  driver: SandboxDriver;
  /** Unique among living sandboxes. */
  id: string;
  /** Consumed: it changes hands to the sandbox's user and its build folder is moved away. */
  exportedTreeDir: string;
  toolchain: Toolchain;
  /** What the app needs beside it. */
  layer?: Layer | undefined;
  /** Must not exist; on the same file system it appears in one step. */
  outDir: string;
  signal?: AbortSignal;
  onLine?: (line: string) => void;
  /** Default 3 min. */
  timeoutMs?: number;
  /** Largest release, in MB. Default 200. */
  maxMb?: number;
  env?: Record<string, string>;
}

export interface ReleaseManifest {
  /** The toolchain that it runs with, for as long as it lives. */
  toolchain: string;
  /** The layer that it needs beside it. */
  layer?: string;
  node: string;
  builtAt: string;
  files: number;
  bytes: number;
  buildMs: number;
}

/**
 * `<outDir>/app` is the server, `<outDir>/release.json` its manifest; nothing in it is writable afterwards.
 * @throws AppError `build_failed` with the last lines, `build_too_large`, `build_timeout`, `build_stopped`
 */
export async function buildRelease(options: BuildOptions): Promise<ReleaseManifest> {
  const { driver, id, exportedTreeDir, toolchain, layer, outDir, signal, onLine } = options;
  const maxMb = options.maxMb ?? 200;
  const timeoutMs = options.timeoutMs ?? 180_000;
  await rm(join(exportedTreeDir, 'build'), { recursive: true, force: true });
  const treeDir = exportedTreeDir;
  const spec = workPlan({
    id,
    treeDir,
    runner: 'build.mjs',
    modules: toolchain.modules,
    layer: layer?.modules,
    maxMb: 3 * maxMb,
    env: options.env,
  });
  const run = await runToEnd(driver, spec, { timeoutMs, signal, onLine: onLine && ((line) => onLine(line.text)) });
  if (run.reason !== 'exit' || run.code !== 0) throw failure(run);
  const built = join(exportedTreeDir, 'build');
  const size = await measure(built);
  if (size.bytes > maxMb * 1024 * 1024) {
    throw new AppError('build_too_large', 'limit', `The built app is larger than ${maxMb} MB.`);
  }
  const manifest: ReleaseManifest = {
    toolchain: toolchain.id,
    ...(layer ? { layer: layer.key } : {}),
    node: process.version,
    builtAt: new Date().toISOString(),
    ...size,
    buildMs: Math.round(run.durationMs),
  };
  await publish(built, outDir, manifest);
  return manifest;
}

function failure(run: Awaited<ReturnType<typeof runToEnd>>): AppError {
  if (run.reason === 'aborted') return new AppError('build_stopped', 'unavailable', 'The build was stopped.');
  if (run.reason === 'timeout') return new AppError('build_timeout', 'limit', `The build failed. ${run.message}`);
  const detail = run.lastLines.trim().slice(-4_000) || undefined;
  const message = run.reason === 'exit' ? 'The app could not be built.' : `The app could not be built. ${run.message}`;
  return new AppError('build_failed', 'invalid', message, { detail });
}

/** Everything is put together beside `outDir` and then renamed: a release is there whole or not at all. */
async function publish(built: string, outDir: string, manifest: ReleaseManifest): Promise<void> {
  const temporary = `${outDir}.tmp-${process.pid}`;
  await rm(temporary, { recursive: true, force: true });
  await mkdir(dirname(outDir), { recursive: true, mode: 0o755 });
  await mkdir(temporary, { mode: 0o755 });
  try {
    await rename(built, join(temporary, 'app')).catch(async (error: NodeJS.ErrnoException) => {
      if (error.code !== 'EXDEV') throw error;
      await cp(built, join(temporary, 'app'), { recursive: true, verbatimSymlinks: true });
    });
    // the layer is mounted there
    if (manifest.layer) await mkdir(join(temporary, 'app', 'node_modules'), { recursive: true });
    const packageFile = join(temporary, 'app', 'package.json');
    // Without it Node reads each file twice to learn that it is a module.
    if (!(await exists(packageFile))) await writeFile(packageFile, '{ "type": "module" }\n');
    await writeFile(join(temporary, 'release.json'), `${JSON.stringify(manifest, null, 2)}\n`);
    const run = promisify(execFile);
    if (process.getuid?.() === 0) await run('chown', ['-R', '-h', '-P', '0:0', temporary]);
    await run('chmod', ['-R', 'go+rX,a-w', join(temporary, 'app')]);
    await rename(temporary, outDir);
  } catch (error) {
    await rm(temporary, { recursive: true, force: true });
    throw error;
  }
}

/** Counts, and refuses what no build has to contain: a link could lead somewhere else once it is served. */
async function measure(folder: string): Promise<{ files: number; bytes: number }> {
  const found = await lstat(folder).catch(() => undefined);
  if (!found?.isDirectory()) {
    throw new AppError('build_failed', 'invalid', 'The build left no server.', {
      detail: 'The app must use the adapter for Node, with its output in "build".',
    });
  }
  let [files, bytes] = [0, 0];
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    if (entry.isDirectory()) continue;
    const status = await lstat(join(entry.parentPath, entry.name));
    if (!status.isFile() || status.nlink > 1) {
      throw new AppError('build_failed', 'invalid', `The build made "${entry.name}", which is no ordinary file.`);
    }
    files++;
    bytes += status.size;
  }
  return { files, bytes };
}

async function exists(path: string): Promise<boolean> {
  return await stat(path).then(
    () => true,
    () => false,
  );
}
