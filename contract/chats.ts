/** Chats as the API gives them. */
import { z } from 'zod';
import { MOST_ATTACHMENTS } from './attachment-limits.ts';
import { label } from './label.ts';
import { pickedElementSchema } from './preview.ts';

export const chatStatus = z.enum(['open', 'review', 'approved']);
export const transport = z.enum(['open', 'merged', 'pushed', 'deployed']);
export const database = z.enum(['staging', 'live']);
export const instanceState = z.enum(['none', 'asleep', 'starting', 'running', 'stopping', 'failed']);
export type InstanceState = z.infer<typeof instanceState>;

export const appBadgeSchema = z.object({
  id: z.uuid(),
  slug: z.string(),
  name: z.string(),
  colour: z.string(),
  icon: z.string(),
});

export const usageSchema = z.object({
  inputTokens: z.int(),
  outputTokens: z.int(),
  costMicros: z.int().describe('Millionths of a dollar, settled and reserved'),
});

/** How a message is to be answered: by building, or by a plan that touches nothing. */
export const turnMode = z.enum(['build', 'plan']);
export type TurnMode = z.infer<typeof turnMode>;
/** How a turn is carried out: by a model as it was asked, or as a form says. */
export const turnKind = z.enum([...turnMode.options, 'form']);
export type TurnKind = z.infer<typeof turnKind>;

const money = z.int().min(0).max(1_000_000_000_000).nullable().describe('Millionths of a dollar; null is no limit');

/** What fills the model's context, by what it is. */
export const contextPart = z.enum(['instructions', 'tools', 'spec', 'files', 'history', 'turn', 'answer']);
export type ContextPart = z.infer<typeof contextPart>;

export const chatSchema = z.object({
  id: z.uuid(),
  containerId: z.uuid(),
  title: z.string(),
  assistant: z.string(),
  model: z.string().nullable(),
  app: appBadgeSchema.nullable(),
  status: chatStatus,
  transport,
  database: database.describe('Where the next message’s questions about rows go: the pill'),
  databases: z.array(database).describe('Where they may go'),
  branch: z.string(),
  preview: z.object({ url: z.string().nullable(), state: instanceState, message: z.string().nullable() }),
  turn: z
    .object({ id: z.uuid(), number: z.int(), state: z.enum(['queued', 'running', 'waiting', 'ended']) })
    .nullable()
    .describe('The newest turn that has begun or waits'),
  asks: z.boolean().describe('A question waits for a person'),
  reminders: z.int().describe('Changes of this chat that the other database may still need'),
  undo: z.object({ turnId: z.uuid() }).nullable().describe('What Undo would take back'),
  redo: z.object({ turnId: z.uuid() }).nullable().describe('What Redo would give back'),
  redoable: z.array(z.uuid()).describe('Turns that can come back here; each brings those that were taken back with it'),
  usage: usageSchema,
  spendingLimit: money.describe('A limit of this chat alone, in millionths of a dollar'),
  context: z.object({
    usedTokens: z.int(),
    maxTokens: z.int().nullable(),
    parts: z
      .array(z.object({ part: contextPart, tokens: z.int() }))
      .describe('Of the last call: the provider counted the sum, the shares are measured'),
  }),
  lastSeq: z.int(),
  createdAt: z.string(),
  updatedAt: z.string(),
  archived: z.boolean(),
  deletedAt: z.string().nullable().describe('It can be brought back for 48 hours from then'),
});
export type Chat = z.infer<typeof chatSchema>;

export const MESSAGE_LIMIT = 32_000;

const message = z
  .string()
  .trim()
  .min(1, 'Say what you would like')
  .max(MESSAGE_LIMIT, `Use at most ${MESSAGE_LIMIT} characters`);

