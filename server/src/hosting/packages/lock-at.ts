/** The lockfile of an app at a commit. */
import type { Git } from '../../containers/git.ts';
import { readFiles } from '../../containers/trees.ts';
import { LOCK_FILE } from './needs.ts';

/** @returns undefined where it has none: it needs nothing beside the toolchain */
export async function lockAt(git: Git, commit: string, slug: string): Promise<string | undefined> {
  const files = await readFiles(git, `${commit}:apps/${slug}`, [LOCK_FILE]);
  return files.get(LOCK_FILE)?.toString('utf8');
}
