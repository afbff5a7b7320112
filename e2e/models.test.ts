/**
 * Several providers behind one chat, set up as an owner does it in a browser: keys and addresses, tests of them, an order. Then the first
 * is overloaded and the second answers: nobody sees it in the talk, and it is on record.
 */
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { ModelCall, ModelSetup, TestedModel } from '../contract/models.ts';
import { openDatabase, run, sql } from '../server/src/db/database.ts';
import { type AnthropicServer, startAnthropic } from './support/anthropic-server.ts';
import { DESKTOP, faultsOf, openBrowser, signIn, takePictures } from './support/browser.ts';
import { type ChatRequest, startChatCompletions } from './support/chat-completions-server.ts';
import { Person } from './support/client.ts';
import { chatOf, containerReady, eventsOf, payloads, say, turn, turnEnd } from './support/maker.ts';
import type { Answer, ModelServer } from './support/model-server.ts';
import { type OpenAIRequest, startOpenAI } from './support/openai-server.ts';
import { platformUrl } from './support/platform.ts';
import { makeVibe, type Vibe } from './support/vibe.ts';

let vibe: Vibe;
let claude: AnthropicServer;
let openai: ModelServer<OpenAIRequest>;
let lab: ModelServer<ChatRequest>;
let marta: Person;
let browser: Browser;
let page: Page;
const problems: string[] = [];

const overloaded: Answer = { status: 529, type: 'overloaded_error', message: 'Overloaded' };
const hello = (text: string) => () => ({ blocks: [{ text }] });
const setup = async () => (await marta.ask<ModelSetup>('GET', '/api/settings/models')).body;
const test = async (model: string) =>
  (await marta.ask<TestedModel>('POST', '/api/settings/models/test', { model })).body;
const order = (models: string[], kind = 'builder') =>
  marta.ask<ModelSetup>('PUT', `/api/settings/models/orders/${kind}`, { models });
const callsOf = async (chatId: string, turnId: string) =>
  (await marta.ask<{ items: ModelCall[] }>('GET', `/api/chats/${chatId}/turns/${turnId}/calls`)).body.items;
const saidIn = async (chatId: string) => (await payloads(marta, chatId, 'message.assistant')).map(({ text }) => text);

beforeAll(async () => {
  [claude, openai, lab] = await Promise.all([
    startAnthropic(hello('Claude here.')),
    startOpenAI(hello('GPT here.')),
    startChatCompletions(hello('The lab here.')),
  ]);
  vibe = await makeVibe({
    ANTHROPIC_API_KEY: 'sk-ant-test-key-of-claude',
    ANTHROPIC_BASE_URL: `${claude.url}/v1`,
    OPENAI_BASE_URL: `${openai.url}/v1`,
    // another journey runs beside this one
    VIBE_MODEL_SILENCE_SECONDS: '5',
  });
  await vibe.start();
  marta = await Person.register(vibe.baseUrl);
  await containerReady(marta);
  browser = await openBrowser();
  page = await (await browser.newContext({ viewport: DESKTOP })).newPage();
  page.on('pageerror', (error) => problems.push(error.message));
  await signIn(page, vibe.baseUrl);
  await page.getByLabel('What you would like').waitFor();
}, 120_000);
afterAll(async () => {
  await browser?.close();
  await vibe?.remove();
  await Promise.all([claude, openai, lab].map((server) => server?.close()));
});
beforeEach(() => {
  claude.use(hello('Claude here.'));
  openai.use(hello('GPT here.'));
  lab.use(hello('The lab here.'));
  for (const server of [claude, openai, lab]) server.requests.length = 0;
});

