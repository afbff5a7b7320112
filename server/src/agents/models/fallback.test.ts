/** Several models as one: who is asked when, what is waited for, and when it is too late to switch. Against servers of two providers. */
import type { LanguageModelV4CallOptions } from '@ai-sdk/provider';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type AnthropicServer, startAnthropic } from '../../../../e2e/support/anthropic-server.ts';
import { type ChatRequest, startChatCompletions } from '../../../../e2e/support/chat-completions-server.ts';
import type { Answer, ModelServer } from '../../../../e2e/support/model-server.ts';
import { callModel } from '../model-call.ts';
import { entryOf } from './catalogue.ts';
import { languageModel, type Source } from './connect.ts';
import { type Candidate, FallbackModel, type FallbackOptions, type Tried } from './fallback.ts';
import { prepareFor } from './for-provider.ts';

let first: AnthropicServer;
let second: ModelServer<ChatRequest>;
let both: Candidate[];
const tried: Tried[] = [];
/** Far longer than an answer takes on a busy machine: what is done at once is done long before. */
const LONG_MS = 20_000;
const waits: number[] = [];

const candidate = (id: string, kind: Source['kind'], ref: string, url: string): Candidate => {
  const source = {
    id,
    kind,
    name: id,
    key: 'k',
    keyFrom: 'settings',
    hint: null,
    baseUrl: `${url}/v1`,
    models: [],
  } as const;
  const entry = entryOf(ref);
  return {
    entry,
    model: languageModel({ ...source, models: [] }, entry.model),
    prepare: prepareFor(entry, kind, false),
  };
};
const overloaded = (headers: Record<string, string> = {}): Answer => ({
  status: 529,
  type: 'overloaded_error',
  message: 'Overloaded',
  headers,
});
const inTurn = (...answers: Answer[]) => {
  let next = 0;
  return () => answers[Math.min(next++, answers.length - 1)]!;
};
const call = (options: Partial<FallbackOptions> = {}, signal = new AbortController().signal) =>
  callModel({
    model: new FallbackModel({
      candidates: both,
      silenceMs: LONG_MS,
      onTried: (one) => tried.push(one),
      onWait: ({ number }) => void waits.push(number),
      ...options,
    }),
    name: 'Testy',
    call: { prompt: [{ role: 'user', content: [{ type: 'text', text: 'Hello' }] }] },
    signal,
    onText: () => {},
  });

beforeAll(async () => {
  first = await startAnthropic(() => overloaded());
  second = await startChatCompletions(() => ({ blocks: [{ text: 'From the second.' }] }));
  both = [
    candidate('anthropic', 'anthropic', 'claude-sonnet-4-5', first.url),
    candidate('lab', 'compatible', 'lab/qwen', second.url),
  ];
});
afterAll(() => Promise.all([first.close(), second.close()]));
beforeEach(() => {
  first.requests.length = second.requests.length = tried.length = waits.length = 0;
  second.use(() => ({ blocks: [{ text: 'From the second.' }] }));
});

