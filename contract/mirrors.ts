/** The mirror of an app's live data in staging, and what its staging site may see of it. */
import { z } from 'zod';

export const mirrorState = z.enum(['preparing', 'copying', 'in_step', 'behind', 'stalled', 'waiting']);

export const mirrorSchema = z.object({
  state: mirrorState,
  words: z.string().describe('What is the matter and what to do; empty when nothing is'),
  lagMs: z.int(),
  lagBytes: z.int(),
  percent: z.int().nullable().describe('Of the first copy, while it lasts'),
  since: z.string(),
  lookedAt: z.string(),
  siteFilledAt: z.string().nullable(),
});
export type Mirror = z.infer<typeof mirrorSchema>;

const name = z.string().min(1).max(63);
export const maskSchema = z.discriminatedUnion('mask', [
  z.object({ table: name, column: name, mask: z.enum(['keep', 'null', 'hash', 'email']) }),
  z.object({
    table: name,
    column: name,
    mask: z.literal('text'),
    fixed: z.string().trim().min(1, 'Say what stands there instead').max(200),
  }),
]);
export type Mask = z.infer<typeof maskSchema>;
export const masksSchema = z.object({ items: z.array(maskSchema).max(500) });
