/** Models: where they are reached, in which order each kind of agent asks them, what they cost. Keys go in and never come out. */
import { z } from 'zod';

/** `<provider>/<name as the provider knows it>`; `builtin` is the built-in builder. */
export const modelRef = z
  .string()
  .trim()
  .min(1)
  .max(200)
  .regex(/^[^\s]+$/, 'A name of a model has no spaces');

export const sourceSchema = z.object({
  id: z.string().describe('The beginning of its models’ ids'),
  name: z.string(),
  kind: z.enum(['anthropic', 'openai', 'together', 'compatible']),
  key: z.enum(['settings', 'environment', 'none', 'not needed']),
  hint: z.string().nullable().describe('The last four characters of the key'),
  baseUrl: z.string().nullable().describe('null: the provider’s own'),
  models: z.array(z.string()).describe('Known ids of its models'),
});
export type ModelSource = z.infer<typeof sourceSchema>;

const dollars = z.number().min(0).max(100_000);
export const priceSchema = z.object({ input: dollars, output: dollars, cacheRead: dollars, cacheWrite: dollars });
export const priceRowSchema = z.object({
  model: z.string(),
  name: z.string(),
  price: priceSchema.nullable().describe('Dollars per million tokens; null: unknown'),
  source: z.enum(['list', 'owner', 'unknown']),
  asOf: z.string().nullable().describe('The day of the price'),
});
export type PriceRow = z.infer<typeof priceRowSchema>;

export const orderSchema = z.object({
  kind: z.string(),
  title: z.string(),
  own: z.boolean().describe('false: nobody has set it; it follows the keys'),
  models: z.array(
    z.object({
      id: z.string(),
      name: z.string(),
      provider: z.string(),
      usable: z.boolean(),
      why: z.string().nullable(),
    }),
  ),
});
export type ModelOrder = z.infer<typeof orderSchema>;

export const modelSetupSchema = z.object({
  sources: z.array(sourceSchema),
  orders: z.array(orderSchema),
  prices: z.array(priceRowSchema),
  thinking: z.boolean(),
});
export type ModelSetup = z.infer<typeof modelSetupSchema>;

export const putOrderSchema = z.object({ models: z.array(modelRef).max(50, 'At most 50 models') });
export const putPriceSchema = z.object({ model: modelRef, price: priceSchema });
export const patchModelSetupSchema = z.object({ thinking: z.boolean() });

const names = z.array(modelRef).max(500, 'At most 500 models');
export const addressSchema = z.object({
  name: z.string().trim().min(1, 'Give it a name').max(40, 'Use at most 40 characters'),
  baseUrl: z.url({ protocol: /^https?$/, error: 'Enter an address that begins with http:// or https://' }).max(500),
  key: z.string().trim().max(500).optional(),
  models: names.optional(),
});
export const patchAddressSchema = z.object({
  key: z.string().trim().max(500).nullable().optional().describe('null removes it'),
  models: names.optional(),
});

export const testModelSchema = z.object({ model: modelRef });
export const testedModelSchema = z.object({
  ok: z.boolean(),
  text: z.string().describe('What happened, in plain words'),
  ms: z.int(),
});
export type TestedModel = z.infer<typeof testedModelSchema>;
export const listedModelsSchema = z.object({ items: z.array(z.string()), next: z.null() });

/** One call of a model in a turn. */
export const modelCallSchema = z.object({
  at: z.string(),
  model: z.object({ id: z.string(), name: z.string() }),
  state: z.enum(['reserved', 'settled']),
  inputTokens: z.int(),
  outputTokens: z.int(),
  cacheReadTokens: z.int(),
  cacheWriteTokens: z.int(),
  costMicros: z.int().nullable().describe('null: the price is unknown'),
  tried: z.array(z.object({ name: z.string(), text: z.string(), ms: z.int() })),
});
export type ModelCall = z.infer<typeof modelCallSchema>;
export const modelCallsSchema = z.object({ items: z.array(modelCallSchema), next: z.null() });
