import pg from 'pg';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { startTestCluster, type TestCluster } from '../db/test-database.ts';
import type { Change } from './changes.ts';
import { appliedChanges, applyChanges, fingerprintOf } from './changes.ts';
import { DataCluster } from './cluster.ts';
import { draftDifference } from './draft-difference.ts';
import {
  changesIn,
  type DraftPlace,
  dropDraft,
  ensureDraft,
  printDraft,
  refreshDraft,
  restoreDraft,
  snapshotDraft,
} from './drafts.ts';
import { databasesOf, rolesOf } from './names.ts';

let test: TestCluster;
let cluster: DataCluster;
let count = 0;
let container: string;
let database: string;
const books: Change = {
  id: '0001-add-books',
  destructive: false,
  statements: ['create table books (id int primary key, title text not null)'],
};
const notes: Change = {
  id: '0002-add-notes',
  destructive: false,
  statements: ['alter table books add column notes text'],
};

beforeAll(async () => {
  test = await startTestCluster();
  cluster = new DataCluster(test.cluster.url, Buffer.alloc(32, 7));
});
afterAll(async () => {
  await cluster.close();
  await test.stop();
});
beforeEach(async () => {
  container = `home-${++count}`;
  database = databasesOf(container).staging;
  await cluster.createDatabases(databasesOf(container));
});

const place = (): DraftPlace => ({ database, containerSlug: container, schema: 'shop__cabcd2345', source: 'shop' });
async function asRuntime<T>(schema: string, work: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client(cluster.connection(database, rolesOf(container, schema).runtime));
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}
async function makeApp(): Promise<void> {
  await cluster.createSchema(database, container, 'shop');
  await cluster.asOwner(database, container, 'shop', (client) =>
    applyChanges(client, rolesOf(container, 'shop').runtime, [books]),
  );
  await asRuntime('shop', (client) => client.query(`insert into books values (1, 'Emma')`));
}

it('starts with the rows of the app and shows nothing of its own work to it', async () => {
  await makeApp();
  const made = await ensureDraft(cluster, place(), [books], [books, notes]);
  expect(made).toMatchObject({ rows: 1, sampled: false, applied: [books.id, notes.id] });
  await asRuntime('shop__cabcd2345', async (client) => {
    expect((await client.query('select title, notes from books')).rows).toEqual([{ title: 'Emma', notes: null }]);
    await client.query(`insert into books values (2, 'Draft only', 'x')`);
  });
  await asRuntime('shop', async (client) =>
    expect((await client.query('select * from books')).rows).toEqual([{ id: 1, title: 'Emma' }]),
  );
});

it('takes what fits where a title was to be there once at the chat’s beginning, and the app has it twice since', async () => {
  await makeApp();
  await asRuntime('shop', (client) => client.query(`insert into books values (2, 'Persuasion'), (3, 'Emma')`));
  const once: Change = {
    ...books,
    statements: ['create table books (id int primary key, title text not null unique)'],
  };
  const other: Change = { id: '0003-add-other', destructive: false, statements: ['create table other (id int)'] };
  expect(await ensureDraft(cluster, place(), [once, other], [once, other, notes])).toMatchObject({ rows: 2 });
  await asRuntime('shop__cabcd2345', async (client) =>
    expect((await client.query('select id, title from books order by 1')).rows).toEqual([
      { id: 1, title: 'Emma' },
      { id: 2, title: 'Persuasion' },
    ]),
  );
});

