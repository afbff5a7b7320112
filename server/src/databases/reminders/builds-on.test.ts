/** What a change truly builds on: hand-picked, and random sequences of changes made in part on a real database that lacks them all. */
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTestCluster, type TestCluster } from '../../db/test-database.ts';
import { type Applied, appliedChanges, applyChanges, type Change } from '../changes.ts';
import { DataCluster } from '../cluster.ts';
import { databasesOf, rolesOf } from '../names.ts';
import { buildsOn } from './builds-on.ts';

const CONTAINER = 'home';
const { staging } = databasesOf(CONTAINER);
const BEGIN = [
  'create table customers (id int primary key, name text, city text)',
  'create table orders (id int primary key, customer int references customers, total int)',
  'create view old as select c.name, o.total from customers c join orders o on o.customer = c.id',
];
let test: TestCluster;
let cluster: DataCluster;
let count = 0;

beforeAll(async () => {
  test = await startTestCluster();
  cluster = new DataCluster(test.cluster.url, Buffer.alloc(32, 7));
  await cluster.createDatabases(databasesOf(CONTAINER));
});
afterAll(async () => {
  await cluster?.close();
  await test?.stop();
});

/** A database's schema with the first tables and whichever of the changes it takes. @returns what it has taken, with what that altered */
async function made(changes: Change[]): Promise<Applied[]> {
  const schema = `app${++count}`;
  await cluster.createSchema(staging, CONTAINER, schema);
  return cluster.asOwner(staging, CONTAINER, schema, async (client) => {
    const { runtime } = rolesOf(CONTAINER, schema);
    for (const statement of BEGIN) await client.query(statement);
    for (const change of changes) await applyChanges(client, runtime, [change]).catch(() => {});
    return appliedChanges(client);
  });
}

/** As a chat makes them: each names the one before. */
const changesOf = (statements: string[]): Change[] =>
  statements.map((statement, at) => ({
    id: `${at + 1}`,
    statements: [statement],
    destructive: false,
    origin: { chat: null, tool: 'spec', action: 'other', tables: [], needs: at > 0 ? [`${at}`] : [] },
  }));

const partsOf = async (statements: string[], wanted: number): Promise<string[]> => {
  const applied = await made(changesOf(statements));
  expect(applied).toHaveLength(statements.length);
  return buildsOn(`${wanted}`, applied).map(({ id }) => id);
};

describe('a change builds', () => {
  it.each<[string, string[], string[]]>([
    [
      'on nothing that has to do with something else',
      [
        'alter table customers add points int',
        "comment on table customers is 'People who buy'",
        'create table notes (id int primary key)',
        'create index orders_total on orders (total)',
        'alter table customers add mail text',
      ],
      ['5'],
    ],
    [
      'on the column that it alters, by the name that the column has by then',
      [
        'alter table customers add points int',
        'alter table customers add age int',
        'alter table customers rename points to stars',
        'alter table customers alter stars set default 0',
      ],
      ['1', '3', '4'],
    ],
    [
      'on the table that it points at',
      [
        'create table shops (id int primary key)',
        'create table x (id int)',
        'alter table orders add shop int references shops',
      ],
      ['1', '3'],
    ],
    [
      'on the list of values that its column is of',
      ["create type mood as enum ('glad')", 'alter table orders add gift int', 'alter table orders add mood mood'],
      ['1', '3'],
    ],
    [
      'on every column of a table that it shows as a whole',
      [
        'alter table orders add gift int',
        'alter table customers add age int',
        'create view seen as select o.* from orders o',
      ],
      ['1', '3'],
    ],
    [
      'on the index that goes with the column',
      [
        'create index by_city on customers (city)',
        'alter table customers add age int',
        'alter table customers drop city',
      ],
      ['1', '3'],
    ],
    [
      'on the rule by which a row of another table is found',
      [
        'alter table customers add constraint one_name unique (name)',
        'alter table orders add gift int',
        'alter table orders add who text references customers (name)',
      ],
      ['1', '3'],
    ],
    [
      'on the rule by which a row is found that is there already',
      [
        'create unique index one_name on customers (name)',
        'alter table orders add gift int',
        "insert into customers values (1, 'Ada') on conflict (name) do nothing",
      ],
      ['1', '3'],
    ],
    [
      'on the removal of what is in the way of its own',
      ['drop view old', 'alter table customers add age int', 'alter table customers drop name'],
      ['1', '3'],
    ],
    [
      'on the removal of what hangs on the type that it alters',
      ['drop view old', 'alter table customers alter name type varchar'],
      ['1', '2'],
    ],
    ['on the removal of what shows the table that goes', ['drop view old', 'drop table orders'], ['1', '2']],
    [
      'on what was said of the same thing before',
      ["comment on table orders is 'a'", "comment on table customers is 'c'", "comment on table orders is 'b'"],
      ['1', '3'],
    ],
    [
      'on the function that its policy calls',
      [
        'create function mine(x int) returns boolean language sql immutable as $$ select x > 0 $$',
        'create table free (id int)',
        'create policy p on orders using (mine(total))',
      ],
      ['1', '3'],
    ],
  ])('%s', async (_, statements, expected) => {
    expect(await partsOf(statements, statements.length)).toEqual(expected);
  });

  it('on all before it where nobody wrote down what they altered', async () => {
    const applied = await made(changesOf(['alter table customers add a int', 'alter table customers add b int']));
    expect(
      buildsOn(
        '2',
        applied.map((change) => ({ ...change, effect: null })),
      ).map(({ id }) => id),
    ).toEqual(['1', '2']);
  });
});

