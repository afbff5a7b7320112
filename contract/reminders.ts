/** Reminders: what one of an app's two databases has and the other may still need. */
import { z } from 'zod';
import { appBadgeSchema } from './chats.ts';
import { losesSchema } from './loses.ts';

export const reminderSchema = z.object({
  id: z.uuid(),
  app: appBadgeSchema,
  chat: z
    .object({ id: z.uuid(), title: z.string() })
    .nullable()
    .describe('Whose change it is; null: of no chat, or of one that cannot be opened any more'),
  kind: z
    .enum(['schema', 'data', 'drift'])
    .describe('A change of tables, a change of rows, or a difference that no recorded change explains'),
  direction: z.enum(['to_live', 'to_staging']).nullable().describe('Where it may still be needed; null for drift'),
  title: z.string().describe('What it is, in words'),
  why: z.string(),
  tables: z.array(z.string()),
  objects: z.array(z.string()).describe('What is not the same on both, in words'),
  state: z.enum(['open', 'cleared', 'dismissed']),
  since: z.string(),
  endedAt: z.string().nullable(),
  endedBy: z.string().nullable().describe('Who dismissed it'),
  reason: z.string().nullable(),
});
export type Reminder = z.infer<typeof reminderSchema>;

export const reminderPreviewSchema = z.object({
  to: z.enum(['live', 'staging']).nullable().describe('Where it would run'),
  statements: z
    .array(z.string())
    .describe('Exactly what would run, in this order; empty: it cannot be applied from here'),
  with: z.int().describe('Earlier changes that it builds on, which go along'),
  destroys: z.boolean(),
  loses: losesSchema.describe('What would go and become another'),
  digest: z.string().describe('Of all this: what a yes is for'),
  problem: z.string().nullable().describe('Why it cannot be applied from here, and what to do'),
});
export type ReminderPreview = z.infer<typeof reminderPreviewSchema>;

export const dismissSchema = z.object({
  reason: z.string().trim().min(1, 'Say why it is not needed').max(500, 'Use at most 500 characters'),
});
export const applySchema = z.object({ digest: z.string().max(100).describe('Of the preview that was shown') });
