/** Statements that a server's own limits do not end: one step of the server's that is as long as one likes, and a server that says nothing. */
import { createServer, type Server, type Socket } from 'node:net';
import { constants, getPriority } from 'node:os';
import pg from 'pg';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { startTestCluster, type TestCluster } from '../../db/test-database.ts';
import { cappedQuery } from './capped-query.ts';
import { readStatement } from './statement.ts';
import { withClient } from './with-client.ts';

let test: TestCluster;
let pool: pg.Pool;
let silent: Server;
const sockets = new Set<Socket>();

beforeAll(async () => {
  test = await startTestCluster();
  pool = new pg.Pool({ connectionString: await test.create(), max: 2, options: '-c statement_timeout=200' });
  pool.on('error', () => {});
  // lets everybody in, and answers nothing that it is asked
  silent = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => {});
    socket.once('data', () => socket.write(Buffer.from([0x52, 0, 0, 0, 8, 0, 0, 0, 0, 0x5a, 0, 0, 0, 5, 0x49])));
  });
  await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
});
afterAll(async () => {
  for (const socket of sockets) socket.destroy();
  silent?.close();
  await pool?.end();
  await test?.stop();
});

const ask = (of: pg.Pool, sql: string, mostMs: number) =>
  withClient(of, (client) => cappedQuery(client, sql, { rows: 1, bytes: 100 }), mostMs);
const AWAY = { code: 'data_unavailable', message: 'The database did not answer in time.' };

it('is not waited for longer than a piece of work may take, and the next one is answered', async () => {
  const text = (letter: string, n: number) =>
    `(select string_agg(lpad('', 10000, '${letter}'), '') from generate_series(1, ${n}))`;
  const sql = `select length(translate(${text('a', 4)}, ${text('b', 8)}, 'x'))`;
  expect(readStatement(sql).kind).toBe('read');
  const began = performance.now();
  const { rows } = await ask(pool, 'select pg_backend_pid()', 20_000);
  const process = Number(rows[0]![0]);
  expect(getPriority(process)).toBe(0);
  // the server does not look at its own limit of a fifth of a second meanwhile
  await expect(ask(pool, sql, 1000)).rejects.toMatchObject(AWAY);
  // and leaves the processors to others from here on
  expect(getPriority(process)).toBe(constants.priority.PRIORITY_LOW);
  expect(performance.now() - began).toBeLessThan(4000);
  expect((await ask(pool, 'select 1', 20_000)).rows).toEqual([['1']]);
});

it('is cut where a server says nothing', async () => {
  const { port } = silent.address() as { port: number };
  const elsewhere = new pg.Pool({ host: '127.0.0.1', port, user: 'x', database: 'x', ssl: false, max: 1 });
  elsewhere.on('error', () => {});
  await expect(ask(elsewhere, 'select 1', 300)).rejects.toMatchObject(AWAY);
  expect(elsewhere.totalCount).toBe(0);
  await elsewhere.end();
});
