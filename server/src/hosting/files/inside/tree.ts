/** Walks the app's folder and reads from it. What does not belong to the app (.git, .svelte-kit, node_modules) is not seen. */
import { lstatSync, readdirSync, readFileSync } from 'node:fs';
import { FILE_LIMITS } from '../limits.ts';
import { checkPath, type PathUse } from '../paths.ts';
import { type Folder, refuseSpecial } from './folder.ts';
import { naming, Refused } from './refuse.ts';

export interface TreeEntry {
  path: string;
  type: 'file' | 'folder' | 'link' | 'other';
  size: number;
}

const UNSEEN = new Set(['.git', '.svelte-kit', 'node_modules']);

/** Every entry below `start`, parents before children, names in order. Refuses a tree that is too large. */
export function walk(folder: Folder, start: string[] = [], depth: number = FILE_LIMITS.depth + 1): TreeEntry[] {
  const found: TreeEntry[] = [];
  const visit = (parts: string[], level: number) => {
    const names = folder.within([...parts, '.'], (pinned) =>
      readdirSync(pinned)
        .toSorted()
        .map((name) => ({ name, status: lstatSync(`${pinned}/${name}`, { throwIfNoEntry: false }) })),
    );
    for (const { name, status } of names) {
      if (UNSEEN.has(name) || !status) continue;
      const own = [...parts, name];
      const type = status.isDirectory()
        ? 'folder'
        : status.isFile()
          ? 'file'
          : status.isSymbolicLink()
            ? 'link'
            : 'other';
      found.push({ path: own.join('/'), type, size: type === 'file' ? status.size : 0 });
      if (found.length > FILE_LIMITS.treeFiles * 3) throw new Refused('tree_large', 'The app has too many files.');
      if (type === 'folder' && level < depth) visit(own, level + 1);
    }
  };
  visit(start, 1);
  return found;
}

/** The bytes of a file, at most 1 MB. */
export function readBytes(folder: Folder, path: string, use: PathUse): Buffer {
  const checked = checkPath(path, use);
  if (!checked.ok) throw new Refused(checked.code, checked.message, checked);
  return naming(path, () =>
    folder.withFile(checked.parts, (descriptor, status) => {
      if (status.size > FILE_LIMITS.fileBytes)
        throw new Refused('file_large', 'The file is larger than 1 MB.', { path });
      return readFileSync(descriptor);
    }),
  );
}

/** Text, or undefined for bytes that are none. */
export function decodeText(bytes: Buffer): string | undefined {
  if (bytes.includes(0)) return undefined;
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return undefined;
  }
}

/** The text of a file; a binary one is refused. */
export function readText(folder: Folder, path: string, use: PathUse): string {
  const text = decodeText(readBytes(folder, path, use));
  if (text === undefined) throw new Refused('binary', 'The file is not text.', { path });
  return text;
}

/** Throws unless `parts` is a folder, and not a link to one. */
export function requireFolder(folder: Folder, parts: string[], path: string): void {
  if (parts.length === 0) return;
  const status = naming(path, () => folder.look(parts));
  if (!status) throw new Refused('not_found', 'There is no such folder.', { path });
  if (!status.isDirectory()) naming(path, () => refuseSpecial(status));
  if (!status.isDirectory()) throw new Refused('not_folder', 'It is a file; read it instead.', { path });
}
