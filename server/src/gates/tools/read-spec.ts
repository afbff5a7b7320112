/** read_spec: what the app is for, as data. */
import { z } from 'zod';
import { defineTool, done } from '../tool.ts';

export const readSpec = defineTool({
  name: 'read_spec',
  description:
    'Reads the app’s spec: its title, entities and fields, each with a stable id. `app` is null when this chat has no app yet.',
  input: z.object({}),
  permission: 'spec:read',
  repeatable: true,
  needsApp: false,
  title: () => 'Read the spec',
  run: async (_input, { host, chatId, signal }) => done('Read the spec', await host.readSpec({ chatId }, signal)),
});
