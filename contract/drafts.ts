/** A chat's draft beside the app's rows in use. */
import { z } from 'zod';

export const draftTableSchema = z.object({
  name: z.string(),
  draft: z.int().nullable().describe('Rows; null: the draft has no such table'),
  staging: z.int().nullable().describe('Rows; null: staging has no such table'),
  differs: z.array(z.string()).describe('How the table itself differs, in plain words'),
});
export const draftSchema = z.object({
  made: z.boolean().describe('The draft is made when the preview starts first'),
  tables: z.array(draftTableSchema),
});
export type Draft = z.infer<typeof draftSchema>;
