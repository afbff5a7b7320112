/** How both databases of an app with 500 tables differ: read and compared as it is for its reminders. */
import { DataCluster } from '../../server/src/databases/cluster.ts';
import { appSchema, databasesOf, siteSchema } from '../../server/src/databases/names.ts';
import { differing } from '../../server/src/databases/reminders/objects.ts';
import { readSide } from '../../server/src/databases/reminders/reconcile.ts';
import { startTestCluster } from '../../server/src/db/test-database.ts';
import { median, type Row, timed } from '../support/row.ts';

const TABLES = 500;
const ROUNDS = 15;
const table = (
  n: number,
) => `create table list_${n} (id uuid primary key default uuidv7(), name text not null check (length(name) <= 200), amount numeric(12, 2),
  due date, paid boolean not null default false, parent_id uuid references ${n > 0 ? `list_${n - 1}` : 'list_0'}, created_at timestamptz not null default now());
  create index on list_${n} (parent_id); create index on list_${n} (created_at desc)`;

export async function catalogue(): Promise<Row> {
  const test = await startTestCluster();
  const cluster = new DataCluster(test.cluster.url, Buffer.alloc(32, 7));
  const app = { id: '', slug: 'shop', containerId: '', containerSlug: 'bench' };
  const { staging, live } = databasesOf(app.containerSlug);
  try {
    await cluster.createDatabases({ staging, live });
    for (const [database, schema] of [
      [staging, siteSchema(app.slug)],
      [live, appSchema(app.slug)],
    ] as const) {
      await cluster.createSchema(database, app.containerSlug, schema);
      await cluster.asOwner(database, app.containerSlug, schema, async (client) => {
        for (let n = 0; n < TABLES; n += 50)
          await client.query(Array.from({ length: 50 }, (_, at) => table(n + at)).join(';\n'));
        if (database === staging) await client.query('alter table list_7 add column loyalty_points int');
      });
    }
    const times: number[] = [];
    for (let round = 0; round < ROUNDS; round++)
      times.push(
        await timed(async () => {
          const [a, b] = await Promise.all([readSide(cluster, app, 'staging'), readSide(cluster, app, 'live')]);
          if (differing(a.objects, b.objects).join() !== 'column:list_7.loyalty_points')
            throw new Error('it found another difference');
        }),
      );
    const ours = median(times);
    return {
      path: 'reminders: the difference of two catalogues of 500 tables',
      beside: '',
      ours,
      bare: null,
      unit: 'ms',
      result: ours,
      kind: 'value',
      limit: 200,
      note: 'both sides read at once, connections and records of changes included',
    };
  } finally {
    await cluster.close();
    await test.stop();
  }
}
