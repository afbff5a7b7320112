/**
 * Carries hand edits over to newly generated files. Three-way: base is what was generated before, ours is the app as it is, theirs is
 * what the new spec generates. No edit of a person or a model is lost: where both changed the same lines, ours stays and is reported.
 */
import { diff3Merge } from 'node-diff3';

export { type MergedSpecs, mergeSpecs } from './merge-specs.ts';

export type Files = Map<string, string>;

export interface Hunk {
  /** line of the merged file, from 1 */
  line: number;
  base: string[];
  ours: string[];
  theirs: string[];
}

export interface FileConflict {
  path: string;
  /** what happened, for people */
  reason: string;
  /** empty when it is about the file as a whole */
  hunks: Hunk[];
}

/** Written by other means than by being generated: they pass through as they are. */
const ownRoad = (path: string): boolean => path === 'spec.json' || path.startsWith('changes/');

/** @returns the app after the merge, files that nobody generates included, and what could not be merged (ours was kept there) */
export function mergeGenerated({ base, ours, theirs }: { base: Files; ours: Files; theirs: Files }): {
  files: Files;
  conflicts: FileConflict[];
} {
  const files: Files = new Map();
  const conflicts: FileConflict[] = [];
  const paths = [...new Set([...ours.keys(), ...theirs.keys()])].sort();
  for (const path of paths) {
    const [before, mine, generated] = [base.get(path), ours.get(path), theirs.get(path)];
    const { content, conflict } = ownRoad(path) ? { content: mine } : mergeFile(path, before, mine, generated);
    if (content !== undefined) files.set(path, content);
    if (conflict) conflicts.push(conflict);
  }
  return { files, conflicts };
}

type Merged = { content: string | undefined; conflict?: FileConflict };

function mergeFile(path: string, base?: string, ours?: string, theirs?: string): Merged {
  if (theirs === base || ours === theirs) return { content: ours };
  if (ours === base) return { content: theirs };
  const keep = (reason: string): Merged => ({ content: ours, conflict: { path, reason, hunks: [] } });
  if (ours === undefined)
    return keep('It was deleted by hand, and the app’s description changed it. It stays deleted.');
  if (theirs === undefined)
    return keep('It was edited by hand, and the app’s description has no use for it any more. It stays.');
  if (base === undefined)
    return keep('It was written by hand where a new file should go. The one written by hand stays.');
  return mergeLines(path, base, ours, theirs);
}

function mergeLines(path: string, base: string, ours: string, theirs: string): Merged {
  const lines: string[] = [];
  const hunks: Hunk[] = [];
  for (const part of diff3Merge(ours.split('\n'), base.split('\n'), theirs.split('\n'))) {
    if (part.ok) lines.push(...part.ok);
    if (!part.conflict) continue;
    const { a, o, b } = part.conflict;
    const both = keepBoth(o, a, b);
    if (!both) hunks.push({ line: lines.length + 1, base: o, ours: a, theirs: b });
    lines.push(...(both ?? a));
  }
  const content = lines.join('\n');
  if (hunks.length === 0) return { content };
  return {
    content,
    conflict: { path, reason: 'The same lines were edited by hand and by the app’s description.', hunks },
  };
}

/**
 * Neighbouring edits are no conflict when one side only added lines before or after: its lines go around the other side's. Lines that
 * both added are kept once.
 */
function keepBoth(base: string[], ours: string[], theirs: string[]): string[] | undefined {
  const around = (added: string[], kept: string[]): string[] | undefined => {
    const at = (offset: number) => base.every((line, index) => added[offset + index] === line);
    const extra = added.length - base.length;
    if (extra <= 0) return undefined;
    const fresh = (lines: string[]) => lines.filter((line) => line.trim() === '' || !kept.includes(line));
    if (at(0)) return [...kept, ...fresh(added.slice(base.length))];
    if (at(extra)) return [...fresh(added.slice(0, extra)), ...kept];
    return undefined;
  };
  return around(theirs, ours) ?? around(ours, theirs);
}
