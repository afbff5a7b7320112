/** A container's bare repository: made once, in a way that can be repeated after a crash. */
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { Git } from './git.ts';
import { type Author, commitTree, writeFiles } from './trees.ts';

export const MAIN = 'refs/heads/main';

export const repositoryOf = (dataDir: string, containerId: string): Git =>
  new Git(join(dataDir, 'repositories', `${containerId}.git`));

/** Creates the repository with a first commit on main, as far as that has not been done. */
export async function createRepository(git: Git, name: string, author: Author): Promise<void> {
  await mkdir(git.dir, { recursive: true });
  await git.run(['init', '--bare', '--quiet', '--initial-branch=main', git.dir]);
  if (await git.resolve(MAIN)) return;
  const readme = `# ${name}\n\nEach folder under \`apps/\` is one app. Every commit here came from a chat.\n`;
  const tree = await writeFiles(git, new Map([['README.md', readme]]));
  await git.moveRef(MAIN, await commitTree(git, tree, [], 'Begin\n', author), undefined);
}
