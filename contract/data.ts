/** The Data page as the API gives it: tables of both databases, their rows, the console, who did what, rules and the freeze. */
import { z } from 'zod';
import { appBadgeSchema } from './chats.ts';
import { LONGEST_TYPED } from './form-limits.ts';
import { mirrorState } from './mirrors.ts';
import { reminderSchema } from './reminders.ts';
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
/** What a statement does to rows. `upsert`: it adds them, and changes those that are there already. */
export const rowAction = z.enum(['insert', 'update', 'delete', 'upsert']);
export type RowAction = z.infer<typeof rowAction>;
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
  purpose: z.string().describe('What it is for; empty: nobody has said'),
  home: tableHome.describe('In which databases it lives'),
});
export type DataTable = z.infer<typeof dataTableSchema>;

export const dataDifferenceSchema = z.object({
  table: z.string().nullable().describe('Null: it belongs to no table'),
  columns: z.array(z.string()).describe('Those of the table that it is about'),
  between: z
    .enum(['site', 'copy'])
    .describe('What is compared with live: the staging site’s own tables, or the read-only copy on staging'),
  on: z.enum(['staging', 'live', 'both']).describe('Which of the two has it; both: each has another one'),
  words: z.string().describe('In words, without the name of the table'),
  reminder: reminderSchema.pick({ id: true, direction: true }).nullable().describe('The open reminder of it'),
});
export type DataDifference = z.infer<typeof dataDifferenceSchema>;

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
  differences: z.array(dataDifferenceSchema).describe('What is not the same on staging and live, each thing once'),
  notCompared: z
    .string()
    .nullable()
    .describe('Why not all that differs is in the list; null: it is, or there is only one database'),
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
  rows: z.number().describe('Rows of the kept copy, or with something in the column'),
  at: z.iso.datetime(),
  until: z.iso.datetime().describe('Until then it can be brought back'),
  chat: z.object({ id: z.uuid(), title: z.string() }).nullable(),
  comesAs: z.string().describe('What it is called once it is back'),
  back: z.string().nullable().describe('The same, since it came back'),
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
export const dataBackSchema = z.object({
  app: appBadgeSchema,
  place: dataPlace,
  table: z.string(),
  column: z.string().nullable().describe('Null: the whole table'),
  rows: z.number().describe('Rows of the table, or with something in the column'),
});
export type DataBack = z.infer<typeof dataBackSchema>;
export const removeBackSchema = z.object({
  appId: z.uuid(),
  place: dataPlace,
  table: tableName,
  column: tableName.nullable(),
});
export type RemoveBack = z.infer<typeof removeBackSchema>;
export const broughtBackSchema = z.object({ name: z.string(), rows: z.number() });
export const describeTableSchema = z.object({ appId: z.uuid(), table: tableName, purpose, home: tableHome });
export type DescribeTable = z.infer<typeof describeTableSchema>;
export const tableRef = z.object({ appId: z.uuid(), place: dataPlace, table: tableName });

