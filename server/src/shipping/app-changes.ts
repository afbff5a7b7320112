/** The changes of an app as its tree has them, in the order in which they run. */
import { type ChangeFile, parseChange } from '../builds/changes/change-file.ts';
import { orderChanges } from '../builds/changes/order.ts';
import type { Git } from '../containers/git.ts';
import { MAIN } from '../containers/repository.ts';
import { readFiles } from '../containers/trees.ts';
import type { Change } from '../databases/changes.ts';
import { refuseForeignChanges } from '../databases/schema/gate.ts';
import type { AppPlace } from './app-places.ts';

/** From file contents by path; paths outside `changes/` are ignored. */
export function changesIn(files: Iterable<[string, string | Buffer]>): ChangeFile[] {
  const own = [...files].filter(([path]) => /^changes\/[^/]+\.sql$/.test(path));
  return checked(own.map(([, text]) => parseChange(text.toString())));
}

/** Of the app at a commit; none where the app does not exist there. */
export async function changesAt(git: Git, commit: string | undefined, slug: string): Promise<ChangeFile[]> {
  if (!commit) return [];
  const files = await readFiles(git, `${commit}:apps/${slug}/changes`);
  return checked([...files.values()].map((text) => parseChange(text.toString())));
}

/** A branch can be written by other roads than ours: what its changes do is looked at wherever they are read. */
function checked(changes: ChangeFile[]): ChangeFile[] {
  refuseForeignChanges(changes);
  return orderChanges(changes);
}

/** Of the app at a commit, each with the chat whose merge brought it: what is made on a database of two says so there. */
export async function changesWithOrigin(
  place: Pick<AppPlace, 'git' | 'slug' | 'mode'>,
  commit: string,
): Promise<(ChangeFile & Change)[]> {
  const changes = await changesAt(place.git, commit, place.slug);
  return place.mode === 'vibe-coded' ? changes : withOrigin(place, changes, null, commit);
}

/** @param chat whose changes those are that main does not have */
export async function withOrigin(
  { git, slug }: Pick<AppPlace, 'git' | 'slug'>,
  changes: readonly ChangeFile[],
  chat: string | null,
  commit: string = MAIN,
): Promise<(ChangeFile & Change)[]> {
  const chats = await chatsOfChanges(git, commit, slug);
  return changes.map((change) => ({
    ...change,
    origin: {
      chat: chats.get(change.id) ?? chat,
      tool: change.tool ?? 'change_spec',
      action: change.action,
      tables: change.tables,
      needs: change.needs,
    },
  }));
}

async function chatsOfChanges(git: Git, commit: string, slug: string): Promise<Map<string, string>> {
  const format = '--format=%x00%(trailers:key=Vibe-Chat,valueonly)';
  const folder = `apps/${slug}/changes`;
  const args = ['log', '--first-parent', '--diff-filter=A', '--name-only', format, commit, '--', folder];
  const chats = new Map<string, string>();
  for (const entry of (await git.text(args)).split('\0')) {
    const [chat = '', ...files] = entry.split('\n').filter(Boolean);
    if (!/^[0-9a-f-]{36}$/.test(chat)) continue;
    for (const file of files) chats.set(/([^/]+)\.sql$/.exec(file)?.[1] ?? file, chat);
  }
  return chats;
}