const TABLES = ['customers', 'orders', 'notes', 'bills'];
const COLUMNS = ['name', 'city', 'total', 'a', 'b', 'customer'];
const table = fc.constantFrom(...TABLES);
const column = fc.constantFrom(...COLUMNS);
const statement = fc.oneof(
  fc.tuple(table, column).map(([t, c]) => `alter table ${t} add ${c} int`),
  fc.tuple(table, column, column).map(([t, c, d]) => `alter table ${t} rename ${c} to ${d}`),
  fc
    .tuple(table, column, fc.constantFrom(' cascade', ''))
    .map(([t, c, cascade]) => `alter table ${t} drop ${c}${cascade}`),
  fc
    .tuple(table, column, fc.constantFrom('bigint', 'text'))
    .map(([t, c, type]) => `alter table ${t} alter ${c} type ${type}`),
  fc.tuple(table, column).map(([t, c]) => `alter table ${t} add constraint u_${t}_${c} unique (${c})`),
  fc.tuple(table, column).map(([t, c]) => `alter table ${t} drop constraint u_${t}_${c}`),
  fc.tuple(table, column, table, column).map(([t, c, u, d]) => `alter table ${t} add ${c} int references ${u} (${d})`),
  fc.tuple(table, column).map(([t, c]) => `insert into ${t} (id) values (1) on conflict (${c}) do nothing`),
  fc.constantFrom('old', ...TABLES.map((t) => `v_${t}`)).map((view) => `drop view ${view}`),
  fc.tuple(table, column).map(([t, c]) => `alter table ${t} alter ${c} set default null`),
  fc.tuple(table, column).map(([t, c]) => `create index on ${t} (${c})`),
  fc.tuple(table, column).map(([t, c]) => `alter table ${t} add constraint k_${c} check (${c} is not null) not valid`),
  fc.tuple(table, column, table).map(([t, c, u]) => `alter table ${t} add ${c} int references ${u}`),
  fc.tuple(table).map(([t]) => `create table ${t} (id int primary key, name text)`),
  fc.tuple(table, table).map(([t, u]) => `alter table ${t} rename to ${u}`),
  fc.tuple(table, fc.constantFrom(' cascade', '')).map(([t, cascade]) => `drop table ${t}${cascade}`),
  fc.tuple(table, column).map(([t, c]) => `create view v_${t} as select id, ${c} from ${t}`),
  fc.tuple(table, column).map(([t, c]) => `update ${t} set ${c} = null`),
  fc.tuple(table, column).map(([t, c]) => `create policy p_${c} on ${t} using (${c} is null)`),
);

it('can be made with those alone, and alters there whatever it altered here', async () => {
  let fewer = 0;
  await fc.assert(
    fc.asyncProperty(fc.array(statement, { minLength: 4, maxLength: 12 }), fc.nat(), async (statements, pick) => {
      const applied = await made(changesOf(statements));
      if (applied.length === 0) return;
      const wanted = applied[pick % applied.length]!;
      const parts = buildsOn(wanted.id, applied);
      fewer += applied.filter(({ id }, before) => buildsOn(id, applied).length <= before).length;
      const there = await made(parts.map(({ effect: _, ...change }) => change));
      expect(there.map(({ id }) => id)).toEqual(parts.map(({ id }) => id));
      // and what hangs on it there alone
      expect(there.at(-1)!.effect).toEqual(expect.arrayContaining(wanted.effect!));
    }),
    { numRuns: 25 },
  );
  expect(fewer).toBeGreaterThan(1);
});
