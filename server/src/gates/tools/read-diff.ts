/** read_diff: what this chat has changed since it left main. */
import { z } from 'zod';
import { defineTool, done } from '../tool.ts';
import { unified } from '../unified.ts';

export const readDiff = defineTool({
  name: 'read_diff',
  description: 'Reads everything that this chat has changed compared with main, as a unified diff.',
  input: z.object({}),
  permission: 'code:read',
  repeatable: true,
  needsApp: true,
  title: () => 'Read the changes of this chat',
  run: async (_input, { host, chatId, signal }) => {
    const { files } = await host.diff({ chatId, from: 'main' }, signal);
    return done(`Read ${files.length} changed files`, { diff: unified(files) });
  },
});
