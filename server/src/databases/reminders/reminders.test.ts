/**
 * Reminders on real databases: random sequences of changes on both sides by every road, deploys, rows, and crashes between any two steps. What
 * is open afterwards is compared with what the catalogues and the recorded writes truly differ in.
 */
import { randomUUID } from 'node:crypto';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { newRules, person, startedPlatform } from '../../accounts/fixtures.ts';
import { register } from '../../accounts/registration.ts';
import { type Db, many, one, run, sql } from '../../db/database.ts';
import { startTestCluster, type TestCluster } from '../../db/test-database.ts';
import { appliedChanges, applyChanges, type Change } from '../changes.ts';
import { DataCluster } from '../cluster.ts';
import { recordMirror } from '../mirror/record.ts';
import { appSchema, databasesOf, rolesOf, siteSchema } from '../names.ts';
import { makeAlike } from './alike.ts';
import { readObjects, tableOfObject } from './objects.ts';
import { Reminders } from './reminders.ts';

let test: TestCluster;
let db: Db;
let cluster: DataCluster;
let container: { id: string; organisationId: string; slug: string };
let marta: string;
let chats: string[];

beforeAll(async () => {
  test = await startTestCluster();
  ({ db } = await startedPlatform(test));
  marta = (await register(db, newRules(), person('Marta'))).id;
  container = await one(
    db,
    sql<typeof container>`select id, organisation_id as "organisationId", slug from containers`,
  );
  cluster = new DataCluster(test.cluster.url, Buffer.alloc(32, 7));
  await cluster.createDatabases(databasesOf(container.slug));
});
afterAll(async () => {
  await cluster?.close();
  await test?.stop();
});

type SideName = 'staging' | 'live';

/** An app with two databases, and ways to change them. */
class Shop {
  readonly app: { id: string; slug: string; containerId: string; containerSlug: string };
  readonly changedChats: string[] = [];
  #reminders: Reminders;

  private constructor(id: string, slug: string) {
    this.app = { id, slug, containerId: container.id, containerSlug: container.slug };
    this.#reminders = this.#begin();
  }

  static async open(slug: string, tables: string): Promise<Shop> {
    const { id } = await one(
      db,
      sql<{ id: string }>`insert into apps (container_id, slug, name, mode, created_by)
        values (${container.id}, ${slug}, ${slug}, 'dual-repository', ${marta}) returning id`,
    );
    await recordMirror(db, id, { state: 'in_step', words: '', lagMs: 0, lagBytes: 0, percent: null });
    chats = [];
    for (const chat8 of ['a', 'b']) {
      const { id: chat } = await one(
        db,
        sql<{ id: string }>`insert into chats (container_id, app_id, chat8, title, created_by)
          values (${container.id}, ${id}, ${`${chat8}${randomUUID().slice(0, 7)}`}, ${chat8}, ${marta}) returning id`,
      );
      chats.push(chat);
    }
    const shop = new Shop(id, slug);
    for (const side of ['staging', 'live'] as const) {
      await cluster.createSchema(shop.at(side).database, container.slug, shop.at(side).schema);
      await shop.change(side, { id: '0001-begin-000000', statements: tables.split(';'), destructive: false });
    }
    return shop;
  }

  /** As after a crash: nothing is remembered. */
  restart(): void {
    this.#reminders = this.#begin();
  }

