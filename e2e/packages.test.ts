/**
 * A chat adds packages to its app: the person is asked with what the registry says, the preview shows it, undo takes it back, two chats with
 * different packages come together on main, and the release serves with both. The registry is a small one that speaks npm's protocol.
 */
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { startRegistry, type TestRegistry } from '../server/src/hosting/fixtures/registry.ts';
import { type AnthropicServer, type Block, startAnthropic } from './support/anthropic-server.ts';
import { DESKTOP, openBrowser, signIn, takePictures } from './support/browser.ts';
import { Person } from './support/client.ts';
import { chatOf, containerReady, edits, inOrder, merge, payloads, say, turnEnd } from './support/maker.ts';
import { makeVibe, type Vibe } from './support/vibe.ts';
import { Visitor } from './support/visitor.ts';

let registry: TestRegistry;
let vibe: Vibe;
let claude: AnthropicServer;
let marta: Person;
let browser: Browser;
let context: BrowserContext;
let page: Page;
let chatId = '';
let appId = '';
let appUrl = '';

const add = (name: string, more: object = {}): Block => ({ tool: 'add_dependency', input: { name, ...more } });
const steps = (...calls: Block[]) => claude.use(inOrder(...calls.map((call) => [call])));
const START = { kind: 'create', path: 'src/routes/loud/+page.svelte' };
const loud = `<script>
  import shout from 'shouter';
  let { data } = $props();
</script>

<p id="client">{shout('client')}</p>
<p id="server">{data.text}</p>
`;
const loudServer = `import shout from 'shouter';

export const load = () => ({ text: shout('server') });
`;
const results = async (turnId: string, id = chatId) => payloads(marta, id, 'tool.result', turnId);
const question = (id: string, turnId: string) =>
  marta.until(async () => (await payloads(marta, id, 'question.asked', turnId))[0], 'the question');
async function answer(id: string, turnId: string, text: string) {
  const { questionId } = await question(id, turnId);
  const reply = await marta.ask('POST', `/api/chats/${id}/answer`, { questionId, answer: text });
  expect(reply.status, reply.text).toBeLessThan(300);
  return turnEnd(marta, id, turnId);
}
const preview = () => page.frameLocator('iframe[title="Preview of the app"]');

beforeAll(async () => {
  registry = await startRegistry();
  registry.publish(
    {
      name: 'shouter',
      version: '1.2.0',
      manifest: {
        description: 'Says things loudly',
        type: 'module',
        main: 'index.js',
        dependencies: { marks: '^2.0.0' },
        scripts: { postinstall: 'node steal.js' },
      },
      files: {
        'index.js': "import mark from 'marks';\nexport default (text) => text.toUpperCase() + mark;\n",
        'index.d.ts': 'export default function shout(text: string): string;\n',
        'steal.js': "require('node:fs').writeFileSync('stolen', 'x');\n",
      },
      publishedAt: '2026-11-01T10:00:00.000Z',
    },
    { name: 'marks', version: '2.0.1', manifest: { type: 'module' }, files: { 'index.js': "export default '!!';\n" } },
    {
      name: 'whisperer',
      version: '0.3.0',
      manifest: { type: 'module' },
      files: { 'index.js': "export default (text) => '(' + text + ')';\n" },
    },
  );
  claude = await startAnthropic(inOrder());
  vibe = await makeVibe({
    ANTHROPIC_API_KEY: 'sk-ant-test',
    ANTHROPIC_BASE_URL: `${claude.url}/v1`,
    VIBE_NPM_REGISTRY: registry.url,
  });
  [browser] = await Promise.all([openBrowser(), vibe.start()]);
  marta = await Person.register(vibe.baseUrl);
  await containerReady(marta);
  steps({ tool: 'create_app', input: { title: 'Megaphone' } });
  const made = await say(marta, 'Make a megaphone');
  ({ chatId } = made);
  await turnEnd(marta, chatId, made.turnId);
  context = await browser.newContext({ viewport: DESKTOP });
  page = await context.newPage();
  await signIn(page, `${vibe.baseUrl}/chats/${chatId}`);
  await page.getByLabel('Message', { exact: true }).waitFor();
  await preview().locator('body').waitFor();
}, 180_000);
afterAll(async () => {
  await context?.close();
  await browser?.close();
  await vibe?.remove();
  await claude?.close();
  await registry?.close();
});

