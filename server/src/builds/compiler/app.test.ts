import { get } from 'node:http';
import { SignJWT } from 'jose';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { emptySpec, type Spec, type SpecOperation } from '../../../../contract/spec.ts';
import { startTestCluster, type TestCluster } from '../../db/test-database.ts';
import { planChanges } from '../changes/plan.ts';
import { applyOperations } from '../spec/apply.ts';
import { compile } from './compile.ts';
import { chromiumPath, runTool, startApp, type TestApp, writeApp } from './test-app.ts';

const specOf = (title: string, operations: SpecOperation[]): Spec => {
  const result = applyOperations(emptySpec(title), operations);
  if (!result.ok) throw new Error(result.message);
  return result.spec;
};

const readingList = specOf('Reading list', [
  {
    op: 'add_entity',
    name: 'Book',
    fields: [
      { name: 'Title', required: true },
      { name: 'Author' },
      { name: 'Rating', type: 'rating', max: 5 },
      { name: 'Finished', type: 'boolean' },
    ],
  },
]);

/** Every type and rule, and labels that would break out of any template. */
const everything = specOf('Shop “<b>{x}”', [
  {
    op: 'add_entity',
    name: 'Customer',
    fields: [
      { name: 'Name', required: true },
      { name: 'Email', required: true, unique: true },
      { name: 'Notes', type: 'longtext' },
      { name: 'Since', type: 'date', default: 'today' },
    ],
  },
  {
    op: 'add_entity',
    name: 'Order',
    fields: [
      { name: 'Date', type: 'date', required: true },
      { name: 'Amount', type: 'number', min: 0, required: true },
      { name: 'Pieces', type: 'integer', min: 1, max: 99 },
      { name: 'Status', type: 'choice', choices: ['New', 'Paid & "sent"', "It's lost"], default: 'New' },
      { name: 'Stars', type: 'rating', max: 10, required: true },
    ],
  },
  {
    op: 'add_entity',
    name: "L'été {`$" + '{1}`} </script><b>',
    fields: [
      { name: 'Größe "x" {y} </script> `z` $' + '{1} \\' },
      { name: '📚', type: 'choice', choices: ['"', '{b}', "c'd", '</script>'] },
      { name: 'class', type: 'boolean', default: true },
      { name: '<img src=x>', type: 'longtext', required: true },
    ],
  },
]);

describe('a compiled app, built and driven in a browser', () => {
  let cluster: TestCluster;
  const apps: TestApp[] = [];
  const clients: pg.Client[] = [];

  beforeAll(async () => {
    cluster = await startTestCluster();
  });
  afterAll(async () => {
    for (const app of apps) await app.stop();
    for (const client of clients) await client.end();
    await cluster.stop();
  });

  async function build(spec: Spec, slug: string): Promise<{ app: TestApp; client: pg.Client }> {
    const folder = await writeApp(compile(spec, { slug }));
    await runTool(folder, '@sveltejs/kit/svelte-kit.js', ['sync']);
    const types = await runTool(folder, 'svelte-check/bin/svelte-check', ['--fail-on-warnings']);
    expect(types).toContain('0 errors and 0 warnings');
    await runTool(folder, 'vitest/vitest.mjs', ['run', '--configLoader', 'native']);
    await runTool(folder, 'vite/bin/vite.js', ['build', '--configLoader', 'native']);
    const connectionString = await cluster.create();
    const client = new pg.Client({ connectionString });
    await client.connect();
    clients.push(client);
    for (const change of planChanges(emptySpec(spec.title), spec, []))
      for (const statement of change.statements) await client.query(statement);
    const app = await startApp(folder, { host: client.host, user: client.user!, name: client.database! });
    apps.push(app);
    return { app, client };
  }

  const drive = (app: TestApp): Promise<string> =>
    runTool(app.folder, './tests/browser/run.ts', [], { APP_URL: app.url, VIBE_CHROMIUM: chromiumPath() });

  it('does all that a reading list should', { timeout: 90_000 }, async () => {
    const { app, client } = await build(readingList, 'reading-list');
    const checked = await drive(app);
    expect(checked.match(/^ok /gm)).toHaveLength(5);
    expect(await client.query('select 1 from books')).toMatchObject({ rowCount: 0 });

    await client.query(
      `insert into books (title, rating, created_at) select 'Book ' || n, n % 5 + 1, now() - n * interval '1 minute' from generate_series(1, 60) n`,
    );
    const page = async (query: string) => {
      const html = await (await fetch(`${app.url}/books${query}`)).text();
      return [...html.matchAll(/href="\/books\/[0-9a-f-]{36}"[^>]*>([^<]*)</g)].map((match) => match[1]);
    };
    expect((await page('')).slice(0, 2)).toEqual(['Book 1', 'Book 2']);
    expect(await page('')).toHaveLength(25);
    expect(await page('?page=3')).toHaveLength(10);
    expect(await page('?page=99')).toHaveLength(10);
    expect(await page('?q=book+60')).toEqual(['Book 60']);
    expect(await page('?q=%25')).toEqual([]);
    expect(await page('?sort=%3Bdrop')).toHaveLength(25);
  });

  it('lets nobody in without a valid identity', async () => {
    const ask = (headers: Record<string, string>) =>
      new Promise<number | undefined>((resolve, reject) => {
        const { socket: socketPath } = apps[0]!;
        get({ socketPath, path: '/books', headers: { host: 'x', ...headers } }, (answer) =>
          resolve(answer.resume().statusCode),
        ).on('error', reject);
      });
    expect(await ask({})).toBe(401);
    expect(await ask({ 'x-vibe-identity': 'e30.e30.e30' })).toBe(401);
    const other = await new SignJWT({})
      .setProtectedHeader({ alg: 'HS256' })
      .setSubject('x')
      .setAudience('app-under-test')
      .sign(new Uint8Array(32));
    expect(await ask({ 'x-vibe-identity': other })).toBe(401);
  });

  it('carries every type, every rule and any label', { timeout: 90_000 }, async () => {
    const { app, client } = await build(everything, 'shop');
    const checked = await drive(app);
    expect(checked).not.toContain('FAIL');
    await client.query(`insert into customers (name, email) values ('A', 'first example')`);
    const form = new URLSearchParams({ name: 'B', email: 'first example' });
    const taken = await fetch(`${app.url}/customers/new`, {
      method: 'POST',
      body: form,
      headers: { origin: app.url, accept: 'text/html' },
    });
    expect(taken.status).toBe(409);
    expect(await taken.text()).toContain('This is taken already.');
  });
});
