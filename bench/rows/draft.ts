/** A draft of 10 MB beside a plain INSERT … SELECT of the same rows. */
import pg from 'pg';
import { applyChanges } from '../../server/src/databases/changes.ts';
import { DataCluster } from '../../server/src/databases/cluster.ts';
import { dropDraft, ensureDraft } from '../../server/src/databases/drafts.ts';
import { databasesOf, rolesOf } from '../../server/src/databases/names.ts';
import { startTestCluster } from '../../server/src/db/test-database.ts';
import { median, type Row, timed } from '../support/row.ts';

const ROUNDS = 25;
/** As in a host that has run for a while: until then Node compiles what it runs. */
const WARM_UP = 10;

export async function draft(): Promise<Row> {
  // as a Vibe's own cluster keeps rows: neither side may leave out what a power cut needs
  const test = await startTestCluster({ fsync: 'on', synchronous_commit: 'on', full_page_writes: 'on' });
  const cluster = new DataCluster(test.cluster.url, Buffer.alloc(32, 1));
  const database = databasesOf('bench').staging;
  try {
    await cluster.createDatabases(databasesOf('bench'));
    await cluster.createSchema(database, 'bench', 'shop');
    const change = {
      id: '0001-books',
      destructive: false,
      statements: ['create table books (id uuid primary key default uuidv7(), title text not null, body text)'],
    };
    await cluster.asOwner(database, 'bench', 'shop', (client) =>
      applyChanges(client, rolesOf('bench', 'shop').runtime, [change]),
    );
    const admin = new pg.Client(test.cluster.url(database));
    await admin.connect();
    await admin.query(
      `insert into shop.books (title, body) select 'Title ' || n, repeat(md5(n::text), 30) from generate_series(1, 10000) n`,
    );
    await admin.query('create schema bare');
    const ours: number[] = [];
    const bare: number[] = [];
    for (let round = 0; round < ROUNDS; round++) {
      const place = { database, containerSlug: 'bench', schema: 'shop__cbench123', source: 'shop' };
      // a file of the log that has to be made anew must not fall to the one or the other
      await admin.query('checkpoint');
      ours.push(await timed(() => ensureDraft(cluster, place, [change], [change])));
      await dropDraft(cluster, place);
      await admin.query('drop table if exists bare.books');
      await admin.query('create table bare.books (like shop.books including all)');
      await admin.query('checkpoint');
      bare.push(await timed(() => admin.query('insert into bare.books select * from shop.books')));
    }
    await admin.end();
    const [a, b] = [median(ours.slice(WARM_UP)), median(bare.slice(WARM_UP))];
    return {
      path: 'draft of 10 MB',
      beside: 'plain INSERT … SELECT',
      ours: a,
      bare: b,
      unit: 'ms',
      result: a / b,
      kind: 'ratio',
      limit: 2,
    };
  } finally {
    await cluster.close();
    await test.stop();
  }
}
