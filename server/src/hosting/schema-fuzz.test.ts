/**
 * Hostile texts in structured changes: whatever is let through is one statement of the kind that was asked for, gives rights to nobody but the app, and
 * comes back from its file as it was.
 */
import fc from 'fast-check';
import { parseSync } from 'libpg-query';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type SchemaOperation, schemaOperations } from '../../../contract/schema-operations.ts';
import { makeChange, parseChange, serialiseChange } from '../builds/changes/change-file.ts';
import { type Catalog, readCatalog } from '../databases/router/catalog.ts';
import { Refusal } from '../databases/router/refusal.ts';
import { type Access, readAccess } from '../databases/schema/access.ts';
import { refuseForeignChanges } from '../databases/schema/gate.ts';
import { stepsOf } from '../databases/schema/statements.ts';
import { openDatabase, sql } from '../db/database.ts';
import { startTestCluster, type TestCluster } from '../db/test-database.ts';

let test: TestCluster;
let catalog: Catalog;
let access: Access;

beforeAll(async () => {
  test = await startTestCluster();
  const { db, pool } = openDatabase(await test.create(), { max: 1 });
  await sql`create table orders (id int primary key, who text, total numeric)`.execute(db);
  catalog = await readCatalog(pool, ['public']);
  access = await readAccess(pool, 'public');
  await db.destroy();
});
afterAll(() => test?.stop());

const PIECES = [
  ...[
    "'",
    "''",
    '"',
    '$$',
    '$a$',
    ';',
    ';\n\n',
    '--',
    '/*',
    '*/',
    '\\',
    '(',
    ')',
    ',',
    '\n',
    '\r\n',
    ' ',
    '\u0000',
    '\u2028',
    '’',
  ],
  ...[
    'true',
    'who',
    'total > 0',
    '1',
    "'a'",
    'current_user',
    'select',
    'from orders',
    'select who from orders',
    'or 1 = 1',
    'null',
  ],
  ...[
    'drop table orders',
    'end',
    'begin atomic',
    'as',
    'security definer',
    'with check (true)',
    'to public',
    "E'\\'",
    "U&'\\0027'",
  ],
  ...[
    'pg_read_file',
    'current_setting',
    'set_config',
    'lower(who)',
    'now()',
    'grant all on orders to "the app"',
    '"the app"',
  ],
];
const text = fc.array(fc.constantFrom(...PIECES), { minLength: 1, maxLength: 7 }).map((parts) => parts.join(' '));
const tight = fc.array(fc.constantFrom(...PIECES), { minLength: 1, maxLength: 5 }).map((parts) => parts.join(''));
const any = fc.oneof(text, tight);
const query = fc
  .tuple(
    fc.constantFrom('', 'select who from orders ', 'select 1 ', "select 'a"),
    any,
    fc.constantFrom('', ';', "'", ' '),
  )
  .map((parts) => parts.join(''));
const name = fc.oneof({ weight: 5, arbitrary: fc.constantFrom('fresh', 'a1', 'public', 'select', 'user') }, any);

const operation = fc.oneof(
  fc.record({ op: fc.constant('add_check'), table: fc.constant('orders'), name, check: any }),
  fc.record({ op: fc.constant('create_view'), name, select: query }),
  fc.record({ op: fc.constant('comment'), table: fc.constant('orders'), text: any }),
  fc.record({ op: fc.constant('create_enum'), name, values: fc.array(any, { minLength: 1, maxLength: 3 }) }),
  fc.record({ op: fc.constant('create_policy'), table: fc.constant('orders'), name, using: any }),
  fc.record({
    op: fc.constant('create_index'),
    table: fc.constant('orders'),
    name,
    columns: fc.constant(['who']),
    where: any,
  }),
  fc.record({
    op: fc.constant('create_function'),
    name,
    returns: fc.constantFrom('text', undefined),
    body: fc.array(query, { minLength: 1, maxLength: 2 }),
    comment: any,
  }),
  fc.record({
    op: fc.constant('add_column'),
    table: fc.constant('orders'),
    column: fc.record({ name, type: fc.oneof(fc.constant('text'), any), default: any }),
  }),
  fc.record({
    op: fc.constant('alter_column'),
    table: fc.constant('orders'),
    column: fc.constant('who'),
    type: fc.constant('text'),
    using: any,
  }),
  fc.record({
    op: fc.constant('create_table'),
    table: name,
    columns: fc.tuple(fc.record({ name, type: fc.constant('text'), check: any, comment: any })),
  }),
  fc.record({
    op: fc.constant('grant'),
    table: fc.constantFrom('orders', 'fresh'),
    may: fc.constant(['select']),
    columns: fc.tuple(fc.oneof(name, fc.constant('who'))),
  }),
);

/** What each operation may come to, as PostgreSQL's grammar calls it; remarks go along with what is made. */
const KINDS: Record<string, string[]> = {
  add_check: ['AlterTableStmt'],
  create_view: ['ViewStmt'],
  comment: ['CommentStmt'],
  create_enum: ['CreateEnumStmt'],
  create_policy: ['CreatePolicyStmt'],
  create_index: ['IndexStmt'],
  create_function: ['CreateFunctionStmt', 'GrantStmt', 'CommentStmt'],
  add_column: ['AlterTableStmt', 'CommentStmt'],
  alter_column: ['AlterTableStmt'],
  create_table: ['CreateStmt', 'CommentStmt'],
  grant: ['GrantStmt'],
};

it('comes to one statement of its kind each, or is refused', () => {
  const made = new Map<string, number>();
  fc.assert(
    fc.property(operation, (raw) => {
      const parsed = schemaOperations.safeParse([raw]);
      if (!parsed.success) return;
      let statements: string[];
      try {
        statements = stepsOf(parsed.data as SchemaOperation[], catalog, access).flatMap((step) => step.statements);
      } catch (error) {
        if (error instanceof Refusal) return;
        throw error;
      }
      made.set(raw.op, (made.get(raw.op) ?? 0) + 1);
      for (const statement of statements) {
        const { stmts } = parseSync(statement) as unknown as {
          stmts: { stmt: Record<string, Record<string, unknown>> }[];
        };
        expect(stmts, statement).toHaveLength(1);
        const [[kind, node]] = Object.entries(stmts[0]!.stmt) as [[string, Record<string, unknown>]];
        expect(KINDS[raw.op], statement).toContain(kind);
        if (kind === 'GrantStmt' && node.is_grant) expect(JSON.stringify(node.grantees)).toContain('"the app"');
        if (kind === 'CreateFunctionStmt') expect(JSON.stringify(node.options)).not.toMatch(/"boolval":true/);
      }
      try {
        refuseForeignChanges([{ id: raw.op, statements, destructive: true }]);
      } catch (error) {
        // what is not there is found out by the draft
        if (!String(error).includes('neither let through nor made')) throw error;
        return;
      }
      const change = makeChange(1, 'x', {
        action: 'other',
        tables: [],
        statements,
        needs: [],
        phase: 'expand',
        destructive: false,
      });
      expect(parseChange(serialiseChange(change))).toEqual(change);
    }),
    {
      // what was found once is tried each time
      examples: [[{ op: 'create_view', name: 'fresh', select: ';\n\nselect' }]],
      numRuns: 12_000,
      interruptAfterTimeLimit: 30_000,
      markInterruptAsFailure: false,
    },
  );
  // enough of each was let through for this to say something
  for (const op of Object.keys(KINDS)) expect(made.get(op) ?? 0, op).toBeGreaterThan(3);
});
