/** A live database at another address that goes away: what the doctor says, grants of a killed turn, removing an app, giving the server up. */
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import pg from 'pg';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { App } from '../contract/apps.ts';
import type { DataChange } from '../contract/data.ts';
import type { Mirror } from '../contract/mirrors.ts';
import type { AppLeaves, Leftover, Outside } from '../contract/outside.ts';
import { type OutsideTest, startOutside } from '../server/src/databases/outside/fixtures/outside-server.ts';
import { openDatabase, sql } from '../server/src/db/database.ts';
import type { AnthropicServer } from './support/anthropic-server.ts';
import { DESKTOP, openBrowser, signIn, takePictures } from './support/browser.ts';
import { MARTA, type Person } from './support/client.ts';
import { appOf, inOrder, merge, say, turn } from './support/maker.ts';
import { clusterUrl, platformUrl } from './support/platform.ts';
import { startVibe } from './support/set-up.ts';
import type { Vibe } from './support/vibe.ts';
import { Visitor } from './support/visitor.ts';

const DOCTOR = fileURLToPath(new URL('../scripts/doctor.mjs', import.meta.url));
let vibe: Vibe;
let there: OutsideTest;
let claude: AnthropicServer;
let marta: Person;
/** one is removed while the server is away, the other is brought back from it */
let going: App;
let staying: App;
let chatId: string;

beforeAll(async () => {
  there = await startOutside();
  ({ vibe, claude, marta } = await startVibe({ VIBE_LIVE_PRIVATE_HOSTS: there.allowed }));
  const make = async (words: string) => {
    const made = await turn(marta, words, { model: 'builtin' });
    expect(made.ended.outcome).toBe('completed');
    return { app: await merge(marta, made.chatId), chatId: made.chatId };
  };
  ({ app: staying, chatId } = await make('Track repairs with customer and price'));
  ({ app: going } = await make('Track loans with book and reader'));
  expect((await marta.ask('PUT', '/api/data/outside', there.address)).status).toBe(200);
  for (const app of [staying, going]) await marta.ask('POST', `/api/apps/${app.id}/live`);
  for (const app of [staying, going]) await inStep(app);
});
afterAll(async () => {
  await vibe?.remove();
  await claude?.close();
  await there?.end();
});

const inStep = (app: App) =>
  marta.until(
    async () => (await marta.ask<Mirror>('GET', `/api/apps/${app.id}/mirror`)).body.state === 'in_step',
    `the mirror of ${app.name} is in step`,
    60_000,
  );
const schemaOf = (app: App) => app.slug.replaceAll('-', '_');
const doctor = () =>
  new Promise<string>((resolve) =>
    execFile(
      process.execPath,
      [DOCTOR],
      {
        env: {
          ...process.env,
          VIBE_DATA_DIR: vibe.dataDir,
          PORT: new URL(vibe.baseUrl).port,
          VIBE_LIVE_PRIVATE_HOSTS: there.allowed,
        },
      },
      (_error, stdout) => resolve(stdout),
    ),
  );
const platform = async <T>(work: (db: ReturnType<typeof openDatabase>['db']) => Promise<T>): Promise<T> => {
  const { db } = openDatabase(platformUrl(vibe), { max: 1 });
  return work(db).finally(() => db.destroy());
};
const leftovers = async () => (await marta.ask<{ items: Leftover[] }>('GET', '/api/data/leftovers')).body.items;
const names = async (query: string): Promise<string[]> => {
  const root = await there.root();
  const { rows } = await root.query<{ name: string }>(query);
  await root.end();
  return rows.map(({ name }) => name);
};

it('is found well by the doctor, with its copies', async () => {
  const said = await doctor();
  expect(said).toMatch(/✓ Live elsewhere +\S+: shopdb at 127\.0\.0\.1:\d+/);
  expect(said).toContain('127.0.0.1 answers, encrypted, and is who it says it is.');
  expect(said).toMatch(/✓ {3}Copy +Repairs.*: staging’s copy is in step/);
  expect(said).not.toContain(there.address.password);
});

