/** read_server_log: the last lines of the preview's dev server. */
import { z } from 'zod';
import { defineTool, done } from '../tool.ts';

export const readServerLog = defineTool({
  name: 'read_server_log',
  description: 'Reads the last lines that the preview’s server has printed: requests, errors, hot updates.',
  input: z.object({ lines: z.int().min(1).max(300).optional() }),
  permission: 'code:read',
  repeatable: true,
  needsApp: true,
  title: () => 'Read the server log',
  run: async ({ lines }, { host, chatId, signal }) =>
    done('Read the server log', await host.previewLog({ chatId, tail: lines ?? 100 }, signal)),
});
