/** What an app should be, as data: the spec. Ids are stable: a rename never changes one. It changes only by spec-operations.ts. */
import { z } from 'zod';
import { appColours, iconSchema } from './apps.ts';
import { label } from './label.ts';

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
  roles: 10,
  pages: 30,
  homeBlocks: 12,
  formula: 300,
} as const;

export const fieldTypes = [
  'text',
  'longtext',
  'number',
  'integer',
  'money',
  'percent',
  'boolean',
  'date',
  'datetime',
  'time',
  'duration',
  'choice',
  'rating',
  'email',
  'phone',
  'url',
  'image',
  'file',
  'reference',
  'computed',
] as const;
export const fieldTypeSchema = z.enum(fieldTypes);
export type FieldType = z.infer<typeof fieldTypeSchema>;

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
/** Ids begin with what they are of: ent_, fld_, cho_, rol_, pag_. */
export const idSchema = (prefix: string) =>
  z
    .string()
    .max(40)
    .regex(new RegExp(`^${prefix}_[a-z0-9]{1,36}$`));

export const amountSchema = z.number().min(-1e15).max(1e15);
/** `'today'` is the day on which a row is added. */
export const defaultValueSchema = z.union([z.string().max(specLimits.textLength), amountSchema, z.boolean()]);
export type DefaultValue = z.infer<typeof defaultValueSchema>;

export const choiceSchema = z.object({
  id: idSchema('cho'),
  label: labelSchema,
  value: columnSchema.describe('What the database keeps; a rename of the label leaves it alone'),
});
export type Choice = z.infer<typeof choiceSchema>;

/** Languages that an app's own words (buttons, messages) come in. Labels are whatever people wrote. */
export const appLanguages = ['en', 'de', 'fr', 'es'] as const;
export const appLanguageSchema = z.enum(appLanguages);
export type AppLanguage = z.infer<typeof appLanguageSchema>;

export const currencySchema = z
  .string()
  .toUpperCase()
  .regex(/^[A-Z]{3}$/, 'A currency is three letters, for example EUR.')
  .refine((code) => Intl.supportedValuesOf('currency').includes(code), 'There is no such currency.');

/** What happens to a row when the row that it points at is deleted. */
export const onDeleteSchema = z.enum(['clear', 'refuse', 'delete']);
export type OnDelete = z.infer<typeof onDeleteSchema>;

/** How the result of a computed field is shown. */
export const resultSchema = z.enum(['number', 'integer', 'money', 'percent', 'duration']);
export type ComputedResult = z.infer<typeof resultSchema>;

export const fieldSchema = z.object({
  id: idSchema('fld'),
  name: labelSchema.describe('What people see'),
  column: columnSchema,
  type: fieldTypeSchema,
  required: z.boolean(),
  unique: z.boolean(),
  min: amountSchema.optional(),
  max: amountSchema.optional().describe('For a rating: how many stars'),
  maxLength: z.int().min(1).max(specLimits.longtextLength).optional(),
  choices: z.array(choiceSchema).min(1).max(specLimits.choices).optional(),
  default: defaultValueSchema.optional(),
  currency: currencySchema.optional().describe('For money, and for a computed field that is money'),
  target: idSchema('ent').optional().describe('For a reference: the entity that it points at'),
  onDelete: onDeleteSchema.optional().describe('For a reference'),
  formula: z
    .string()
    .min(1)
    .max(specLimits.formula)
    .optional()
    .describe('For a computed field: names are written as {id}; totals as sum({ent.fld})'),
  result: resultSchema.optional().describe('For a computed field: how it is shown'),
  listed: z.boolean().optional().describe('Whether the list has a column for it; left out: the first six have one'),
  roles: z.array(idSchema('rol')).max(specLimits.roles).optional().describe('Only these see it; left out: everybody'),
});
export type Field = z.infer<typeof fieldSchema>;

export const entitySchema = z.object({
  id: idSchema('ent'),
  name: labelSchema.describe('One of them: Book'),
  plural: labelSchema.describe('Several: Books'),
  slug: slugSchema.describe('In addresses; the table is the same with underscores'),
  fields: z.array(fieldSchema).min(1).max(specLimits.fields),
  displayField: idSchema('fld').describe('The field that stands for a row'),
  link: z
    .boolean()
    .optional()
    .describe('It ties rows of two others together (many to many): shown on their pages, not in the navigation'),
  sort: z
    .object({ field: idSchema('fld'), descending: z.boolean() })
    .optional()
    .describe('How its list starts'),
  access: z
    .object({
      see: z.array(idSchema('rol')).max(specLimits.roles).optional(),
      change: z.array(idSchema('rol')).max(specLimits.roles).optional(),
    })
    .optional()
    .describe('Which roles may see and change it; left out: everybody'),
});
export type Entity = z.infer<typeof entitySchema>;

export const roleSchema = z.object({ id: idSchema('rol'), name: labelSchema });
export type Role = z.infer<typeof roleSchema>;