it('loses the grant of a killed turn as soon as it answers again', async () => {
  await marta.ask('PATCH', `/api/chats/${chatId}`, { model: 'anthropic/claude-sonnet-4-5', database: 'live' });
  const query = { tool: 'supabase_router', input: { sql: 'select count(*) from repairs' } };
  claude.use(inOrder([query], { blocks: [{ text: 'Hm' }], hangs: true }));
  await say(marta, 'How many on live?', { chatId });
  const granted = `select rolname as name from pg_roles where rolname ~ '\\.q_[a-z0-9]{8}\\.live'`;
  await marta.until(async () => (await names(granted)).length > 0, 'the live grant', 20_000);
  await vibe.kill('all');
  await there.stop();
  claude.use(inOrder([{ text: 'It was cut off.' }]));
  await vibe.start();
  await there.start();
  await marta.until(async () => (await names(granted)).length === 0, 'no live grant', 15_000);
  await inStep(staying);
});

it('keeps nobody from deleting an app, who is told what stays there', async () => {
  const root = await there.root();
  await root.query(`insert into ${schemaOf(staying)}.repairs (customer, price) values ('Knightley', 120)`);
  await root.end();
  // what live has is in its copy before live goes away
  const copy = new pg.Client({ connectionString: clusterUrl(vibe, 'data', 'marta_lindqvist__staging') });
  await copy.connect();
  const copied = `select customer from ${schemaOf(staying)}.repairs`;
  await marta.until(async () => (await copy.query(copied)).rowCount, 'the row in the copy').finally(() => copy.end());
  expect((await marta.ask<AppLeaves>('GET', `/api/apps/${going.id}/leaves`)).body).toEqual({
    leaves: null,
    because: '',
  });
  const refused = await marta.ask('POST', '/api/data/outside/give-up', { host: '127.0.0.1' });
  expect(refused).toMatchObject({ status: 409, body: { code: 'live_answers' } });
  await there.stop();
  const said = await doctor();
  expect(said).toMatch(/✗ Live elsewhere .*cannot hold the live database as it is now/);
  expect(said).toContain('cannot be reached: nothing listens there.');
  expect(said).toContain('whether a firewall lets this server through');
  expect(await marta.ask('DELETE', `/api/apps/${going.id}`)).toMatchObject({
    status: 409,
    body: { code: 'live_stays' },
  });
  const browser = await openBrowser();
  try {
    const page = await browser.newPage({ viewport: DESKTOP });
    await signIn(page, vibe.baseUrl);
    await page.goto(`${vibe.baseUrl}/apps`);
    await page.getByRole('button', { name: `Delete ${going.name}` }).click();
    await page.getByText('Its live database does not answer').waitFor();
    await page.getByText('How to remove it by hand').click();
    await takePictures(page, 'outside-leave-app');
    await page.getByLabel('Its name').fill(going.name);
    await page.getByRole('button', { name: 'Delete it and leave that there' }).click();
    await page.getByText(`${going.name} is deleted.`).waitFor();
    await platform(async (db) => {
      await sql`update apps set deleted_at = now() - interval '48 hours' where id = ${going.id}`.execute(db);
      await sql`update chats set deleted_at = now() - interval '48 hours' where app_id = ${going.id}`.execute(db);
      await sql`update graphile_worker._private_jobs set run_at = now() where key like 'app.remove:%' or key like 'chat.remove:%'`.execute(
        db,
      );
    });
    await marta.until(async () => (await leftovers()).some(({ kind }) => kind === 'app'), 'what was left', 40_000);
    await page.goto(`${vibe.baseUrl}/data`);
    await page.getByText('Still on a server elsewhere').waitFor();
    await takePictures(page, 'outside-left-there');
  } finally {
    await browser.close();
  }
  const app = (await leftovers()).find(({ kind }) => kind === 'app')!;
  expect(app).toMatchObject({ app: going.name, schemas: [schemaOf(going)], words: expect.any(String) });
  expect(app.until).not.toBeNull();
  for (const name of [...app.slots, ...app.publications, ...app.roles]) expect(app.sql).toContain(name);
  expect(JSON.stringify(app)).not.toContain(there.address.password);
  // nothing of it is here any more
  const gone = await platform((db) => sql`select 1 from mirrors where app_id = ${going.id}`.execute(db));
  expect(gone.rows).toEqual([]);
});

