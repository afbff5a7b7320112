/** The changes of an app as its tree has them, in the order in which they run. */
import { type ChangeFile, parseChange } from '../builds/changes/change-file.ts';
import { orderChanges } from '../builds/changes/order.ts';
import type { Git } from '../containers/git.ts';
import { readFiles } from '../containers/trees.ts';

/** From file contents by path; paths outside `changes/` are ignored. */
export function changesIn(files: Iterable<[string, string | Buffer]>): ChangeFile[] {
  const own = [...files].filter(([path]) => /^changes\/[^/]+\.sql$/.test(path));
  return orderChanges(own.map(([, text]) => parseChange(text.toString())));
}

/** Of the app at a commit; none where the app does not exist there. */
export async function changesAt(git: Git, commit: string | undefined, slug: string): Promise<ChangeFile[]> {
  if (!commit) return [];
  const files = await readFiles(git, `${commit}:apps/${slug}/changes`);
  return orderChanges([...files.values()].map((text) => parseChange(text.toString())));
}
