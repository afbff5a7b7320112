/** In which order changes are made: what one builds on comes first, and otherwise the ids decide, so every database has the same order. */
import { AppError } from '../../errors.ts';
import type { ChangeFile } from './change-file.ts';

/** @throws AppError `change_missing` when one builds on a change that is not there, `change_cycle` when they build on each other */
export function orderChanges(files: readonly ChangeFile[]): ChangeFile[] {
  const known = new Map(files.map((file) => [file.id, file]));
  for (const file of files)
    for (const need of file.needs)
      if (!known.has(need))
        throw new AppError(
          'change_missing',
          'conflict',
          `The change ${file.id} builds on ${need}, which is not there.`,
        );

  const ordered: ChangeFile[] = [];
  const done = new Set<string>();
  let waiting = [...known.values()].sort((a, b) => (a.id < b.id ? -1 : 1));
  while (waiting.length > 0) {
    const next = waiting.find((file) => file.needs.every((need) => done.has(need)));
    if (!next)
      throw new AppError(
        'change_cycle',
        'conflict',
        `Changes build on each other: ${waiting.map((file) => file.id).join(', ')}.`,
      );
    ordered.push(next);
    done.add(next.id);
    waiting = waiting.filter((file) => file !== next);
  }
  return ordered;
}

/** The changes that no other builds on yet, sorted: what the next one builds on. */
export function headsOf(files: readonly ChangeFile[]): string[] {
  const needed = new Set(files.flatMap((file) => file.needs));
  return files
    .map((file) => file.id)
    .filter((id) => !needed.has(id))
    .sort();
}
