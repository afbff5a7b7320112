/** Before the journeys: the folder of pictures is there, and the apps' toolchain is installed once for all of them. */
import { mkdir } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { ensureToolchain } from '../../server/src/hosting/toolchain.ts';

export default async function setup(): Promise<void> {
  await mkdir(new URL('../screenshots/', import.meta.url), { recursive: true });
  const given = process.env.npm_execpath;
  await ensureToolchain({
    dataDir: fileURLToPath(new URL('../.tmp', import.meta.url)),
    lockDir: fileURLToPath(new URL('../../templates/toolchain', import.meta.url)),
    npmPath: given?.endsWith('.js') ? given : 'npm',
    nodePath: process.execPath,
  });
}