const page = { id: idSchema('pag'), name: labelSchema, slug: slugSchema, entity: idSchema('ent') };
/** Pages beyond the list, the form and the row. */
export const pageSchema = z.discriminatedUnion('kind', [
  z.object({ ...page, kind: z.literal('board'), field: idSchema('fld').describe('A choice: its columns') }),
  z.object({ ...page, kind: z.literal('calendar'), field: idSchema('fld').describe('A date, or date and time') }),
  z.object({ ...page, kind: z.literal('gallery'), field: idSchema('fld').describe('An image') }),
  z.object({
    ...page,
    kind: z.literal('chart'),
    field: idSchema('fld').describe('What it is counted by: a choice, yes or no, rating, reference, date'),
    value: idSchema('fld').optional().describe('A number to add up; left out: rows are counted'),
  }),
  z.object({ ...page, kind: z.literal('print') }),
]);
export type Page = z.infer<typeof pageSchema>;
export const pageKinds = ['board', 'calendar', 'gallery', 'chart', 'print'] as const;
export type PageKind = (typeof pageKinds)[number];

/** One part of the home page. Without any the compiler chooses what matters. */
export const homeBlockSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('count'), entity: idSchema('ent') }),
  z.object({ kind: z.literal('sum'), entity: idSchema('ent'), field: idSchema('fld') }),
  z.object({ kind: z.literal('latest'), entity: idSchema('ent') }),
  z.object({ kind: z.literal('upcoming'), entity: idSchema('ent'), field: idSchema('fld') }),
  z.object({
    kind: z.literal('chart'),
    entity: idSchema('ent'),
    field: idSchema('fld'),
    value: idSchema('fld').optional(),
  }),
]);
export type HomeBlock = z.infer<typeof homeBlockSchema>;

export const specSchema = z
  .object({
    version: z.literal(1),
    title: titleSchema,
    language: appLanguageSchema.optional(),
    icon: iconSchema.optional(),
    colour: z.enum(appColours).optional(),
    roles: z.array(roleSchema).max(specLimits.roles).optional(),
    entities: z.array(entitySchema).max(specLimits.entities),
    pages: z.array(pageSchema).max(specLimits.pages).optional(),
    home: z.array(homeBlockSchema).max(specLimits.homeBlocks).optional(),
  })
  .check(({ value, issues }) => {
    const twice = (items: string[]) => items.find((item, index) => items.indexOf(item) !== index);
    const report = (message: string) => issues.push({ code: 'custom', input: value, message });
    const slug = twice(value.entities.map((entity) => entity.slug));
    if (slug) report(`Two lists are called ${slug}.`);
    const ids = [
      ...value.entities.flatMap((entity) => [entity.id, ...entity.fields.map((field) => field.id)]),
      ...(value.roles ?? []).map((role) => role.id),
      ...(value.pages ?? []).map((page) => page.id),
    ];
    const entityOf = (wanted: string) => value.entities.find((entity) => entity.id === wanted);
    const known = (what: string, wanted: readonly string[] = []) => {
      for (const role of wanted)
        if (!value.roles?.some((one) => one.id === role)) report(`${what}: there is no role ${role}.`);
    };
    for (const page of [...(value.pages ?? []), ...(value.home ?? [])]) {
      const entity = entityOf(page.entity);
      for (const field of ['field' in page ? page.field : undefined, 'value' in page ? page.value : undefined])
        if (!entity || (field && !entity.fields.some((one) => one.id === field)))
          report(`A page of the kind ${page.kind} shows something that is not there.`);
    }
    const address = twice([...value.entities, ...(value.pages ?? [])].map(({ slug }) => slug));
    if (address) report(`Two lists or pages have the address ${address}.`);
    const shared = twice(ids);
    if (shared) report(`Two things have the id ${shared}.`);
    for (const entity of value.entities) {
      const column = twice(entity.fields.map((field) => field.column));
      if (column) report(`${entity.name} has two fields called ${column}.`);
      if (!entity.fields.some((field) => field.id === entity.displayField))
        report(`${entity.name} has no field ${entity.displayField}.`);
      for (const field of entity.fields) {
        const said = `${field.name} of ${entity.name}`;
        if ((field.type === 'choice') !== (field.choices !== undefined))
          report(`${said}: choices belong to the type choice.`);
        if ((field.type === 'reference') !== (field.target !== undefined))
          report(`${said}: a target belongs to the type reference.`);
        if (field.target && !entityOf(field.target)) report(`${said} points at a list that is not there.`);
        if ((field.type === 'computed') !== (field.formula !== undefined))
          report(`${said}: a formula belongs to the type computed.`);
        known(said, field.roles);
      }
      known(entity.name, [...(entity.access?.see ?? []), ...(entity.access?.change ?? [])]);
      if (entity.sort && !entity.fields.some((field) => field.id === entity.sort!.field))
        report(`${entity.name} is sorted by a field that is not there.`);
      if (entity.link && entity.fields.filter((field) => field.type === 'reference').length < 2)
        report(`${entity.name} ties two lists together, so it needs two fields that point at them.`);
    }
  });
export type Spec = z.infer<typeof specSchema>;

/** A spec with nothing in it yet: what a brand-new app starts from. */
export const emptySpec = (title: string): Spec => ({ version: 1, title: titleSchema.parse(title), entities: [] });
