/**
 * The open chats of a host: worktree, file helper, and one thing at a time. Whoever works on a chat's files or draft does it inside
 * `use`, so that a turn, an undo and a merge never overlap.
 */
import { existsSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { MAIN } from '../containers/repository.ts';
import { type Files, readFiles } from '../containers/trees.ts';
import { appFolder, chatRef, closeWorktree, openWorktree, saveWork, wipRef } from '../containers/worktrees.ts';
import { type Db, run, sql } from '../db/database.ts';
import { AppError } from '../errors.ts';
import { type ChatPlace, placeOf, readChatRecord } from './chat-places.ts';
import type { SandboxDriver } from './driver.ts';
import { FileHelper } from './files/file-helper.ts';

const IDLE_MS = 10 * 60_000;
const AUTHOR = { name: 'Vibe', email: 'vibe@localhost' };

export interface Workspace {
  place: ChatPlace;
  helper: FileHelper;
}

interface Open {
  helper: FileHelper;
  queue: Promise<unknown>;
  idle: NodeJS.Timeout;
}

export interface WorkspaceParts {
  db: Db;
  dataDir: string;
  driver: SandboxDriver;
  /** the toolchain's node_modules; waits while it is being installed */
  modulesDir: () => Promise<string>;
}

export class Workspaces {
  readonly #parts: WorkspaceParts;
  readonly #open = new Map<string, Promise<Open>>();
  readonly #reconciled = new Set<string>();

  constructor(parts: WorkspaceParts) {
    this.#parts = parts;
  }

  /** Runs `work` alone on a chat. @throws AppError `no_app` */
  async use<T>(chatId: string, work: (workspace: Workspace) => Promise<T>): Promise<T> {
    const open = await this.#entry(chatId);
    const result = open.queue.then(async () => {
      const place = await this.#place(chatId);
      await this.#prepare(place, open.helper);
      return work({ place, helper: open.helper });
    });
    open.queue = result.catch(() => {});
    return result;
  }

  /** Like `use`, for reading files: does not wait for its turn. */
  async read<T>(chatId: string, work: (workspace: Workspace) => Promise<T>): Promise<T> {
    const place = await this.#place(chatId);
    const open = await this.#entry(chatId);
    if (!this.#reconciled.has(chatId)) return this.use(chatId, work);
    return work({ place, helper: open.helper });
  }

  /** Refuses a worker whose lease is over. @throws AppError `fenced` */
  async checkFence(chatId: string, fence: number): Promise<void> {
    const { fence: newest } = await readChatRecord(this.#parts.db, chatId);
    if (fence < newest) throw new AppError('fenced', 'conflict', 'Another worker has taken this turn over.');
  }

  async #place(chatId: string): Promise<ChatPlace> {
    return placeOf(await readChatRecord(this.#parts.db, chatId), this.#parts.dataDir);
  }

  /** The chat's entry; waits for the toolchain where that is still being installed. */
  async #entry(chatId: string): Promise<Open> {
    let opening = this.#open.get(chatId);
    if (!opening) {
      opening = Promise.all([this.#place(chatId), this.#parts.modulesDir()]).then(([place, modulesDir]) => {
        const { driver } = this.#parts;
        const helper = new FileHelper({
          driver,
          id: `files-${place.chat8}`,
          appDir: appFolder(place.worktree),
          modulesDir,
        });
        return { helper, queue: Promise.resolve(), idle: setTimeout(() => {}, 0) };
      });
      opening.catch(() => this.#open.delete(chatId));
      this.#open.set(chatId, opening);
    }
    const open = await opening;
    clearTimeout(open.idle);
    open.idle = setTimeout(() => void this.#retire(chatId), IDLE_MS);
    open.idle.unref();
    return open;
  }

  async #retire(chatId: string): Promise<void> {
    const opening = this.#open.get(chatId);
    this.#open.delete(chatId);
    const open = await opening?.catch(() => undefined);
    if (!open) return;
    clearTimeout(open.idle);
    await open.queue;
    await open.helper.close();
  }

  /** Opens the worktree, and once per life of this host brings git and files back to what was acknowledged. */
  async #prepare(place: ChatPlace, helper: FileHelper): Promise<void> {
    const { git, worktree } = place;
    if (this.#reconciled.has(place.id) && existsSync(worktree.folder)) return;
    const ref = chatRef(place.chat8);
    let head = await git.resolve(ref);
    if (!head) {
      head = place.headCommit ?? (await git.resolve(MAIN))!;
      await git.moveRef(ref, head, undefined);
      if (!place.headCommit)
        await run(
          this.#parts.db,
          sql`update chats set head_commit = ${head}, base_commit = coalesce(base_commit, ${head}) where id = ${place.id}`,
        );
    }
    // a turn that was cut off has its work in the wip commit: a lost worktree is made from it
    const wip = await git.resolve(wipRef(place.chat8));
    const wipParent = wip ? await git.resolve(`${wip}^`) : undefined;
    await openWorktree(worktree, wip && wipParent === head && place.working ? wip : head);
    if (this.#reconciled.has(place.id)) return;
    if (!place.working && place.headCommit && head !== place.headCommit) {
      await git.moveRef(ref, place.headCommit, head);
      head = place.headCommit;
    }
    if (!place.working) await resetFiles(place, helper, head);
    this.#reconciled.add(place.id);
  }

  /** Ends the helper and removes the worktree; the branch stays. */
  async close(chatId: string): Promise<void> {
    const place = await this.#place(chatId).catch(() => undefined);
    await this.#retire(chatId);
    this.#reconciled.delete(chatId);
    if (place) await closeWorktree(place.worktree.folder);
  }

  async closeAll(): Promise<void> {
    await Promise.all([...this.#open.keys()].map((chatId) => this.#retire(chatId)));
  }
}

/** Makes the worktree's files those of a commit, through the helper. @returns how many files changed */
export async function resetFiles(place: ChatPlace, helper: FileHelper, commit: string): Promise<number> {
  const wanted = await readFiles(place.git, `${commit}:apps/${place.appSlug}`);
  const changed = await writeFiles(helper, wanted);
  await rm(join(place.worktree.folder, 'generated'), { force: true });
  if (changed > 0) await saveWork(place.worktree, AUTHOR);
  return changed;
}

/** Writes a whole tree, touching only what differs. */
async function writeFiles(helper: FileHelper, wanted: Files): Promise<number> {
  const current = await readTree(helper);
  const write: Record<string, string | { base64: string }> = {};
  for (const [path, content] of wanted) {
    const next = content.toString('utf8');
    const isText = Buffer.from(next, 'utf8').equals(content);
    const value = isText ? next : { base64: content.toString('base64') };
    const now = current.get(path);
    const same = typeof value === 'string' ? now === value : typeof now === 'object' && now.base64 === value.base64;
    if (!same) write[path] = value;
  }
  const remove = [...current.keys()].filter((path) => !wanted.has(path));
  if (Object.keys(write).length + remove.length === 0) return 0;
  unwrap(await helper.writeTree({ write, remove }));
  return Object.keys(write).length + remove.length;
}

/** The files as they are on disk. */
export async function readTree(helper: FileHelper): Promise<Map<string, string | { base64: string }>> {
  return new Map(Object.entries(unwrap(await helper.readTree()).files));
}

/** The value of a platform's own file operation; its refusal is an error. */
export function unwrap<T>(
  result: { ok: true; value: T } | { ok: false; code: string; message: string; path?: string },
): T {
  if (result.ok) return result.value;
  throw new AppError(result.code, 'conflict', `${result.message}${result.path ? ` (${result.path})` : ''}`);
}
