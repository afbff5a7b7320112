/** Before the journeys: the folder of pictures is there, and the apps' toolchain is installed once for all of them. */
import { spawnSync } from 'node:child_process';
import { mkdir, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ensureToolchain } from '../../server/src/hosting/toolchain.ts';

export default async function setup(): Promise<void> {
  await mkdir(new URL('../screenshots/', import.meta.url), { recursive: true });
  const given = process.env.npm_execpath;
  const dataDir = fileURLToPath(new URL('../.tmp', import.meta.url));
  const { id } = await ensureToolchain({
    dataDir,
    lockDir: fileURLToPath(new URL('../../templates/toolchain', import.meta.url)),
    npmPath: given?.endsWith('.js') ? given : 'npm',
    nodePath: process.execPath,
  });
  // those of earlier lockfiles are of no use any more
  const folder = join(dataDir, 'toolchains');
  for (const name of await readdir(folder)) {
    if (name !== id) spawnSync('rm', ['-rf', join(folder, name)]);
  }
}
