import { get } from 'node:http';
import { SignJWT } from 'jose';
import pg from 'pg';
import { chromium } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { emptySpec, type Spec } from '../../../../contract/spec.ts';
import type { SpecOperation } from '../../../../contract/spec-operations.ts';
import { startTestCluster, type TestCluster } from '../../db/test-database.ts';
import { testBrowser } from '../../hosting/fixtures/browser.ts';
import { planChanges } from '../changes/plan.ts';
import { applyOperations } from '../spec/apply.ts';
import { compile } from './compile.ts';
import { everything } from './everything.ts';
import { runTool, startApp, type TestApp, writeApp } from './test-app.ts';

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

  const drive = async (app: TestApp): Promise<string> => {
    const { executablePath, env } = await testBrowser();
    return runTool(app.folder, './tests/browser/run.ts', [], {
      ...env,
      APP_URL: app.url,
      VIBE_CHROMIUM: executablePath,
    });
  };

  it('does all that a reading list should', { timeout: 480_000 }, async () => {
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

  it('carries every type, every rule and any label', { timeout: 480_000 }, async () => {
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

  describe('with lists that belong together', () => {
    const html = async (path: string) => (await fetch(`${shop().url}${path}`)).text();
    const shop = () => apps[1]!;
    const id = async (sql: string, values: unknown[] = []): Promise<string> =>
      (await clients[1]!.query(`${sql} returning id`, values)).rows[0].id;
    const send = (path: string, body: FormData | URLSearchParams) =>
      fetch(`${shop().url}${path}`, {
        method: 'POST',
        body,
        redirect: 'manual',
        headers: { origin: shop().url, accept: 'text/html' },
      });
    let order: string;
    let customer: string;
    let product: string;

    it('shows what belongs to a row on its page, and works out totals', async () => {
      const picture = await id(
        `insert into stored_files (name, type, content) values ('p.png', 'image/png', '\\x89504e47')`,
      );
      customer = await id(`insert into customers (name, email) values ('Ada', 'ada@example.com')`);
      product = await id(
        `insert into products (name, price, discount, picture, takes) values ('Lamp', 40, 25, $1, 95)`,
        [picture],
      );
      order = await id(
        `insert into orders (date, amount, status, stars, customer_id) values ('2026-11-21', 1, 'new', 3, $1)`,
        [customer],
      );
      for (const quantity of [2, 3])
        await id('insert into order_lines (order_id, product_id, quantity) values ($1, $2, $3)', [
          order,
          product,
          quantity,
        ]);
      await id('insert into wishes (product_id, customer_id, how_much) values ($1, $2, 4)', [product, customer]);

      const page = await html(`/orders/${order}`);
      expect(page).toContain('CHF\u00a0150.00');
      expect(page).toContain(`href="/customers/${customer}">Ada</a>`);
      expect(page.match(/CHF\u00a060\.00|CHF\u00a090\.00/g)).toHaveLength(2);
      expect(await html(`/products/${product}`)).toContain(`href="/customers/${customer}">Ada</a>`);
      expect(await html(`/customers/${customer}`)).toContain(`href="/products/${product}">Lamp</a>`);
      expect(await html(`/products/${product}`)).toContain('1:35 h');
      expect(await html('/orders?sort=-total')).toContain(`href="/orders/${order}"`);
      expect(await html('/orders?q=ada')).toContain(`href="/orders/${order}"`);
      expect(await html('/orders?q=nobody')).not.toContain(`href="/orders/${order}"`);
    });

    it('adds to a row from its page and comes back, but never leads elsewhere', async () => {
      const wish = (from: string) =>
        send(
          `/wishes/new?from=${encodeURIComponent(from)}`,
          new URLSearchParams({ product_id: product, customer_id: customer }),
        );
      expect((await wish('/x')).status).toBe(409);
      await clients[1]!.query('delete from wishes');
      expect((await wish(`/products/${product}`)).headers.get('location')).toBe(`/products/${product}`);
      for (const elsewhere of ['//evil.example', 'https://evil.example', '/\\evil.example', '/\t/evil.example']) {
        await clients[1]!.query('delete from wishes');
        expect((await wish(elsewhere)).headers.get('location')).toBe('/wishes');
      }
    });

    it('says that a row is still used, and takes along what cannot be without it', async () => {
      const kept = await send(`/customers/${customer}/delete`, new FormData());
      expect(kept.headers.get('location')).toBe(`/customers/${customer}`);
      expect(kept.headers.get('set-cookie')).toContain('still%20point');
      expect(await html(`/orders/${order}/delete`)).toContain('with it its order lines');
      expect((await send(`/orders/${order}/delete`, new FormData())).status).toBe(303);
      expect(await clients[1]!.query('select 1 from order_lines')).toMatchObject({ rowCount: 0 });
      expect((await send(`/customers/${customer}/delete`, new FormData())).headers.get('location')).toBe('/customers');
    });

    it('takes a table in after a look at it, says what is wrong by row, and gives one out that no spreadsheet runs', async () => {
      const table = (text: string) => {
        const form = new FormData();
        form.set('file', new Blob([text], { type: 'text/csv' }), 'customers.csv');
        return form;
      };
      const head = 'Name;E-Mail?;Email;Since';
      const good = '=cmd|calc;x;carol@example.com;21.11.2026';
      const bad = [';x;dave@example.com;', 'Eve;x;no address;2026-02-30'];
      const looked = await (await send('/customers/import?/check', table([head, good, ...bad].join('\r\n')))).text();
      expect(looked).toContain('1 row can be added, 2 cannot yet');
      expect(looked).toContain('Name is missing.');
      expect(looked).toContain('Since is not a date.');
      expect(looked).toContain('Not used: E-Mail?');
      expect(await clients[1]!.query(`select 1 from customers where email = 'carol@example.com'`)).toMatchObject({
        rowCount: 0,
      });
      const text = [head, good, ...bad, 'Carol;x;carol@example.com;'].join('\n');
      const added = await (await send('/customers/import?/add', new URLSearchParams({ text }))).text();
      expect(added).toContain('1 row was added.');
      expect(added).toContain('Email: This is taken already.');
      const out = await (await fetch(`${shop().url}/customers/export`)).text();
      expect(out).toMatch(/^Name,Email,/);
      expect(out).toContain("'=cmd|calc,carol@example.com");
      expect((await send('/customers/import?/check', table('nothing'))).status).toBe(400);
      expect((await send('/customers/import?/check', table('a,b\n1,2'))).status).toBe(400);
    });

    it('says how much can be sent at once', async () => {
      const form = new FormData();
      form.set('file', new Blob([new Uint8Array(4 * 1024 * 1024 + 1)]), 'customers.csv');
      expect(await (await send('/customers/import?/check', form)).text()).toContain('at most 4 MB');
      form.set('file', new Blob([new Uint8Array(11 * 1024 * 1024)]), 'customers.csv');
      const refused = await send('/customers/import?/check', form);
      expect(refused.status).toBe(413);
      expect(await refused.text()).toContain('At most 10 MB can be sent at once.');
    });

    it('is never wider than the screen, however long a word is', async () => {
      const long = 'w'.repeat(200);
      const who = await id('insert into customers (name, email) values ($1, $2)', [long, 'long@example.com']);
      const one = await id(
        `insert into orders (date, amount, status, stars, customer_id) values ('2026-11-21', 1, 'new', 3, $1)`,
        [who],
      );
      const { env, ...rest } = await testBrowser();
      const browser = await chromium.launch({ ...rest, env: { ...process.env, ...env } });
      try {
        for (const width of [390, 1440]) {
          const page = await browser.newPage({ viewport: { width, height: 900 } });
          for (const path of ['/', '/customers', `/customers/${who}`, '/orders', `/orders/${one}`, '/orders/new']) {
            await page.goto(shop().url + path);
            const wide = await page.evaluate('document.documentElement.scrollWidth');
            expect([path, width, wide]).toEqual([path, width, width]);
          }
          await page.close();
        }
      } finally {
        await browser.close();
      }
    });

    it('trusts a file for nothing but its first bytes, and never lets one act as a page', async () => {
      const product = (picture: Blob, manual?: Blob) => {
        const form = new FormData();
        for (const [name, value] of Object.entries({ name: 'X', price: '1,50', takes: '0:10' })) form.set(name, value);
        form.set('picture', picture, 'p.png');
        if (manual) form.set('manual', manual, 'x".html\r\nset-cookie: a=b');
        return form;
      };
      const png = new Blob([new Uint8Array([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a])], { type: 'text/html' });
      const script = new Blob(['<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'], {
        type: 'image/png',
      });
      const refused = await send('/products/new', product(script));
      expect(refused.status).toBe(400);
      expect(await refused.text()).toContain('Picture is no picture');
      const large = await send('/products/new', product(png, new Blob([new Uint8Array(5 * 1024 * 1024 + 1)])));
      expect(await large.text()).toContain('Manual is too large');
      expect((await send('/products/new', product(png, script))).status).toBe(303);
      const { rows } = await clients[1]!.query(`select picture, manual from products where name = 'X'`);
      const shown = await fetch(`${shop().url}/files/${rows[0].picture}`);
      expect(shown.headers.get('content-type')).toBe('image/png');
      const saved = await fetch(`${shop().url}/files/${rows[0].manual}`);
      expect(saved.headers.get('content-type')).toBe('application/octet-stream');
      expect(saved.headers.get('content-disposition')).toMatch(/^attachment; filename\*=UTF-8''[\w.%-]+$/);
      for (const reply of [shown, saved]) {
        expect(reply.headers.get('x-content-type-options')).toBe('nosniff');
        expect(reply.headers.get('content-security-policy')).toContain('sandbox');
      }
    });
  });
});