export const postMessageSchema = z.object({
  message,
  chatId: z.uuid().optional(),
  appId: z.uuid().optional(),
  containerId: z.uuid().optional(),
  assistant: z.string().max(40).optional(),
  model: z.string().max(200).optional().describe('For a new chat; the default is the first model that can be used'),
  mode: turnMode.default('build'),
  planTurnId: z.uuid().optional().describe('The plan that this message carries out'),
  attachments: z
    .array(z.uuid())
    .max(MOST_ATTACHMENTS, `At most ${MOST_ATTACHMENTS} files`)
    .optional()
    .describe('Files that were uploaded before'),
  element: pickedElementSchema.optional().describe('What the person points at in the preview'),
});
export const postedMessageSchema = z.object({ chatId: z.uuid(), turnId: z.uuid(), seq: z.int() });

export const editQueuedSchema = z.object({
  message,
  mode: turnMode.optional(),
  seq: z.int().describe('The event whose words the person saw: guards against a second tab'),
});

export const rerunSchema = z.object({
  turnId: z.uuid().describe('The turn whose message is written anew'),
  latest: z.uuid().describe('The newest turn that the person saw: guards against a second tab'),
  message,
  mode: turnMode.default('build'),
  rows: z.enum(['keep', 'exact']).optional(),
});

export const patchChatSchema = z.object({
  title: label(120, 'The title').optional(),
  status: chatStatus.optional(),
  database: database.optional(),
  model: z.string().max(200).nullable().optional(),
  archived: z.boolean().optional(),
  spendingLimit: money.optional(),
});

/** A place in what was said that fits a search; `hit` marks the words that were looked for. */
export const foundSchema = z.object({
  chatId: z.uuid(),
  title: z.string(),
  app: appBadgeSchema.nullable(),
  archived: z.boolean(),
  turnId: z.uuid().nullable().describe('null: the title fits'),
  by: z.string().nullable().describe('Who said it; null is the assistant'),
  at: z.string(),
  snippet: z.array(z.object({ text: z.string(), hit: z.boolean() })),
});
export type Found = z.infer<typeof foundSchema>;
export const searchPageSchema = z.object({
  items: z.array(foundSchema),
  next: z.string().nullable().describe('Where to go on looking; null when everything was looked at'),
});
export type SearchPage = z.infer<typeof searchPageSchema>;

export const turnGuardSchema = z.object({
  turnId: z.uuid().describe('The turn that the person saw: guards against a second tab'),
  rows: z
    .enum(['keep', 'exact'])
    .optional()
    .describe('Undo when somebody used the preview since: keep those rows, or go back exactly'),
});

export const mergeSchema = z.object({
  turnId: z.uuid().optional().describe('The turn that the person saw'),
  destroys: z.boolean().default(false).describe('The person has seen what data the merge removes, and says yes'),
});

export const answerSchema = z.object({ questionId: z.uuid(), answer: z.string().trim().min(1).max(4000) });

export const hunkSchema = z.object({
  oldStart: z.int(),
  newStart: z.int(),
  heading: z.string(),
  lines: z.array(z.object({ kind: z.enum([' ', '+', '-']), text: z.string() })),
});
export const fileDiffSchema = z.object({
  path: z.string(),
  change: z.enum(['A', 'M', 'D']),
  additions: z.int(),
  deletions: z.int(),
  hunks: z.array(hunkSchema),
  cut: z.boolean().describe('The file is too large to show whole'),
});
export type FileDiff = z.infer<typeof fileDiffSchema>;
/** Files that hold both versions after an update from main, marked as git marks them, with what there was before. */
export const conflictFileSchema = z.object({
  path: z.string(),
  text: z.string().describe('With the marks: this chat’s lines, what there was before, main’s lines'),
  version: z.string().describe('Of the file as it is: sent back with what it is to be'),
});
export type ConflictFile = z.infer<typeof conflictFileSchema>;
export const resolveConflictsSchema = z.object({
  files: z
    .array(z.object({ path: z.string().max(500), text: z.string().max(500_000), version: z.string().max(64) }))
    .min(1)
    .max(100),
});

export const chatDiffSchema = z.object({ files: z.array(fileDiffSchema) });
