/** The Data page as the API gives it: tables of both databases, their rows, the console, who did what, rules and the freeze. */
import { z } from 'zod';
import { appBadgeSchema } from './chats.ts';
import { mirrorState } from './mirrors.ts';
import { purpose, tableHome } from './schema-operations.ts';

/** Where rows are, as the page names it: the app's own schema on staging, its writable staging site, or live. */
export const dataPlace = z.enum(['staging', 'site', 'live']);
export type DataPlace = z.infer<typeof dataPlace>;
/** Where the console's statements go. Drafts belong to their chats. */
export const consoleTarget = z.enum(['staging', 'live']);
export type ConsoleTarget = z.infer<typeof consoleTarget>;

export const environment = z.enum(['draft', 'site', 'staging', 'mirror', 'live']);
export type DataEnvironment = z.infer<typeof environment>;
export const dataAction = z.enum(['read', 'insert', 'update', 'delete']);
export type DataAction = z.infer<typeof dataAction>;
export const verdict = z.enum(['allow', 'ask', 'deny']);
export type Verdict = z.infer<typeof verdict>;

const person = z.object({ id: z.uuid(), name: z.string() });

export const dataColumnSchema = z.object({
  name: z.string(),
  type: z.string(),
  notNull: z.boolean(),
  key: z.boolean().describe('Part of the primary key'),
  references: z.string().nullable().describe('The table that it points at'),
});
export type DataColumn = z.infer<typeof dataColumnSchema>;

const side = z.object({
  place: dataPlace,
  kind: z.enum(['table', 'view']),
  columns: z.array(dataColumnSchema),
  rows: z.number().nullable().describe('As the server estimates them; null: not counted yet'),
  bytes: z.number().describe('With its indexes'),
});
export type DataSide = z.infer<typeof side>;

export const dataTableSchema = z.object({
  name: z.string(),
  group: z.enum(['in_use', 'mirrored', 'site', 'staging_only', 'live_only']),
  staging: side.nullable(),
  live: side.nullable(),
  differences: z.array(z.string()).describe('What is not the same on both, in words'),
  purpose: z.string().describe('What it is for; empty: nobody has said'),
  home: tableHome.describe('In which databases it lives'),
});
export type DataTable = z.infer<typeof dataTableSchema>;

export const dataAppSchema = z.object({
  app: appBadgeSchema,
  mode: z.enum(['vibe-coded', 'dual-repository']),
  mirror: z
    .object({
      state: mirrorState,
      words: z.string().describe('What is the matter and what to do; empty when nothing is'),
      lagMs: z.number().nullable().describe('How far the copy is behind live; null: not measured'),
      percent: z.int().nullable().describe('Of the first copy, while it lasts'),
    })
    .nullable()
    .describe('Null: nothing of this app is copied'),
  tables: z.array(dataTableSchema),
});
export type DataApp = z.infer<typeof dataAppSchema>;

export const dataTablesSchema = z.object({
  items: z.array(dataAppSchema),
  next: z.null(),
  bytes: z.object({ staging: z.number(), live: z.number().nullable().describe('Null: live does not answer') }),
});
export type DataTables = z.infer<typeof dataTablesSchema>;

const tableName = z.string().min(1).max(63);
export const dataDroppedSchema = z.object({
  app: appBadgeSchema,
  place: dataPlace,
  release: z.int().describe('The release that dropped it'),
  table: z.string(),
  column: z.string().nullable().describe('Null: the whole table'),
  rows: z.number().describe('Rows of the kept copy'),
  at: z.iso.datetime(),
  until: z.iso.datetime().describe('Until then it can be brought back'),
  chat: z.object({ id: z.uuid(), title: z.string() }).nullable(),
  back: z.string().nullable().describe('What it is called since it came back'),
});
export type DataDropped = z.infer<typeof dataDroppedSchema>;
export const bringBackSchema = z.object({
  appId: z.uuid(),
  place: dataPlace,
  release: z.int().min(1),
  table: tableName,
  column: tableName.nullable(),
});
export type BringBack = z.infer<typeof bringBackSchema>;
export const broughtBackSchema = z.object({ name: z.string(), rows: z.number() });
export const describeTableSchema = z.object({ appId: z.uuid(), table: tableName, purpose, home: tableHome });
export type DescribeTable = z.infer<typeof describeTableSchema>;
export const tableRef = z.object({ appId: z.uuid(), place: dataPlace, table: tableName });

export const rowsQuery = tableRef.extend({
  order: z.enum(['up', 'down']).default('up').describe('By the primary key'),
  after: z.string().max(8000).optional().describe('`next` of the page before'),
  before: z.string().max(8000).optional().describe('`previous` of the page after'),
});
export const dataRowsSchema = z.object({
  columns: z.array(dataColumnSchema),
  items: z.array(
    z.object({
      key: z.string().nullable().describe('Names the row; null where the table has no key'),
      values: z.array(z.unknown()),
      cut: z.array(z.int()).describe('Columns of which only the beginning is here'),
    }),
  ),
  next: z.string().nullable(),
  previous: z.string().nullable(),
  keyed: z.boolean().describe('False: only the first rows can be shown'),
  ms: z.number(),
});
export type DataRows = z.infer<typeof dataRowsSchema>;