describe('an owner, in Settings', () => {
  it('adds an address of their own: our server asks it for its models', async () => {
    await page.goto(`${vibe.baseUrl}/settings`);
    await page.getByRole('button', { name: 'Add an address of your own' }).click();
    await page.getByText('This server calls it', { exact: false }).waitFor();
    await page.getByLabel('Name', { exact: true }).fill('Lab');
    await page.getByLabel('Address', { exact: true }).fill('not an address');
    await page.getByRole('button', { name: 'Add this address' }).click();
    await page.getByText('begins with http:// or https://').waitFor();
    await takePictures(page, 'settings-address');
    await page.getByLabel('Address', { exact: true }).fill(lab.url);
    await page.getByRole('button', { name: 'Add this address' }).click();
    await page.getByText('2 models').waitFor();
    const { sources } = await setup();
    expect(sources.find(({ id }) => id === 'lab')).toMatchObject({
      baseUrl: `${lab.url}/v1`,
      key: 'not needed',
      models: ['lab/llama3:8b', 'lab/qwen3-coder'],
    });
  });

  it('stores a key that is never shown again, and tests it', async () => {
    await page.getByRole('button', { name: 'Add a key of OpenAI' }).click();
    await page.getByLabel('OpenAI API key').fill('sk-openai-secret-4321');
    await page.getByRole('button', { name: 'Store the key' }).click();
    await page.getByText('Key ending in 4321').waitFor();
    await page.getByRole('button', { name: 'Test OpenAI' }).click();
    await page.getByText(/GPT-5 works: it answered in \d/).waitFor();
    expect(openai.headers.at(-1)!.authorization).toBe('Bearer sk-openai-secret-4321');
    for (const path of ['/api/settings', '/api/settings/models'])
      expect((await marta.ask('GET', path)).text).not.toMatch(/openai-secret|key-of-claude/);
    expect(await page.content()).not.toContain('openai-secret');
  });

  it('moves a model by keyboard, and the order is kept', async () => {
    expect((await setup()).orders[0]!.models.map(({ id }) => id)).toEqual([
      'anthropic/claude-sonnet-4-5',
      'openai/gpt-5',
      'lab/llama3:8b',
    ]);
    await page.getByRole('button', { name: 'Move llama3:8b: up and down arrow' }).focus();
    await page.keyboard.press('ArrowUp');
    await page.getByText('llama3:8b is now 2 of 3').waitFor();
    await page.getByRole('button', { name: 'Take GPT-5 out of the order' }).click();
    await page.getByText('GPT-5 was taken out').waitFor();
    expect((await setup()).orders[0]).toMatchObject({
      own: true,
      models: [{ id: 'anthropic/claude-sonnet-4-5' }, { id: 'lab/llama3:8b' }],
    });
  });

  it('moves a model by dragging', async () => {
    const rows = page.getByRole('list', { name: 'Order for Builder' }).getByRole('listitem');
    await rows.nth(1).dragTo(rows.nth(0));
    await page.getByText('llama3:8b is now 1 of 2').waitFor();
    await rows.nth(1).dragTo(rows.nth(0));
    await page.getByText('Claude Sonnet is now 1 of 2').waitFor();
  });

  it('sets a price that was unknown', async () => {
    await page
      .getByRole('row', { name: /llama3:8b/ })
      .getByText('price unknown')
      .waitFor();
    await page.getByRole('button', { name: 'Change the price of llama3:8b' }).click();
    await page.getByLabel('Input').fill('half');
    expect(await faultsOf(page)).toEqual([]);
    await page.getByRole('button', { name: 'Keep this price' }).click();
    await page.getByText('Enter dollars per million tokens').first().waitFor();
    await takePictures(page, 'settings-price');
    await page.getByLabel('Input').fill('0.5');
    await page.getByLabel('Output').fill('1');
    await page.getByRole('button', { name: 'Keep this price' }).click();
    await page
      .getByRole('row', { name: /llama3:8b/ })
      .getByText('0.5')
      .first()
      .waitFor();
    expect((await setup()).prices.find(({ model }) => model === 'lab/llama3:8b')).toMatchObject({
      source: 'owner',
      price: { input: 0.5, output: 1, cacheRead: 0.5, cacheWrite: 0.5 },
    });
    await marta.ask('DELETE', '/api/settings/models/prices?model=lab%2Fllama3%3A8b');
  });

  it('sees a page that reads well, on a desk and on a phone', async () => {
    await page.reload();
    await page.getByRole('list', { name: 'Order for Builder' }).waitFor();
    expect(await faultsOf(page)).toEqual([]);
    await page.getByRole('heading', { name: 'Models', exact: true }).scrollIntoViewIfNeeded();
    await takePictures(page, 'settings-models');
    await page.getByRole('heading', { name: 'Order', exact: true }).evaluate((one) => one.scrollIntoView());
    await takePictures(page, 'settings-order');
    await page.getByRole('heading', { name: /Prices/ }).evaluate((one) => one.scrollIntoView());
    await takePictures(page, 'settings-prices');
  });
});

