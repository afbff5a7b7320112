/** read_file: one file of the app, or some of its lines. */
import { readSchema } from '../../hosting/files/schema.ts';
import { fromHost } from '../host-outcome.ts';
import { defineTool } from '../tool.ts';

export const readFile = defineTool({
  name: 'read_file',
  description: 'Reads a text file of the app, all of it or from one line to another (both counted from 1, inclusive).',
  input: readSchema,
  permission: 'code:read',
  repeatable: true,
  needsApp: true,
  title: ({ path }) => `Read ${path}`,
  run: async (input, { host, chatId, signal }) =>
    fromHost(await host.readFile({ chatId, input }, signal), () => `Read ${input.path}`),
});
