/** A SvelteKit repository becomes an app: brought in from a real git server, shown in the preview, merged, served; and what cannot be brought in. */
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type GitServer, startGitServer } from '../server/src/hosting/fixtures/git-server.ts';
import { startRegistry, type TestRegistry } from '../server/src/hosting/fixtures/registry.ts';
import { DESKTOP, openBrowser, signIn, takePictures } from './support/browser.ts';
import { Person } from './support/client.ts';
import { chatOf, containerReady, merge, payloads, turn, turnEnd } from './support/maker.ts';
import { makeVibe, type Vibe } from './support/vibe.ts';
import { Visitor } from './support/visitor.ts';

let git: GitServer;
let registry: TestRegistry;
let vibe: Vibe;
let marta: Person;
let browser: Browser;
let context: BrowserContext;
let page: Page;
let address = '';
let chatId = '';

/** As a person would have written it for SvelteKit 2, to be hosted elsewhere. */
const NOTES = {
  'package.json': JSON.stringify({
    name: 'field-notes',
    private: true,
    type: 'module',
    scripts: { dev: 'vite dev', postinstall: 'touch /tmp/imported' },
    dependencies: { stamps: '^1.4.0' },
    devDependencies: {
      '@sveltejs/adapter-auto': '^3.0.0',
      '@sveltejs/kit': '^2.5.0',
      '@sveltejs/vite-plugin-svelte': '^4.0.0',
      svelte: '^5.0.0',
      vite: '^5.0.0',
      eslint: '^9.0.0',
    },
  }),
  'README.md': '# Field notes\n\nWhat was seen where.\n',
  'svelte.config.js': `import adapter from '@sveltejs/adapter-auto';\n\n/** @type {import('@sveltejs/kit').Config} */\nexport default { kit: { adapter: adapter(), alias: { $parts: 'src/parts' } } };\n`,
  'vite.config.js': `import { sveltekit } from '@sveltejs/kit/vite';\nimport { defineConfig } from 'vite';\n\nexport default defineConfig({ plugins: [sveltekit()] });\n`,
  '.env': 'SECRET=hunter2\n',
  'src/app.html':
    '<!doctype html>\n<html lang="en">\n  <head>%sveltekit.head%</head>\n  <body><div>%sveltekit.body%</div></body>\n</html>\n',
  'src/parts/Heading.svelte': '<script>\n  let { text } = $props();\n</script>\n\n<h1>{text}</h1>\n',
  'src/routes/+page.server.js': `import stamp from 'stamps';\n\nexport const load = () => ({ seen: stamp('heron') });\n`,
  'src/routes/+page.svelte': `<script>\n  import Heading from '$parts/Heading.svelte';\n  let { data } = $props();\n</script>\n\n<Heading text="Field notes" />\n<p>Seen: {data.seen}</p>\n`,
};

beforeAll(async () => {
  [git, registry] = await Promise.all([startGitServer(), startRegistry()]);
  registry.publish({
    name: 'stamps',
    version: '1.4.0',
    manifest: { type: 'module' },
    files: { 'index.js': "export default (text) => '* ' + text + ' *';\n" },
  });
  address = git.repository('field-notes', NOTES);
  git.repository('no-kit', { 'package.json': '{"dependencies":{"react":"19"}}' });
  vibe = await makeVibe({ VIBE_NPM_REGISTRY: registry.url, VIBE_IMPORT_PRIVATE_HOSTS: git.host });
  [browser] = await Promise.all([openBrowser(), vibe.start()]);
  marta = await Person.register(vibe.baseUrl);
  await containerReady(marta);
  context = await browser.newContext({ viewport: DESKTOP });
  page = await context.newPage();
  await signIn(page, `${vibe.baseUrl}/chats/new`);
  await page.getByLabel('Address of its git repository').waitFor();
}, 180_000);
afterAll(async () => {
  await context?.close();
  await browser?.close();
  await vibe?.remove();
  await Promise.all([git?.close(), registry?.close()]);
});

