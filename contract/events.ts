/**
 * Events: the persisted facts of a chat, and the frames of live sync. One discriminated union; the screen is a projection of it.
 * Every event of a turn carries `turnId`. `seq` starts at 1 and has no gaps.
 */
import { z } from 'zod';
import { attachmentSchema } from './attachments.ts';
import {
  type chatSchema,
  chatStatus,
  database,
  fileDiffSchema,
  instanceState,
  transport,
  turnKind,
  turnMode,
} from './chats.ts';
import { pickedElementSchema, previewProblemSchema } from './preview.ts';

const turnId = z.uuid();
const person = z.object({ id: z.uuid(), name: z.string() });

export const outcomes = z.enum(['completed', 'stopped', 'failed', 'escalated', 'handed_off', 'withdrawn']);
export type Outcome = z.infer<typeof outcomes>;

export const questionSchema = z.object({
  questionId: z.uuid(),
  question: z.string(),
  detail: z.string().optional(),
  facts: z
    .array(z.object({ label: z.string(), value: z.string() }))
    .optional()
    .describe('What there is to know before answering'),
  statement: z.string().optional().describe('SQL that would run, exactly as it is'),
  live: z.boolean().optional().describe('A yes reaches live, where customers are'),
  options: z.array(z.object({ label: z.string(), detail: z.string().optional() })),
  allowText: z.boolean(),
});
export type Question = z.infer<typeof questionSchema>;

/** Payload of each event type. */
export const eventPayloads = {
  'message.user': z.object({
    turnId,
    messageId: z.uuid(),
    text: z.string(),
    by: person,
    database,
    mode: turnKind.optional().describe('Absent: build'),
    operations: z.array(z.unknown()).optional().describe('Of a form: what it changes in the spec'),
    replaces: z.uuid().optional().describe('The turn whose message was written anew'),
    plan: z.uuid().optional().describe('The turn whose plan this carries out'),
    attachments: z.array(attachmentSchema).optional(),
    element: pickedElementSchema.optional().describe('What the person points at in the preview'),
  }),
  'message.edited': z.object({ turnId, text: z.string(), by: person, mode: turnMode }),
  'message.assistant': z.object({
    turnId,
    messageId: z.uuid(),
    text: z.string(),
    partial: z.boolean().describe('Cut off by Stop or a failure'),
  }),
  'message.reasoning': z.object({
    turnId,
    messageId: z.uuid().describe('Of the answer that it led to'),
    text: z.string().describe('What the model thought before it answered, where its provider says it'),
    ms: z.int(),
  }),
  'tool.call': z.object({
    turnId,
    callId: z.string(),
    tool: z.string(),
    title: z.string().describe('What it does, in plain words'),
    input: z.unknown(),
  }),
  'tool.result': z.object({
    turnId,
    callId: z.string(),
    tool: z.string(),
    state: z.enum(['done', 'refused', 'failed', 'unknown']),
    summary: z.string().describe('What came of it, in plain words'),
    declined: z.boolean().optional().describe('It was refused by a person’s no, and the summary says by whom'),
    ms: z.int(),
    detail: z.unknown().optional(),
    pictures: z.array(attachmentSchema).optional(),
  }),
  'file.diff': z.object({ turnId, callId: z.string(), files: z.array(fileDiffSchema) }),
  'turn.started': z.object({
    turnId,
    number: z.int(),
    model: z.object({ id: z.string(), name: z.string(), provider: z.string() }),
  }),
  'turn.ended': z.object({
    turnId,
    outcome: outcomes,
    reason: z.string().optional().describe('In plain words, with the way out; absent when all went well'),
    commit: z.string().nullable(),
    files: z.int(),
    usage: z.object({
      inputTokens: z.int(),
      outputTokens: z.int(),
      cacheReadTokens: z.int(),
      cacheWriteTokens: z.int(),
    }),
    costMicros: z.int().nullable().describe('null: the price of the model is unknown'),
    models: z
      .array(z.object({ id: z.string(), name: z.string(), provider: z.string() }))
      .optional()
      .describe('Those that answered, in order'),
    ms: z.int(),
  }),
  'turn.undone': z.object({
    turnId,
    by: person,
    files: z.int(),
    commit: z.string().nullable(),
    redone: z.boolean().describe('true: Redo gave it back'),
    with: z.array(z.uuid()).optional().describe('Later turns that went, or came back, with it'),
  }),
  'status.changed': z.object({ status: chatStatus, by: person.nullable(), turnId: turnId.optional() }),
  'database.changed': z.object({ database, by: person.nullable(), turnId: turnId.optional() }),
  'transport.changed': z.object({
    transport,
    commit: z.string().optional(),
    base: z.string().optional(),
    by: person.nullable(),
    release: z.object({ id: z.uuid(), number: z.int(), state: z.string() }).optional(),
    note: z.string().optional(),
  }),
  'preview.changed': z.object({ state: instanceState, message: z.string().nullable() }),
  'preview.problem': previewProblemSchema.describe('The preview’s server said that something went wrong'),
  'reminder.changed': z.object({ open: z.int() }),
  'build.progress': z.object({
    releaseId: z.uuid().optional(),
    stage: z.enum(['queued', 'rehearsing', 'building', 'changing', 'starting', 'serving', 'failed', 'conflict']),
    text: z.string(),
    files: z.array(z.string()).optional(),
    number: z.int().optional().describe('Of the release'),
    environment: z.literal('staging').optional().describe('Of the staging site; left out: of the app in use'),
  }),
  'agent.update': z.object({ turnId, text: z.string() }),
  'question.asked': questionSchema.extend({ turnId, callId: z.string() }),
  'question.answered': z.object({ turnId, questionId: z.uuid(), answer: z.string(), by: person }),
  'collaborator.joined': z.object({ person }),
} as const;

