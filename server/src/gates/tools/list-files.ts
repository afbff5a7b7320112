/** list_files: what the app's folder holds. */
import { listSchema } from '../../hosting/files/schema.ts';
import { fromHost } from '../host-outcome.ts';
import { defineTool } from '../tool.ts';

export const listFiles = defineTool({
  name: 'list_files',
  description:
    'Lists files and folders of the app. Paths are relative to the app folder; the default is the app folder itself.',
  input: listSchema,
  permission: 'code:read',
  repeatable: true,
  needsApp: true,
  title: ({ path }) => `List ${path ?? 'the app’s files'}`,
  run: async (input, { host, chatId, signal }) =>
    fromHost(await host.listFiles({ chatId, input }, signal), () => `Listed ${input.path ?? 'the files'}`),
});