it('takes an app as it is at one moment, however much is written and removed meanwhile', async () => {
  const pointing: Change = {
    id: '0001-pointing',
    destructive: false,
    statements: [
      'create table customers (id int primary key)',
      'create table middle (id int primary key, body text)',
      'create table orders (id int primary key, customer int references customers)',
      'create table a_orders (id int primary key, customer int references customers)',
    ],
  };
  await cluster.createSchema(database, container, 'shop');
  await cluster.asOwner(database, container, 'shop', (client) =>
    applyChanges(client, rolesOf(container, 'shop').runtime, [pointing]),
  );
  let stop = false;
  const writing = asRuntime('shop', async (client) => {
    await client.query("insert into middle select n, repeat('x', 100) from generate_series(1, 10000) n");
    for (let n = 1; !stop; n++) {
      await client.query(`insert into customers values (${n})`);
      await client.query(`insert into orders values (${n}, ${n}); insert into a_orders values (${n}, ${n})`);
      if (n > 5)
        await client.query(
          `delete from orders where id = ${n - 5}; delete from a_orders where id = ${n - 5}; delete from customers where id = ${n - 5}`,
        );
    }
  });
  try {
    for (let round = 0; round < 5; round++) {
      await ensureDraft(cluster, place(), [pointing], [pointing]);
      await dropDraft(cluster, place());
    }
  } finally {
    stop = true;
    await writing;
  }
});

it('holds of a large app the newest rows and whatever they point at, by any key and in any order', async () => {
  const large: Change = {
    id: '0001-large',
    destructive: false,
    statements: [
      'create table places (land text, code int, name text, primary key (land, code))',
      'create table people (id int primary key, mail text not null unique, boss int references people, home text, code int, foreign key (home, code) references places)',
      'create table acts (id int primary key, mail text references people (mail), body text, follows int)',
      'create table zones (id int primary key, act int references acts)',
      'alter table acts add foreign key (follows) references zones (id)',
    ],
  };
  await cluster.createSchema(database, container, 'shop');
  await cluster.asOwner(database, container, 'shop', async (client) => {
    await applyChanges(client, rolesOf(container, 'shop').runtime, [large]);
    // the newest act is by the oldest person, whose boss is somebody in the middle
    await client.query(`alter table acts alter body set storage external; insert into places select 'CH', n, 'Place ' || n from generate_series(1, 12000) n;
      insert into people select n, 'p' || n || '@x.org', case when n > 1 then n / 2 end, 'CH', n from generate_series(1, 12000) n;
      update people set boss = 50 where id = 1;
      insert into acts select n, 'p' || (12001 - n) || '@x.org', repeat(md5(n::text), 160), null from generate_series(1, 12000) n;
      insert into zones select n, n from generate_series(1, 12000) n; update acts set follows = id - 11000 where id > 11000`);
  });
  const made = await ensureDraft(cluster, place(), [large], [large]);
  expect(made.sampled).toBe(true);
  await asRuntime('shop__cabcd2345', async (client) => {
    const { rows } =
      await client.query(`select (select count(*)::int from acts) as acts, (select count(*)::int from people where id in (1, 50)) as people,
      (select count(*)::int from acts a where not exists (select from people p where p.mail = a.mail)
        or follows is not null and not exists (select from zones z where z.id = a.follows)) as lost,
      (select count(*)::int from people p where not exists (select from places l where l.land = p.home and l.code = p.code)) as homeless`);
    expect(rows[0]).toMatchObject({ people: 2, lost: 0, homeless: 0 });
    expect(rows[0].acts).toBeGreaterThanOrEqual(10_000);
    expect(rows[0].acts).toBeLessThan(12_000);
    await expect(client.query(`insert into zones values (99999, 99999)`)).rejects.toMatchObject({ code: '23503' });
  });
});

it('is made once when several ask for it at once', async () => {
  const plain: Change = { ...books, statements: ['create table books (id int, title text)'] };
  await cluster.createSchema(database, container, 'shop');
  await cluster.asOwner(database, container, 'shop', (client) =>
    applyChanges(client, rolesOf(container, 'shop').runtime, [plain]),
  );
  await asRuntime('shop', (client) => client.query(`insert into books values (1, 'Emma')`));
  const made = await Promise.all([1, 2, 3].map(() => ensureDraft(cluster, place(), [plain], [plain, notes])));
  expect(made.map(({ rows }) => rows).sort()).toEqual([0, 0, 1]);
  await asRuntime('shop__cabcd2345', async (client) =>
    expect((await client.query('select title from books')).rows).toEqual([{ title: 'Emma' }]),
  );
});

