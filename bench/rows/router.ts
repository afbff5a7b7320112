/** A point read through the router on a warm connection, permissions included, beside the same query by pg. */
import pg from 'pg';
import { DataCluster } from '../../server/src/databases/cluster.ts';
import { databasesOf } from '../../server/src/databases/names.ts';
import { Router } from '../../server/src/databases/router/router.ts';
import { startTestCluster } from '../../server/src/db/test-database.ts';
import { median, type Row, timed } from '../support/row.ts';

const ROUNDS = 1500;
const SCHEMA = `create table customers (id int primary key, name text not null, city text);
  insert into customers select n, 'Customer ' || n, 'Bern' from generate_series(1, 10000) n; analyze customers`;

export async function router(): Promise<Row> {
  const test = await startTestCluster();
  const cluster = new DataCluster(test.cluster.url, Buffer.alloc(32, 7));
  const ours = new Router(cluster);
  const { staging, live } = databasesOf('home');
  await cluster.createDatabases({ staging, live });
  await cluster.createSchema(staging, 'home', 'shop');
  await cluster.asOwner(staging, 'home', 'shop', (client) => client.query(SCHEMA));
  const chat = {
    chatId: '11111111-1111-7111-8111-111111111111',
    chat8: 'aaaaaaaa',
    appId: '22222222-2222-7222-8222-222222222222',
    appSlug: 'shop',
    containerSlug: 'home',
    mode: 'vibe-coded' as const,
  };
  const through = async (sql: string) => {
    const outcome = await ours.ask({ chat, target: 'staging', sql, rules: [], frozen: false });
    if (outcome.kind !== 'answer') throw new Error(JSON.stringify(outcome));
  };
  const bare = new pg.Pool({ connectionString: test.cluster.url(staging), max: 1 });
  // the server ends before the last connection has
  bare.on('error', () => {});
  try {
    const times: { ours: number[]; bare: number[]; unseen: number[]; beside: number[] } = {
      ours: [],
      bare: [],
      unseen: [],
      beside: [],
    };
    for (let round = 0; round < ROUNDS + 200; round++) {
      const id = 1 + ((round * 7919) % 10_000);
      const plain = await timed(() => bare.query(`select id, name, city from shop.customers where id = ${id}`));
      const routed = await timed(() => through(`select id, name, city from customers where id = ${id}`));
      if (round < 200) continue;
      times.ours.push(routed);
      times.bare.push(plain);
    }
    // what nobody has asked in this form before is parsed and walked
    for (let round = 0; round < 500; round++) {
      times.beside.push(await timed(() => bare.query(`select id, name, city from shop.customers where id = ${round}`)));
      times.unseen.push(await timed(() => through(`select id, name, city as c${round} from customers where id = 1`)));
    }
    const [a, b] = [median(times.ours), median(times.bare)];
    return {
      path: 'router: point read, permissions included',
      beside: 'the same query by pg',
      ours: a,
      bare: b,
      unit: 'ms',
      result: a / b,
      kind: 'ratio',
      limit: 1.3,
      note: `median of ${ROUNDS}; a statement of a shape not seen before: ${(median(times.unseen) / median(times.beside)).toFixed(2)}×`,
    };
  } finally {
    await bare.end();
    await ours.close();
    await cluster.close();
    await test.stop();
  }
}