export const cellQuery = tableRef.extend({ key: z.string().max(8000), column: tableName });
export const dataCellSchema = z.object({
  value: z.string().nullable(),
  type: z.string(),
  length: z.number().describe('Characters of the whole value'),
  whole: z.boolean(),
});
export type DataCell = z.infer<typeof dataCellSchema>;

export const runSqlSchema = z.object({
  appId: z.uuid(),
  target: consoleTarget,
  sql: z.string().min(1, 'Write a statement').max(100_000, 'A statement has at most 100,000 characters'),
});

export const consoleResultSchema = z.object({
  database: consoleTarget,
  plan: z.string().optional().describe('Of EXPLAIN'),
  columns: z.array(z.object({ name: z.string(), type: z.string() })),
  rows: z.array(z.array(z.unknown())),
  more: z.boolean().describe('There is more than was given'),
  affected: z.number().nullable(),
  ms: z.number(),
  tables: z.array(z.string()),
});
export type ConsoleResult = z.infer<typeof consoleResultSchema>;

export const consoleAskSchema = z.object({
  id: z.uuid().describe('What a yes is said to'),
  statement: z.string(),
  place: z.string(),
  rows: z.number(),
  changes: z.array(z.string()),
  because: z.string(),
  mayAgree: z.boolean().describe('Only who manages the container says yes'),
});
export type ConsoleAsk = z.infer<typeof consoleAskSchema>;

export const consoleOutcomeSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('answer'), result: consoleResultSchema }),
  z.object({ kind: z.literal('ask'), ask: consoleAskSchema }),
  z.object({
    kind: z.literal('refused'),
    rule: z.string(),
    message: z.string(),
    allowed: z.string().nullable().describe('What would be let through'),
  }),
]);
export type ConsoleOutcome = z.infer<typeof consoleOutcomeSchema>;

export const callsQuery = z.object({
  appId: z.uuid().optional(),
  table: tableName.optional(),
  person: z.uuid().optional(),
  own: z.stringbool().default(false).describe('Only one’s own statements of the console'),
  reads: z.stringbool().default(false).describe('Also what was only read'),
  after: z.uuid().optional(),
});
export const dataCallSchema = z.object({
  id: z.uuid(),
  at: z.iso.datetime(),
  agent: z.string().describe('`console` and `browse` are people on this page; anything else is an assistant'),
  askedBy: person.nullable(),
  agreedBy: person.nullable(),
  app: appBadgeSchema.nullable(),
  chat: z.object({ id: z.uuid(), title: z.string() }).nullable(),
  target: z.enum(['staging', 'live', 'draft']),
  tables: z.array(z.string()),
  writes: z.boolean(),
  state: z.enum(['open', 'done', 'refused', 'unknown']),
  rule: z.string().nullable(),
  rows: z.number().nullable(),
  ms: z.number().nullable(),
  statement: z.string().optional().describe('In the list of one’s own'),
});
export type DataCall = z.infer<typeof dataCallSchema>;

export const setRuleSchema = z.object({
  environment: environment.exclude(['mirror']),
  action: dataAction,
  appId: z.uuid().nullable().describe('Null: every app'),
  table: tableName.nullable().describe('Null: every table'),
  verdict: verdict.nullable().describe('Null: back to what holds without it'),
});
export type SetRule = z.infer<typeof setRuleSchema>;

export const dataRuleSchema = z.object({
  environment,
  action: dataAction,
  app: z.object({ id: z.uuid(), name: z.string() }).nullable(),
  table: z.string().nullable(),
  verdict,
  setBy: person,
  setAt: z.iso.datetime(),
});
export type DataRule = z.infer<typeof dataRuleSchema>;

export const effectiveQuery = z.object({ appId: z.uuid(), table: tableName });
export const effectiveRuleSchema = z.object({
  environment,
  place: z.string(),
  action: dataAction,
  verdict,
  because: z.string(),
  setBy: person.nullable(),
  setAt: z.iso.datetime().nullable(),
});
export type EffectiveRule = z.infer<typeof effectiveRuleSchema>;

export const dataActSchema = z.object({
  id: z.uuid(),
  at: z.iso.datetime(),
  by: person,
  act: z.enum(['rule', 'freeze', 'lift', 'describe', 'bring_back', 'outside', 'inside']),
  environment: environment.nullable(),
  action: dataAction.nullable(),
  app: z.object({ id: z.uuid(), name: z.string() }).nullable(),
  table: z.string().nullable(),
  verdict: verdict.nullable(),
});
export type DataAct = z.infer<typeof dataActSchema>;

export const putFreezeSchema = z.object({ frozen: z.boolean() });
export const freezeSchema = z.object({ frozen: z.object({ since: z.iso.datetime(), by: z.string() }).nullable() });
