/** read_history: what was said and done in this chat, or in another chat of the same app, and the commits that came of it. */
import { z } from 'zod';
import { defineTool, done, refused } from '../tool.ts';
import { unified } from '../unified.ts';

export const readHistory = defineTool({
  name: 'read_history',
  description:
    'Reads what was said and done in this chat so far, and the latest commits of its branch. With the title of another chat of this app: what was said and done there, ' +
    'and what it changed on main. To take back what that chat did, make new changes that undo its own (by change_spec where it used that), and leave later work alone.',
  input: z.object({
    chat: z.string().max(200).optional().describe('The title of another chat of this app, or a part of it'),
  }),
  permission: 'chat:read',
  repeatable: true,
  needsApp: false,
  title: ({ chat }) => (chat ? `Read the history of “${chat}”` : 'Read the history'),
  run: async ({ chat }, { host, chatId, appId, transcript, otherChat, signal }) => {
    if (chat === undefined) {
      const commits = appId ? (await host.history({ chatId, limit: 30 }, signal)).commits : [];
      return done('Read the history', { transcript: await transcript(), commits });
    }
    const other = await otherChat(chat);
    if (typeof other === 'string') return refused('chat_not_found', other);
    const { merged, files } = await host.mergedDiff({ chatId, of: other.id }, signal);
    const { title } = other;
    return done(`Read the history of “${title}”`, {
      title,
      transcript: other.transcript,
      merged,
      changed: unified(files),
    });
  },
});
