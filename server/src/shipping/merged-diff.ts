/** What a chat has changed on main, whatever came after it. */
import type { FileDiff } from '../../../contract/chats.ts';
import { diffApp } from '../containers/diff.ts';
import type { Git } from '../containers/git.ts';
import { MAIN } from '../containers/repository.ts';

const MOST_MERGES = 20;

/** The differences of all merges of a chat into an app, the oldest first. */
export async function mergedDiff(
  git: Git,
  slug: string,
  chatId: string,
): Promise<{ merged: boolean; files: FileDiff[] }> {
  const format =
    '%H%x1f%(trailers:key=Vibe-Chat,valueonly,separator=%x20)%x1f%(trailers:key=Vibe-Merge,valueonly,separator=%x20)';
  const text = await git.text(['log', '--first-parent', '--reverse', `--format=${format}`, MAIN, '--', `apps/${slug}`]);
  const merges = text
    .split('\n')
    .map((line) => line.split('\x1f'))
    .filter(([, chat, merge]) => chat?.trim() === chatId && merge?.trim())
    .map(([commit]) => commit!)
    .slice(-MOST_MERGES);
  const files: FileDiff[] = [];
  for (const commit of merges) files.push(...(await diffApp(git, `${commit}^`, commit, slug)));
  return { merged: merges.length > 0, files };
}
