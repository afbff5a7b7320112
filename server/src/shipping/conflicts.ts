/** Files that hold both versions after an update from main: which they are, and putting them together by hand. */
import type { ConflictFile } from '../../../contract/chats.ts';
import { commitTree, graft, readFiles, writeFiles } from '../containers/trees.ts';
import { chatRef, keepRef, saveWork } from '../containers/worktrees.ts';
import { type Db, run, sql, transaction } from '../db/database.ts';
import { AppError } from '../errors.ts';
import type { EventLog } from '../events/log.ts';
import { generatedAt } from '../hosting/generated.ts';
import { resetFiles, type Workspace } from '../hosting/workspaces.ts';

const MARK = '^(<{7}|>{7}) ';
const MARKED = /^(?:<{7}|\|{7}|>{7}) |^={7}$/m;

/** Paths below the app's folder whose files hold both versions. */
export async function markedFiles(place: Workspace['place'], commit: string): Promise<string[]> {
  const folder = `apps/${place.appSlug}/`;
  const { code, stdout } = await place.git.run(['grep', '-l', '-z', '-E', MARK, commit, '--', folder], { accept: [1] });
  if (code === 1) return [];
  return stdout
    .toString()
    .split('\0')
    .filter(Boolean)
    .map((line) => line.slice(line.indexOf(folder) + folder.length));
}

/** The same files with their text, to be put together. */
export async function readConflicts({ place }: Workspace): Promise<ConflictFile[]> {
  const head = (await place.git.resolve(chatRef(place.chat8)))!;
  const files: ConflictFile[] = [];
  for (const path of await markedFiles(place, head)) {
    const blob = `${head}:apps/${place.appSlug}/${path}`;
    const { stdout } = await place.git.run(['cat-file', 'blob', blob]);
    files.push({ path, text: stdout.toString('utf8'), version: (await place.git.resolve(blob))! });
  }
  return files;
}

/**
 * Commits files as somebody has put them together. All of them or none.
 * @throws AppError `conflict_moved` when a file is not what they saw, `still_conflicting` when a text still holds marks
 */
export async function resolveConflicts(
  parts: { db: Db; log: EventLog },
  { place, helper }: Workspace,
  by: { id: string; name: string },
  files: ConflictFile[],
): Promise<{ commit: string; left: number }> {
  const { git, appSlug } = place;
  const head = (await git.resolve(chatRef(place.chat8)))!;
  const marked = new Set(await markedFiles(place, head));
  for (const { path, text, version } of files) {
    if (!marked.has(path) || (await git.resolve(`${head}:apps/${appSlug}/${path}`)) !== version)
      throw new AppError('conflict_moved', 'conflict', `${path} was changed meanwhile.`, {
        detail: 'Look at it again: what you see now is the newest.',
      });
    if (MARKED.test(text))
      throw new AppError('still_conflicting', 'invalid', `${path} still holds both versions.`, {
        detail: 'Decide for each place, or edit it by hand.',
      });
  }
  const tree = await readFiles(git, `${head}:apps/${appSlug}`);
  const next: Map<string, Buffer | string> = new Map(tree);
  for (const { path, text } of files) next.set(path, text);
  const whole = await graft(git, head, ['apps', appSlug], await writeFiles(git, next));
  const generated = await generatedAt(place, head);
  const trailer = generated ? `\nVibe-Generated: ${generated}` : '';
  const commit = await commitTree(
    git,
    whole,
    [head],
    `Put both versions together\n\nVibe-Chat: ${place.id}${trailer}\n`,
    {
      name: by.name,
      email: place.person.email,
    },
  );
  await git.run(['update-ref', keepRef(`resolve/${commit}`), commit]);
  const left = marked.size - files.length;
  await transaction(parts.db, async (tx) => {
    await run(tx, sql`update chats set head_commit = ${commit} where id = ${place.id}`);
    await parts.log.append(
      place.id,
      'transport.changed',
      { transport: 'open', commit, by, note: left > 0 ? 'Some conflicts were resolved.' : 'Conflicts were resolved.' },
      tx,
    );
  });
  await git.moveRef(chatRef(place.chat8), commit, head);
  await resetFiles(place, helper, commit);
  await saveWork(place.worktree, place.person);
  return { commit, left };
}
