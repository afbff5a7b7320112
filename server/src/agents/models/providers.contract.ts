/**
 * What holds for every provider, whatever its wire protocol: one suite, run over each against a scripted server that speaks it. Each way
 * a call can end has one outcome, in words, and none leaves a caller waiting.
 */
import type { LanguageModelV4Prompt } from '@ai-sdk/provider';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Answer, ModelServer } from '../../../../e2e/support/model-server.ts';
import { type CallResult, callModel } from '../model-call.ts';
import { buildPrompt } from '../prompt.ts';
import type { Step } from '../steps.ts';
import { entryOf } from './catalogue.ts';
import { languageModel, type Source } from './connect.ts';
import { FallbackModel } from './fallback.ts';
import { prepareFor } from './for-provider.ts';

/** What differs between the providers: how to start one's server, and where its protocol puts things. */
export interface Provider<Request = unknown> {
  name: string;
  start: (script: () => Answer) => Promise<ModelServer<Request>>;
  source: (url: string) => Source;
  model: string;
  /** reasoning goes back to the provider in the steps of a tool loop */
  replaysReasoning: boolean;
  /** the ids of the tool results in a request, in order */
  results: (request: Request) => string[];
  /** the ids of the calls that the results answer, in order */
  calls: (request: Request) => string[];
}

const TOOL = {
  type: 'function' as const,
  name: 'read_file',
  description: 'Reads a file',
  inputSchema: { type: 'object' as const, properties: { path: { type: 'string' as const } }, required: ['path'] },
};
const ask = (text: string): LanguageModelV4Prompt => [
  { role: 'system', content: 'You are a test.' },
  { role: 'user', content: [{ type: 'text', text }] },
];
const read = (path: string) => ({ tool: 'read_file', input: { path } });
/** Far longer than an answer takes on a busy machine, and what is waited through where nothing is said. */
const LONG_MS = 20_000;
const SILENCE_MS = 1000;

