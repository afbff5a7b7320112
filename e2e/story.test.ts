/**
 * What a new user sees, whole, in a real browser: from the first account to an app that serves, through undo, merge, a stranger at the
 * door, and kill -9. Once with the built-in builder, once with a server that speaks Anthropic's protocol.
 */
import type { Browser, BrowserContext, FrameLocator, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type AnthropicServer, startAnthropic } from './support/anthropic-server.ts';
import { DESKTOP, openBrowser, PHONE, takePictures } from './support/browser.ts';
import { call } from './support/client.ts';
import { makeVibe, type Vibe } from './support/vibe.ts';

let browser: Browser;
beforeAll(async () => {
  browser = await openBrowser();
});
afterAll(() => browser?.close());

const PASSWORD = 'correct horse battery';
const WISH = 'A reading list with title, author, rating 1 to 5 and whether I finished it.';

/** A page that fails the test when something breaks in the browser. */
async function openPage(context: BrowserContext, problems: string[]): Promise<Page> {
  const page = await context.newPage();
  page.on('pageerror', (error) => problems.push(error.message));
  return page;
}

async function makeFirstAccount(page: Page, baseUrl: string): Promise<void> {
  await page.goto(baseUrl);
  await page.getByLabel('Your name').fill('Marta Lindqvist');
  await page.getByLabel('E-mail address').fill('marta@example.com');
  await page.getByLabel('Password').fill(PASSWORD);
  await page.getByRole('button', { name: 'Make the account' }).click();
  await page.getByLabel('What you would like').waitFor();
}

const say = async (page: Page, text: string) => {
  await page.getByLabel('Message').fill(text);
  await page.keyboard.press('Enter');
};
const preview = (page: Page): FrameLocator => page.frameLocator('iframe[title="Preview of the app"]');
const ended = (page: Page, files: string | RegExp) =>
  page.getByText(files, { exact: true }).last().waitFor({ timeout: 60_000 });