it('lets the app touch nothing of what says which changes were made', async () => {
  await ensureDraft(cluster, place(), [], [books]);
  const { runtime } = rolesOf(container, 'shop__cabcd2345');
  await cluster.readCatalogue(database, async (pool) => {
    const { rows } = await pool.query(
      `select relname, has_table_privilege($2, oid, 'select') as allowed from pg_class where relnamespace = $1::regnamespace and relkind in ('r', 'S') order by 1`,
      ['shop__cabcd2345', runtime],
    );
    expect(rows).toEqual([
      { relname: '_vibe_changes', allowed: false },
      { relname: 'books', allowed: true },
    ]);
  });
});

it('goes on with a table of changes of an earlier version, whose positions come from a sequence', async () => {
  await cluster.createSchema(database, container, 'shop');
  const first: Change = { id: '0000-first', destructive: false, statements: ['select 1'] };
  await cluster.asOwner(database, container, 'shop', async (client) => {
    await client.query(`create table _vibe_changes (id text primary key, fingerprint text not null, statements text[] not null,
      destructive boolean not null default false, position bigint generated always as identity, applied_at timestamptz not null default now());
      insert into _vibe_changes (id, fingerprint, statements) values ('0000-first', '${fingerprintOf(first)}', '{"select 1"}')`);
    const { runtime } = rolesOf(container, 'shop');
    expect(await applyChanges(client, runtime, [first, books, notes])).toEqual([books.id, notes.id]);
    const { rows } = await client.query('select id, position::int from _vibe_changes order by position');
    expect(rows.map(({ position }) => position)).toEqual([1, 2, 3]);
    expect((await appliedChanges(client)).map((change) => change.id)).toEqual([first.id, books.id, notes.id]);
  });
});

it('applies a change once, however often it is asked', async () => {
  expect((await ensureDraft(cluster, place(), [], [books])).applied).toEqual([books.id]);
  expect((await ensureDraft(cluster, place(), [], [books])).applied).toEqual([]);
  expect((await changesIn(cluster, place())).map((change) => change.id)).toEqual([books.id]);
});

it('keeps nothing of a change that fails, and refuses an id with another text', async () => {
  await ensureDraft(cluster, place(), [], [books]);
  const broken: Change = {
    id: '0002-x',
    destructive: false,
    statements: ['alter table books add column a int', 'select nonsense from nowhere'],
  };
  await expect(ensureDraft(cluster, place(), [], [books, broken])).rejects.toMatchObject({ code: 'change_failed' });
  await asRuntime('shop__cabcd2345', async (client) =>
    expect((await client.query('select * from books')).fields.map((f) => f.name)).toEqual(['id', 'title']),
  );
  await expect(ensureDraft(cluster, place(), [], [{ ...books, statements: ['select 1'] }])).rejects.toMatchObject({
    code: 'change_differs',
  });
});

it('goes back to a snapshot exactly, or keeps the rows that were added since', async () => {
  await ensureDraft(cluster, place(), [], [books]);
  await asRuntime('shop__cabcd2345', (client) => client.query(`insert into books values (1, 'Emma')`));
  const before = await printDraft(cluster, place());
  const snapshot = (await snapshotDraft(cluster, place(), 't1'))!;
  await ensureDraft(cluster, place(), [], [books, notes]);
  await asRuntime('shop__cabcd2345', (client) => client.query(`insert into books values (2, 'Since', 'n')`));
  expect(await printDraft(cluster, place())).not.toBe(before);

  await restoreDraft(cluster, place(), snapshot, 'keep');
  await asRuntime('shop__cabcd2345', async (client) =>
    expect((await client.query('select * from books order by id')).rows).toEqual([
      { id: 1, title: 'Emma' },
      { id: 2, title: 'Since' },
    ]),
  );
  await restoreDraft(cluster, place(), snapshot, 'exact');
  expect(await printDraft(cluster, place())).toBe(before);
  expect((await changesIn(cluster, place())).map((change) => change.id)).toEqual([books.id]);
});