  #begin(): Reminders {
    return new Reminders({
      db,
      cluster,
      homes: async () => new Map([['inside', 'staging']]),
      changed: async (_app, ids) => void this.changedChats.push(...ids),
      warn: (error) => {
        throw error;
      },
    });
  }

  at(side: SideName) {
    const { staging, live } = databasesOf(container.slug);
    return side === 'live'
      ? { database: live, schema: appSchema(this.app.slug) }
      : { database: staging, schema: siteSchema(this.app.slug) };
  }

  /** By the platform's road. */
  async change(side: SideName, change: Change): Promise<void> {
    const { database, schema } = this.at(side);
    const { runtime } = rolesOf(container.slug, schema);
    await cluster.asOwner(database, container.slug, schema, (client) => applyChanges(client, runtime, [change]));
  }

  /** By a road that records nothing. */
  async drift(side: SideName, statement: string): Promise<void> {
    const { database, schema } = this.at(side);
    await cluster.asOwner(database, container.slug, schema, (client) => client.query(statement));
  }

  applied(side: SideName) {
    const { database, schema } = this.at(side);
    return cluster.asOwner(database, container.slug, schema, appliedChanges);
  }

  async write(
    environment: 'site' | 'live',
    chat: string,
    fingerprint: string,
    tool = 'supabase_router',
    replays?: string,
  ) {
    const { id } = await one(
      db,
      sql<{
        id: string;
      }>`insert into sql_calls (organisation_id, container_id, app_id, chat_id, agent, target, statement, writes, state, rows, tables, fingerprint, action, environment, replays)
        values (${container.organisationId}, ${container.id}, ${this.app.id}, ${chat}, ${tool}, ${environment === 'site' ? 'staging' : 'live'}, '', true, 'done', 1, '{shops}', ${fingerprint}, 'insert', ${environment}, ${replays ?? null})
        returning id`,
    );
    return id;
  }

  look(): Promise<void> {
    return this.#reminders.look(this.app);
  }

  async open() {
    await this.look();
    return this.rows('open');
  }

  rows(state: string) {
    return many(
      db,
      sql<{
        id: string;
        kind: string;
        direction: string | null;
        source: string;
        tables: string[];
        objects: string[];
        chat_id: string | null;
      }>`select id, kind, direction, source, tables, objects, chat_id from reminders where app_id = ${this.app.id} and state = ${state} order by id`,
    );
  }
}

const TABLES = `create table shops (id int primary key, name text); create table towns (id int primary key)`;
let names = 0;
const alters = (
  statement: string,
  more: { chat?: string; tables?: string[]; action?: string; tool?: string } = {},
): Change => {
  const { chat = chats[0]!, tables = ['shops'], action = 'add_column', tool = 'supabase_utilities' } = more;
  const id = `${String(++names).padStart(4, '0')}-change-abcdef`;
  return { id, statements: [statement], destructive: false, origin: { chat, tool, action, tables, needs: [] } };
};

