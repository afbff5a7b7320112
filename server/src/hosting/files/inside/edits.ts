/** Applies a model's edits to the overlay. Each refusal says what would make it work. */
import { FILE_LIMITS } from '../limits.ts';
import type { Edit } from '../protocol.ts';
import type { Overlay } from './overlay.ts';
import { Refused } from './refuse.ts';

/** @returns moves as new path → old path, for those that end up as one */
export function applyEdits(overlay: Overlay, edits: Edit[]): Map<string, string> {
  if (edits.length > FILE_LIMITS.editsPerCall) {
    throw new Refused('too_many_edits', `One call may have ${FILE_LIMITS.editsPerCall} edits at most.`);
  }
  const moved = new Map<string, string>();
  for (const edit of edits) applyEdit(overlay, edit, moved);
  return moved;
}

function applyEdit(overlay: Overlay, edit: Edit, moved: Map<string, string>): void {
  switch (edit.kind) {
    case 'create':
      overlay.check(edit.path);
      if (overlay.exists(edit.path)) {
        throw new Refused('exists', 'The file exists already; use "replace" or "edit".', { path: edit.path });
      }
      return overlay.write(edit.path, edit.content);
    case 'replace':
      overlay.bytes(edit.path);
      return overlay.write(edit.path, edit.content);
    case 'edit':
      return overlay.write(edit.path, replaceOnce(overlay.text(edit.path), edit));
    case 'delete':
      return overlay.remove(edit.path);
    case 'move': {
      const bytes = overlay.bytes(edit.from);
      overlay.check(edit.to);
      if (edit.from === edit.to) throw new Refused('same_path', 'The file is there already.', { path: edit.to });
      if (overlay.exists(edit.to))
        throw new Refused('exists', 'There is a file of that name already.', { path: edit.to });
      // Removed first, so that a name may change in case alone.
      overlay.remove(edit.from);
      overlay.write(edit.to, bytes);
      moved.set(edit.to, moved.get(edit.from) ?? edit.from);
      moved.delete(edit.from);
      return;
    }
  }
}

function replaceOnce(text: string, edit: Edit & { kind: 'edit' }): string {
  const { path, find, replace } = edit;
  if (find === '') throw new Refused('find_empty', 'The text to find is empty.', { path });
  if (find === replace) throw new Refused('no_change', 'The text to find and its replacement are the same.', { path });
  const places: number[] = [];
  for (let at = text.indexOf(find); at >= 0; at = text.indexOf(find, at + find.length)) places.push(at);
  if (places.length === 0) throw notFound(text, find, path);
  if (places.length > 1 && !edit.all) {
    const lines = places.slice(0, 10).map((at) => lineAt(text, at));
    const message = `The text to find stands ${places.length} times (lines ${lines.join(', ')}); add lines around it, or set "all".`;
    throw new Refused('find_ambiguous', message, { path, line: lines[0] });
  }
  const pieces = text.split(find);
  return pieces.join(replace);
}

function notFound(text: string, find: string, path: string): Refused {
  const said = 'The text to find does not stand in the file exactly so.';
  if (text.includes('\r\n') && !find.includes('\r\n') && text.replaceAll('\r\n', '\n').includes(find)) {
    return new Refused('find_missing', `${said} The file's lines end with CR LF.`, { path });
  }
  const loose = (value: string) => value.replace(/\s+/g, ' ').trim();
  const wanted = loose(find.split('\n').find((line) => line.trim()) ?? find);
  const near = text.split('\n').findIndex((line) => wanted.length >= 3 && loose(line).includes(wanted));
  if (near < 0) return new Refused('find_missing', `${said} Read it again before you edit it.`, { path });
  return new Refused('find_missing', `${said} Line ${near + 1} is like its beginning; white space counts.`, {
    path,
    line: near + 1,
  });
}

function lineAt(text: string, index: number): number {
  let line = 1;
  for (let at = text.indexOf('\n'); at >= 0 && at < index; at = text.indexOf('\n', at + 1)) line++;
  return line;
}
