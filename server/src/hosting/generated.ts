/**
 * The tree that the compiler generated last: the base of the next compile's three-way merge. A commit names it in a trailer; between
 * commits a note beside the worktree does. The tree itself is kept reachable by a ref.
 */
import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { readFiles, writeFiles } from '../containers/trees.ts';
import { chatRef, keepRef } from '../containers/worktrees.ts';
import type { ChatPlace } from './chat-places.ts';

const note = (place: ChatPlace): string => join(place.worktree.folder, 'generated');

/** @returns the tree's id; `fresh` when no commit names it yet */
export async function readGenerated(
  place: ChatPlace,
  commit = chatRef(place.chat8),
): Promise<{ tree: string; fresh: boolean } | undefined> {
  const noted = await readFile(note(place), 'utf8').catch(() => undefined);
  if (noted && commit === chatRef(place.chat8)) return { tree: noted.trim(), fresh: true };
  const tree = await generatedAt(place, commit);
  return tree ? { tree, fresh: false } : undefined;
}

/** The tree that the nearest ancestor's trailer names. */
export async function generatedAt(
  place: Pick<ChatPlace, 'git' | 'appSlug'>,
  commit: string,
): Promise<string | undefined> {
  const format = '--format=%(trailers:key=Vibe-Generated,valueonly)';
  const args = [
    'log',
    '-1',
    '--extended-regexp',
    '--grep=^Vibe-Generated: [0-9a-f]{40}$',
    format,
    commit,
    '--',
    `apps/${place.appSlug}`,
  ];
  const tree = (await place.git.text(args)).trim();
  return /^[0-9a-f]{40}$/.test(tree) ? tree : undefined;
}

/** Stores what a compile generated, so that the next one and the commit find it. @returns the tree's id */
export async function storeGenerated(place: Pick<ChatPlace, 'git'>, files: Map<string, string>): Promise<string> {
  const tree = await writeFiles(place.git, files);
  await place.git.run(['update-ref', keepRef(`generated/${tree}`), tree]);
  return tree;
}

export async function noteGenerated(place: ChatPlace, tree: string): Promise<void> {
  await writeFile(note(place), tree, { flush: true });
}

export async function clearGenerated(place: ChatPlace): Promise<void> {
  await rm(note(place), { force: true });
}

/** The files of a generated tree as text. */
export async function generatedFiles(
  place: Pick<ChatPlace, 'git'>,
  tree: string | undefined,
): Promise<Map<string, string>> {
  if (!tree) return new Map();
  return new Map([...(await readFiles(place.git, tree))].map(([path, content]) => [path, content.toString('utf8')]));
}