describe('one after the other', () => {
  it('a column on staging first, then on live by a deploy', async () => {
    const shop = await Shop.open('first', TABLES);
    expect(await shop.open()).toEqual([]);
    const change = alters('alter table shops add column points int');
    await shop.change('staging', change);
    expect(await shop.open()).toMatchObject([
      { kind: 'schema', direction: 'to_live', source: change.id, objects: ['column:shops.points'], chat_id: chats[0] },
    ]);
    expect(shop.changedChats).toEqual([chats[0]]);
    await shop.change('live', change);
    expect(await shop.open()).toEqual([]);
    expect(await shop.rows('cleared')).toHaveLength(1);
  });

  it('a column on live first; the same on staging by another tool clears it, another column does not', async () => {
    const shop = await Shop.open('second', TABLES);
    await shop.change('live', alters('alter table shops add column a int'));
    await shop.change('staging', alters('alter table shops add column b int'));
    const open = await shop.open();
    expect(open.map(({ direction, objects }) => [direction, objects])).toEqual([
      ['to_live', ['column:shops.b']],
      ['to_staging', ['column:shops.a']],
    ]);
    await shop.drift('staging', 'alter table shops add column a int');
    expect((await shop.open()).map(({ direction }) => direction)).toEqual(['to_live']);
  });

  it('is drift where nobody recorded it, with its difference, and goes when it goes', async () => {
    const shop = await Shop.open('third', TABLES);
    await shop.drift('live', 'alter table towns alter column id type bigint; create index on shops (name)');
    expect(await shop.open()).toMatchObject([
      { kind: 'drift', source: 'towns', objects: ['column:towns.id'] },
      { kind: 'drift', source: 'shops', objects: ['index:shops.shops_name_idx'] },
    ]);
    await shop.drift('staging', 'alter table towns alter column id type bigint');
    expect(await shop.open()).toMatchObject([{ source: 'shops' }]);
  });

  it('is drift where somebody took every right of the app on one side', async () => {
    const shop = await Shop.open('rights', TABLES);
    await shop.drift('live', `revoke all on shops from "${rolesOf(container.slug, shop.at('live').schema).runtime}"`);
    expect(await shop.open()).toMatchObject([{ kind: 'drift', source: 'shops', objects: ['grants:shops'] }]);
  });

  it('is drift where every right on a single column was taken away on one side', async () => {
    const shop = await Shop.open('single', TABLES);
    const on = (side: SideName, words: string) =>
      shop.drift(side, words.replace('the app', rolesOf(container.slug, shop.at(side).schema).runtime));
    for (const side of ['staging', 'live'] as const) {
      await on(side, 'revoke all on shops from "the app"');
      await on(side, 'grant select (id, name), update (name) on shops to "the app"');
    }
    expect(await shop.open()).toEqual([]);
    await on('live', 'revoke all (name) on shops from "the app"');
    expect(await shop.open()).toMatchObject([{ kind: 'drift', source: 'shops', objects: ['grants:shops.name'] }]);
    await on('staging', 'revoke all (name) on shops from "the app"');
    expect(await shop.open()).toEqual([]);
    // and where one was given on the side that had none
    await on('staging', 'grant select (name) on shops to "the app"');
    expect(await shop.open()).toMatchObject([{ objects: ['grants:shops.name'] }]);
  });

  it('is no drift where a change has given it, and none that was made before columns were looked at one by one', async () => {
    const shop = await Shop.open('given', TABLES);
    const statements = ['revoke all on table shops from "the app"', 'grant select (id) on table shops to "the app"'];
    const origin = { chat: null, tool: 'x', action: 'other', tables: ['shops'], needs: [] };
    await shop.change('staging', { id: '0002-access-000000', statements, destructive: false, origin });
    expect(await shop.open()).toMatchObject([
      { kind: 'schema', direction: 'to_live', objects: ['grants:shops', 'grants:shops.id'] },
    ]);
    await shop.drift('staging', `update _vibe_changes set effect = '{grants:shops}' where effect is not null`);
    expect(await shop.open()).toMatchObject([{ kind: 'schema', source: '0002-access-000000' }]);
  });

  it('is drift where a view of several tables shows the same name of another one', async () => {
    const shop = await Shop.open('views', `${TABLES}; create table people (id int, name text)`);
    const view = (from: string) => `create view seen as select ${from}.name from shops s join people p on s.id = p.id`;
    await shop.drift('staging', view('s'));
    await shop.drift('live', view('s'));
    expect(await shop.open()).toEqual([]);
    await shop.drift('live', `drop view seen; ${view('p')}`);
    expect(await shop.open()).toMatchObject([{ kind: 'drift', source: 'seen', objects: ['view:seen'] }]);
  });

  it('says nothing of what somebody brought back', async () => {
    const shop = await Shop.open('back', TABLES);
    await shop.drift(
      'staging',
      'alter table shops add column city_kept7 text; create table gifts_kept9 (id int primary key)',
    );
    expect(await shop.open()).toEqual([]);
  });

  it('stays dismissed, and comes back as another difference', async () => {
    const shop = await Shop.open('fourth', TABLES);
    const dismiss = sql`update reminders set state = 'dismissed', reason = 'So be it', ended_by = ${marta}, ended_at = now() where app_id = ${shop.app.id}`;
    await shop.drift('live', 'alter table shops add column a int');
    expect(await shop.open()).toHaveLength(1);
    await run(db, dismiss);
    expect(await shop.open()).toEqual([]);
    await shop.drift('live', 'alter table shops add column b int');
    expect(await shop.open()).toMatchObject([{ objects: ['column:shops.a', 'column:shops.b'] }]);
    const change = alters('alter table towns add column c int', { tables: ['towns'] });
    await shop.change('staging', change);
    await shop.look();
    await run(db, dismiss);
    await shop.drift('staging', 'alter table towns add column d int');
    expect(await shop.open()).toMatchObject([{ kind: 'drift', source: 'towns' }]);
  });

  it('writes down anew what was over and comes again, by whatever road it was cleared', async () => {
    const shop = await Shop.open('again', TABLES);
    await run(db, sql`update mirrors set site_filled_at = now() where app_id = ${shop.app.id}`);
    const acts = () => many(db, sql`select 1 from data_acts where act = 'drift' and app_id = ${shop.app.id}`);
    await shop.drift('live', 'alter table shops add column a int');
    await shop.look();
    await shop.look();
    expect(await acts()).toHaveLength(1);
    // as bringing an app home does
    const clear = sql`update reminders set state = 'cleared', ended_at = now() where app_id = ${shop.app.id}`;
    await run(db, clear);
    await shop.look();
    expect(await acts()).toHaveLength(2);
    await shop.look();
    expect(await acts()).toHaveLength(2);
    // also when it could not be written down at the look that found it
    await run(db, clear);
    await run(db, sql`update mirrors set site_filled_at = null where app_id = ${shop.app.id}`);
    await shop.look();
    await run(db, sql`update mirrors set site_filled_at = now() where app_id = ${shop.app.id}`);
    await shop.look();
    expect(await acts()).toHaveLength(3);
  });

  it('goes on where somebody has written the last position there is', async () => {
    const shop = await Shop.open('position', TABLES);
    await shop.drift('live', 'update _vibe_changes set position = 9223372036854775807');
    await shop.change('live', alters('alter table shops add column a int'));
    await shop.change('live', alters('alter table shops add column b int'));
    expect(await shop.applied('live')).toHaveLength(3);
  });

  it('says nothing of a table that is meant for staging alone, nor of who may do what to the app’s role by name', async () => {
    const shop = await Shop.open('fifth', TABLES);
    await shop.change(
      'staging',
      alters('create table inside (id int)', { tables: ['inside'], action: 'create_table' }),
    );
    expect(await shop.open()).toEqual([]);
  });

  it('rows: as often on the one as on the other, by the same chat and tool; filled over is gone', async () => {
    const shop = await Shop.open('sixth', TABLES);
    await shop.write('site', chats[0]!, 'insert x');
    await shop.write('site', chats[0]!, 'insert x');
    await shop.write('live', chats[1]!, 'insert x');
    // not copied from live here, so that live's own needs staging
    expect((await shop.open()).map(({ direction }) => direction)).toEqual(['to_live', 'to_live', 'to_staging']);
    await shop.write('live', chats[0]!, 'insert x');
    expect((await shop.open()).map(({ direction }) => direction)).toEqual(['to_live', 'to_staging']);
    const left = (await shop.open()).find(({ direction }) => direction === 'to_live')!;
    await shop.write('live', chats[0]!, 'insert x', 'supabase_router', left.source);
    expect((await shop.open()).map(({ direction }) => direction)).toEqual(['to_staging']);
    await shop.write('site', chats[0]!, 'insert y');
    expect(await shop.open()).toHaveLength(2);
    await run(db, sql`update mirrors set site_filled_at = now() where app_id = ${shop.app.id}`);
    expect(await shop.open()).toEqual([]);
  });
});

