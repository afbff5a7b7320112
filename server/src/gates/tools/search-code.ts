/** search_code: where a text or pattern stands in the app's files. */
import { searchSchema } from '../../hosting/files/schema.ts';
import { fromHost } from '../host-outcome.ts';
import { defineTool } from '../tool.ts';

export const searchCode = defineTool({
  name: 'search_code',
  description:
    'Searches the app’s files for a text (or a regular expression when `regex` is true). Returns path, line number and line.',
  input: searchSchema,
  permission: 'code:read',
  repeatable: true,
  needsApp: true,
  title: ({ query }) => `Search for “${query.slice(0, 60)}”`,
  run: async (input, { host, chatId, signal }) =>
    fromHost(await host.searchCode({ chatId, input }, signal), () => `Searched for “${input.query.slice(0, 60)}”`),
});
