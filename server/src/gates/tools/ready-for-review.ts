/** ready_for_review: the work of this turn is done; the person looks. */
import { z } from 'zod';
import { defineTool, done } from '../tool.ts';

export const readyForReview = defineTool({
  name: 'ready_for_review',
  description:
    'Ends the turn: the work is done and a person should look at the result. `summary` becomes the commit’s message.',
  input: z.object({ summary: z.string().trim().min(1).max(500) }),
  permission: 'chat:ask',
  repeatable: true,
  needsApp: false,
  title: () => 'Ready to look at',
  run: async ({ summary }) => done(summary, { ended: true }, { turn: { end: true } }),
});
