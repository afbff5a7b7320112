/** read_diff: what this chat has changed since it left main. */
import { z } from 'zod';
import { defineTool, done } from '../tool.ts';

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
    const text = files.map((file) => {
      const hunks = file.hunks.map(
        (hunk) =>
          `@@ ${hunk.oldStart} ${hunk.newStart} @@\n${hunk.lines.map((line) => line.kind + line.text).join('\n')}`,
      );
      return `${file.change} ${file.path}\n${hunks.join('\n')}`;
    });
    return done(`Read ${files.length} changed files`, { diff: text.join('\n\n').slice(0, 60_000) });
  },
});