/** Small and repeatable: https://en.wikipedia.org/wiki/Xorshift */
function random(seed: number): (below: number) => number {
  let x = seed * 2654435769 || 1;
  return (below) => {
    x ^= x << 13;
    x ^= x >>> 17;
    x ^= x << 5;
    return (x >>> 0) % below;
  };
}

describe('making both the same', () => {
  const alike = async (shop: Shop, table: string) => {
    const read = async (side: SideName) => {
      const { database, schema } = shop.at(side);
      const { runtime } = rolesOf(container.slug, schema);
      return cluster.asOwner(database, container.slug, schema, (client) => readObjects(client, runtime));
    };
    const [staging, live] = [await read('staging'), await read('live')];
    return makeAlike({ staging, live }, table, (side, work) => {
      const { database, schema } = shop.at(side);
      return cluster.asOwner(database, container.slug, schema, work);
    });
  };

  it('makes what only one has on the other, down to the last rule', async () => {
    const shop = await Shop.open('alike', TABLES);
    await shop.drift(
      'live',
      `create type mood as enum ('good', 'it''s bad'); create table visits (id int generated always as identity primary key, shop_id int not null references shops,
         mood mood default 'good', price numeric(8,2) not null default 0 check (price >= 0), twice numeric generated always as (price * 2) stored, "Odd ""name" text, unique (shop_id, mood));
       create index visits_cheap on visits (price) where price < 10; create index on visits (lower("Odd ""name"), id desc); comment on table visits is 'who''s there'; comment on column visits.price is 'in CHF';
       alter table towns add column size int default 3 not null, add check (size > 0)`,
    );
    const open = await shop.open();
    expect(open.map(({ source }) => source).sort()).toEqual(['', 'towns', 'visits']);
    for (const table of ['', 'towns', 'visits']) {
      const found = await alike(shop, table);
      if ('why' in found) throw new Error(found.why);
      expect(found.to).toBe('staging');
      await shop.change('staging', {
        id: `0000-alike-${table || 'types'}`,
        statements: found.statements,
        destructive: false,
        origin: { chat: null, tool: 'reminders', action: 'other', tables: [], needs: [] },
      });
    }
    expect(await shop.open()).toEqual([]);
  });

  it('says why not, where something would have to be taken away or decided', async () => {
    const shop = await Shop.open('unalike', TABLES);
    await shop.drift('live', 'alter table shops alter column name type varchar(10)');
    expect(await alike(shop, 'shops')).toEqual({
      why: 'Both have the column name of shops, and each has another one.',
    });
    await shop.drift('live', 'alter table towns add column a int');
    await shop.drift('staging', 'alter table towns add column b int');
    expect(await alike(shop, 'towns')).toMatchObject({ why: expect.stringContaining('Each of the two') });
    await shop.drift(
      'live',
      `create table looks (id int); alter table looks enable row level security; create policy all_of_it on looks using (true)`,
    );
    expect(await alike(shop, 'looks')).toMatchObject({ why: expect.stringContaining('policy all_of_it of looks') });
    expect(await alike(shop, 'nothing')).toEqual({ why: 'Both are the same by now.' });
  });
});