it('asks with what the registry says, and adds nothing when the person says no', async () => {
  steps(add('shouter'));
  const { turnId } = await say(marta, 'Make it loud', { chatId });
  const asked = await question(chatId, turnId);
  expect(asked).toMatchObject({
    question: 'Add the package shouter 1.2.0 to this app?',
    options: [{ label: 'Add it' }, { label: 'Leave it out' }],
  });
  expect(asked).not.toHaveProperty('subject');
  const card = page.getByRole('form', { name: /Add the package shouter/ });
  await card.getByText('it has some; they will not be run').waitFor();
  await card.getByText('one other package').waitFor();
  await takePictures(page, 'package-question');
  await card.getByRole('radio', { name: 'Leave it out' }).check();
  await card.getByRole('button', { name: 'Answer' }).click();
  await turnEnd(marta, chatId, turnId);
  expect((await results(turnId))[0]).toMatchObject({
    state: 'refused',
    summary: `Marta Lindqvist said no (“Leave it out”). Nothing was run or changed.`,
  });
  expect((await payloads(marta, chatId, 'file.diff', turnId)).length).toBe(0);
  expect(registry.requests.filter((one) => one.includes('.tgz'))).toEqual([]);
});

it('takes other words as no, and lets the model read them', async () => {
  steps(add('shouter'));
  const { turnId } = await say(marta, 'Loud, please', { chatId });
  await answer(chatId, turnId, 'Add it, but with whisperer');
  expect((await results(turnId))[0]).toMatchObject({ state: 'refused' });
  expect(JSON.stringify(claude.requests.at(-1)!.messages.at(-1))).toContain('but with whisperer');
});

it('installs on a yes, without scripts, and the preview imports it on both sides', async () => {
  steps(
    add('shouter'),
    edits(
      { ...START, content: loud },
      { kind: 'create', path: 'src/routes/loud/+page.server.ts', content: loudServer },
    ),
  );
  const { turnId } = await say(marta, 'Make it loud after all', { chatId });
  const ended = await answer(chatId, turnId, 'Add it');
  expect(ended.outcome, JSON.stringify(await results(turnId))).toBe('completed');
  expect((await results(turnId))[0]).toMatchObject({ state: 'done', summary: 'Added the package shouter 1.2.0' });
  const [diff] = await payloads(marta, chatId, 'file.diff', turnId);
  expect(diff!.files.map(({ path }) => path).sort()).toEqual(['package-lock.json', 'package.json']);
  await page.getByText('Added the package shouter 1.2.0').first().waitFor();
  const address = await page.locator('iframe[title="Preview of the app"]').getAttribute('src');
  const visitor = await Visitor.enter(marta, new URL(address!).origin);
  await marta.until(async () => (await visitor.ask('GET', '/loud')).text.includes('SERVER!!'), 'the preview', 60_000);
  const direct = await context.newPage();
  await direct.goto(`${new URL(address!).origin}/loud`);
  await direct.locator('#client', { hasText: 'CLIENT!!' }).waitFor();
  await direct.close();
  await takePictures(page, 'package-added', ['desktop']);
  const checked = await claudeRuns({ tool: 'run_checks', input: {} });
  expect(checked, JSON.stringify(claude.requests.at(-1)!.messages.at(-1))).toMatchObject({
    state: 'done',
    summary: 'All checks passed',
  });
});

/** One call in a turn of its own. */
async function claudeRuns(call: Block) {
  steps(call);
  const { turnId } = await say(marta, 'Go on', { chatId });
  await turnEnd(marta, chatId, turnId);
  return (await results(turnId))[0];
}

it('refuses names that are paths, addresses, aliases or options, without asking the registry', async () => {
  const before = registry.requests.length;
  const names = ['evil@file:../../x', 'git+ssh://host/x.git', 'npm:other@1.0.0', '../x', '--registry=http://127.0.0.1'];
  const files = ['package.json', 'package-lock.json', 'Package.json', 'npm-shrinkwrap.json', '.npmrc'];
  claude.use(
    inOrder([
      ...names.map((name) => add(name)),
      add('shouter', { version: 'file:../x' }),
      ...files.map((path) => edits({ kind: 'create', path, content: '{}' })),
    ]),
  );
  const { turnId } = await say(marta, 'Do as the page says', { chatId });
  await turnEnd(marta, chatId, turnId);
  const all = await results(turnId);
  for (const [at, name] of [...names, 'a version'].entries())
    expect(all[at], name).toMatchObject({ state: 'refused', summary: expect.stringContaining('did not fit') });
  for (const [at, path] of files.entries()) {
    const summary = path === '.npmrc' ? 'not open to file tools' : 'changed by add_dependency';
    expect(all[names.length + 1 + at], path).toMatchObject({
      state: 'refused',
      summary: expect.stringContaining(summary),
    });
  }
  expect(registry.requests.length).toBe(before);
  expect(await claudeRuns(add('zod'))).toMatchObject({
    state: 'refused',
    summary: expect.stringContaining('is there already'),
  });
  expect(await claudeRuns(add('never-published'))).toMatchObject({
    state: 'failed',
    summary: expect.stringContaining('has no package'),
  });
});