it('lets the app of a draft read and write its rows and nothing else', async () => {
  await makeApp();
  await ensureDraft(cluster, place(), [books], [books]);
  await asRuntime('shop__cabcd2345', async (client) => {
    for (const attack of [
      'select * from shop.books',
      'insert into shop.books values (9)',
      'create table mine (id int)',
      'alter table books add column hacked int',
      'drop table books',
      'select * from _vibe_changes',
      `set role ${client.escapeIdentifier(rolesOf(container, 'shop').owner)}`,
      'create schema other',
      'create temp table t (id int)',
      `copy books to program 'id'`,
      `select pg_read_file('/etc/passwd')`,
      'select pg_terminate_backend(pid) from pg_stat_activity where usename <> current_user and pid <> pg_backend_pid() and pg_terminate_backend(pid)',
    ]) {
      const result = await client.query(attack).then(
        (r) => r.rowCount,
        () => 'refused',
      );
      expect([attack, result]).toEqual([
        attack,
        attack.startsWith('select pg_terminate') ? expect.anything() : 'refused',
      ]);
    }
    expect((await client.query('select count(*)::int as n from books')).rows[0].n).toBe(1);
  });
});

it('cannot connect to another database of the cluster', async () => {
  await ensureDraft(cluster, place(), [], [books]);
  const role = rolesOf(container, 'shop__cabcd2345').runtime;
  for (const other of [databasesOf(container).live, 'postgres', 'template1']) {
    const client = new pg.Client(cluster.connection(other, role));
    await expect(client.connect().finally(() => client.end().catch(() => {}))).rejects.toThrow();
  }
});

it('leaves no schema and no role behind when it is dropped', async () => {
  await ensureDraft(cluster, place(), [], [books]);
  await snapshotDraft(cluster, place(), 't1');
  await dropDraft(cluster, place());
  expect(await cluster.schemasLike(database, 'shop__c')).toEqual([]);
  const admin = new pg.Client(test.cluster.url(database));
  await admin.connect();
  expect(
    (await admin.query(`select rolname from pg_roles where rolname like '${container.replaceAll('-', '_')}.%'`)).rows,
  ).toEqual([]);
  await admin.end();
});

it('makes and drops many drafts at once without one getting in the way of another', async () => {
  await makeApp();
  const places = Array.from({ length: 10 }, (_, n) => ({ ...place(), schema: `shop__cmany000${n}` }));
  for (let round = 0; round < 3; round++) {
    await Promise.all(places.map((one) => ensureDraft(cluster, one, [books], [books, notes])));
    await Promise.all(places.map((one) => dropDraft(cluster, one)));
  }
  expect(await cluster.schemasLike(database, 'shop__c')).toEqual([]);
});

it('says how it differs from the rows in use, and starts again from them', async () => {
  await makeApp();
  await ensureDraft(cluster, place(), [books], [books, notes]);
  await asRuntime(place().schema, (client) => client.query("insert into books (id, title) values (77, 'Mine')"));
  const inUse = await asRuntime('shop', async (client) =>
    Number((await client.query('select count(*) from books')).rows[0].count),
  );
  expect(await draftDifference(cluster, place())).toEqual({
    made: true,
    tables: [{ name: 'books', draft: inUse + 1, staging: inUse, differs: ['notes is new'] }],
  });
  const snapshot = await snapshotDraft(cluster, place(), 't1');
  expect(await refreshDraft(cluster, place(), [books], [books, notes])).toMatchObject({ rows: inUse, sampled: false });
  expect((await draftDifference(cluster, place())).tables[0]).toMatchObject({ draft: inUse, staging: inUse });
  // Undo of an earlier turn still finds what it needs
  await restoreDraft(cluster, place(), snapshot!, 'exact');
  expect((await draftDifference(cluster, place())).tables[0]).toMatchObject({ draft: inUse + 1 });
});
