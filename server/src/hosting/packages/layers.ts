/**
 * Layers: what an app needs beside the toolchain, installed once per lockfile and mounted read-only at the app's own node_modules, so that
 * Node finds a package there first and the toolchain's behind it. A layer is there whole or not at all, is shared by every worktree and release
 * with the same lockfile, and can be made again from that lockfile at any time: so what nobody needs is simply removed.
 */
import { execFile } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { constants } from 'node:fs';
import { lstat, mkdir, open, readdir, rename, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { AppError } from '../../errors.ts';
import type { SandboxDriver } from '../driver.ts';
import { Slots } from '../instances/slots.ts';
import { removeTree, type Toolchain } from '../toolchain.ts';
import { install } from './install.ts';
import { checkCount, type Lock, type LockEntry, lockText, type Needs, noNeeds, readLock } from './needs.ts';
import type { Registry } from './registry.ts';

export interface Layer {
  key: string;
  /** to be mounted at the app's node_modules */
  modules: string;
}

export interface LayersParts {
  dataDir: string;
  driver: SandboxDriver;
  registry: () => Promise<Registry>;
  npmFolder: () => Promise<string>;
}

const MOST_WAITING = 12;
/** Not removed for so long after it was last asked for: somebody may be about to mount it. */
const FRESH_MS = 3600_000;
const LARGEST_LOCK = 1024 * 1024;

export class Layers {
  readonly #parts: LayersParts;
  readonly #folder: string;
  readonly #jobs = new Map<string, Promise<Made>>();
  readonly #slots = new Slots(1);
  /** folders that somebody works in now */
  readonly #open = new Set<string>();
  #waiting = 0;
  #count = 0;
  /** how many installations have begun */
  installations = 0;

  constructor(parts: LayersParts) {
    this.#parts = parts;
    this.#folder = join(parts.dataDir, 'layers');
  }

  /**
   * The layer of an app, made when it is not there.
   * @param text the app's package-lock.json
   * @returns undefined for an app that needs nothing beside the toolchain
   * @throws AppError `packages_broken`, `packages_outdated`, `packages_fail`
   */
  async ensure(toolchain: Toolchain, text: string | undefined): Promise<Layer | undefined> {
    const lock = readLock(text);
    if (!lock || noNeeds(lock.needs)) return undefined;
    const layer = this.#layer(keyOf(toolchain, lock));
    if (await this.#use(layer)) return layer;
    const made = await this.#install(toolchain, lock.needs, lock.packages);
    const allowed = new Set([...lock.packages].map(([place, one]) => identity(place, one)));
    const news = [...made.lock.packages].find(([place, one]) => !allowed.has(identity(place, one)));
    if (news)
      throw new AppError(
        'packages_outdated',
        'conflict',
        'The app’s packages no longer fit the tools that apps are built with.',
        {
          detail: `${identity(...news)} would be needed, and nobody has agreed to it. Ask for one of the app’s packages anew in a chat.`,
        },
      );
    // placed otherwise than it was written down: the same packages, so it counts for that lockfile too
    if (made.layer.key !== layer.key) await this.#copy(made, layer);
    return layer;
  }

  /**
   * Works out and installs what an app needs.
   * @param known lockfiles whose versions stay where they can, the first one first
   * @returns the text of the app's package-lock.json; undefined when it needs nothing any more
   */
  async relock(toolchain: Toolchain, needs: Needs, known: (Lock | undefined)[]): Promise<string | undefined> {
    checkCount(needs);
    if (noNeeds(needs)) return undefined;
    const packages = new Map<string, LockEntry>(known.toReversed().flatMap((lock) => [...(lock?.packages ?? [])]));
    const { lock } = await this.#install(toolchain, needs, packages);
    return lockText(lock);
  }

  /** Which layer a lockfile stands for, whether it is there or not; undefined also where it cannot be read. */
  keyOf(toolchain: Toolchain, text: string | undefined): string | undefined {
    try {
      const lock = readLock(text);
      return lock && !noNeeds(lock.needs) ? keyOf(toolchain, lock) : undefined;
    } catch {
      return undefined;
    }
  }

  /** Removes what no open worktree and no kept release needs, and what a killed installation left. @returns how many */
  async collect(toolchain: Toolchain): Promise<number> {
    const names = await readdir(this.#folder).catch(() => []);
    if (names.length === 0) return 0;
    const needed = await this.#needed(toolchain);
    let removed = 0;
    for (const name of names) {
      const path = join(this.#folder, name);
      const abandoned = name.startsWith('.');
      if (abandoned ? this.#open.has(path) : needed.has(name)) continue;
      const used = await lstat(join(path, 'layer.json')).catch(() => undefined);
      if (!abandoned && used && Date.now() - used.mtimeMs < FRESH_MS) continue;
      await removeTree(path);
      removed++;
    }
    return removed;
  }

  async #needed(toolchain: Toolchain): Promise<Set<string>> {
    const { dataDir } = this.#parts;
    const keys = new Set<string>();
    for (const name of await readdir(join(dataDir, 'worktrees')).catch(() => [])) {
      const key = this.keyOf(toolchain, await readPlain(join(dataDir, 'worktrees', name, 'app', 'package-lock.json')));
      if (key) keys.add(key);
    }
    for (const app of await readdir(join(dataDir, 'releases')).catch(() => []))
      for (const id of await readdir(join(dataDir, 'releases', app)).catch(() => [])) {
        const text = await readPlain(join(dataDir, 'releases', app, id, 'release.json'));
        const key = text && (JSON.parse(text) as { layer?: string }).layer;
        if (key) keys.add(key);
      }
    return keys;
  }

  #layer(key: string): Layer {
    return { key, modules: join(this.#folder, key, 'node_modules') };
  }

  /** Whether it is there; if so it counts as used. */
  async #use({ key }: Layer): Promise<boolean> {
    const now = new Date();
    return utimes(join(this.#folder, key, 'layer.json'), now, now).then(
      () => true,
      () => false,
    );
  }

  /** The same question is worked on once, however many ask it. */
  #install(toolchain: Toolchain, needs: Needs, known: Map<string, LockEntry>): Promise<Made> {
    const question = hash(toolchain.id, lockText({ needs, packages: new Map([...known].sort()) }));
    let job = this.#jobs.get(question);
    if (!job) {
      job = this.#make(toolchain, needs, known).finally(() => this.#jobs.delete(question));
      this.#jobs.set(question, job);
    }
    return job;
  }

  async #make(toolchain: Toolchain, needs: Needs, known: Map<string, LockEntry>): Promise<Made> {
    if (this.#waiting >= MOST_WAITING)
      throw new AppError(
        'packages_busy',
        'limit',
        'Too many packages are being installed right now. Try again in a minute.',
      );
    this.#waiting++;
    const leave = await this.#slots.take().finally(() => this.#waiting--);
    try {
      const { driver, registry, npmFolder } = this.#parts;
      return await this.#beside(async (folder, modules) => {
        this.installations++;
        const id = `packages-${process.pid}-${++this.#count}`;
        const here = { driver, id, folder, modules, registry: await registry(), npmFolder: await npmFolder() };
        const lock = await install({ ...here, toolchain, needs, known });
        return { lock, layer: this.#layer(keyOf(toolchain, lock)) };
      });
    } finally {
      leave();
    }
  }

  async #copy({ lock, layer: from }: Made, layer: Layer): Promise<void> {
    await this.#beside(async (_folder, modules) => {
      await promisify(execFile)('cp', ['-al', from.modules, modules]);
      return { lock, layer };
    });
  }

  /** Has a layer's modules put together beside the layers; one rename makes it appear. Whoever was faster has made the same. */
  async #beside(work: (folder: string, modules: string) => Promise<Made>): Promise<Made> {
    const folder = join(this.#folder, `.${randomBytes(8).toString('hex')}`);
    const ready = join(folder, 'ready');
    this.#open.add(folder);
    try {
      await mkdir(ready, { recursive: true, mode: 0o755 });
      const made = await work(folder, join(ready, 'node_modules'));
      const note = JSON.stringify({ key: made.layer.key, madeAt: new Date().toISOString() });
      await writeFile(join(ready, 'layer.json'), note, { flush: true });
      await rename(ready, join(this.#folder, made.layer.key)).catch((error: NodeJS.ErrnoException) => {
        if (error.code !== 'ENOTEMPTY' && error.code !== 'EEXIST') throw error;
      });
      await this.#use(made.layer);
      return made;
    } finally {
      await removeTree(folder);
      this.#open.delete(folder);
    }
  }
}

interface Made {
  lock: Lock;
  layer: Layer;
}

const hash = (...texts: string[]): string => createHash('sha256').update(texts.join('\n')).digest('hex').slice(0, 20);
const keyOf = (toolchain: Toolchain, lock: Lock): string => hash(toolchain.id, lockText(lock));
/** What a package is, wherever it lies. */
const identity = (place: string, one: LockEntry): string =>
  `${typeof one.name === 'string' ? one.name : place.split('node_modules/').at(-1)}@${one.version}`;

/** A file that somebody else may have put there; undefined when it is none. */
async function readPlain(path: string): Promise<string | undefined> {
  const file = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK).catch(
    () => undefined,
  );
  if (!file) return undefined;
  try {
    const status = await file.stat();
    return status.isFile() && status.size <= LARGEST_LOCK ? await file.readFile('utf8') : undefined;
  } finally {
    await file.close();
  }
}