it('is taken back by Undo, given again by Redo, and taken out when the model asks for it', async () => {
  steps(add('whisperer'));
  const { turnId } = await say(marta, 'Now quietly', { chatId });
  await answer(chatId, turnId, 'Add it');
  expect((await marta.ask('POST', `/api/chats/${chatId}/undo`, { turnId })).status).toBeLessThan(300);
  expect(await files()).not.toContain('whisperer');
  expect((await marta.ask('POST', `/api/chats/${chatId}/redo`, { turnId })).status).toBeLessThan(300);
  expect(await files()).toContain('whisperer');
  expect(await claudeRuns(add('whisperer', { remove: true }))).toMatchObject({
    state: 'done',
    summary: 'Removed the package whisperer',
  });
  expect(await files()).not.toContain('whisperer');
});

/** The app's package.json as the model reads it. */
async function files(): Promise<string> {
  steps({ tool: 'read_file', input: { path: 'package.json' } });
  const { turnId } = await say(marta, 'Read it', { chatId });
  await turnEnd(marta, chatId, turnId);
  return JSON.stringify(claude.requests.at(-1)!.messages.at(-1));
}

it('is released with the app', async () => {
  const app = await merge(marta, chatId);
  expect(app.release, JSON.stringify(app.release)).toMatchObject({ state: 'serving' });
  ({ id: appId, url: appUrl } = app);
  const visitor = await Visitor.enter(marta, appUrl);
  expect((await visitor.ask('GET', '/loud')).text).toContain('SERVER!!');
});

it('comes together on main when two chats have added different packages', async () => {
  const quiet = `<script>\n  import whisper from 'whisperer';\n</script>\n\n<p>{whisper('quiet')}</p>\n`;
  registry.publish({
    name: 'third',
    version: '1.0.0',
    manifest: { type: 'module' },
    files: { 'index.js': "export default 'third';\n" },
  });
  const ids: string[] = [];
  for (const [name, path, content] of [
    ['whisperer', 'src/routes/quiet/+page.svelte', quiet],
    ['third', 'src/routes/third/+page.svelte', `<script>\n  import text from 'third';\n</script>\n\n<p>{text}</p>\n`],
  ] as const) {
    steps(add(name), edits({ kind: 'create', path, content }));
    const posted = await say(marta, `Add ${name}`, { appId });
    expect((await answer(posted.chatId, posted.turnId, 'Add it')).outcome).toBe('completed');
    ids.push(posted.chatId);
  }
  expect((await marta.ask('POST', `/api/chats/${ids[0]}/merge`)).status).toBe(202);
  const app = await merge(marta, ids[1]!);
  expect(app.release, JSON.stringify(app.release)).toMatchObject({ state: 'serving' });
  const visitor = await Visitor.enter(marta, appUrl);
  for (const [path, text] of [
    ['/loud', 'SERVER!!'],
    ['/quiet', '(quiet)'],
    ['/third', 'third'],
  ] as const)
    expect((await visitor.ask('GET', path)).text, path).toContain(text);
});

it('sends a chat back whose packages do not come together with main’s', async () => {
  const pair = (name: string, peer: string) => ({
    name,
    version: '1.0.0',
    manifest: { type: 'module', peerDependencies: { base: peer } },
    files: { 'index.js': 'export default 1;\n' },
  });
  registry.publish(
    { name: 'base', version: '1.0.0' },
    { name: 'base', version: '2.0.0' },
    pair('needs-one', '^1.0.0'),
    pair('needs-two', '^2.0.0'),
  );
  const ids: string[] = [];
  for (const name of ['needs-one', 'needs-two']) {
    steps(add(name));
    const posted = await say(marta, `Add ${name}`, { appId });
    expect((await answer(posted.chatId, posted.turnId, 'Add it')).outcome).toBe('completed');
    ids.push(posted.chatId);
  }
  expect((await marta.ask('POST', `/api/chats/${ids[0]}/merge`)).status).toBe(202);
  const reply = await marta.ask<{ title: string }>('POST', `/api/chats/${ids[1]}/merge`);
  expect(reply.status).toBe(409);
  expect(reply.text).toContain('do not come together');
  expect((await chatOf(marta, ids[1]!)).transport).not.toBe('merged');
});

it('goes on with its packages after everything was killed, and without the registry', async () => {
  await vibe.kill('all');
  await registry.close();
  await vibe.start();
  const again = new Person(vibe.baseUrl, marta.token);
  const visitor = await Visitor.enter(again, appUrl);
  await again.until(async () => (await visitor.ask('GET', '/loud')).text.includes('SERVER!!'), 'the app', 60_000);
});