describe('a test of a model', () => {
  it('says in words what happened', async () => {
    claude.use(() => ({ status: 401, type: 'authentication_error', message: 'invalid x-api-key' }));
    expect(await test('anthropic/claude-sonnet-4-5')).toMatchObject({
      ok: false,
      text: 'Anthropic did not accept the key, or its account has no credit.',
    });
    lab.use(() => ({ status: 404, type: 'not_found_error', message: 'model not found' }));
    expect((await test('lab/gone')).text).toBe(`Lab was reached, but it knows no model “gone” at ${lab.url}/v1.`);
    lab.use(() => ({ silence: true }));
    expect((await test('lab/llama3:8b')).text).toBe('llama3:8b did not answer for 5 seconds.');
    expect((await test('together/some-model')).text).toBe('some-model cannot be asked: needs a key.');
    const gone = await startChatCompletions(hello(''));
    await gone.close();
    await marta.ask('POST', '/api/settings/models/addresses', { name: 'Gone', baseUrl: gone.url, models: ['m'] });
    expect((await test('gone/m')).text).toBe(
      `Nothing answers at ${gone.url}/v1. Is it running, and is the address right?`,
    );
    await marta.ask('DELETE', '/api/settings/models/addresses/gone');
  });

  it('of a model for search says how long its vectors are', async () => {
    expect(await test('openai/text-embedding-3-small')).toMatchObject({
      ok: true,
      text: expect.stringMatching(/works: a vector of 4 numbers in/),
    });
  });
});

describe('when the first model cannot answer', () => {
  it('the second does: nothing of it in the talk, all of it on record', async () => {
    claude.use(() => overloaded);
    const { chatId, turnId, ended } = await turn(marta, 'Are you there?');
    expect(ended).toMatchObject({
      outcome: 'completed',
      models: [{ id: 'lab/llama3:8b', name: 'llama3:8b', provider: 'lab' }],
      costMicros: null,
    });
    expect(ended.reason).toBeUndefined();
    expect(await saidIn(chatId)).toEqual(['The lab here.']);
    expect((await eventsOf(marta, chatId)).map(({ type }) => type)).not.toContain('agent.update');
    expect(await callsOf(chatId, turnId)).toMatchObject([
      {
        model: { id: 'lab/llama3:8b' },
        state: 'settled',
        costMicros: null,
        tried: [{ name: 'Claude Sonnet', text: 'was overloaded or had too many requests' }],
      },
    ]);
    expect(claude.requests).toHaveLength(1);

    await page.goto(`${vibe.baseUrl}/chats/${chatId}`);
    await page.getByText('The lab here.').waitFor();
    expect(await page.getByText('overloaded', { exact: false }).count()).toBe(0);
    await page.getByText('price unknown').waitFor();
    await page.getByRole('button', { name: /Details of this turn/ }).click();
    await page.getByText(/Before it: Claude Sonnet was overloaded/).waitFor();
    expect(await faultsOf(page)).toEqual([]);
    await takePictures(page, 'chat-details');
  });

  it('in the middle of its words, the second says it anew and nothing stands there twice', async () => {
    claude.use(() => ({ cut: true, blocks: [{ text: 'I begin to say' }] }));
    const { chatId, turnId, ended } = await turn(marta, 'Say something long.');
    expect(ended.outcome).toBe('completed');
    expect(await saidIn(chatId)).toEqual(['The lab here.']);
    const calls = await callsOf(chatId, turnId);
    expect(calls.map(({ model, tried }) => [model.id, tried.length])).toEqual([
      ['anthropic/claude-sonnet-4-5', 1],
      ['lab/llama3:8b', 0],
    ]);
  });

  it('in the middle of its work, the second goes on with it, without the thoughts of the first', async () => {
    let count = 0;
    claude.use(() =>
      ++count === 1
        ? { blocks: [{ reasoning: 'I should look around.' }, { tool: 'list_files', input: { path: 'x' } }] }
        : overloaded,
    );
    const { chatId, ended } = await turn(marta, 'What is there?');
    expect(ended).toMatchObject({ outcome: 'completed' });
    expect(ended.models!.map(({ id }) => id)).toEqual(['anthropic/claude-sonnet-4-5', 'lab/llama3:8b']);
    const seen = JSON.stringify(lab.requests[0]!.messages);
    expect(seen).toContain('list_files');
    expect(seen).toContain('"role":"tool"');
    expect(seen).not.toContain('I should look around.');
    const [thought] = await payloads(marta, chatId, 'message.reasoning');
    expect(thought!.text).toBe('I should look around.');

    await page.goto(`${vibe.baseUrl}/chats/${chatId}`);
    await page.getByText(/^Thought for/).waitFor();
    expect(await page.getByText('I should look around.').isVisible()).toBe(false);
    await takePictures(page, 'chat-reasoning', ['desktop']);
    await page.getByText(/^Thought for/).click();
    await page.getByText('I should look around.').waitFor();
    await takePictures(page, 'chat-reasoning-open');
  });

  it('and no other can, the turn ends in words that name each', async () => {
    claude.use(() => ({ status: 401, type: 'authentication_error', message: 'invalid x-api-key' }));
    lab.use(() => ({ status: 404, type: 'not_found_error', message: 'model not found' }));
    const { chatId, ended } = await turn(marta, 'Anybody?');
    expect(ended.outcome).toBe('failed');
    expect(ended.reason).toMatch(
      /^None of 2 models answered: Claude Sonnet did not accept the key.*llama3:8b is not known/,
    );
    expect((await chatOf(marta, chatId)).turn?.state).toBe('ended');
  });

  it('while it thinks and the server is stopped by force, the turn goes on and ends', async () => {
    claude.use(() => ({ delayMs: 100, blocks: [{ text: 'one two three four '.repeat(50) }] }));
    const { chatId, turnId } = await say(marta, 'Count slowly.');
    await marta.until(async () => (await chatOf(marta, chatId)).turn?.state === 'running', 'the turn');
    await new Promise((resolve) => setTimeout(resolve, 400));
    claude.use(() => overloaded);
    await vibe.kill('web');
    await marta.until(
      async () => (await marta.ask('GET', '/api/me').catch(() => undefined))?.status === 200,
      'the API',
    );
    expect((await turnEnd(marta, chatId, turnId)).outcome).toBe('completed');
    expect(await saidIn(chatId)).toEqual(['The lab here.']);
  });
});

