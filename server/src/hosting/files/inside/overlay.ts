/**
 * The app's files as they will be after a call, in memory: every edit of the call is tried here first, in order, and only when
 * all of them hold is anything written. Nothing in this module writes.
 */
import { FILE_LIMITS } from '../limits.ts';
import { checkPath, foldName, type PathUse } from '../paths.ts';
import type { Folder } from './folder.ts';
import { Refused } from './refuse.ts';
import { decodeText, readBytes, type TreeEntry, walk } from './tree.ts';

export class Overlay {
  readonly #folder: Folder;
  readonly #use: PathUse;
  readonly #entries = new Map<string, TreeEntry>();
  /** Names of files and folders as a case-blind eye sees them → as they are. */
  readonly #folded = new Map<string, string>();
  /** What changed: new bytes, or null for removed. */
  readonly #changed = new Map<string, Buffer | null>();
  readonly #before = new Map<string, Buffer>();

  constructor(folder: Folder, use: PathUse) {
    this.#folder = folder;
    this.#use = use;
    for (const entry of walk(folder)) {
      this.#entries.set(entry.path, entry);
      this.#folded.set(foldName(entry.path), entry.path);
    }
  }

  /** The path, checked by the rules. */
  check(path: string): string {
    const checked = checkPath(path, this.#use);
    if (!checked.ok) throw new Refused(checked.code, checked.message, checked);
    return path;
  }

  exists(path: string): boolean {
    const changed = this.#changed.get(path);
    return changed === undefined ? this.#entries.has(path) : changed !== null;
  }

  /** The bytes as the edits so far leave them. */
  bytes(path: string): Buffer {
    this.check(path);
    const changed = this.#changed.get(path);
    if (changed) return changed;
    if (changed === null || !this.#entries.has(path))
      throw new Refused('not_found', 'There is no such file.', { path });
    const bytes = readBytes(this.#folder, path, this.#use);
    this.#before.set(path, bytes);
    return bytes;
  }

  text(path: string): string {
    const text = decodeText(this.bytes(path));
    if (text === undefined) throw new Refused('binary', 'The file is not text.', { path });
    return text;
  }

  write(path: string, content: string | Buffer): void {
    this.check(path);
    const bytes = typeof content === 'string' ? encode(path, content) : content;
    if (bytes.length > FILE_LIMITS.fileBytes)
      throw new Refused('file_large', 'A file may have 1 MB at most.', { path });
    this.#makeRoom(path);
    if (this.#isUntouched(path)) this.bytes(path);
    this.#changed.set(path, bytes);
  }

  remove(path: string): void {
    this.bytes(path);
    this.#changed.set(path, null);
    if (this.#folded.get(foldName(path)) === path) this.#folded.delete(foldName(path));
  }

  /** What really differs from the disk. Refuses when the app would become too large. */
  result(): { path: string; before: Buffer | null; after: Buffer | null }[] {
    const changes = [...this.#changed]
      .map(([path, after]) => ({ path, before: this.#before.get(path) ?? null, after }))
      .filter(
        ({ before, after }) => (before === null) !== (after === null) || (before && after && !before.equals(after)),
      );
    const sizes = new Map(
      [...this.#entries.values()].filter((one) => one.type === 'file').map((one) => [one.path, one.size]),
    );
    for (const { path, after } of changes) {
      if (after) sizes.set(path, after.length);
      else sizes.delete(path);
    }
    const grows = changes.some(({ before, after }) => (after?.length ?? 0) > (before?.length ?? 0) || before === null);
    const bytes = [...sizes.values()].reduce((sum, size) => sum + size, 0);
    if (grows && sizes.size > FILE_LIMITS.treeFiles) {
      throw new Refused('tree_large', `An app may have ${FILE_LIMITS.treeFiles} files at most.`);
    }
    if (grows && bytes > FILE_LIMITS.treeBytes)
      throw new Refused('tree_large', 'The app would become larger than 48 MB.');
    return changes;
  }

  #isUntouched(path: string): boolean {
    return this.#entries.has(path) && !this.#changed.has(path);
  }

  /** A file needs folders that are folders, and a name that no sibling has in another case. */
  #makeRoom(path: string): void {
    const parts = path.split('/');
    for (let length = 1; length <= parts.length; length++) {
      const own = parts.slice(0, length).join('/');
      const twin = this.#folded.get(foldName(own));
      if (twin !== undefined && twin !== own) {
        throw new Refused('case_collision', `"${twin}" is there already and differs in case alone.`, { path });
      }
      const entry = this.#changed.get(own) === null ? undefined : this.#entries.get(own);
      const isLast = length === parts.length;
      if (entry?.type === 'link') throw new Refused('link', `"${own}" is a link; links are not followed.`, { path });
      if (entry?.type === 'other') throw new Refused('special_file', `"${own}" is no ordinary file.`, { path });
      if (isLast && (entry?.type === 'folder' || this.#isFolderNow(own))) {
        throw new Refused('is_folder', 'There is a folder of that name.', { path });
      }
      if (!isLast && (entry?.type === 'file' || this.#changed.get(own))) {
        throw new Refused('not_folder', `"${own}" is a file, not a folder.`, { path });
      }
      this.#folded.set(foldName(own), own);
    }
  }

  /** Whether edits of this call put a file below that name. */
  #isFolderNow(path: string): boolean {
    return [...this.#changed].some(([other, bytes]) => bytes !== null && other.startsWith(`${path}/`));
  }
}

function encode(path: string, text: string): Buffer {
  if (!text.isWellFormed() || text.includes('\0')) {
    throw new Refused('not_text', 'The content holds a NUL or half a character.', { path });
  }
  return Buffer.from(text, 'utf8');
}
