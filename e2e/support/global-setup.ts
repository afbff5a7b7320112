/**
 * Before the journeys, once for all of them: the folder of pictures, the apps' toolchain, and what the first start of a Vibe works out for
 * later ones (what Vite makes of the toolchain, what Node makes of the sources).
 */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { testToolchain } from '../../server/src/hosting/fixtures/bench.ts';
import { makeVibe, PREPARED } from './vibe.ts';

const SEED = 'vite-seed';
const PATIENCE_MS = 30_000;

export default async function setup(): Promise<void> {
  await mkdir(new URL('../screenshots/', import.meta.url), { recursive: true });
  // the one that the units have used, where they have run
  const { id, folder } = await testToolchain();
  const own = join(PREPARED, 'toolchains', id);
  if (!existsSync(own)) {
    // those of earlier lockfiles are of no use any more, nor is a half of one
    spawnSync('rm', ['-rf', dirname(own)]);
    const half = `${own}.half`;
    await mkdir(half, { recursive: true });
    // links, where both are on one disk
    const copy = (how: string) => spawnSync('cp', [how, `${folder}/.`, half]).status === 0;
    if (!copy('-al') && !copy('-af')) throw new Error(`The toolchain in ${folder} could not be copied.`);
    // the units made it of another app than those of the journeys
    await rm(join(half, SEED), { recursive: true, force: true });
    await rename(half, own);
  }
  if (!existsSync(join(own, SEED))) await firstStart(id, join(own, SEED));
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
