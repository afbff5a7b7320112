/** Structured changes of tables, as supabase_utilities takes them. A batch is one change; nothing names a schema. */
import { z } from 'zod';

/** What a table, column or index may be called: what never needs quotes, and nothing that the platform uses itself. */
const name = z
  .string()
  .regex(/^[a-z][a-z0-9_]{0,62}$/, 'Lower case letters, digits and _, beginning with a letter')
  .refine((text) => !text.startsWith('pg_'), 'Names that begin with pg_ are PostgreSQL’s own');
const table = name.describe('A table');
const expression = z.string().min(1).max(2000);
const policy = expression.describe('A condition on the table’s own columns and current_user: owner = current_user');

export const columnTypes = [
  ...['text', 'varchar', 'integer', 'bigint', 'smallint', 'numeric', 'real', 'double precision', 'boolean', 'uuid'],
  ...['date', 'time', 'timestamp', 'timestamptz', 'interval', 'json', 'jsonb', 'bytea', 'inet'],
] as const;

const type = z
  .string()
  .max(80)
  .describe(
    `${columnTypes.join(', ')}, numeric(10,2), varchar(80), any of them with [], or a list of values by its name`,
  );

/** In which databases a table lives. */
export const tableHome = z
  .enum(['staging', 'live', 'both'])
  .describe('In which databases it lives; an app without a live database has staging alone');
export type TableHome = z.infer<typeof tableHome>;
export const purpose = z
  .string()
  .trim()
  .max(300)
  .regex(/^[^\n\r]*$/, 'One line')
  .describe('What the table is for: one sentence that others read as well');

const named = z.strictObject({ name, type });

const column = z.strictObject({
  name,
  type,
  required: z.boolean().default(false).describe('NOT NULL; a table that has rows then needs a default'),
  unique: z.boolean().default(false),
  default: expression.optional().describe('An expression: 0, now(), gen_random_uuid()'),
  references: z
    .strictObject({
      table,
      column: name.default('id'),
      onDelete: z.enum(['restrict', 'cascade', 'set null']).default('restrict'),
    })
    .optional(),
  check: expression.optional().describe('A condition on this column alone: price >= 0'),
  comment: z.string().max(500).optional(),
});
export type NewColumn = z.infer<typeof column>;

export const schemaOperation = z.discriminatedUnion('op', [
  z.strictObject({
    op: z.literal('create_table'),
    table,
    columns: z.array(column).min(1).max(200),
    primaryKey: z.array(name).min(1).max(8).optional().describe('Left out: a column id (uuid) is added'),
    comment: z.string().max(500).optional().describe('What it is for'),
    purpose: purpose.optional(),
    home: tableHome.optional(),
  }),
  z.strictObject({
    op: z.literal('describe_table'),
    table,
    purpose: purpose.optional(),
    home: tableHome.optional(),
  }),
  z.strictObject({ op: z.literal('rename_table'), table, to: name }),
  z.strictObject({ op: z.literal('drop_table'), table }),
  z.strictObject({ op: z.literal('add_column'), table, column }),
  z.strictObject({ op: z.literal('rename_column'), table, column: name, to: name }),
  z.strictObject({
    op: z.literal('alter_column'),
    table,
    column: name,
    type: type.optional(),
    using: expression.optional().describe('How an old value becomes a new one; left out: a plain cast'),
    required: z.boolean().optional(),
    default: expression.nullable().optional().describe('null takes the default away'),
  }),
  z.strictObject({ op: z.literal('drop_column'), table, column: name }),
  z.strictObject({ op: z.literal('add_check'), table, name, check: expression }),
  z.strictObject({ op: z.literal('add_unique'), table, name, columns: z.array(name).min(1).max(16) }),
  z.strictObject({
    op: z.literal('add_reference'),
    table,
    name,
    column: name,
    references: z.strictObject({
      table,
      column: name.default('id'),
      onDelete: z.enum(['restrict', 'cascade', 'set null']).default('restrict'),
    }),
  }),
  z.strictObject({ op: z.literal('drop_constraint'), table, name }),
  z.strictObject({
    op: z.literal('create_index'),
    table,
    name,
    columns: z.array(name).min(1).max(16),
    unique: z.boolean().default(false),
    method: z.enum(['btree', 'gin', 'gist', 'hash']).default('btree'),
    where: expression.optional(),
  }),
  z.strictObject({ op: z.literal('drop_index'), name }),
  z.strictObject({ op: z.literal('create_enum'), name, values: z.array(z.string().min(1).max(63)).min(1).max(200) }),
  z.strictObject({ op: z.literal('add_enum_value'), name, value: z.string().min(1).max(63) }),
  z.strictObject({ op: z.literal('create_view'), name, select: z.string().min(1).max(20_000).describe('One SELECT') }),
  z.strictObject({ op: z.literal('drop_view'), name }),
  z.strictObject({ op: z.literal('enable_row_security'), table }),
  z.strictObject({ op: z.literal('disable_row_security'), table }),
  z.strictObject({
    op: z.literal('create_policy'),
    table,
    name,
    for: z.enum(['all', 'select', 'insert', 'update', 'delete']).default('all'),
    using: policy.optional().describe('Which rows may be seen, changed or deleted'),
    check: policy.optional().describe('What a new or changed row must be'),
  }),
  z.strictObject({ op: z.literal('drop_policy'), table, name }),
  z.strictObject({
    op: z.literal('create_function'),
    name,
    arguments: z.array(named).max(20).default([]),
    returns: type.optional().describe('Left out together with returnsRows: it gives nothing'),
    returnsRows: z.array(named).min(1).max(50).optional().describe('It gives rows of these columns'),
    body: z
      .array(z.string().min(1).max(20_000))
      .min(1)
      .max(10)
      .describe('Statements: SELECT, INSERT, UPDATE or DELETE each. Arguments by their names.'),
    replace: z.boolean().default(false).describe('Puts it in the place of the one that is there'),
    comment: z.string().max(500).optional(),
  }),
  z.strictObject({ op: z.literal('drop_function'), name }),
  z.strictObject({
    op: z.literal('grant'),
    table: name.describe('A table or view'),
    may: z
      .array(z.enum(['select', 'insert', 'update', 'delete']))
      .min(1)
      .max(4),
    columns: z.array(name).min(1).max(200).optional().describe('Of these columns only; delete has none'),
  }),
  z.strictObject({ op: z.literal('revoke'), table: name.describe('A table or view') }),
  z.strictObject({ op: z.literal('comment'), table, column: name.optional(), text: z.string().max(500) }),
]);
export type SchemaOperation = z.infer<typeof schemaOperation>;
export const schemaOperations = z.array(schemaOperation).min(1).max(50);

/** What one statement does, told before it is made. */
export const schemaEffect = z.object({
  statement: z.string(),
  tables: z.array(z.string()),
  locks: z.string().describe('Who has to wait for it, in plain words'),
  rewrites: z.boolean().describe('The whole table is written anew'),
  destroys: z.string().nullable().describe('What is lost'),
  asks: z.string().optional().describe('Why a person looks at it first, though nothing is lost'),
});
export type SchemaEffect = z.infer<typeof schemaEffect>;