/** Asks for an import, and waits for its turn. */
async function bring(from: string) {
  const reply = await marta.ask<{ chatId: string; turnId: string }>('POST', '/api/imports', { address: from });
  if (reply.status !== 202) return { refused: reply.text };
  const { chatId: id, turnId } = reply.body;
  await turnEnd(marta, id, turnId);
  const [said] = await payloads(marta, id, 'message.assistant', turnId);
  return { id, said: said?.text ?? '' };
}

it('refuses what is no public repository, in plain words, and makes no app', async () => {
  for (const wrong of ['file:///etc', 'ssh://git@host/x', 'ext::sh -c id', 'https://me:secret@host/x', '../x'])
    expect((await bring(wrong)).refused, wrong).toContain('Give the web address');
  const field = page.getByLabel('Address of its git repository');
  await field.scrollIntoViewIfNeeded();
  await field.fill('git@host:name/repository');
  await page.getByRole('button', { name: 'Bring it in' }).click();
  await page.getByText('Give the web address of a git repository').first().waitFor();
  await takePictures(page, 'import-form');
  const asked = git.requests.length;
  for (const closed of [
    'https://127.0.0.1/x/y',
    'https://localhost/x/y',
    'https://169.254.169.254/x/y',
    'http://127.0.0.1:1/x/y',
  ])
    expect((await bring(closed)).refused, closed).toMatch(/not on the open internet|begin with https/);
  expect((await marta.ask<{ items: unknown[] }>('GET', '/api/chats')).body.items).toEqual([]);
  expect(git.requests.length).toBe(asked);
  const { id, said } = await bring(`${git.url}/no-kit.git`);
  expect(said).toMatch(/Nothing was brought in.*no SvelteKit app/s);
  expect((await chatOf(marta, id!)).app).toBeNull();
});

it('brings a repository in, says what it found, and shows it', async () => {
  await page.goto(`${vibe.baseUrl}/chats/new`);
  await page.getByLabel('Address of its git repository').fill(address);
  await page.getByRole('button', { name: 'Bring it in' }).click();
  await page.waitForURL(/\/chats\/[0-9a-f-]{36}$/);
  chatId = page.url().split('/').at(-1)!;
  const thread = page.getByRole('log');
  await thread.getByText('made for SvelteKit 2; here it runs with SvelteKit 3').waitFor({ timeout: 60_000 });
  for (const text of [
    '@sveltejs/adapter-auto',
    'they may hold secrets: .env',
    'installed, without their scripts: stamps',
    'no database of its own',
  ])
    await thread.getByText(text).first().waitFor();
  const frame = page.frameLocator('iframe[title="Preview of the app"]');
  await frame.getByText('Seen: * heron *').waitFor({ timeout: 60_000 });
  await takePictures(page, 'import-chat');
  await page.getByRole('tab', { name: 'Spec' }).click();
  await page.getByText('There is no spec. Talk to change it.').waitFor();
  await takePictures(page, 'import-spec', ['desktop']);
  expect(JSON.stringify(await payloads(marta, chatId, 'message.assistant'))).not.toContain('hunter2');
});

it('is told by the built-in builder that it cannot change it, and nothing is overwritten', async () => {
  const { turnId, ended } = await turn(marta, 'Add a list of birds with a name', { chatId, model: 'builtin' });
  expect(ended).toMatchObject({ outcome: 'completed', files: 0 });
  const [said] = await payloads(marta, chatId, 'message.assistant', turnId);
  expect(said!.text).toContain('This app was imported');
  const operations = [{ op: 'add_entity', name: 'Bird', plural: 'Birds', fields: [{ name: 'Name', type: 'text' }] }];
  const reply = await marta.ask('POST', `/api/chats/${chatId}/spec`, { operations });
  expect(reply.text).toContain('there is no spec to change');
});

it('is released by a merge, with its packages', async () => {
  const app = await merge(marta, chatId);
  expect(app.release, JSON.stringify(app.release)).toMatchObject({ state: 'serving' });
  expect(app).toMatchObject({ name: 'Field notes', slug: 'field-notes' });
  const visitor = await Visitor.enter(marta, app.url);
  expect((await visitor.ask('GET', '/')).text).toContain('* heron *');
});
