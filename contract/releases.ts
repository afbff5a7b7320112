/** The releases of an app: which serves, and which of the others can serve again. */
import { z } from 'zod';
import { releaseState } from './apps.ts';

export const releaseEntrySchema = z.object({
  id: z.uuid(),
  number: z.int(),
  commit: z.string(),
  state: releaseState,
  problem: z.string().nullable(),
  title: z.string().describe('Of its chat, as it was called when it was merged'),
  chatId: z.uuid().nullable().describe('Null when the chat is gone'),
  by: z.string().nullable().describe('Who merged it'),
  createdAt: z.string(),
  servedAt: z.string().nullable().describe('When it last began to serve'),
  canServe: z.boolean().describe('It is kept, has served before, and works on today’s tables'),
  why: z.string().nullable().describe('Why it cannot serve again'),
});
export type ReleaseEntry = z.infer<typeof releaseEntrySchema>;

export const releasePageSchema = z.object({
  items: z.array(releaseEntrySchema).describe('Newest first'),
  next: z.int().nullable().describe('Give it as `before` for the page after this one'),
});
export type ReleasePage = z.infer<typeof releasePageSchema>;

export const goBackSchema = z.object({
  releaseId: z.uuid().describe('Which is to serve'),
  serving: z.uuid().describe('Which served when the person decided'),
});
