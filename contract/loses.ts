/** What changes of tables do to what is in use, in words with numbers: what goes and what becomes another are told apart. */
import { z } from 'zod';

export const losesSchema = z.object({
  removed: z.array(z.string()).describe('For example `notes (3 rows)`, `mobile of customers (12 values)`'),
  overwritten: z.array(z.string()).describe('For example `2 values of note in notes`'),
  uncounted: z.array(z.string()).describe('What may be removed or overwritten, and could not be counted'),
});
export type Loses = z.infer<typeof losesSchema>;