export type EventType = keyof typeof eventPayloads;
export const eventTypes = Object.keys(eventPayloads) as EventType[];
export type EventPayload<T extends EventType> = z.infer<(typeof eventPayloads)[T]>;
export type ChatEvent = { [T in EventType]: { seq: number; type: T; at: string; payload: EventPayload<T> } }[EventType];

export const chatEventSchema = z.object({
  seq: z.int(),
  type: z.enum(eventTypes as [EventType, ...EventType[]]),
  at: z.string(),
  payload: z.unknown(),
});
export const eventPageSchema = z.object({ items: z.array(chatEventSchema), next: z.int().nullable() });

/** A piece of an answer that is still being written. `offset` counts UTF-16 units before it. */
export interface TextDelta {
  type: 'message.delta';
  chatId: string;
  turnId: string;
  messageId: string;
  offset: number;
  text: string;
}

/**
 * Live sync. Rooms: `chat:<id>` (events with seq, and deltas with seq null) and `container:<id>` (chat rows that changed, seq null).
 * The first frame must be `auth`; a new `auth` frame renews the token.
 */
export const clientFrameSchema = z.discriminatedUnion('type', [
  z.object({ type: z.literal('auth'), token: z.string().max(4000) }),
  z.object({ type: z.literal('subscribe'), room: z.string().max(100), after: z.int().min(0).optional() }),
  z.object({ type: z.literal('unsubscribe'), room: z.string().max(100) }),
]);
export type ClientFrame = z.infer<typeof clientFrameSchema>;

export const liveEventNames = [
  'message',
  'agent_update',
  'build_progress',
  'notification',
  'collaborator_joined',
] as const;
export type LiveEventName = (typeof liveEventNames)[number];

export type ServerFrame =
  | { type: 'ready' }
  | { type: 'subscribed'; room: string; seq: number }
  | { type: 'error'; code: string; message: string; room?: string }
  | {
      room: string;
      seq: number | null;
      event: LiveEventName;
      data:
        | ChatEvent
        | TextDelta
        | { type: 'chat.changed'; chat: z.infer<typeof chatSchema> }
        | { type: 'app.changed' }
        | { type: 'container.changed' };
    };