export function describeProvider<Request>(provider: Provider<Request>): void {
  describe(`${provider.name}, as a provider`, () => {
    let server: ModelServer<Request>;
    const said: string[] = [];
    const entry = entryOf(provider.model);

    beforeAll(async () => {
      server = await provider.start(() => ({ blocks: [] }));
    });
    afterAll(() => server.close());

    const call = async (
      answer: Answer | (() => Answer | Promise<Answer>),
      more: {
        prompt?: LanguageModelV4Prompt;
        signal?: AbortSignal;
        tries?: number;
        thinking?: boolean;
        used?: string[];
        silenceMs?: number;
      } = {},
    ): Promise<CallResult> => {
      server.use(typeof answer === 'function' ? answer : () => answer);
      server.requests.length = 0;
      said.length = 0;
      const source = provider.source(server.url);
      const candidate = {
        entry,
        model: languageModel(source, entry.model),
        prepare: prepareFor(entry, source.kind, more.thinking ?? false),
      };
      return callModel({
        model: new FallbackModel({
          candidates: [candidate],
          silenceMs: more.silenceMs ?? LONG_MS,
          tries: more.tries ?? 1,
        }),
        name: 'Testy',
        call: { prompt: more.prompt ?? ask('Hello'), tools: [TOOL] },
        signal: more.signal ?? new AbortController().signal,
        onText: (piece) => said.push(piece),
        usedCallIds: new Set(more.used ?? []),
      });
    };
    const failed = (result: CallResult) => ({
      end: result.end,
      kind: result.failure?.kind,
      retry: result.failure?.retry,
    });

    it('streams text as it comes, and names the model that answered', async () => {
      const result = await call({ blocks: [{ text: 'One two three.' }] });
      expect(result).toMatchObject({ end: 'stop', text: 'One two three.', tools: [], answeredBy: entry.id });
      expect(said.length).toBeGreaterThan(1);
      expect(said.join('')).toBe('One two three.');
    });

    it('puts a tool call together from its pieces', async () => {
      const input = { path: `src/${'long-'.repeat(40)}name.ts` };
      const result = await call({ blocks: [{ text: 'Looking.' }, { tool: 'read_file', input }] });
      expect(result.end).toBe('tools');
      expect(result.tools).toHaveLength(1);
      expect(result.tools[0]!.tool).toBe('read_file');
      expect(JSON.parse(result.tools[0]!.input)).toEqual(input);
    });

    it('gives each of several calls an id of its own, also beside those of earlier steps', async () => {
      const first = await call({ blocks: [read('a'), read('b'), read('c')] });
      expect(first.tools.map(({ input }) => JSON.parse(input).path)).toEqual(['a', 'b', 'c']);
      const used = first.tools.map(({ callId }) => callId);
      const second = await call({ blocks: [read('d')] }, { used });
      expect(new Set([...used, second.tools[0]!.callId]).size).toBe(4);
    });

    it('takes the results of calls back, each under the id of its call', async () => {
      const first = await call({ blocks: [{ text: 'Both.' }, read('a'), read('b')] });
      const steps: Step[] = [
        { kind: 'model', by: entry.provider, content: first.content, tools: first.tools, end: first.end },
        ...first.tools.map(({ callId, tool }) => ({
          kind: 'tool_done' as const,
          callId,
          tool,
          state: 'done' as const,
          result: { text: 'x' },
          ends: false,
        })),
      ];
      const prompt = buildPrompt({
        instructions: 'You are a test.',
        events: [],
        turnId: 't',
        left: new Set(),
        steps,
        room: 1000,
        files: new Map(),
      });
      const result = await call({ blocks: [{ text: 'Seen.' }] }, { prompt });
      expect(result.text).toBe('Seen.');
      const ids = first.tools.map(({ callId }) => callId);
      expect(provider.calls(server.requests[0]!)).toEqual(ids);
      expect(provider.results(server.requests[0]!)).toEqual(ids);
    });

    it('passes a call with malformed JSON on as it is: the gate refuses it in words', async () => {
      const result = await call({ blocks: [{ tool: 'read_file', rawInput: '{"path": "a' }] });
      expect(result.end).toBe('tools');
      expect(result.tools[0]).toMatchObject({ tool: 'read_file', input: '{"path": "a' });
    });

    it('says that an answer was empty', async () => {
      expect(await call({ blocks: [] })).toMatchObject({ end: 'stop', text: '', tools: [] });
    });

    it('tells an answer that reached its length from one that is whole', async () => {
      expect(await call({ stop: 'max_tokens', blocks: [{ text: 'Half' }] })).toMatchObject({
        end: 'length',
        text: 'Half',
      });
    });

    it('tells a refusal from an answer', async () => {
      expect((await call({ stop: 'refusal', blocks: [{ text: 'No.' }] })).end).toBe('refused');
    });

    it('sorts errors into those that pass and those that do not', async () => {
      const status = async (code: number, type: string) =>
        failed(await call({ status: code, type, message: `This is ${type}.` }));
      expect(await status(401, 'authentication_error')).toEqual({ end: 'failed', kind: 'key', retry: false });
      expect(await status(403, 'permission_error')).toEqual({ end: 'failed', kind: 'key', retry: false });
      expect(await status(404, 'not_found_error')).toEqual({ end: 'failed', kind: 'no_model', retry: false });
      expect(await status(400, 'invalid_request_error')).toEqual({ end: 'failed', kind: 'other', retry: false });
      for (const code of [429, 503, 529])
        expect(await status(code, 'overloaded_error')).toEqual({ end: 'failed', kind: 'overloaded', retry: false });
      expect(await status(500, 'api_error')).toEqual({ end: 'failed', kind: 'other', retry: false });
    });

    it('waits as long as it is asked to before it tries again', async () => {
      let count = 0;
      const began = Date.now();
      const result = await call(
        () =>
          ++count === 1
            ? { status: 429, type: 'rate_limit_error', message: 'Slow down', headers: { 'retry-after': '1' } }
            : { blocks: [{ text: 'Now.' }] },
        { tries: 2 },
      );
      expect(result.text).toBe('Now.');
      expect(Date.now() - began).toBeGreaterThan(950);
    });

    it('takes an error that comes first in a stream as if the request had been refused', async () => {
      let count = 0;
      const result = await call(
        () => (++count === 1 ? { early: 'overloaded_error', message: 'Overloaded' } : { blocks: [{ text: 'Now.' }] }),
        { tries: 2 },
      );
      expect(result).toMatchObject({ end: 'stop', text: 'Now.' });
      expect(server.requests).toHaveLength(2);
    });

    for (const cut of [true, 'fades'] as const) {
      it(`fails a step whose stream ${cut === true ? 'is cut' : 'fades away'} after it began, and does not ask again by itself`, async () => {
        const result = await call({ cut, blocks: [{ text: 'Half of what' }] }, { tries: 3 });
        expect(failed(result)).toEqual({ end: 'failed', kind: 'cut', retry: true });
        expect(result.text).toBe('Half of what');
        expect(server.requests).toHaveLength(1);
      });

      it(`never acts on a call that ${cut === true ? 'is cut' : 'fades away'} in the middle`, async () => {
        const result = await call({ cut, blocks: [{ text: 'I do' }, { tool: 'read_file', rawInput: '{"path": "a' }] });
        expect(result.end).toBe('failed');
      });
    }

    it('gives up a provider that says nothing at all', async () => {
      const began = Date.now();
      const result = await call({ silence: true }, { silenceMs: SILENCE_MS });
      expect(failed(result)).toEqual({ end: 'failed', kind: 'timeout', retry: false });
      expect(Date.now() - began).toBeLessThan(LONG_MS);
    });

    it('gives up a stream that falls silent in the middle', async () => {
      const result = await call({ hangs: true, blocks: [{ text: 'And then' }] }, { silenceMs: SILENCE_MS });
      expect(failed(result)).toEqual({ end: 'failed', kind: 'timeout', retry: true });
      expect(result.text).toBe('And then');
    });

    it('stops at once when it is aborted, before and in the middle of an answer', async () => {
      for (const answer of [{ silence: true }, { delayMs: 50, blocks: [{ text: 'a '.repeat(600) }] }] as Answer[]) {
        const stop = new AbortController();
        setTimeout(() => stop.abort(), 120);
        const began = Date.now();
        const result = await call(answer, { signal: stop.signal });
        expect(result).toMatchObject({ end: 'aborted' });
        expect(result.failure).toBeUndefined();
        expect(Date.now() - began).toBeLessThan(LONG_MS);
      }
    });

    it('counts each token once, those from the cache apart', async () => {
      const { usage } = await call({ cached: 400, blocks: [{ text: 'One two three.' }] });
      expect(usage.cacheReadTokens).toBe(400);
      expect(usage.inputTokens).toBeGreaterThan(0);
      expect(usage.inputTokens).toBeLessThan(400);
      expect(usage.outputTokens).toBeGreaterThanOrEqual(3);
    });

    it('keeps what it thought apart from what it says', async () => {
      const result = await call(
        { delayMs: 5, blocks: [{ reasoning: 'First this, then that.' }, { text: 'Done.' }] },
        { thinking: true },
      );
      expect(result).toMatchObject({ end: 'stop', text: 'Done.', reasoning: { text: 'First this, then that.' } });
      expect(result.reasoning.ms).toBeGreaterThan(0);
      expect(said.join('')).toBe('Done.');
    });

    it(`${provider.replaysReasoning ? 'gets its own reasoning back, sealed as it gave it,' : 'gets no reasoning back'} in a tool loop, and never another’s`, async () => {
      const first = await call({ blocks: [{ reasoning: 'I should look.' }, read('a')] }, { thinking: true });
      const done = (callId: string): Step => ({
        kind: 'tool_done',
        callId,
        tool: 'read_file',
        state: 'done',
        result: { text: 'x' },
        ends: false,
      });
      const promptBy = (by: string) =>
        buildPrompt({
          instructions: 'You are a test.',
          events: [],
          turnId: 't',
          left: new Set(),
          steps: [
            { kind: 'model', by, content: first.content, tools: first.tools, end: 'tools' },
            done(first.tools[0]!.callId),
          ],
          room: 1000,
          files: new Map(),
        });
      await call({ blocks: [{ text: 'Seen.' }] }, { prompt: promptBy(entry.provider), thinking: true });
      const own = JSON.stringify(server.requests[0]);
      expect(own.includes('I should look.')).toBe(provider.replaysReasoning);
      if (provider.replaysReasoning) expect(own).toMatch(/signed:14|sealed:14/);
      await call({ blocks: [{ text: 'Seen.' }] }, { prompt: promptBy('somebody-else'), thinking: true });
      expect(JSON.stringify(server.requests[0])).not.toMatch(/I should look|signed:|sealed:/);
      // our own marks never leave us
      expect(own + JSON.stringify(server.requests[0])).not.toContain('vibe');
    });

    it('is not followed to another address, where the key would go too', async () => {
      const result = await call({
        status: 307,
        type: 'redirect',
        message: 'Over there',
        headers: { location: 'http://127.0.0.1:9/' },
      });
      expect(result.end).toBe('failed');
      expect(result.failure?.kind).not.toBe('key');
    });
  });

  describe(`${provider.name}, when nobody is there`, () => {
    it('says that it cannot be reached', async () => {
      const gone = await provider.start(() => ({ blocks: [] }));
      await gone.close();
      const source = provider.source(gone.url);
      const entry = entryOf(provider.model);
      const candidate = {
        entry,
        model: languageModel(source, entry.model),
        prepare: prepareFor(entry, source.kind, false),
      };
      const result = await callModel({
        model: new FallbackModel({ candidates: [candidate], silenceMs: 5000, tries: 1 }),
        name: 'Testy',
        call: { prompt: ask('Hello') },
        signal: new AbortController().signal,
        onText: () => {},
      });
      expect(result).toMatchObject({ end: 'failed', failure: { kind: 'unreachable' } });
    });
  });
}
