/**
 * Before the journeys, once for all of them: the folder of pictures, the apps' toolchain, and what the first start of a Vibe works out for
 * later ones (what Vite makes of the toolchain, what Node makes of the sources).
 */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { ensureToolchain } from '../../server/src/hosting/toolchain.ts';
import { makeVibe, PREPARED } from './vibe.ts';

const SEED = 'vite-seed';
const PATIENCE_MS = 30_000;

export default async function setup(): Promise<void> {
  await mkdir(new URL('../screenshots/', import.meta.url), { recursive: true });
  const given = process.env.npm_execpath;
  const { id, folder } = await ensureToolchain({
    dataDir: PREPARED,
    lockDir: fileURLToPath(new URL('../../templates/toolchain', import.meta.url)),
    npmPath: given?.endsWith('.js') ? given : 'npm',
    nodePath: process.execPath,
  });
  // those of earlier lockfiles are of no use any more
  const all = join(PREPARED, 'toolchains');
  for (const name of await readdir(all)) {
    if (name !== id) spawnSync('rm', ['-rf', join(all, name)]);
  }
  if (!existsSync(join(folder, SEED))) await firstStart(id, join(folder, SEED));
}

/** A Vibe is started and stopped. Where it could make no seed the others try it themselves. */
async function firstStart(id: string, kept: string): Promise<void> {
  const vibe = await makeVibe();
  try {
    await vibe.start();
    const made = join(vibe.dataDir, 'toolchains', id, SEED);
    for (const end = Date.now() + PATIENCE_MS; !existsSync(made) && Date.now() < end; ) await sleep(50);
    await vibe.stop();
    if (existsSync(made)) spawnSync('cp', ['-a', made, kept]);
  } finally {
    await vibe.remove();
  }
}