describe('a chat', () => {
  it('can have a first model of its own, and give it up again', async () => {
    const first = await turn(marta, 'Hello there.');
    const { chatId } = first;
    await page.goto(`${vibe.baseUrl}/chats/${chatId}`);
    await page.getByLabel('Model for this chat').selectOption({ label: 'qwen3-coder · Lab' });
    await marta.until(async () => (await chatOf(marta, chatId)).model === 'lab/qwen3-coder', 'the model');
    const second = await turn(marta, 'And now?', { chatId });
    expect(second.ended.models!.map(({ id }) => id)).toEqual(['lab/qwen3-coder']);
    expect(lab.requests.at(-1)!.model).toBe('qwen3-coder');
    await takePictures(page, 'chat-model');
    await page.getByLabel('Model for this chat').selectOption('');
    await marta.until(async () => (await chatOf(marta, chatId)).model === null, 'no model');
    expect((await turn(marta, 'And now?', { chatId })).ended.models![0]!.id).toBe('anthropic/claude-sonnet-4-5');
  });

  it('has the order behind its own model', async () => {
    openai.use(() => overloaded);
    const { ended } = await turn(marta, 'Hello?', { model: 'openai/gpt-5' });
    expect(ended.models!.map(({ id }) => id)).toEqual(['anthropic/claude-sonnet-4-5']);
  });

  it('takes a name of a model that nobody has as an error, before anything happens', async () => {
    const { chatId } = await turn(marta, 'Hello.');
    const reply = await marta.ask<{ title: string }>('PATCH', `/api/chats/${chatId}`, { model: 'nowhere/x' });
    expect(reply.status).toBe(400);
    expect(reply.body.title).toBe('There is no provider of nowhere/x here.');
    expect((await marta.ask('POST', '/api/chat', { message: 'Hi', model: 'nowhere/x' })).status).toBe(400);
  });
});

describe('a limit in tokens', () => {
  it('holds for a model whose price is unknown', async () => {
    await order(['lab/llama3:8b']);
    const limits = { perTurn: null, perChat: null, perDay: null, tokensPerTurn: 3000 };
    await marta.ask('PATCH', '/api/settings', { limits });
    const { ended } = await turn(marta, 'How much is it?');
    expect(ended.outcome).toBe('failed');
    expect(ended.reason).toMatch(
      /^The limit per turn is reached: 0 tokens of 3,000 tokens used.*may take [\d,]+ tokens/,
    );
    expect(lab.requests).toHaveLength(0);
    await marta.ask('PATCH', '/api/settings', { limits: { ...limits, tokensPerTurn: 200_000 } });
    expect((await turn(marta, 'And now?')).ended).toMatchObject({ outcome: 'completed', costMicros: null });
    await marta.ask('PATCH', '/api/settings', { limits: { ...limits, tokensPerTurn: null } });
    await order(['anthropic/claude-sonnet-4-5', 'lab/llama3:8b']);
  });
});

