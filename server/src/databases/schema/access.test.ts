/** Row security, functions and grants as structured changes, on a real PostgreSQL: what they let through, and what is refused beside a harmless twin. */
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type SchemaOperation, schemaOperations } from '../../../../contract/schema-operations.ts';
import { startTestCluster, type TestCluster } from '../../db/test-database.ts';
import { applyChanges } from '../changes.ts';
import { DataCluster } from '../cluster.ts';
import { ensureDraft, restoreDraft, snapshotDraft } from '../drafts.ts';
import { databasesOf, rolesOf } from '../names.ts';
import { readCatalog } from '../router/catalog.ts';
import { Refusal } from '../router/refusal.ts';
import { readAccess } from './access.ts';
import { stepsOf } from './statements.ts';
import type { Step } from './steps.ts';

let test: TestCluster;
let cluster: DataCluster;
let owner: pg.Client;
let app: pg.Client;
const { staging, live } = databasesOf('home');
const { runtime } = rolesOf('home', 'shop');

beforeAll(async () => {
  test = await startTestCluster();
  cluster = new DataCluster(test.cluster.url, Buffer.alloc(32, 7));
  await cluster.createDatabases({ staging, live });
  await cluster.createSchema(staging, 'home', 'shop');
  owner = new pg.Client(cluster.connection(staging, rolesOf('home', 'shop').owner));
  app = new pg.Client(cluster.connection(staging, runtime));
  await Promise.all([owner.connect(), app.connect()]);
  await make(
    {
      op: 'create_table',
      table: 'notes',
      columns: [
        { name: 'text', type: 'text', required: true },
        { name: 'secret', type: 'boolean', required: true, default: 'false' },
        { name: 'seen', type: 'integer', required: true, default: '0' },
      ],
    },
    { op: 'create_enum', name: 'mood', values: ['glad', 'sad'] },
  );
  await owner.query("insert into notes (text, secret) values ('open', false), ('hidden', true)");
});
afterAll(async () => {
  await app?.end();
  await owner?.end();
  await cluster?.close();
  await test?.stop();
});

const steps = async (...operations: unknown[]): Promise<Step[]> =>
  stepsOf(
    schemaOperations.parse(operations) as SchemaOperation[],
    await readCatalog(owner, ['shop']),
    await readAccess(owner, 'shop'),
  );
let count = 0;
async function make(...operations: unknown[]): Promise<Step[]> {
  const made = await steps(...operations);
  for (const { statements, destructive } of made)
    await applyChanges(owner, runtime, [{ id: `c${++count}`, statements, destructive }]);
  return made;
}
const rule = async (...operations: unknown[]): Promise<string> => {
  try {
    await steps(...operations);
    return 'made';
  } catch (error) {
    if (error instanceof Refusal) return error.rule;
    throw error;
  }
};
const texts = async () => (await app.query('select text from notes order by text')).rows.map(({ text }) => text);

