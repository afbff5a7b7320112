/**
 * A chat's worktree: the folder of its app alone, with an index of that folder kept outside of it. Cheaper than `git worktree` (flat in
 * the repository's size), and there is no `.git` file inside that a model could redirect. docs/decisions/0001 has the measurements.
 */
import { existsSync } from 'node:fs';
import { mkdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { AppError } from '../errors.ts';
import type { Git } from './git.ts';
import { type Author, commitTree, graft } from './trees.ts';

export const chatRef = (chat8: string): string => `refs/heads/chat/${chat8}`;
export const wipRef = (chat8: string): string => `refs/vibe/wip/${chat8}`;
export const keepRef = (name: string): string => `refs/vibe/keep/${name}`;

export interface Worktree {
  git: Git;
  /** absolute folder that holds `app/` and `index` */
  folder: string;
  slug: string;
  chat8: string;
}

export const appFolder = (worktree: Worktree): string => join(worktree.folder, 'app');
const indexFile = (worktree: Worktree): string => join(worktree.folder, 'index');

/** Checks the app's folder out at a commit, unless it is there. A killed attempt leaves nothing half done. */
export async function openWorktree(worktree: Worktree, commit: string): Promise<void> {
  if (existsSync(worktree.folder)) return;
  const fresh = `${worktree.folder}.new`;
  await rm(fresh, { recursive: true, force: true });
  await mkdir(join(fresh, 'app', '.svelte-kit'), { recursive: true });
  const options = { indexFile: join(fresh, 'index'), workTree: join(fresh, 'app') };
  const tree = await worktree.git.resolve(`${commit}:apps/${worktree.slug}`);
  if (tree) {
    await worktree.git.run(['read-tree', tree], options);
    await worktree.git.run(['checkout-index', '--all', '--quiet'], options);
  }
  await rename(fresh, worktree.folder);
}

/** The tree of the app's folder as it stands on disk. Only the file helper writes there; anything but plain files is refused. */
export async function writeWorktree(worktree: Worktree): Promise<string> {
  const options = { indexFile: indexFile(worktree), workTree: appFolder(worktree) };
  await worktree.git.run(
    ['add', '--all', '--force', '--', '.', ':(exclude).svelte-kit', ':(exclude)node_modules', ':(exclude)build'],
    options,
  );
  const odd = (await worktree.git.text(['ls-files', '--stage'], options))
    .split('\n')
    .find((line) => line && !/^100(644|755) /.test(line));
  if (odd)
    throw new AppError(
      'odd_file',
      'forbidden',
      `The app holds something that is not a plain file: ${odd.split('\t')[1]}`,
    );
  return worktree.git.text(['write-tree'], options);
}

/** Saves the worktree to the chat's work-in-progress ref: what a lost node is rebuilt from. @returns the commit */
export async function saveWork(worktree: Worktree, author: Author): Promise<string> {
  const base = (await worktree.git.resolve(chatRef(worktree.chat8)))!;
  const tree = await graft(worktree.git, base, ['apps', worktree.slug], await writeWorktree(worktree));
  const commit = await commitTree(worktree.git, tree, [base], 'Work in progress\n', author);
  await worktree.git.run(['update-ref', wipRef(worktree.chat8), commit]);
  return commit;
}

/**
 * Commits the worktree to the chat branch. Does nothing when nothing changed.
 * @param base the commit that the branch must be at: guards against a second writer
 */
export async function commitWork(
  worktree: Worktree,
  base: string,
  message: string,
  author: Author,
): Promise<{ commit: string; changed: boolean }> {
  const { git, slug, chat8 } = worktree;
  const tree = await graft(git, base, ['apps', slug], await writeWorktree(worktree));
  if (tree === (await git.text(['rev-parse', `${base}^{tree}`]))) return { commit: base, changed: false };
  const commit = await commitTree(git, tree, [base], message, author);
  await git.moveRef(chatRef(chat8), commit, base);
  return { commit, changed: true };
}

/** Removes the worktree from disk; its branch stays. */
export async function closeWorktree(folder: string): Promise<void> {
  await rm(`${folder}.new`, { recursive: true, force: true });
  await rm(folder, { recursive: true, force: true });
}