describe('an order of models', () => {
  it.each<[string, Answer]>([
    ['overloaded', overloaded()],
    ['overloaded', { early: 'overloaded_error', message: 'Overloaded' }],
    ['key', { status: 401, type: 'authentication_error', message: 'bad key' }],
    ['no_model', { status: 404, type: 'not_found_error', message: 'no such model' }],
    ['other', { status: 500, type: 'api_error', message: 'oops' }],
    ['too_long', { status: 400, type: 'invalid_request_error', message: 'prompt is too long' }],
    ['timeout', { silence: true }],
    ['cut', { cut: true, blocks: [{ text: '' }] }],
    ['empty', { blocks: [] }],
  ])('goes to the next at once when the first is or has: %s', async (kind, answer) => {
    first.use(() => answer);
    const began = Date.now();
    // only the one that says nothing is waited for; two answers on a busy machine may take as long as this silence
    const result = await call(kind === 'timeout' ? { silenceMs: 1500 } : {});
    expect(result).toMatchObject({ end: 'stop', text: 'From the second.', answeredBy: 'lab/qwen' });
    expect(tried.map(({ entry, failure }) => [entry.id, failure.kind])).toEqual([
      ['anthropic/claude-sonnet-4-5', kind],
    ]);
    expect([first.requests.length, second.requests.length]).toEqual([1, 1]);
    expect(waits).toEqual([]);
    expect(Date.now() - began).toBeLessThan(LONG_MS);
  });

  it('does not wait for the first, however long it asks for, while there is another', async () => {
    first.use(() => overloaded({ 'retry-after': '30' }));
    const began = Date.now();
    expect((await call()).text).toBe('From the second.');
    expect(Date.now() - began).toBeLessThan(LONG_MS);
    expect(waits).toEqual([]);
  });

  it('pays for an empty answer that it passed over', async () => {
    first.use(() => ({ blocks: [] }));
    await call();
    expect(tried[0]!.usage.inputTokens).toBeGreaterThan(0);
  });

  it('never switches once something was said: the step fails and can be replayed', async () => {
    first.use(() => ({ cut: true, blocks: [{ text: 'I begin to' }] }));
    const result = await call();
    expect(result).toMatchObject({ end: 'failed', text: 'I begin to', failure: { kind: 'cut', retry: true } });
    expect(result.answeredBy).toBe('anthropic/claude-sonnet-4-5');
    expect(second.requests).toHaveLength(0);
  });

  it('asks again when all have failed, whoever may be asked soonest, and tells that it waits', async () => {
    first.use(inTurn(overloaded({ 'retry-after': '20' })));
    second.use(inTurn(overloaded({ 'retry-after-ms': '300' }), { blocks: [{ text: 'At last.' }] }));
    const began = Date.now();
    expect((await call()).text).toBe('At last.');
    expect(Date.now() - began).toBeGreaterThan(290);
    expect(Date.now() - began).toBeLessThan(15_000);
    expect([first.requests.length, second.requests.length]).toEqual([1, 2]);
    expect(waits).toEqual([2]);
  });

  it('does not ask again where it makes no sense, and says of each why it did not answer', async () => {
    first.use(() => ({ status: 401, type: 'authentication_error', message: 'bad key' }));
    second.use(() => ({ status: 404, type: 'not_found', message: 'no model' }));
    const result = await call();
    expect(result).toMatchObject({ end: 'failed', failure: { retry: false } });
    expect(result.failure!.message).toMatch(
      /None of 2 models answered: Claude Sonnet did not accept the key.*; qwen is not known at its provider\. Your work is safe/,
    );
    expect([first.requests.length, second.requests.length]).toEqual([1, 1]);
  });

  it('comes to an end when nobody ever answers', async () => {
    first.use(() => overloaded({ 'retry-after-ms': '5' }));
    second.use(() => overloaded({ 'retry-after-ms': '5' }));
    const result = await call();
    expect(result).toMatchObject({ end: 'failed', failure: { kind: 'overloaded', retry: false } });
    expect([first.requests.length, second.requests.length]).toEqual([4, 4]);
  });

  it('is stopped at once while it waits', async () => {
    for (const one of [first, second]) one.use(() => overloaded({ 'retry-after': '30' }));
    const stop = new AbortController();
    const began = Date.now();
    const onWait = () => void setTimeout(() => stop.abort(), 50);
    expect((await call({ onWait }, stop.signal)).end).toBe('aborted');
    expect(Date.now() - began).toBeLessThan(LONG_MS);
  });

  it('is never given addresses to fetch, and fetches none itself', () => {
    expect(new FallbackModel({ candidates: both, silenceMs: 1 }).supportedUrls).toEqual({});
  });

  it('gives each provider the prompt in its own way', async () => {
    first.use(() => overloaded());
    const seen: LanguageModelV4CallOptions[] = [];
    const watched = both.map((one) => ({
      ...one,
      prepare: (c: LanguageModelV4CallOptions) => {
        const prepared = one.prepare(c);
        seen.push(prepared);
        return prepared;
      },
    }));
    await call({ candidates: watched });
    expect(seen.map(({ prompt }) => prompt[0]!.providerOptions?.anthropic !== undefined)).toEqual([true, false]);
  });
});

describe('a server that never comes to an end', () => {
  it('is stopped when it has written more than any answer can be', async () => {
    first.use(() => ({ blocks: [{ tool: 'read_file', rawInput: 'x'.repeat(1_200_000) }] }));
    const result = await call();
    expect(result).toMatchObject({
      end: 'failed',
      failure: { retry: false, message: expect.stringContaining('stopped') },
    });
  });
});
