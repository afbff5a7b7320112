/** The three operations that only look: list, read, search. */
import { runInNewContext } from 'node:vm';
import { FILE_LIMITS } from '../limits.ts';
import { checkPath } from '../paths.ts';
import type { ListInput, ListValue, ReadInput, ReadValue, SearchInput, SearchValue } from '../protocol.ts';
import type { Folder } from './folder.ts';
import { naming, Refused } from './refuse.ts';
import { decodeText, readBytes, readText, requireFolder, walk } from './tree.ts';

export function list(folder: Folder, input: ListInput): ListValue {
  const parts = allowed(input.path ?? '');
  requireFolder(folder, parts, input.path ?? '');
  const entries = walk(folder, parts, input.depth)
    .filter((entry) => entry.type === 'file' || entry.type === 'folder')
    .filter((entry) => checkPath(entry.path, 'read').ok)
    .map(({ path, type, size }) => ({ path, type: type as 'file' | 'folder', size }));
  return { entries: entries.slice(0, FILE_LIMITS.listEntries), truncated: entries.length > FILE_LIMITS.listEntries };
}

export function read(folder: Folder, input: ReadInput): ReadValue {
  const text = readText(folder, input.path, 'read');
  const lines = text.split('\n');
  if (lines.at(-1) === '' && lines.length > 1) lines.pop();
  const first = Math.max(1, input.fromLine ?? 1);
  const wanted = Math.min(lines.length, input.toLine ?? lines.length);
  if (first > lines.length) {
    throw new Refused('no_such_line', `The file has ${lines.length} lines.`, { path: input.path });
  }
  let last = Math.min(wanted, first + FILE_LIMITS.readLines - 1);
  let bytes = 0;
  for (let line = first; line <= last; line++) {
    bytes += Buffer.byteLength(lines[line - 1] ?? '') + 1;
    if (bytes > FILE_LIMITS.readBytes && line > first) last = line - 1;
  }
  const shown = lines
    .slice(first - 1, last)
    .join('\n')
    .slice(0, FILE_LIMITS.readBytes);
  return {
    path: input.path,
    text: shown,
    fromLine: first,
    toLine: last,
    totalLines: lines.length,
    size: Buffer.byteLength(text),
    truncated: last < wanted || bytes > FILE_LIMITS.readBytes,
  };
}

export function search(folder: Folder, input: SearchInput): SearchValue {
  const parts = allowed(input.path ?? '');
  const start = parts.length === 0 ? undefined : naming(input.path ?? '', () => folder.look(parts));
  if (parts.length > 0 && !start)
    throw new Refused('not_found', 'There is no such file or folder.', { path: input.path });
  const paths = start?.isFile()
    ? [parts.join('/')]
    : walk(folder, parts).flatMap((entry) =>
        entry.type === 'file' && checkPath(entry.path, 'read').ok ? [entry.path] : [],
      );
  const pattern = patternOf(input);
  const found: SearchValue = { matches: [], filesSearched: 0, truncated: false };
  const run = () => {
    for (const path of paths) searchFile(folder, path, pattern, input, found);
  };
  try {
    // A pattern can take exponential time; this clock interrupts even one that is deep in a match.
    runInNewContext('run()', { run }, { timeout: FILE_LIMITS.searchMs });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ERR_SCRIPT_EXECUTION_TIMEOUT') throw error;
    throw new Refused('search_timeout', 'The search took too long; use a simpler pattern or plain text.');
  }
  return found;
}

function searchFile(folder: Folder, path: string, pattern: RegExp, input: SearchInput, found: SearchValue): void {
  const most = Math.min(input.maxResults ?? 100, FILE_LIMITS.searchMatches);
  if (found.matches.length >= most) {
    found.truncated = true;
    return;
  }
  let bytes: Buffer;
  try {
    bytes = readBytes(folder, path, 'read');
  } catch (error) {
    if (error instanceof Refused) return;
    throw error;
  }
  const text = decodeText(bytes);
  if (text === undefined) return;
  found.filesSearched++;
  const lines = text.split('\n');
  const context = input.context ?? 0;
  for (const [index, line] of lines.entries()) {
    if (!pattern.test(line)) continue;
    if (found.matches.length >= most) {
      found.truncated = true;
      return;
    }
    const cut = (one: string) => one.slice(0, FILE_LIMITS.searchLineLength);
    const before = lines.slice(Math.max(0, index - context), index).map(cut);
    const after = lines.slice(index + 1, index + 1 + context).map(cut);
    found.matches.push({ path, line: index + 1, text: cut(line), before, after });
  }
}

function patternOf(input: SearchInput): RegExp {
  const source = input.regex ? input.query : input.query.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
  try {
    return new RegExp(source, input.caseSensitive ? '' : 'i');
  } catch (error) {
    throw new Refused('bad_pattern', `The pattern is no regular expression: ${(error as Error).message}`);
  }
}

function allowed(path: string): string[] {
  const checked = checkPath(path, 'read');
  if (!checked.ok) throw new Refused(checked.code, checked.message, checked);
  return checked.parts;
}
