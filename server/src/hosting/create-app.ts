/** Gives a chat its app: a row with its address for good, and the template as the first commit of the chat branch. Repeating it finds it. */

import { emptySpec } from '../../../contract/spec.ts';
import { createAppRow } from '../apps/create.ts';
import { compile } from '../builds/compiler/compile.ts';
import { MAIN, repositoryOf } from '../containers/repository.ts';
import { commitTree, graft, writeFiles } from '../containers/trees.ts';
import { chatRef } from '../containers/worktrees.ts';
import { type Db, run, sql, transaction } from '../db/database.ts';
import { AppError } from '../errors.ts';
import { readChatRecord } from './chat-places.ts';
import { storeGenerated } from './generated.ts';

/** @param brought the files of an app that comes from elsewhere; without it the template's */
export async function createApp(
  parts: { db: Db; dataDir: string },
  input: { chatId: string; turnId: string; title: string; slug?: string | undefined },
  brought?: (slug: string) => Map<string, Buffer | string>,
): Promise<{ appId: string; slug: string; created: boolean }> {
  const chat = await readChatRecord(parts.db, input.chatId);
  if (chat.appId && chat.appSlug) return { appId: chat.appId, slug: chat.appSlug, created: false };
  const git = repositoryOf(parts.dataDir, chat.containerId);
  const main = await git.resolve(MAIN);
  if (!main)
    throw new AppError(
      'not_ready',
      'unavailable',
      'The place for this app is still being prepared. Try again in a moment.',
    );
  const app = await transaction(parts.db, async (tx) => {
    const { rows } = await sql<{
      created_by: string;
    }>`select created_by from chats where id = ${chat.id} for update`.execute(tx);
    const row = await createAppRow(tx, {
      containerId: chat.containerId,
      name: input.title,
      slug: input.slug,
      by: rows[0]!.created_by,
    });
    const template = brought ? undefined : compile(emptySpec(input.title), { slug: row.slug });
    const files = template ?? brought!(row.slug);
    const generated = template ? `Vibe-Generated: ${await storeGenerated({ git }, template)}\n` : '';
    const tree = await graft(git, main, ['apps', row.slug], await writeFiles(git, files));
    const message = `Begin ${input.title}\n\nVibe-Chat: ${chat.id}\n${generated}`;
    const commit = await commitTree(git, tree, [main], message, chat.person);
    await git.run(['update-ref', chatRef(chat.chat8), commit]);
    await run(
      tx,
      sql`update chats set app_id = ${row.id}, base_commit = ${main}, head_commit = ${commit} where id = ${chat.id}`,
    );
    await run(tx, sql`update turns set commit_before = ${commit} where id = ${input.turnId}`);
    await run(
      tx,
      sql`insert into checkpoints (turn_id, chat_id, commit) values (${input.turnId}, ${chat.id}, ${commit}) on conflict (turn_id) do nothing`,
    );
    return row;
  });
  return { appId: app.id, slug: app.slug, created: true };
}
