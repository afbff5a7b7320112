/** ask_person: a question that the turn waits for. */
import { z } from 'zod';
import { defineTool, done } from '../tool.ts';

export const askPerson = defineTool({
  name: 'ask_person',
  description:
    'Asks the person one question and waits for the answer. Offer two to four options where you can. Use it when you cannot tell what is wanted, not to confirm.',
  input: z.object({
    question: z.string().trim().min(1).max(300),
    detail: z.string().max(1000).optional(),
    options: z
      .array(z.object({ label: z.string().trim().min(1).max(120), detail: z.string().max(300).optional() }))
      .max(6)
      .default([]),
    allowText: z.boolean().default(true),
  }),
  permission: 'chat:ask',
  repeatable: true,
  needsApp: false,
  title: ({ question }) => question,
  run: async (input) => done('Asked', null, { turn: { ask: input } }),
});
