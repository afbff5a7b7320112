/** Apps as the launcher shows them. */
import { z } from 'zod';
import { instanceState } from './chats.ts';

export const releaseState = z.enum(['queued', 'building', 'starting', 'serving', 'retired', 'failed']);
export const appColours = [
  'moss',
  'pine',
  'harbour',
  'slate',
  'indigo',
  'plum',
  'rose',
  'brick',
  'ochre',
  'bark',
] as const;

/** The name of a lucide icon. */
export const iconSchema = z
  .string()
  .regex(/^[a-z0-9-]{1,40}$/, 'An icon is named in small letters, for example book-open.');

const releaseSchema = z.object({
  id: z.uuid(),
  number: z.int(),
  commit: z.string(),
  state: releaseState,
  problem: z.string().nullable(),
});

export const appSchema = z.object({
  id: z.uuid(),
  containerId: z.uuid(),
  slug: z.string(),
  name: z.string(),
  type: z.enum(['full', 'automation', 'webhook', 'link']),
  icon: z.string(),
  colour: z.enum(appColours),
  description: z.string(),
  url: z.string(),
  mode: z.enum(['vibe-coded', 'dual-repository']),
  state: instanceState.describe('Of the serving release; none when nothing was merged yet'),
  release: releaseSchema.nullable().describe('The newest of the app as its people use it'),
  site: z
    .object({ url: z.string(), release: releaseSchema.nullable() })
    .nullable()
    .describe('The staging site of an app that has a live database: what is merged is there first'),
  serves: z
    .int()
    .nullable()
    .describe('The number of the release that serves: an older one than the newest after somebody went back'),
  openChats: z.int(),
  lastOpenedAt: z.string().nullable(),
  createdAt: z.string(),
  deletedAt: z.string().nullable().describe('It can be brought back for 48 hours from then'),
});
export type App = z.infer<typeof appSchema>;

export const createAppSchema = z.object({
  containerId: z.uuid().optional(),
  name: z.string().trim().min(1, 'Give it a name').max(80),
  slug: z.string().max(20).optional(),
  description: z.string().max(300).optional(),
});
export const patchAppSchema = z.object({
  name: z.string().trim().min(1).max(80).optional(),
  description: z.string().max(300).optional(),
  icon: iconSchema.optional(),
  colour: z.enum(appColours).optional(),
});