export const rowsQuery = tableRef.extend({
  order: z.enum(['up', 'down']).default('up').describe('By the primary key'),
  after: z.string().max(8000).optional().describe('`next` of the page before'),
  before: z.string().max(8000).optional().describe('`previous` of the page after'),
});
export const rowColumnSchema = dataColumnSchema.extend({
  filled: z.boolean().describe('The table gives it a value where none is said'),
  writable: z.boolean().describe('False: the table works out its value, and takes none that is said'),
});
export type RowColumn = z.infer<typeof rowColumnSchema>;
export const dataRowsSchema = z.object({
  columns: z.array(rowColumnSchema),
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

/** Values by column, as PostgreSQL reads them; null is empty. What is left out stays as it is, or is for the table to fill in. */
const columnTexts = z.record(
  tableName,
  z.string().max(LONGEST_TYPED, 'A value in a form has at most 80,000 characters').nullable(),
);
export const changeRowSchema = tableRef.extend({
  change: z.discriminatedUnion('kind', [
    z.object({ kind: z.literal('add'), values: columnTexts }),
    z.object({
      kind: z.literal('change'),
      key: z.string().max(8000).describe('Of the row, as the page gives it'),
      values: columnTexts.refine((values) => Object.keys(values).length > 0, 'Nothing was changed'),
      before: columnTexts
        .optional()
        .describe(
          'What the changed columns held when they were read: a row that holds something else by now stays as it is',
        ),
    }),
    z.object({ kind: z.literal('remove'), key: z.string().max(8000).describe('Of the row, as the page gives it') }),
  ]),
});
export type ChangeRow = z.infer<typeof changeRowSchema>;

export const consoleResultSchema = z.object({
  database: consoleTarget,
  plan: z.string().optional().describe('Of EXPLAIN'),
  columns: z.array(z.object({ name: z.string(), type: z.string() })),
  rows: z.array(z.array(z.unknown())),
  more: z.boolean().describe('There is more than was given'),
  affected: z.number().nullable(),
  action: rowAction.nullable().describe('What it did to rows; null: it only read'),
  ms: z.number(),
  tables: z.array(z.string()),
});
export type ConsoleResult = z.infer<typeof consoleResultSchema>;

export const consoleAskSchema = z.object({
  id: z.uuid().describe('What a yes is said to'),
  statement: z.string(),
  place: z.string(),
  rows: z.number(),
  action: rowAction.nullable().describe('What it would do to rows; null: it only reads'),
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

/** One's own statements of the console. */
export const dataCallSchema = z.object({
  id: z.uuid(),
  at: z.iso.datetime(),
  target: z.enum(['staging', 'live', 'draft']),
  state: z.enum(['open', 'done', 'refused', 'unknown']),
  statement: z.string(),
});
export type DataCall = z.infer<typeof dataCallSchema>;

export const changeKind = z.enum(['rows', 'tables', 'settings']);
export type ChangeKind = z.infer<typeof changeKind>;
/** Where it is written down: a statement, an act, a release, a switch between releases. */
export const changeSource = z.enum(['act', 'call', 'release', 'switch']);
export type ChangeSource = z.infer<typeof changeSource>;
/** Whether what a cursor begins with is on the calendar: months have other numbers of days, and no day has a 25th hour. */
function isMoment(cursor: string): boolean {
  const second = cursor.slice(0, '2026-01-01T00:00:00'.length);
  const at = new Date(`${second}Z`);
  return !Number.isNaN(at.getTime()) && at.toISOString().startsWith(second) && !second.startsWith('0000');
}
export const changesQuery = z.object({
  appId: z.uuid().optional(),
  table: tableName.optional(),
  person: z.uuid().optional(),
  kind: changeKind.optional(),
  reads: z.stringbool().default(false).describe('Also what was only read'),
  after: z
    .string()
    .regex(
      /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z_(act|call|release|switch)_[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/,
    )
    .refine(isMoment, 'There is no such moment')
    .optional()
    .describe('`next` of the page before'),
});
export const changeRef = z.object({ source: changeSource, id: z.uuid() });

/** What `data_acts` says was done beside releases, and what it is about. */
const KINDS = {
  rule: 'settings',
  freeze: 'settings',
  lift: 'settings',
  describe: 'settings',
  outside: 'settings',
  inside: 'settings',
  give_up: 'settings',
  left: 'settings',
  cleared: 'settings',
  bring_back: 'tables',
  remove_back: 'tables',
  kept_over: 'tables',
  apply: 'tables',
  to_live: 'tables',
  draft: 'tables',
  samples: 'rows',
  undo: 'tables',
  redo: 'tables',
  draft_again: 'tables',
  drift: 'tables',
  mirror: 'tables',
  fill_site: 'rows',
  masks: 'settings',
  dismiss: 'settings',
  reopen: 'settings',
  give_live: 'settings',
  came_live: 'tables',
  came_home: 'tables',
  app_removed: 'tables',
} as const satisfies Record<string, ChangeKind>;
export type DataAct = keyof typeof KINDS;
export const KIND_OF_ACT: Record<DataAct, ChangeKind> = KINDS;

/** What was done; `call` is a statement, `merge` and `deploy` are releases, `go_back` switches between them. */
export const changeAct = z.enum([
  ...(['call', 'merge', 'deploy', 'go_back'] as const),
  ...(Object.keys(KINDS) as DataAct[]),
]);
export const dataChangeSchema = z.object({
  source: changeSource,
  id: z.uuid(),
  at: z.iso.datetime(),
  act: changeAct,
  kind: changeKind,
  by: person.nullable().describe('Null: Vibe by itself; for `drift` somebody outside of Vibe'),
  agent: z
    .string()
    .nullable()
    .describe(
      '`console` and `browse` are people on this page, null a person’s own hand; anything else is an assistant',
    ),
  agreedBy: person.nullable(),
  answer: z
    .object({
      said: z
        .enum(['waits', 'answered', 'yes', 'no', 'none'])
        .describe('`answered`: it is being carried out or left; `none`: nobody said yes'),
      by: person.nullable(),
    })
    .nullable()
    .describe('Of a statement that asked before it ran: what was said to it'),
  app: appBadgeSchema.nullable(),
  place: environment.nullable().describe('Where the tables or rows are'),
  tables: z.array(z.string()),
  rows: z.number().nullable(),
  action: rowAction.nullable().describe('Of a statement: what it does to rows; null: it only reads'),
  writes: z.boolean(),
  state: z.enum(['open', 'done', 'partly', 'failed', 'refused', 'unknown']),
  reason: z
    .string()
    .nullable()
    .describe('Of a statement: the rule that refused it. Of a release: why it does not serve'),
  repeats: z.boolean().describe('A reminder’s: the same was done on the other database before'),
  chat: z.object({ id: z.uuid(), title: z.string() }).nullable().describe('Null also where one may not open it'),
  release: z.object({ number: z.int(), from: z.int().nullable() }).nullable(),
  note: z.string().nullable().describe('More of it in words: columns, a reason'),
  name: z.string().nullable().describe('What was named, where that is no table'),
  rule: z.object({ action: dataAction, table: z.string().nullable(), verdict: verdict.nullable() }).nullable(),
  opens: z.boolean().describe('What ran is kept, and can be opened'),
});
export type DataChange = z.infer<typeof dataChangeSchema>;

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

export const effectiveQuery = z.object({
  appId: z.uuid(),
  table: tableName,
  person: z.uuid().optional().describe('For whom; left out: for oneself'),
});
export const effectiveRuleSchema = z.object({
  environment,
  place: z.string(),
  action: dataAction,
  verdict,
  because: z.string(),
  setBy: person.nullable(),
  setAt: z.iso.datetime().nullable(),
  mayAgree: z.boolean().describe('Whether that person may say yes where it asks'),
});
export type EffectiveRule = z.infer<typeof effectiveRuleSchema>;

export const putFreezeSchema = z.object({ frozen: z.boolean() });
export const freezeSchema = z.object({ frozen: z.object({ since: z.iso.datetime(), by: z.string() }).nullable() });