it('is given up with a yes in words, and its apps come back with the rows that staging’s copy had', async () => {
  const wrong = await marta.ask('POST', '/api/data/outside/give-up', { host: 'another' });
  expect(wrong).toMatchObject({ status: 400, body: { code: 'not_confirmed' } });
  const browser = await openBrowser();
  try {
    const page = await browser.newPage({ viewport: DESKTOP });
    await signIn(page, vibe.baseUrl);
    await page.goto(`${vibe.baseUrl}/data`);
    await page.getByRole('button', { name: 'Live is at 127.0.0.1' }).click();
    await page.getByRole('button', { name: 'Look at how it is' }).click();
    await page.getByRole('button', { name: 'Give it up…' }).click();
    await takePictures(page, 'outside-give-up');
    await page.getByLabel('Type 127.0.0.1 to give it up').fill('127.0.0.1');
    await page.getByRole('button', { name: 'Give it up' }).click();
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    await marta.until(async () => (await appOf(marta, staying.id)).mode === 'vibe-coded', 'the app is back', 60_000);
    await marta.until(
      async () => (await marta.ask<Outside>('GET', '/api/data/outside')).body.address === null,
      'nothing is elsewhere',
      30_000,
    );
    await page.goto(`${vibe.baseUrl}/data`);
    await page.getByText('Never removed by itself').waitFor();
    await takePictures(page, 'outside-given-up');
  } finally {
    await browser.close();
  }
  // coming back is of whoever gave it up
  const { items } = (
    await marta.ask<{ items: DataChange[] }>('GET', `/api/data/changes?appId=${staying.id}&kind=tables`)
  ).body;
  expect(items.find(({ act }) => act === 'came_home')?.by).toMatchObject({ name: MARTA.name });
  const page = await (await Visitor.enter(marta, (await appOf(marta, staying.id)).url)).ask('GET', '/repairs');
  expect(page.text).toContain('Knightley');
  // and it works as one that never had a live database
  await marta.ask('PATCH', `/api/chats/${chatId}`, { model: 'builtin', database: 'staging' });
  const { ended } = await turn(marta, 'add a notes field to repairs', { chatId });
  expect(ended).toMatchObject({ outcome: 'completed' });
  await merge(marta, chatId);
  expect((await marta.ask('POST', `/api/apps/${staying.id}/live`)).status).toBeLessThan(300);
  await inStep(staying);
});

it('is tidied by itself when it answers again, but for rows that may be nowhere else', async () => {
  await there.start();
  await platform((db) => sql`update outside_leftovers set tried_at = null`.execute(db));
  await marta
    .until(async () => (await leftovers()).every(({ kind }) => kind === 'rows'), 'the rest is gone', 40_000)
    .catch(async (error) => {
      throw new Error(`${error.message}: ${JSON.stringify(await leftovers())}`);
    });
  expect(await names('select slot_name as name from pg_replication_slots')).toEqual([]);
  expect(await names('select pubname as name from pg_publication')).toEqual([]);
  expect(await names(`select rolname as name from pg_roles where rolname like '%${schemaOf(going)}%'`)).toEqual([]);
  expect(await names(`select customer as name from ${schemaOf(staying)}.repairs`)).toEqual(['Knightley']);
  // a database with such rows is not taken again over their heads
  expect(await marta.ask('PUT', '/api/data/outside', there.address)).toMatchObject({ status: 409 });
  const [rows] = await leftovers();
  const boss = await there.root();
  await boss.query('set role boss');
  for (const statement of rows!.sql.split(/;\n(?=select|do|drop)/)) await boss.query(statement);
  await boss.end();
  expect((await marta.ask('DELETE', `/api/data/leftovers/${rows!.id}`)).status).toBe(204);
  expect(await leftovers()).toEqual([]);
  await marta.until(
    async () => (await names(`select nspname as name from pg_namespace where nspname = 'vibe_live'`)).length === 0,
    'the place is free for others',
  );
  expect(await names(`select rolname as name from pg_roles where rolname like '%.%'`)).toEqual([]);
});
