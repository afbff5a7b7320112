/** read_history: what was said and done in this chat, and the commits of its app. */
import { z } from 'zod';
import { defineTool, done } from '../tool.ts';

export const readHistory = defineTool({
  name: 'read_history',
  description: 'Reads what was said and done in this chat so far, and the latest commits of its branch.',
  input: z.object({}),
  permission: 'chat:read',
  repeatable: true,
  needsApp: false,
  title: () => 'Read the history',
  run: async (_input, { host, chatId, appId, transcript, signal }) => {
    const commits = appId ? (await host.history({ chatId, limit: 30 }, signal)).commits : [];
    return done('Read the history', { transcript: await transcript(), commits });
  },
});