describe('row security', () => {
  it('shows the app what a policy lets through, and everything again without it', async () => {
    const made = await make({ op: 'enable_row_security', table: 'notes' });
    expect(await texts()).toEqual([]);
    expect(made[0]!.effects[0]!.asks).toMatch(/without a policy none/);
    await make(
      { op: 'create_policy', table: 'notes', name: 'open_ones', for: 'select', using: 'not secret' },
      { op: 'create_policy', table: 'notes', name: 'new_ones', for: 'insert', check: "not secret and text <> ''" },
    );
    expect(await texts()).toEqual(['open']);
    await app.query("insert into notes (text) values ('new')");
    await expect(app.query("insert into notes (text, secret) values ('x', true)")).rejects.toThrow(
      /row-level security/,
    );
    expect((await app.query("update notes set text = 'y'")).rowCount).toBe(0);
    await make({ op: 'drop_policy', table: 'notes', name: 'open_ones' });
    expect(await texts()).toEqual([]);
    await make({ op: 'drop_policy', table: 'notes', name: 'new_ones' }, { op: 'disable_row_security', table: 'notes' });
    expect(await texts()).toEqual(['hidden', 'new', 'open']);
  });

  it('may ask who is connected', async () => {
    await make(
      { op: 'enable_row_security', table: 'notes' },
      { op: 'create_policy', table: 'notes', name: 'app_only', using: "current_user like '%.run'" },
    );
    expect(await texts()).toHaveLength(3);
    await owner.query('grant select on notes to public');
    await cluster.administer(staging, 'create role other; grant usage on schema shop to other');
    const other = new pg.Client({ connectionString: test.cluster.url(staging) });
    await other.connect();
    await other.query('set role other');
    expect((await other.query('select text from shop.notes')).rows).toEqual([]);
    await other.end();
    await owner.query('revoke select on notes from public');
  });

  it('keeps no rows from a draft', async () => {
    const place = { database: staging, containerSlug: 'home', schema: 'shop__caaaaaaaa', source: 'shop' };
    const table = { id: '1', destructive: false, statements: ['create table notes (id uuid primary key, text text)'] };
    expect((await ensureDraft(cluster, place, [table], [table])).rows).toBe(3);
    await make({ op: 'drop_policy', table: 'notes', name: 'app_only' }, { op: 'disable_row_security', table: 'notes' });
  });

  it.each([
    ['a setting', "current_setting('app.user') = text", 'expression', 'current_user = text'],
    ['a select', '(select true from notes limit 1)', 'expression', 'true'],
    ['a function of the server’s own', "pg_read_file('/etc/passwd') = text", 'function', 'lower(text) = text'],
    ['who has signed in, which a role can change', 'session_user = text', 'function', 'current_user = text'],
    ['the end of the statement', 'true); drop table notes; --', 'several', "text <> 'true); drop table notes'"],
    ['a comment', 'true /* or not */', 'expression', 'true'],
  ])('is never decided by %s', async (_name, using, expected, harmless) => {
    const policy = { op: 'create_policy', table: 'notes', name: 'p' };
    expect(await rule({ ...policy, using })).toBe(expected);
    expect(await rule({ ...policy, using: harmless })).toBe('made');
  });

  it('says what a policy of each kind needs', async () => {
    const policy = { op: 'create_policy', table: 'notes', name: 'p' };
    expect(await rule({ ...policy, for: 'insert', using: 'true' })).toBe('policy');
    expect(await rule({ ...policy, for: 'select', using: 'true', check: 'true' })).toBe('policy');
    expect(await rule(policy)).toBe('policy');
    expect(await rule({ ...policy, using: 'true' }, { ...policy, using: 'false' })).toBe('taken');
    expect(await rule({ op: 'drop_policy', table: 'notes', name: 'ghost' })).toBe('unknown_policy');
    expect(await rule({ ...policy, table: 'ghosts', using: 'true' })).toBe('unknown_table');
  });
});

