/** From the staging site to live. */
import { z } from 'zod';
import { chatStatus } from './chats.ts';
import { losesSchema } from './loses.ts';

export const deployPreviewSchema = z.object({
  commit: z.string().nullable().describe('What the staging site runs; null when live has all of it'),
  chats: z
    .array(z.object({ id: z.uuid(), title: z.string(), status: chatStatus }))
    .describe('Whose merges would come to live'),
  changes: z
    .array(
      z.object({
        id: z.string(),
        tables: z.array(z.string()),
        statements: z.array(z.string()),
        destructive: z.boolean(),
      }),
    )
    .describe('Of the tables, in the order in which they would be made'),
  destroys: z.boolean(),
  loses: losesSchema.describe('What would go from live and become another there'),
  problem: z.string().nullable().describe('Why nothing can be brought to live now'),
});
export type DeployPreview = z.infer<typeof deployPreviewSchema>;

export const deploySchema = z.object({
  commit: z
    .string()
    .regex(/^[0-9a-f]{40,64}$/)
    .describe('The one that was shown'),
  destroys: z.boolean().optional().describe('A person has seen what would be removed, and said yes'),
  chatId: z.uuid().optional().describe('Where its progress is told'),
});
export type Deploy = z.infer<typeof deploySchema>;
