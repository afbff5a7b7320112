/** What a look at an app is asked for, and what it answers. The answer comes out of a sandbox that runs hostile pages: it is validated too. */
import { z } from 'zod';
import { appPath } from '../../../../contract/preview.ts';

const words = z.string().trim().min(1).max(200);

/** An element as a person would name it: by its role and name, by its label, or by the text that it shows. */
const targetSchema = z
  .object({
    role: z
      .string()
      .regex(/^[a-z]{2,30}$/, 'A role is one word, such as button, link, textbox, heading')
      .optional(),
    name: words.optional().describe('The accessible name, together with role'),
    label: words.optional().describe('The label of a field'),
    text: words.optional().describe('Visible text'),
  })
  .refine(
    ({ role, label, text }) => [role, label, text].filter((one) => one !== undefined).length === 1,
    'Name the element in one way: role (with name), label, or text',
  );

const stepSchema = z.discriminatedUnion('do', [
  z.object({ do: z.literal('click'), target: targetSchema }),
  z.object({ do: z.literal('fill'), target: targetSchema, value: z.string().max(2000) }),
  z.object({
    do: z.literal('press'),
    key: z
      .string()
      .regex(/^(?:(?:Control|Shift|Alt|Meta)\+)*(?:[A-Za-z0-9]|[A-Z][A-Za-z0-9]{1,15})$/, 'A key such as Enter'),
    target: targetSchema.optional(),
  }),
  z.object({ do: z.literal('choose'), target: targetSchema, option: words }),
  z.object({ do: z.literal('wait'), text: words.describe('Waits until this text is visible') }),
]);

export const viewportSchema = z.union([
  z.enum(['desktop', 'tablet', 'phone']),
  z.object({ width: z.int().min(240).max(2560), height: z.int().min(240).max(2000) }),
]);

export const lookInput = z.object({
  path: appPath.default('/'),
  viewport: viewportSchema.default('desktop'),
  dark: z.boolean().default(false).describe('In dark colours'),
  wholePage: z.boolean().default(false).describe('The picture shows the page to its end, at most 4000 pixels'),
  steps: z.array(stepSchema).max(10, 'At most 10 steps').default([]),
});
export type LookInput = z.output<typeof lookInput>;

const line = z.string().max(700);
const lines = z.array(line).max(50);
export const lookResult = z.object({
  ok: z.boolean(),
  problem: line.nullable(),
  status: z.int().nullable(),
  title: line,
  finalPath: z.string().max(2100).nullable().describe('null: it ended outside of the app, which was blocked'),
  steps: z.array(z.object({ step: line, ok: z.boolean(), why: line.optional() })).max(10),
  consoleErrors: lines,
  failedRequests: lines,
  notes: lines,
  blocked: lines.describe('Hosts that the page wanted to reach'),
  accessibility: z
    .array(z.object({ id: line, impact: z.enum(['serious', 'critical']), help: line, count: z.int(), first: line }))
    .max(12)
    .nullable(),
  words: z.string().max(7000).describe('The page as a screen reader has it'),
  picture: z.object({ mediaType: z.enum(['image/png', 'image/jpeg']), data: z.base64().max(2_100_000) }).nullable(),
});
export type LookResult = z.infer<typeof lookResult>;

const VIEWPORTS = {
  desktop: { width: 1280, height: 800 },
  tablet: { width: 820, height: 1100 },
  phone: { width: 390, height: 844 },
};

/** A named viewport in pixels. */
export const sizeOf = (viewport: LookInput['viewport']) =>
  typeof viewport === 'string' ? VIEWPORTS[viewport] : viewport;
