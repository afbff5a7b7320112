import { mkdtemp, rm } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { startTestCluster, type TestCluster } from '../db/test-database.ts';
import { DataCluster } from './cluster.ts';
import { ensureDraft } from './drafts.ts';
import { databasesOf, rolesOf } from './names.ts';
import { openRelay, type Relay } from './relay.ts';

let test: TestCluster;
let cluster: DataCluster;
let relay: Relay;
let folder: string;
const { staging } = databasesOf('home');
const schema = 'shop__cabcd2345';
const runtime = rolesOf('home', schema).runtime;

beforeAll(async () => {
  test = await startTestCluster();
  cluster = new DataCluster(test.cluster.url, Buffer.alloc(32, 7));
  await cluster.createDatabases(databasesOf('home'));
  const books = { id: '1', destructive: false, statements: ['create table books (id int primary key, title text)'] };
  await ensureDraft(cluster, { database: staging, containerSlug: 'home', schema, source: 'shop' }, [], [books]);
  folder = await mkdtemp(join(tmpdir(), 'vibe-relay-'));
  relay = await openRelay(join(folder, 'pg'), cluster.connection(staging, runtime));
});
afterAll(async () => {
  await relay.close();
  await cluster.close();
  await test.stop();
  await rm(folder, { recursive: true, force: true });
});

const inside = (more: pg.ClientConfig = {}) =>
  new pg.Client({ host: relay.folder, user: 'app', database: 'app', ...more });
async function ask(client: pg.Client, text: string): Promise<pg.QueryResult> {
  await client.connect();
  try {
    return await client.query(text);
  } finally {
    await client.end();
  }
}

it('connects the app without a password, as its own role, to its own tables', async () => {
  const { rows } = await ask(
    inside(),
    `insert into books values (1, 'Emma') returning current_user::text, current_schema()::text, title`,
  );
  expect(rows).toEqual([{ current_user: runtime, current_schema: schema, title: 'Emma' }]);
});

it('ignores the role, database and options that the inside asks for', async () => {
  const greedy = inside({
    user: 'vibe',
    database: 'postgres',
    options: '-c search_path=pg_catalog -c role=vibe',
    replication: 'database',
  } as pg.ClientConfig);
  const { rows } = await ask(greedy, 'select current_user::text, current_database()::text, current_schema()::text');
  expect(rows).toEqual([{ current_user: runtime, current_database: staging, current_schema: schema }]);
});

it('cuts every connection at once, and takes new ones', async () => {
  const client = inside();
  await client.connect();
  const cut = new Promise((resolve) => client.once('error', resolve));
  relay.cut();
  await cut;
  expect((await ask(inside(), 'select 1 as n')).rows).toEqual([{ n: 1 }]);
});

it('refuses the ninth connection in words', async () => {
  const clients = Array.from({ length: 8 }, () => inside());
  await Promise.all(clients.map((client) => client.connect()));
  await expect(inside().connect()).rejects.toThrow('too many connections');
  await Promise.all(clients.map((client) => client.end()));
});

it('drops nonsense and survives it', async () => {
  const socket = connect(join(relay.folder, '.s.PGSQL.5432'));
  socket.on('error', () => {});
  socket.write(Buffer.from('GET / HTTP/1.1\r\n\r\n'));
  await new Promise((resolve) => socket.once('close', resolve));
  expect((await ask(inside(), 'select 2 as n')).rows).toEqual([{ n: 2 }]);
});