describe('random sequences', () => {
  it.each([1, 2, 3, 4, 5, 6])('leave open exactly what differs (%i)', async (seed) => {
    const pick = random(seed);
    const shop = await Shop.open(`random${seed}`, TABLES);
    const counts = { site: new Map<string, number>(), live: new Map<string, number>() };
    const sideOf = (): SideName => (pick(3) === 0 ? 'live' : 'staging');
    const statement = (): { text: string; action: string; table: string } => {
      const table = ['shops', 'towns'][pick(2)]!;
      const column = `c${pick(4)}`;
      switch (pick(6)) {
        case 0:
          return { text: `alter table ${table} drop column if exists ${column}`, action: 'drop_column', table };
        case 1:
          return { text: `create index if not exists ${table}_${column} on ${table} (id)`, action: 'other', table };
        case 2:
          return {
            text: `create table if not exists t${pick(3)} (id int primary key, of int default ${pick(2)})`,
            action: 'create_table',
            table: 't',
          };
        case 3:
          return { text: `comment on table ${table} is 'remark ${pick(3)}'`, action: 'other', table };
        default:
          return {
            text: `alter table ${table} add column if not exists ${column} ${['int', 'text'][pick(2)]}`,
            action: 'add_column',
            table,
          };
      }
    };
    for (let step = 0; step < 14; step++) {
      const kind = pick(10);
      if (kind < 4) {
        const { text, action, table } = statement();
        await shop.change(sideOf(), alters(text, { action, tables: [table], chat: chats[pick(2)]! }));
      } else if (kind === 4) await shop.drift(sideOf(), statement().text);
      else if (kind < 7) {
        const side = pick(3) === 0 ? 'live' : 'site';
        const key = `${chats[pick(2)]!} insert ${pick(2)}`;
        await shop.write(side, key.split(' ')[0]!, key);
        counts[side].set(key, (counts[side].get(key) ?? 0) + 1);
      } else if (kind === 7) {
        // a deploy, cut off after some of it
        const there = new Set((await shop.applied('live')).map(({ id }) => id));
        const missing = (await shop.applied('staging')).filter(({ id }) => !there.has(id));
        for (const change of missing.slice(0, pick(2) === 0 ? missing.length : pick(3)))
          await shop.change('live', change);
      } else if (kind === 8) shop.restart();
      else await Promise.all([shop.look(), shop.look()]);
    }
    const found = await shop.open();
    const truth = await Promise.all((['staging', 'live'] as const).map((side) => dump(shop, side)));
    const differing = new Set(
      [...truth[0]!, ...truth[1]!].filter((line) => !(truth[0]!.has(line) && truth[1]!.has(line))).map(tableOfLine),
    );
    // of the schema: each table that differs is named by something that is open, and nothing else is
    const named = new Set(
      found
        .filter(({ kind }) => kind !== 'data')
        .flatMap(({ objects }) => objects.map((key) => tableOfObject(key) ?? '')),
    );
    expect([...named].sort(), `seed ${seed}`).toEqual([...differing].sort());
    // of rows: as many as one side has more than the other
    for (const [direction, more, less] of [
      ['to_live', counts.site, counts.live],
      ['to_staging', counts.live, counts.site],
    ] as const) {
      const wanted = [...more].reduce((sum, [key, n]) => sum + Math.max(0, n - (less.get(key) ?? 0)), 0);
      const got = found.filter((one) => one.kind === 'data' && one.direction === direction).length;
      expect(got, `rows ${direction}, seed ${seed}`).toBe(wanted);
    }
    // looked at once more by somebody who knows nothing, it is the same
    shop.restart();
    expect((await shop.open()).map(({ id }) => id)).toEqual(found.map(({ id }) => id));
  });
});

/** The truth, read another way: the information schema's columns, PostgreSQL's list of indexes, and remarks. */
async function dump(shop: Shop, side: SideName): Promise<Set<string>> {
  const { database, schema } = shop.at(side);
  const client = new pg.Client({ connectionString: test.cluster.url(database) });
  await client.connect();
  try {
    const { rows } = await client.query<{ line: string }>(
      `select table_name || '|' || column_name || ' ' || data_type || ' ' || is_nullable || ' ' || coalesce(column_default, '') as line
         from information_schema.columns where table_schema = $1 and table_name <> '_vibe_changes'
       union all select tablename || '|' || replace(indexdef, $1 || '.', '') from pg_indexes where schemaname = $1 and tablename <> '_vibe_changes'
       union all select c.relname || '|' || obj_description(c.oid, 'pg_class') from pg_class c join pg_namespace n on n.oid = c.relnamespace
         where n.nspname = $1 and obj_description(c.oid, 'pg_class') is not null`,
      [schema],
    );
    return new Set(rows.map(({ line }) => line));
  } finally {
    await client.end();
  }
}

const tableOfLine = (line: string): string => line.split('|')[0]!;
