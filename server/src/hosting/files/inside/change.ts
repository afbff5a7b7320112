/** The three operations on whole sets of files: a model's edits, the platform's writes, and reading everything. */
import { FILE_LIMITS } from '../limits.ts';
import { checkPath } from '../paths.ts';
import type { ApplyInput, ApplyValue, FileChange, ReadTreeValue, WriteTreeInput } from '../protocol.ts';
import { applyEdits } from './edits.ts';
import type { Folder } from './folder.ts';
import type { Journal } from './journal.ts';
import { Overlay } from './overlay.ts';
import { Refused } from './refuse.ts';
import type { SyntaxChecker } from './syntax.ts';
import { decodeText, readBytes, walk } from './tree.ts';

export interface Workshop {
  folder: Folder;
  journal: Journal;
  syntax: SyntaxChecker;
  /** For tests that kill the helper in between. */
  pause: (point: string) => void;
}

/** A model's edits: in order, checked, all or none. */
export async function apply(shop: Workshop, input: ApplyInput): Promise<ApplyValue> {
  const size = input.edits.reduce((sum, edit) => sum + JSON.stringify(edit).length, 0);
  if (size > FILE_LIMITS.callBytes) throw new Refused('call_large', 'The edits of one call are larger than 8 MB.');
  const overlay = new Overlay(shop.folder, 'write');
  const moved = applyEdits(overlay, input.edits);
  const changes = overlay.result();
  for (const { path, after } of changes) {
    const text = after && decodeText(after);
    if (typeof text === 'string') await shop.syntax.check(path, text);
  }
  shop.journal.commit(
    changes.map(({ path, after }) => ({ path, bytes: after })),
    shop.pause,
  );
  return { files: describe(changes, moved) };
}

/** The platform's own writes: compile, undo, merge. Paths are checked, contents are not. */
export async function writeTree(shop: Workshop, input: WriteTreeInput): Promise<ApplyValue> {
  const overlay = new Overlay(shop.folder, 'platform');
  for (const path of input.remove) {
    overlay.check(path);
    if (overlay.exists(path)) overlay.remove(path);
  }
  for (const [path, content] of Object.entries(input.write)) {
    overlay.write(path, typeof content === 'string' ? content : Buffer.from(content.base64, 'base64'));
  }
  const changes = overlay.result();
  shop.journal.commit(
    changes.map(({ path, after }) => ({ path, bytes: after })),
    shop.pause,
  );
  return { files: describe(changes, new Map()) };
}

/** Every file of the app, what the platform may not name left out. */
export function readTree(folder: Folder): ReadTreeValue {
  const paths = walk(folder).flatMap((entry) =>
    entry.type === 'file' && checkPath(entry.path, 'platform').ok ? [entry] : [],
  );
  if (paths.length > FILE_LIMITS.treeFiles) throw new Refused('tree_large', 'The app has too many files.');
  if (paths.reduce((sum, one) => sum + one.size, 0) > FILE_LIMITS.treeBytes) {
    throw new Refused('tree_large', 'The app is larger than 48 MB.');
  }
  const files: ReadTreeValue['files'] = {};
  for (const { path } of paths) {
    const bytes = readBytes(folder, path, 'platform');
    files[path] = decodeText(bytes) ?? { base64: bytes.toString('base64') };
  }
  return { files };
}

type Change = { path: string; before: Buffer | null; after: Buffer | null };

function describe(changes: Change[], moved: Map<string, string>): FileChange[] {
  const byPath = new Map(changes.map((change) => [change.path, change]));
  let room: number = FILE_LIMITS.changesTextBytes;
  const shown = (
    path: string,
    from: string | undefined,
    kind: FileChange['change'],
    was: Buffer | null,
    is: Buffer | null,
  ) => {
    const bytes = (was?.length ?? 0) + (is?.length ?? 0);
    const fits = Math.max(was?.length ?? 0, is?.length ?? 0) <= FILE_LIMITS.changeTextBytes && bytes <= room;
    const change: FileChange = { path, change: kind, before: null, after: null };
    if (from !== undefined) change.from = from;
    if (!fits) return { ...change, cut: true as const };
    room -= bytes;
    return { ...change, before: (was && decodeText(was)) ?? null, after: (is && decodeText(is)) ?? null };
  };
  const sources = new Set<string>();
  for (const [to, from] of moved) if (byPath.get(to)?.after && byPath.get(from)?.after === null) sources.add(from);
  return changes
    .filter((change) => !sources.has(change.path))
    .map(({ path, before, after }) => {
      const from = moved.get(path);
      if (from !== undefined && sources.has(from) && after)
        return shown(path, from, 'R', byPath.get(from)!.before, after);
      return shown(path, undefined, before === null ? 'A' : after === null ? 'D' : 'M', before, after);
    })
    .toSorted((a, b) => (a.path < b.path ? -1 : 1));
}