describe('a function', () => {
  it('runs for the app with the app’s own rights, and for nobody else', async () => {
    const made = await make({
      op: 'create_function',
      name: 'see',
      arguments: [{ name: 'which', type: 'text' }],
      returns: 'integer',
      body: [
        "insert into notes (text) values ('a;\n\nb')",
        'update notes set seen = seen + 1 where text = which returning seen;',
      ],
    });
    expect(made[0]!.effects[0]).toMatchObject({ asks: expect.stringMatching(/and writes/), tables: ['notes'] });
    expect((await app.query("select see('open')")).rows).toEqual([{ see: 1 }]);
    const { rows } = await owner.query(
      "select prosecdef, provolatile, proconfig, has_function_privilege('public', oid, 'execute') as everybody from pg_proc where proname = 'see'",
    );
    expect(rows).toEqual([{ prosecdef: false, provolatile: 'v', proconfig: ['search_path=shop'], everybody: false }]);
    await make({
      op: 'create_function',
      name: 'see',
      arguments: [{ name: 'which', type: 'text' }],
      returns: 'integer',
      replace: true,
      body: ['select seen from notes where text = which'],
    });
    expect((await app.query("select see('open')")).rows).toEqual([{ see: 1 }]);
    await make({
      op: 'create_function',
      name: 'counted',
      returnsRows: [
        { name: 'what', type: 'text' },
        { name: 'feels', type: 'mood' },
      ],
      body: ["with n as (select text from notes) select text, 'glad'::mood from n order by 1"],
    });
    expect((await app.query('select feels, count(*)::int from counted() group by 1')).rows).toEqual([
      { feels: 'glad', count: 4 },
    ]);
    await make({ op: 'drop_function', name: 'counted' });
    expect((await owner.query("select 1 from pg_proc where proname = 'counted'")).rows).toEqual([]);
  });

  it('is not called as one that PostgreSQL has, which would be called in its place', async () => {
    for (const name of ['set_config', 'nextval', 'lo_import'])
      expect(await rule({ op: 'create_function', name, returns: 'integer', arguments: [], body: ['select 1'] })).toBe(
        'taken',
      );
    // and the runner looks, whoever wrote it
    const statements = ['/**/create/**/function set_config(a int) returns int language sql return 1'];
    await expect(applyChanges(owner, runtime, [{ id: 'evil', statements, destructive: false }])).rejects.toMatchObject({
      code: 'change_failed',
      message: 'PostgreSQL has a function set_config of its own.',
    });
  });

  it('goes and comes back with its draft', async () => {
    const place = { database: staging, containerSlug: 'home', schema: 'shop__cbbbbbbbb', source: 'nothing' };
    const table = { id: '1', destructive: false, statements: ['create table notes (id uuid primary key, text text)'] };
    await ensureDraft(cluster, place, [table], [table]);
    const snapshot = await snapshotDraft(cluster, place, 't1');
    const one = {
      id: '2',
      destructive: false,
      statements: ['create function two() returns int language sql return 2'],
    };
    await ensureDraft(cluster, place, [table], [table, one]);
    await restoreDraft(cluster, place, snapshot!, 'exact');
    const found = () => owner.query("select 1 from pg_proc where proname = 'two'");
    expect((await found()).rowCount).toBe(0);
    await ensureDraft(cluster, place, [table], [table, one]);
    expect((await found()).rowCount).toBe(1);
  });

  const make1 = (body: string[], more: Record<string, unknown> = {}) => ({
    op: 'create_function',
    name: 'f',
    returns: 'text',
    body,
    ...more,
  });
  it.each([
    ['reads a file', "select pg_read_file('/etc/passwd')", 'function', "select 'file'"],
    ['reads the catalogue', 'select rolpassword from pg_authid', 'catalogue', 'select text from notes'],
    ['reads another schema', 'select word from zoo.secrets', 'function', 'select text from notes'],
    [
      'reads a table that is not there',
      'select * from ghosts',
      'unknown_table',
      'with ghosts as (select 1) select text from notes',
    ],
    ['changes a setting', "select set_config('role', 'x', false)", 'function', "select concat('role', 'x')"],
    ['changes tables', 'drop table notes', 'statement_kind', 'delete from notes returning text'],
    ['runs other code', 'do $$ begin end $$', 'statement_kind', "select '$$ begin end $$'"],
    ['hides a second statement', "select 'a'; drop table notes", 'several', "select 'a; drop table notes'"],
    [
      'ends its own body',
      "select 'a'; end; drop table notes; begin atomic select 1",
      'syntax',
      "select 'end' -- the end",
    ],
    ['calls what is not there', 'select ghost()', 'function', "select lower('A')"],
  ])('that %s is refused', async (_name, body, expected, harmless) => {
    expect(await rule(make1([body]))).toBe(expected);
    await owner.query('begin');
    const [step] = await steps(make1([harmless]));
    await owner.query(step!.statements[0]!);
    await owner.query('rollback');
  });

  it('calls for its arguments only what it may call', async () => {
    const given = { arguments: [{ name: 'said', type: 'text' }] };
    for (const body of [
      'select said.ts_stat',
      'select f.said.ts_stat',
      'select (said).ts_stat',
      'select s.query_to_xml from unnest(array[said]) s',
    ])
      expect(await rule(make1([body], given)), body).toBe('function');
    expect(await rule(make1(['select said.upper'], given))).toBe('made');
  });

  it('takes no name of PostgreSQL’s own, and none that is taken', async () => {
    expect(await rule(make1(["select 'x'"], { name: 'lower' }))).toBe('taken');
    expect(await rule(make1(["select 'x'"], { name: 'see' }))).toBe('taken');
    expect(await rule(make1(["select 'x'"], { replace: true }))).toBe('unknown_function');
    expect(await rule(make1(["select 'x'"], { returnsRows: [{ name: 'a', type: 'text' }] }))).toBe('function');
    expect(await rule({ op: 'drop_function', name: 'ghost' })).toBe('unknown_function');
  });
});