describe('with the built-in builder, no key and no network', () => {
  let vibe: Vibe;
  let context: BrowserContext;
  let page: Page;
  const problems: string[] = [];

  beforeAll(async () => {
    vibe = await makeVibe();
    await vibe.start();
    context = await browser.newContext({ viewport: DESKTOP });
    page = await openPage(context, problems);
  });
  afterAll(async () => {
    await context?.close();
    await vibe?.remove();
  });

  it('makes the first account and lands in a chat that asks what to make', async () => {
    await page.goto(vibe.baseUrl);
    await page.getByRole('button', { name: 'Make the account' }).click();
    // nothing was filled in: each field says so
    await page.locator('[aria-invalid="true"]').first().waitFor();
    expect(await page.locator('[aria-invalid="true"]').count()).toBeGreaterThanOrEqual(2);
    await takePictures(page, 'first-account');
    await makeFirstAccount(page, vibe.baseUrl);
    await page.getByText('ready', { exact: true }).waitFor();
    await takePictures(page, 'first-run');
  });

  it('makes the app from one sentence, with diff cards and a live preview', async () => {
    await page.getByLabel('What you would like').fill(WISH);
    await page.keyboard.press('Enter');
    await page
      .getByText('I understood', { exact: false })
      .first()
      .waitFor({ timeout: 30_000 })
      .catch(() => {});
    await ended(page, /^\d+ files$/);
    expect(await page.getByText('src/routes/books/+page.svelte').count()).toBeGreaterThan(0);
    await preview(page).getByRole('heading', { name: 'Books', exact: true }).waitFor({ timeout: 60_000 });
    await takePictures(page, 'chat');
  });

  it('lets the person use the preview', async () => {
    const app = preview(page);
    await app
      .getByRole('link', { name: /add|new/i })
      .first()
      .click();
    await app.getByLabel('Title').fill('Emma');
    await app.getByLabel('Author').fill('Jane Austen');
    await app
      .getByRole('button', { name: /save|add/i })
      .last()
      .click();
    await app.getByText('Emma').first().waitFor();
  });

  it('adds a field without a reload of the preview, and shows the diff', async () => {
    const frame = page.frames().find((one) => one.url().includes('--c'))!;
    // before that a link loads its page anew
    await frame.locator('html[data-alive]').waitFor();
    await frame.evaluate(() => {
      (globalThis as unknown as { stillHere: boolean }).stillHere = true;
    });
    await frame
      .getByRole('link', { name: /add|new/i })
      .first()
      .click();
    await say(page, 'add a notes field to books');
    await preview(page).getByLabel('Notes').waitFor({ timeout: 30_000 });
    await page.getByText('Notes', { exact: false }).first().waitFor();
    expect(await frame.evaluate(() => (globalThis as unknown as { stillHere?: boolean }).stillHere)).toBe(true);
    await page.getByRole('button', { name: 'Undo' }).waitFor();
  });

  it('undoes that turn and redoes it', async () => {
    await page.getByRole('button', { name: 'Undo' }).click();
    await page.getByText('taken back', { exact: true }).waitFor();
    await preview(page).getByLabel('Notes').waitFor({ state: 'detached', timeout: 30_000 });
    await page.getByRole('article').getByRole('button', { name: 'Redo' }).click();
    await preview(page).getByLabel('Notes').waitFor({ timeout: 30_000 });
  });

  let appUrl = '';
  it('merges, and the app serves at its own address', async () => {
    await page.getByRole('button', { name: 'Merge' }).click();
    const open = page.getByRole('link', { name: 'Open', exact: true });
    await open.waitFor({ timeout: 120_000 });
    appUrl = (await open.getAttribute('href'))!;
    await takePictures(page, 'chat-merged', ['desktop']);
    const app = await context.newPage();
    await app.goto(appUrl);
    await app.getByRole('heading', { name: 'Books', exact: true }).waitFor();
    // production begins empty: what was tried in the draft stayed there
    expect(await app.getByText('Emma').count()).toBe(0);
    await app
      .getByRole('link', { name: /add|new/i })
      .first()
      .click();
    await app.getByLabel('Title').fill('Middlemarch');
    await app.getByLabel('Notes').fill('Long, and worth it');
    await app
      .getByRole('button', { name: /save|add/i })
      .last()
      .click();
    await app.getByText('Middlemarch').first().waitFor();
    await takePictures(app, 'app');
    await app.close();
  });

  it('asks a stranger to log in, and answers nothing to what is no navigation', async () => {
    const stranger = await browser.newContext({ viewport: DESKTOP });
    const door = await openPage(stranger, problems);
    await door.goto(appUrl);
    await door.getByRole('heading', { name: 'Welcome back' }).waitFor();
    await takePictures(door, 'login', ['desktop', 'phone']);
    await door.getByLabel('E-mail address').fill('marta@example.com');
    await door.getByLabel('Password').fill(PASSWORD);
    await door.getByRole('button', { name: 'Sign in' }).click();
    // and back to where they wanted to go
    await door.waitForURL(`${appUrl}/**`);
    await door.getByText('Middlemarch').first().waitFor();
    await stranger.close();
    const host = new URL(appUrl).host;
    expect((await call(vibe.baseUrl, 'GET', '/', { host, headers: { accept: 'application/json' } })).status).toBe(401);
  });

  it('has everything where it was after kill -9 of all processes', async () => {
    await page.close();
    await vibe.kill('all');
    await vibe.start();
    page = await openPage(context, problems);
    await page.goto(vibe.baseUrl);
    await page.getByRole('heading', { name: 'All apps' }).waitFor();
    await takePictures(page, 'launcher');
    await page.goto(`${vibe.baseUrl}/chats`);
    await page.getByText('add a notes field to books').first().waitFor();
    await page.getByText('Release 1', { exact: true }).waitFor();
    await preview(page).getByRole('heading', { name: 'Books', exact: true }).waitFor({ timeout: 60_000 });
    await preview(page).getByText('Emma').first().waitFor();
    const app = await context.newPage();
    await app.goto(appUrl);
    await app.getByText('Middlemarch').first().waitFor({ timeout: 30_000 });
    await app.close();
  });

  it('works on a phone as two tabs, and in settings', async () => {
    await page.setViewportSize(PHONE);
    await page.getByRole('tab', { name: 'preview' }).click();
    await preview(page).getByRole('heading', { name: 'Books', exact: true }).waitFor();
    await takePictures(page, 'chat-preview', ['phone']);
    await page.getByRole('tab', { name: 'chat', exact: true }).click();
    await page.getByLabel('Message').waitFor();
    await page.setViewportSize(DESKTOP);
    await page.goto(`${vibe.baseUrl}/settings`);
    await page.getByRole('heading', { name: 'Limits' }).waitFor();
    await takePictures(page, 'settings');
  });

  it('broke nothing in the browser on the way', () => {
    expect(problems).toEqual([]);
  });

  it('stops within ten seconds', async () => {
    expect(await vibe.stop()).toBeLessThan(10_000);
  });
});

