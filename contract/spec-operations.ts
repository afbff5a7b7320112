/**
 * The operations that are the only way to change a spec. People (a form), the built-in builder (words) and a model (a tool call) all
 * send the same. Entities, fields, choices, roles and pages are named by their ids or by what people call them.
 */
import { z } from 'zod';
import { appColours, iconSchema } from './apps.ts';
import {
  amountSchema,
  appLanguageSchema,
  currencySchema,
  defaultValueSchema,
  fieldTypeSchema,
  homeBlockSchema,
  idSchema,
  labelSchema,
  onDeleteSchema,
  pageKinds,
  resultSchema,
  specLimits,
  specSchema,
  titleSchema,
} from './spec.ts';

const newChoice = z.union([labelSchema, z.object({ id: idSchema('cho').optional(), label: labelSchema })]);
const reference = z.string().min(1).max(200);
const roles = z.array(reference).max(specLimits.roles).nullish();

const fieldRules = {
  required: z.boolean().optional(),
  unique: z.boolean().optional(),
  min: amountSchema.nullish().describe('Smallest number allowed'),
  max: amountSchema
    .nullish()
    .describe('Largest number allowed; for a rating the number of stars (2 to 10, 5 when left out)'),
  maxLength: z.int().min(1).max(specLimits.longtextLength).nullish().describe('Most characters of a text'),
  choices: z.array(newChoice).min(1).max(specLimits.choices).nullish().describe('For the type choice: its labels'),
  default: defaultValueSchema.nullish().describe('Filled in beforehand; "today" for a date, "now" for a date and time'),
  currency: currencySchema.nullish().describe('For money (EUR when left out)'),
  onDelete: onDeleteSchema
    .nullish()
    .describe(
      'For a reference, when the row it points at is deleted: clear it, refuse the deletion, or delete this row too',
    ),
  formula: z
    .string()
    .trim()
    .min(1)
    .max(specLimits.formula)
    .nullish()
    .describe(
      'For the type computed: + - * / and brackets over names of number fields of the same entity in curly brackets, {Price} * {Quantity}; through a reference ' +
        '{Product.Price}; over rows that point here sum({Order lines.Amount}), avg, min, max, count({Orders})',
    ),
  result: resultSchema.nullish().describe('For the type computed: how it is shown'),
};

export const newFieldSchema = z.object({
  id: idSchema('fld').optional(),
  name: labelSchema,
  type: fieldTypeSchema.default('text'),
  target: reference.optional().describe('For the type reference: the entity that it points at'),
  ...fieldRules,
});
export type NewField = z.input<typeof newFieldSchema>;

const entity = { entity: reference };
const field = { entity: reference, field: reference };