describe('a grant', () => {
  it('says exactly what the app may do, and outlives later changes', async () => {
    await make({ op: 'grant', table: 'notes', may: ['select', 'update'], columns: ['id', 'text'] });
    await make({ op: 'add_column', table: 'notes', column: { name: 'later', type: 'text' } });
    expect((await app.query('select id, text from notes')).rowCount).toBeGreaterThan(0);
    await expect(app.query('select secret from notes')).rejects.toThrow(/permission denied/);
    await expect(app.query('delete from notes')).rejects.toThrow(/permission denied/);
    await make({ op: 'grant', table: 'notes', may: ['select'] });
    expect((await app.query('select secret, later from notes')).rowCount).toBeGreaterThan(0);
    await expect(app.query("update notes set text = 'x'")).rejects.toThrow(/permission denied/);
    await make({ op: 'revoke', table: 'notes' });
    await make({ op: 'create_table', table: 'others', columns: [{ name: 'text', type: 'text' }] });
    await expect(app.query('select id from notes')).rejects.toThrow(/permission denied/);
    await app.query("insert into others (text) values ('mine as ever')");
    await make({ op: 'grant', table: 'notes', may: ['select', 'insert', 'update', 'delete'] });
    await app.query('delete from notes');
  });

  it('reaches views, and only to be read', async () => {
    await make(
      { op: 'create_view', name: 'titles', select: 'select text from notes' },
      { op: 'revoke', table: 'titles' },
    );
    await expect(app.query('select * from titles')).rejects.toThrow(/permission denied/);
    await make({ op: 'grant', table: 'titles', may: ['select'], columns: ['text'] });
    await app.query('select text from titles');
    expect(await rule({ op: 'grant', table: 'titles', may: ['update'] })).toBe('grant');
    expect(await rule({ op: 'grant', table: 'notes', may: ['delete'], columns: ['text'] })).toBe('grant');
    expect(await rule({ op: 'grant', table: 'notes', may: ['select'], columns: ['ghost'] })).toBe('unknown_column');
  });

  it('names nobody but the app', async () => {
    for (const more of [{ to: 'postgres' }, { role: 'public' }, { may: ['truncate'] }, { table: 'notes to public' }])
      expect(
        schemaOperations.safeParse([{ op: 'grant', table: 'notes', may: ['select'], ...more }]).success,
        JSON.stringify(more),
      ).toBe(false);
    // said in a text, it stays what it is
    await make({ op: 'comment', table: 'notes', text: 'grant select on table notes to "the app"' });
    expect((await owner.query("select obj_description('notes'::regclass) as said")).rows[0].said).toContain('the app');
  });
});
