/**
 * What an app should be, as data: the spec, and the operations that are the only way to change it. People (a form), the built-in
 * builder (words) and a model (a tool call) all send the same operations. Ids are stable: a rename never changes one.
 */
import { z } from 'zod';

/** Every limit of a spec. A name of a table and a column together fit into one PostgreSQL identifier, with a suffix. */
export const specLimits = {
  title: 80,
  label: 60,
  identifier: 28,
  entities: 50,
  fields: 100,
  choices: 50,
  operations: 100,
  textLength: 1_000,
  longtextLength: 100_000,
  rating: 10,
} as const;

export const fieldTypes = ['text', 'longtext', 'number', 'integer', 'boolean', 'date', 'choice', 'rating'] as const;
export const fieldTypeSchema = z.enum(fieldTypes);
export type FieldType = z.infer<typeof fieldTypeSchema>;

// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what it refuses
const control = /[\u0000-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069\ufeff]/;

/** A label that a person sees. Any language, quotes, HTML and emoji are fine: whoever prints it escapes it. */
const label = (max: number, what: string) =>
  z
    .string()
    .transform((text) => text.normalize('NFC').replace(/\s+/g, ' ').trim())
    .pipe(
      z
        .string()
        .min(1, `${what} is empty.`)
        .max(max, `${what} is longer than ${max} characters.`)
        .refine((text) => !control.test(text), `${what} has invisible control characters.`)
        .refine((text) => text.isWellFormed(), `${what} has a broken character.`),
    );

export const titleSchema = label(specLimits.title, 'The title');
export const labelSchema = label(specLimits.label, 'The name');
const columnSchema = z
  .string()
  .max(specLimits.identifier)
  .regex(/^[a-z][a-z0-9]*(_[a-z0-9]+)*$/);
const slugSchema = z
  .string()
  .max(specLimits.identifier)
  .regex(/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/);
const id = (prefix: string) =>
  z
    .string()
    .max(40)
    .regex(new RegExp(`^${prefix}_[a-z0-9]{1,36}$`));

const number = z.number().min(-1e15).max(1e15);
/** `'today'` is the day on which a row is added. */
export const defaultValueSchema = z.union([z.string().max(specLimits.textLength), number, z.boolean()]);
export type DefaultValue = z.infer<typeof defaultValueSchema>;

export const choiceSchema = z.object({
  id: id('cho'),
  label: labelSchema,
  value: columnSchema.describe('What the database keeps; a rename of the label leaves it alone'),
});
export type Choice = z.infer<typeof choiceSchema>;

export const fieldSchema = z.object({
  id: id('fld'),
  name: labelSchema.describe('What people see'),
  column: columnSchema,
  type: fieldTypeSchema,
  required: z.boolean(),
  unique: z.boolean(),
  min: number.optional(),
  max: number.optional().describe('For a rating: how many stars'),
  maxLength: z.int().min(1).max(specLimits.longtextLength).optional(),
  choices: z.array(choiceSchema).min(1).max(specLimits.choices).optional(),
  default: defaultValueSchema.optional(),
});
export type Field = z.infer<typeof fieldSchema>;

export const entitySchema = z.object({
  id: id('ent'),
  name: labelSchema.describe('One of them: Book'),
  plural: labelSchema.describe('Several: Books'),
  slug: slugSchema.describe('In addresses; the table is the same with underscores'),
  fields: z.array(fieldSchema).min(1).max(specLimits.fields),
  displayField: id('fld').describe('The field that stands for a row'),
});
export type Entity = z.infer<typeof entitySchema>;

export const specSchema = z
  .object({
    version: z.literal(1),
    title: titleSchema,
    entities: z.array(entitySchema).max(specLimits.entities),
  })
  .check(({ value, issues }) => {
    const twice = (items: string[]) => items.find((item, index) => items.indexOf(item) !== index);
    const report = (message: string) => issues.push({ code: 'custom', input: value, message });
    const slug = twice(value.entities.map((entity) => entity.slug));
    if (slug) report(`Two lists are called ${slug}.`);
    const ids = value.entities.flatMap((entity) => [entity.id, ...entity.fields.map((field) => field.id)]);
    const shared = twice(ids);
    if (shared) report(`Two things have the id ${shared}.`);
    for (const entity of value.entities) {
      const column = twice(entity.fields.map((field) => field.column));
      if (column) report(`${entity.name} has two fields called ${column}.`);
      if (!entity.fields.some((field) => field.id === entity.displayField))
        report(`${entity.name} has no field ${entity.displayField}.`);
      for (const field of entity.fields) {
        if ((field.type === 'choice') !== (field.choices !== undefined))
          report(`${field.name} of ${entity.name}: choices belong to the type choice.`);
      }
    }
  });
export type Spec = z.infer<typeof specSchema>;

/** A spec with nothing in it yet: what a brand-new app starts from. */
export const emptySpec = (title: string): Spec => ({ version: 1, title: titleSchema.parse(title), entities: [] });

const newChoice = z.union([labelSchema, z.object({ id: id('cho').optional(), label: labelSchema })]);
/** An entity or field is named by its id or by what people call it. */
const reference = z.string().min(1).max(200);

const fieldRules = {
  required: z.boolean().optional(),
  unique: z.boolean().optional(),
  min: number.nullish().describe('Smallest number allowed'),
  max: number.nullish().describe('Largest number allowed; for a rating the number of stars (2 to 10, 5 when left out)'),
  maxLength: z.int().min(1).max(specLimits.longtextLength).nullish().describe('Most characters of a text'),
  choices: z.array(newChoice).min(1).max(specLimits.choices).nullish().describe('For the type choice: its labels'),
  default: defaultValueSchema.nullish().describe('Filled in beforehand; "today" for a date'),
};

export const newFieldSchema = z.object({
  id: id('fld').optional(),
  name: labelSchema,
  type: fieldTypeSchema.default('text'),
  ...fieldRules,
});
export type NewField = z.input<typeof newFieldSchema>;

export const specOperationSchema = z.discriminatedUnion('op', [
  z.object({ op: z.literal('set_title'), title: titleSchema }),
  z.object({
    op: z.literal('add_entity'),
    id: id('ent').optional(),
    name: labelSchema.describe('Singular: Book'),
    plural: labelSchema.optional().describe('Books; derived when left out'),
    fields: z.array(newFieldSchema).min(1).max(specLimits.fields),
  }),
  z.object({
    op: z.literal('rename_entity'),
    entity: reference,
    name: labelSchema,
    plural: labelSchema.optional(),
  }),
  z.object({ op: z.literal('remove_entity'), entity: reference }),
  z.object({ op: z.literal('add_field'), entity: reference, field: newFieldSchema }),
  z.object({ op: z.literal('rename_field'), entity: reference, field: reference, name: labelSchema }),
  z.object({ op: z.literal('remove_field'), entity: reference, field: reference }),
  z.object({
    op: z.literal('alter_field'),
    entity: reference,
    field: reference,
    changes: z
      .object({ type: fieldTypeSchema.optional(), ...fieldRules })
      .describe('Only what changes; null takes a rule away'),
  }),
]);
export type SpecOperation = z.input<typeof specOperationSchema>;
export const specOperationsSchema = z.array(specOperationSchema).min(1).max(specLimits.operations);