describe('somebody else', () => {
  it('cannot name an address that this server calls, test, or see who answered', async () => {
    await marta.ask('PATCH', '/api/settings', { registrationOpen: true });
    const eve = await Person.register(vibe.baseUrl, 'Eve', 'eve@example.com');
    const { chatId, turnId } = await turn(marta, 'A secret.');
    const inside = { name: 'Inside', baseUrl: 'http://169.254.169.254' };
    for (const [method, path, body] of [
      ['POST', '/api/settings/models/addresses', inside],
      ['PATCH', '/api/settings/models/addresses/lab', { key: 'stolen-key-123' }],
      ['DELETE', '/api/settings/models/addresses/lab', undefined],
      ['GET', '/api/settings/models', undefined],
      ['POST', '/api/settings/models/sources/lab/list', {}],
      ['POST', '/api/settings/models/test', { model: 'lab/llama3:8b' }],
      ['PUT', '/api/settings/models/orders/builder', { models: [] }],
      ['GET', `/api/chats/${chatId}/turns/${turnId}/calls`, undefined],
      ['PUT', '/api/settings/keys/openai', { key: 'sk-of-eve-123', baseUrl: 'http://127.0.0.1:1' }],
    ] as const)
      expect([path, (await eve.ask(method, path, body)).status]).toEqual([path, 404]);
    expect((await setup()).sources.map(({ id }) => id)).toEqual(['anthropic', 'openai', 'together', 'lab']);
  });
});

describe('somebody who shares the place', () => {
  it('as an admin sets keys, but names no address; as a member changes nothing and sees no key', async () => {
    const people = {
      ada: await Person.register(vibe.baseUrl, 'Ada', 'ada@example.com'),
      mo: await Person.register(vibe.baseUrl, 'Mo', 'mo@example.com'),
    };
    const { db } = openDatabase(platformUrl(vibe), { max: 1 });
    for (const [email, role] of [
      ['ada@example.com', 'admin'],
      ['mo@example.com', 'member'],
    ])
      await run(
        db,
        sql`insert into members (organisation_id, user_id, role) select o.id, u.id, ${role} from organisations o, users u where u.email = ${email}`,
      );
    await db.destroy();
    const status = async (person: Person, method: string, path: string, body?: unknown) =>
      (await person.ask(method, path, body)).status;
    const elsewhere = { key: 'sk-elsewhere-1234', baseUrl: 'http://169.254.169.254' };
    const inside = { name: 'Inside', baseUrl: 'http://169.254.169.254' };
    expect(await status(people.ada, 'PUT', '/api/settings/keys/together', elsewhere)).toBe(403);
    expect(await status(people.ada, 'POST', '/api/settings/models/addresses', inside)).toBe(404);
    expect(await status(people.ada, 'PUT', '/api/settings/keys/together', { key: 'tgp-of-ada-1234' })).toBe(200);
    expect(await status(people.ada, 'DELETE', '/api/settings/keys/together')).toBe(200);
    const seen = await people.mo.ask('GET', '/api/settings/models');
    expect(seen.status).toBe(200);
    expect(seen.text).not.toMatch(/secret|sk-ant-test-key/);
    for (const [method, path, body] of [
      ['PUT', '/api/settings/keys/together', { key: 'tgp-of-mo-12345' }],
      ['PUT', '/api/settings/models/orders/builder', { models: [] }],
      [
        'PUT',
        '/api/settings/models/prices',
        { model: 'lab/x', price: { input: 0, output: 0, cacheRead: 0, cacheWrite: 0 } },
      ],
      ['PATCH', '/api/settings/models', { thinking: true }],
      ['POST', '/api/settings/models/test', { model: 'lab/llama3:8b' }],
      ['POST', '/api/settings/models/sources/lab/list', {}],
    ] as const)
      expect([path, await status(people.mo, method, path, body)]).toEqual([path, 403]);
  });
});

describe('the browser', () => {
  it('broke nothing on the way', () => {
    expect(problems).toEqual([]);
  });
});
