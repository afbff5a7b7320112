/**
 * The root filesystem of every container, made of what this machine has: Node, its libraries, `env`, a tiny /etc. Imported once, under a
 * tag that is the hash of its content; nothing is ever asked of a registry.
 */
import { execFile, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, mkdtemp, readdir, readFile, rm, symlink } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { AppError } from '../../../errors.ts';
import { type Furniture, librariesOf, NODE_INSIDE } from '../linux/furniture.ts';
import { type EngineClient, EngineRefusal } from './client.ts';

/** `localhost/`: no engine takes that for a name in a registry. */
const REPOSITORY = 'localhost/vibe-sandbox';
/** Drops what engines add to the environment, enters the folder, becomes the command. */
export const ENV_INSIDE = '/bin/env';
const EMPTY = ['dev', 'proc', 'sys', 'tmp', 'run/sbx', 'w'];

export interface Image {
  name: string;
  /** Imports it, if it is not there (any more). */
  ensure: () => Promise<void>;
}

/** @param folder where a folder of links may be made for a moment */
export async function describeImage(client: EngineClient, folder: string, furniture: Furniture): Promise<Image> {
  const env = (await promisify(execFile)('sh', ['-c', 'readlink -f "$(command -v env)"'])).stdout.trim();
  const files = new Map([[NODE_INSIDE, furniture.node]]);
  for (const { source, target } of [...furniture.libraries, ...librariesOf(env)]) files.set(target, source);
  files.set(ENV_INSIDE, env);
  for (const name of await readdir(furniture.etc)) files.set(`/etc/${name}`, join(furniture.etc, name));
  const name = `${REPOSITORY}:${await hashOf(files)}`;
  return { name, ensure: async () => await ensure(client, folder, files, name) };
}

async function ensure(client: EngineClient, folder: string, files: Map<string, string>, name: string): Promise<void> {
  if (await isThere(client, name)) return;
  const stage = await mkdtemp(join(folder, 'image-'));
  try {
    for (const empty of EMPTY) await mkdir(join(stage, empty), { recursive: true, mode: 0o755 });
    for (const [inside, source] of files) {
      await mkdir(join(stage, dirname(inside)), { recursive: true });
      await symlink(source, join(stage, inside));
    }
    await importFolder(client, stage, name);
  } finally {
    await rm(stage, { recursive: true, force: true });
  }
  await removeOthers(client, name);
}

/** A tar of what the links lead to, streamed into the engine. */
async function importFolder(client: EngineClient, stage: string, name: string): Promise<void> {
  const words = ['-ch', '--owner=0', '--group=0', '--mode=a+rX', '-C', stage, '.'];
  const tar = spawn('tar', words, { stdio: ['ignore', 'pipe', 'ignore'] });
  // The tag is part of the name: Podman reads no other.
  const query = { fromSrc: '-', repo: name };
  const answer = await client.call<{ error?: string }>('POST', '/images/create', { query, archive: tar.stdout });
  if (answer?.error)
    throw new AppError('docker_import', 'unavailable', `The engine does not take the image: ${answer.error}.`);
}

async function isThere(client: EngineClient, name: string): Promise<boolean> {
  try {
    await client.call('GET', `/images/${name}/json`);
    return true;
  } catch (error) {
    if (error instanceof EngineRefusal && error.status === 404) return false;
    throw error;
  }
}

/** Each version of Node would leave 120 MB behind. One that is in use stays: the engine refuses to remove it. */
async function removeOthers(client: EngineClient, name: string): Promise<void> {
  const query = { filters: JSON.stringify({ reference: [REPOSITORY] }) };
  const images = await client.call<{ RepoTags?: string[] }[]>('GET', '/images/json', { query }).catch(() => []);
  const others = images.flatMap((image) => image.RepoTags ?? []).filter((one) => one !== name);
  for (const other of others.filter((one) => one.startsWith(`${REPOSITORY}:`)))
    await client.call('DELETE', `/images/${other}`).catch(() => undefined);
}

async function hashOf(files: Map<string, string>): Promise<string> {
  const whole = createHash('sha256').update(EMPTY.join('\0'));
  for (const [inside, source] of [...files].toSorted(([a], [b]) => (a < b ? -1 : 1))) {
    const hash = createHash('sha256');
    if (inside.startsWith('/etc/')) hash.update(await readFile(source));
    else for await (const chunk of createReadStream(source, { highWaterMark: 1 << 20 })) hash.update(chunk as Buffer);
    whole.update(`${inside}\0`).update(hash.digest());
  }
  return whole.digest('hex').slice(0, 24);
}
