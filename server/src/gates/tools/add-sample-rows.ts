/** add_sample_rows: fills the chat's draft with rows that are examples. The app's own rows are out of its reach. */
import { z } from 'zod';
import { fromHost } from '../host-outcome.ts';
import { defineTool } from '../tool.ts';

interface Added {
  added?: { list: string; rows: number }[];
}

export const addSampleRows = defineTool({
  name: 'add_sample_rows',
  description:
    'Adds made-up example rows to the lists of the app, in this chat’s draft only, so that the preview shows what it is like in use. They fit the spec’s rules and point at ' +
    'each other. Use it when the person asks for sample, example, test or demo data, never to enter real data.',
  input: z.object({
    entity: z.string().max(80).optional().describe('A list, by its name or id; left out: all lists'),
    count: z.int().min(1).max(100).default(8).describe('Rows for each list'),
  }),
  permission: 'rows:write',
  repeatable: false,
  needsApp: true,
  title: ({ entity }) => (entity ? `Add sample rows to ${entity}` : 'Add sample rows'),
  run: async (input, { host, chatId, turnId, fence, signal }) =>
    fromHost(await host.addSampleRows({ chatId, turnId, fence, ...input }, signal), (value) => {
      const added = (value as Added | null)?.added ?? [];
      if (added.length === 0) return 'No row could be added: the rules leave no room for another one';
      return `Added ${added.map(({ list, rows }) => `${rows} ${list}`).join(', ')}`;
    }),
});
