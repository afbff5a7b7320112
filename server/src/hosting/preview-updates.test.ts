/** A real browser shows the fixture app in its dev server, and files change while parts of the page are still on their way. */
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { join } from 'node:path';
import { type Browser, chromium, type Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { ask, HostingBench, testToolchain } from './fixtures/bench.ts';
import { testBrowser } from './fixtures/browser.ts';
import { previewPlan } from './plans.ts';
import { Instances } from './previews.ts';

const bench = new HostingBench();
const instances = new Instances({ driver: bench.driver });
const gateway = createServer((browser) => {
  browser.on('error', () => browser.destroy());
  instances.connect('a').then(
    (app) => {
      app.on('error', () => browser.destroy());
      browser.pipe(app).pipe(browser);
    },
    () => browser.destroy(),
  );
});
let app: string;
let address: string;
let browser: Browser;
let page: Page;

beforeAll(async () => {
  app = bench.app();
  write('src/lib/slow.js', 'export const slow = 1;\n');
  change('src/lib/Card.svelte', '<script lang="ts">', `<script lang="ts">\n  import '#lib/slow.js';`);
  const { modules } = await testToolchain();
  gateway.listen(0, '127.0.0.1');
  await once(gateway, 'listening');
  address = `http://shop.localhost:${(gateway.address() as AddressInfo).port}/`;
  const env = { VIBE_PLATFORM_ORIGIN: address };
  await instances.ensure('a', () => previewPlan({ id: bench.id('preview'), appDir: app, modules, env }));
  const { env: variables, ...rest } = await testBrowser();
  browser = await chromium.launch({ ...rest, env: { ...process.env, ...variables } });
});
afterAll(async () => {
  await browser?.close();
  gateway.close();
  await instances.stopAll();
  bench.end();
});
beforeEach(async () => {
  page = await browser.newPage();
});
afterEach(() => page.close());

const write = (path: string, text: string) => writeFileSync(join(app, path), text);
const change = (path: string, from: string, to: string) => {
  const text = readFileSync(join(app, path), 'utf8');
  expect(text).toContain(from);
  write(path, text.replace(from, to));
};
const served = async (words: string) =>
  expect.poll(async () => (await ask(() => instances.connect('a'), '/')).text).toContain(words);
const shows = (words: string) => page.getByText(words).waitFor({ timeout: 10_000 });

/** The page, with one of its parts held back. @returns what lets it through */
async function openWithout(part: RegExp): Promise<() => void> {
  let release = () => {};
  const released = new Promise<void>((resolve) => {
    release = resolve;
  });
  const asked = page.waitForRequest(part);
  await page.route(part, async (route) => {
    await released;
    await route.continue();
  });
  await page.goto(address, { waitUntil: 'commit' });
  await asked;
  return release;
}

describe('a page that is still loading when something changes', () => {
  it('is told of it when its own part of the dev server was not there yet', async () => {
    const release = await openWithout(/@vite\/client/);
    await shows('card one: server words one');
    write('src/lib/server/words.ts', `export const words = 'server words two';\n`);
    await served('server words two');
    release();
    await shows('card one: server words two');
  });

  it('is told of it when the changed module was fetched and did not run yet', async () => {
    const changed = page.waitForResponse(/lib\/Card\.svelte(\?t=\d+)?$/).then((response) => response.finished());
    const connected = page.waitForEvent('websocket').then((socket) => socket.waitForEvent('framereceived'));
    const release = await openWithout(/lib\/slow\.js/);
    await Promise.all([changed, connected]);
    change('src/lib/Card.svelte', 'card one', 'card two');
    await served('card two');
    // what is told over the socket has arrived
    await page.waitForTimeout(300);
    expect(await page.getByText('card one').count()).toBe(1);
    release();
    await shows('card two: server words two');
  });

  it('loads its data anew when it had not begun to live', async () => {
    const release = await openWithout(/kit\/src\/runtime\/client\/client-entry\.js/);
    await shows('server words two');
    write('src/lib/server/words.ts', `export const words = 'server words three';\n`);
    await served('server words three');
    await page.waitForTimeout(300);
    release();
    await shows('card two: server words three');
  });

  it('is not old when it is loaded anew after a change that it does not show', async () => {
    await page.goto(address, { waitUntil: 'networkidle' });
    const told = page.waitForEvent('console', (message) => message.text().includes('hot updated'));
    write('src/lib/slow.js', 'export const slow = 2;\n');
    await told;
    let loads = 0;
    page.on('domcontentloaded', () => loads++);
    await page.reload({ waitUntil: 'networkidle' });
    await page.waitForTimeout(500);
    expect(loads).toBe(1);
  });

  it('is loaded anew once and no more, where its app keeps old pages', async () => {
    let loads = 0;
    page.on('domcontentloaded', () => loads++);
    // as a page is that the app's service worker has kept
    await page.addInitScript(`addEventListener('readystatechange', () => {
      document.querySelector('script[data-change]').dataset.change = '1';
    }, { capture: true })`);
    await page.goto(address, { waitUntil: 'networkidle' });
    await expect.poll(() => loads).toBe(2);
    await page.waitForTimeout(500);
    expect(loads).toBe(2);
  });

  it('is loaded once where nothing changed, and keeps what was typed when something changes later', async () => {
    let loads = 0;
    page.on('domcontentloaded', () => loads++);
    await page.goto(address, { waitUntil: 'networkidle' });
    await page.evaluate(`document.body.append(Object.assign(document.createElement('input'), { value: 'typed' }))`);
    change('src/lib/Card.svelte', 'card two', 'card three');
    await shows('card three: server words three');
    expect(await page.locator('input').inputValue()).toBe('typed');
    expect(loads).toBe(1);
  });
});