export const specOperationSchema = z.discriminatedUnion('op', [
  z.object({ op: z.literal('set_title'), title: titleSchema }),
  z.object({
    op: z.literal('set_look'),
    icon: iconSchema.nullish().describe('A lucide icon'),
    colour: z.enum(appColours).nullish(),
  }),
  z.object({ op: z.literal('set_language'), language: appLanguageSchema.describe('Of buttons and messages') }),
  z.object({
    op: z.literal('add_entity'),
    id: idSchema('ent').optional(),
    name: labelSchema.describe('Singular: Book'),
    plural: labelSchema.optional().describe('Books; derived when left out'),
    fields: z.array(newFieldSchema).min(1).max(specLimits.fields),
  }),
  z.object({
    op: z.literal('rename_entity'),
    ...entity,
    name: labelSchema,
    plural: labelSchema.optional(),
  }),
  z.object({ op: z.literal('remove_entity'), ...entity }),
  z.object({
    op: z.literal('order_entities'),
    entities: z.array(reference).min(1).max(specLimits.entities).describe('The first ones, in order'),
  }),
  z.object({
    op: z.literal('relate'),
    from: reference.describe('An entity: Order'),
    to: reference.describe('Another: Customer'),
    kind: z
      .enum(['one', 'many'])
      .describe('one: each Order has one Customer; many: Students have many Courses and the other way round'),
    name: labelSchema.optional().describe('Of the field (one), or of the entity between them (many: Enrolment)'),
    plural: labelSchema.optional().describe('many: Enrolments'),
    required: z.boolean().optional(),
    onDelete: onDeleteSchema.optional(),
    fields: z.array(newFieldSchema).max(specLimits.fields).optional().describe('many: what is kept about each pair'),
  }),
  z.object({ op: z.literal('add_field'), ...entity, field: newFieldSchema }),
  z.object({ op: z.literal('rename_field'), ...field, name: labelSchema }),
  z.object({ op: z.literal('remove_field'), ...field }),
  z.object({
    op: z.literal('alter_field'),
    ...field,
    changes: z
      .object({ type: fieldTypeSchema.optional(), ...fieldRules })
      .describe('Only what changes; null takes a rule away'),
  }),
  z.object({
    op: z.literal('order_fields'),
    ...entity,
    fields: z.array(reference).min(1).max(specLimits.fields).describe('The first ones, in order'),
  }),
  z.object({ op: z.literal('add_choice'), ...field, label: labelSchema }),
  z.object({ op: z.literal('rename_choice'), ...field, choice: reference, label: labelSchema }),
  z.object({ op: z.literal('remove_choice'), ...field, choice: reference }),
  z.object({ op: z.literal('set_display'), ...field }).describe('Which field stands for a row'),
  z.object({
    op: z.literal('set_sort'),
    ...entity,
    field: reference.nullable().describe('null: the newest first'),
    descending: z.boolean().default(false),
  }),
  z.object({
    op: z.literal('show_field'),
    ...field,
    listed: z.boolean().nullable().describe('Whether the list has a column for it; null: decided for you'),
  }),
  z.object({ op: z.literal('add_role'), id: idSchema('rol').optional(), name: labelSchema }),
  z.object({ op: z.literal('rename_role'), role: reference, name: labelSchema }),
  z.object({ op: z.literal('remove_role'), role: reference }),
  z.object({
    op: z.literal('set_access'),
    ...entity,
    see: roles.describe('Who may see it; null: everybody'),
    change: roles.describe('Who may change it; null: whoever sees it'),
  }),
  z.object({ op: z.literal('limit_field'), ...field, roles: roles.describe('Who sees it; null: everybody') }),
  z.object({
    op: z.literal('add_page'),
    id: idSchema('pag').optional(),
    kind: z.enum(pageKinds),
    ...entity,
    name: labelSchema.optional(),
    field: reference
      .optional()
      .describe(
        'board: a choice; calendar: a date; gallery: an image; chart: what to count by. Left out: the first that fits',
      ),
    value: reference.optional().describe('chart: a number to add up instead of counting'),
  }),
  z.object({ op: z.literal('rename_page'), page: reference, name: labelSchema }),
  z.object({ op: z.literal('remove_page'), page: reference }),
  z.object({
    op: z.literal('set_home'),
    blocks: z.array(homeBlockSchema).max(specLimits.homeBlocks).nullable().describe('null: chosen for you'),
  }),
]);
export type SpecOperation = z.input<typeof specOperationSchema>;
export const specOperationsSchema = z.array(specOperationSchema).min(1).max(specLimits.operations);

/** What a change of the spec does to rows that are there: they go, are emptied, cut, filled with a plain value, or stand in its way. */
export const specEffectSchema = z.object({
  kind: z.enum(['removes', 'empties', 'cuts', 'fills', 'clashes']),
  what: z.string(),
  rows: z.int(),
});
export type SpecEffect = z.infer<typeof specEffectSchema>;

export const specPreviewSchema = z.object({
  spec: specSchema.describe('As it would be'),
  summary: z.array(z.string()).describe('One sentence per operation, without its full stop'),
  effects: z.array(specEffectSchema),
  statements: z.array(z.string()).describe('The SQL that will run'),
});
export type SpecPreview = z.infer<typeof specPreviewSchema>;