describe('with Claude, over the real protocol', () => {
  let vibe: Vibe;
  let claude: AnthropicServer;
  let context: BrowserContext;
  let page: Page;

  const field = (name: string, type: string, more = {}) => ({ name, type, ...more });
  beforeAll(async () => {
    claude = await startAnthropic(() => ({ blocks: [{ text: 'Hello.' }] }));
    vibe = await makeVibe();
    await vibe.start();
    context = await browser.newContext({ viewport: DESKTOP });
    page = await context.newPage();
    await makeFirstAccount(page, vibe.baseUrl);
  });
  afterAll(async () => {
    await context?.close();
    await vibe?.remove();
    await claude?.close();
  });

  it('takes a key typed into Settings and never shows it again', async () => {
    await page.goto(`${vibe.baseUrl}/settings`);
    await page.getByRole('button', { name: 'Add a key of Anthropic' }).click();
    await page.getByLabel('Anthropic API key').fill('sk-ant-secret-key-7777');
    await page.getByText('Another address than Anthropic’s').click();
    await page.getByLabel('Base address').fill(claude.url);
    await page.getByRole('button', { name: 'Store the key' }).click();
    await page.getByText('Key ending in 7777').waitFor();
    await page.reload();
    await page.getByText('Key ending in 7777').waitFor();
    await page.getByRole('list', { name: 'Order for Builder' }).getByText('Claude Sonnet').waitFor();
    expect(await page.content()).not.toContain('sk-ant-secret');
  });

  it('drives the same chat through the same gates', async () => {
    let specCalls = 0;
    claude.use((request) => {
      const last = JSON.stringify(request.messages.at(-1));
      if (!last.includes('tool_result'))
        return {
          delayMs: 15,
          blocks: [
            { text: 'I will make a reading list with **books**.' },
            { tool: 'create_app', input: { title: 'Reading list' } },
          ],
        };
      if (last.includes('appId')) {
        specCalls++;
        const fields = [
          field('Title', 'text', { required: true }),
          field('Author', 'text'),
          field('Rating', 'rating', { min: 1, max: 5 }),
          field('Finished', 'boolean'),
        ];
        return {
          blocks: [
            {
              tool: 'change_spec',
              input: { operations: [{ op: 'add_entity', name: 'Book', plural: 'Books', fields }] },
            },
          ],
        };
      }
      if (last.includes('summary') && !last.includes('refused'))
        return { blocks: [{ tool: 'read_file', input: { path: '.env' } }] };
      return {
        blocks: [
          { text: 'Your reading list is ready.' },
          { tool: 'ready_for_review', input: { summary: 'A reading list' } },
        ],
      };
    });
    await page.goto(`${vibe.baseUrl}/chats/new`);
    await page.getByLabel('What you would like').fill(WISH);
    await page.keyboard.press('Enter');
    await page.getByText('Your reading list is ready.').waitFor({ timeout: 60_000 });
    await page.getByText('Not allowed', { exact: false }).waitFor();
    await ended(page, /^\d+ files$/);
    expect(specCalls).toBe(1);
    expect(await page.getByText(/\$0\.\d\d|under \$0\.01/).count()).toBeGreaterThan(0);
    await preview(page).getByRole('heading', { name: 'Books', exact: true }).waitFor({ timeout: 60_000 });
    expect(claude.requests[0]!.tools!.map((tool) => tool.name)).toContain('modify_code_files_vibe');
    await takePictures(page, 'chat-claude', ['desktop']);
  });

  it('edits code by hand, refuses a broken edit with its line, and shows the change', async () => {
    let tried = false;
    claude.use((request) => {
      const last = JSON.stringify(request.messages.at(-1));
      if (!last.includes('tool_result'))
        return { blocks: [{ tool: 'read_file', input: { path: 'src/routes/books/+page.svelte' } }] };
      if (!tried) {
        tried = true;
        return {
          blocks: [
            {
              tool: 'modify_code_files_vibe',
              input: {
                edits: [{ kind: 'create', path: 'src/lib/Broken.svelte', content: '{#if open}\n<p>never closed' }],
              },
            },
          ],
        };
      }
      if (last.includes('refused')) {
        expect(last).toMatch(/line/);
        return {
          blocks: [
            {
              tool: 'modify_code_files_vibe',
              input: {
                edits: [
                  {
                    kind: 'edit',
                    path: 'src/routes/books/+page.svelte',
                    find: '<h1',
                    replace: '<p class="text-sm">Made by hand</p>\n<h1',
                  },
                ],
              },
            },
          ],
        };
      }
      if (!last.includes('svelte-check')) return { blocks: [{ tool: 'run_checks', input: {} }] };
      return { blocks: [{ text: 'Done.' }, { tool: 'ready_for_review', input: { summary: 'A line by hand' } }] };
    });
    await say(page, 'Put a line above the heading');
    await preview(page).getByText('Made by hand').waitFor({ timeout: 30_000 });
    await page.getByRole('button', { name: 'Undo' }).waitFor({ timeout: 60_000 });
    await page.getByText('all checks passed', { exact: false }).first().waitFor();
  });

  it('keeps streamed text over a refresh, queues what is said meanwhile, and stops within a second', async () => {
    const words = Array.from({ length: 400 }, (_, i) => `word${i}`).join(' ');
    claude.use(() => ({ delayMs: 60, blocks: [{ text: words }] }));
    await say(page, 'Tell me a very long story');
    await page.getByText('word12', { exact: false }).waitFor({ timeout: 20_000 });
    await page.reload();
    await page.getByText('word0 word1', { exact: false }).waitFor({ timeout: 10_000 });
    await page.getByText('word40', { exact: false }).waitFor({ timeout: 20_000 });
    await say(page, 'And then another one');
    await page.getByText('Next', { exact: true }).waitFor();
    await page.getByRole('button', { name: 'Take back' }).click();
    await page.getByText('Next', { exact: true }).waitFor({ state: 'detached' });
    const began = Date.now();
    await page.getByRole('button', { name: 'Stop the turn' }).click();
    await page.getByText('Stopped. What was done until then is kept.').waitFor();
    expect(Date.now() - began).toBeLessThan(1500);
  });

  it('says in plain words what goes wrong with the provider, and is never stuck', async () => {
    claude.use(() => ({ status: 401, type: 'authentication_error', message: 'invalid x-api-key' }));
    await say(page, 'Hello?');
    await page.getByText('did not accept the key', { exact: false }).waitFor();
    claude.use(() => ({ blocks: [{ text: 'Here again.' }] }));
    await say(page, 'Hello again?');
    await page.getByText('Here again.').waitFor();
  });
});
