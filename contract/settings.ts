/** Settings: model keys (never shown again), limits, registration. */
import { z } from 'zod';

export const providerSchema = z.enum(['anthropic', 'openai', 'together']);

export const modelSchema = z.object({
  id: z.string(),
  name: z.string(),
  provider: z.string(),
  available: z.boolean(),
  note: z.string().describe('What it is, in plain words, or why it cannot be used'),
  default: z.boolean(),
  pictures: z.boolean().describe('It takes pictures'),
});
export type ModelInfo = z.infer<typeof modelSchema>;

export const modelKeySchema = z.object({
  provider: providerSchema,
  source: z.enum(['settings', 'environment', 'none']),
  hint: z.string().nullable().describe('The last four characters'),
  baseUrl: z.string().nullable(),
});
export const putModelKeySchema = z.object({
  key: z.string().trim().min(8, 'This is too short for a key').max(500),
  baseUrl: z.url({ protocol: /^https?$/ }).optional(),
});

const money = z.int().min(0).max(1_000_000_000_000).nullable().describe('Millionths of a dollar; null is no limit');
const tokens = z.int().min(0).max(1_000_000_000_000).nullable().default(null).describe('Tokens; null is no limit');
export const limitsSchema = z.object({
  perTurn: money,
  perChat: money,
  perDay: money,
  tokensPerTurn: tokens,
  tokensPerChat: tokens,
  tokensPerDay: tokens,
});
export type Limits = z.infer<typeof limitsSchema>;

export const settingsSchema = z.object({
  registrationOpen: z.boolean(),
  keys: z.array(modelKeySchema),
  models: z.array(modelSchema),
  limits: limitsSchema,
  spentTodayMicros: z.int(),
});
export type Settings = z.infer<typeof settingsSchema>;
export const patchSettingsSchema = z.object({
  registrationOpen: z.boolean().optional(),
  limits: limitsSchema.optional(),
});

export const serverStateSchema = z.object({
  ready: z.boolean(),
  parts: z.array(z.object({ name: z.string(), ok: z.boolean(), text: z.string() })),
});
export type ServerState = z.infer<typeof serverStateSchema>;
