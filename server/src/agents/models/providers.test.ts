/** The contract of providers, over each that can be asked; and what only one of them has. */
import type { LanguageModelV4Prompt } from '@ai-sdk/provider';
import { describe, expect, it } from 'vitest';
import { type AnthropicRequest, startAnthropic } from '../../../../e2e/support/anthropic-server.ts';
import { type ChatRequest, startChatCompletions } from '../../../../e2e/support/chat-completions-server.ts';
import type { ModelServer } from '../../../../e2e/support/model-server.ts';
import { type OpenAIRequest, startOpenAI } from '../../../../e2e/support/openai-server.ts';
import { callModel } from '../model-call.ts';
import { entryOf } from './catalogue.ts';
import { languageModel, type Source } from './connect.ts';
import { FallbackModel } from './fallback.ts';
import { prepareFor } from './for-provider.ts';
import { costOf, mostCostOf } from './price.ts';
import { describeProvider, type Provider } from './providers.contract.ts';

const source =
  (kind: Source['kind'], id: string) =>
  (url: string): Source => ({
    id,
    kind,
    name: id,
    key: 'sk-test-key',
    keyFrom: 'settings',
    hint: null,
    baseUrl: `${url}/v1`,
    models: [],
  });
type Parts = Record<string, unknown>[];
const chatCalls = ({ messages }: ChatRequest) =>
  messages.flatMap(({ tool_calls }) => ((tool_calls as Parts | undefined) ?? []).map(({ id }) => String(id)));
const chatResults = ({ messages }: ChatRequest) =>
  messages.filter(({ role }) => role === 'tool').map(({ tool_call_id }) => String(tool_call_id));
const blocks = ({ messages }: AnthropicRequest): Parts =>
  messages.flatMap(({ content }) => (typeof content === 'string' ? [] : content));

const anthropic: Provider<AnthropicRequest> = {
  name: 'Anthropic',
  start: startAnthropic,
  source: source('anthropic', 'anthropic'),
  model: 'anthropic/claude-sonnet-4-5',
  replaysReasoning: true,
  calls: (request) =>
    blocks(request)
      .filter(({ type }) => type === 'tool_use')
      .map(({ id }) => String(id)),
  results: (request) =>
    blocks(request)
      .filter(({ type }) => type === 'tool_result')
      .map(({ tool_use_id }) => String(tool_use_id)),
};
const openai: Provider<OpenAIRequest> = {
  name: 'OpenAI',
  start: startOpenAI,
  source: source('openai', 'openai'),
  model: 'openai/gpt-5',
  replaysReasoning: true,
  calls: ({ input }) => input.filter(({ type }) => type === 'function_call').map(({ call_id }) => String(call_id)),
  results: ({ input }) =>
    input.filter(({ type }) => type === 'function_call_output').map(({ call_id }) => String(call_id)),
};
const together: Provider<ChatRequest> = {
  name: 'Together',
  start: startChatCompletions,
  source: source('together', 'together'),
  model: 'together/openai/gpt-oss-120b',
  replaysReasoning: false,
  calls: chatCalls,
  results: chatResults,
};
const compatible: Provider<ChatRequest> = {
  ...together,
  name: 'An address of one’s own',
  source: source('compatible', 'ollama'),
  model: 'ollama/llama3:8b',
};

describeProvider(anthropic);
describeProvider(openai);
describeProvider(together);
describeProvider(compatible);

async function once<Request>(provider: Provider<Request>, thinking = false): Promise<[Request, ModelServer<Request>]> {
  const server = await provider.start(() => ({ blocks: [{ text: 'Yes.' }] }));
  const entry = entryOf(provider.model);
  const at = provider.source(server.url);
  const candidate = { entry, model: languageModel(at, entry.model), prepare: prepareFor(entry, at.kind, thinking) };
  const tool = (name: string) => ({ type: 'function' as const, name, inputSchema: { type: 'object' as const } });
  await callModel({
    model: new FallbackModel({ candidates: [candidate], silenceMs: 2000 }),
    name: 'Testy',
    call: {
      prompt: [
        { role: 'system', content: 'You are a test.' },
        { role: 'user', content: [{ type: 'text', text: 'Hello' }] },
      ],
      tools: [tool('one'), tool('two')],
    },
    signal: new AbortController().signal,
    onText: () => {},
  });
  await server.close();
  return [server.requests[0]!, server];
}

describe('Anthropic alone', () => {
  it('is told what to cache: instructions and tools for an hour, the end of the conversation for minutes', async () => {
    const [request] = await once(anthropic);
    const hour = { type: 'ephemeral', ttl: '1h' };
    expect(request.system).toMatchObject([{ text: 'You are a test.', cache_control: hour }]);
    expect(request.tools!.map(({ cache_control }) => cache_control)).toEqual([undefined, hour]);
    expect(blocks(request).at(-1)).toMatchObject({ cache_control: { type: 'ephemeral' } });
  });

  it('thinks first only when it is asked to', async () => {
    expect((await once(anthropic))[0].thinking).toBeUndefined();
    expect((await once(anthropic, true))[0].thinking).toMatchObject({ type: 'enabled' });
  });

  it('does not begin to think in the middle of a tool loop that another began: its protocol refuses that', () => {
    const entry = entryOf(anthropic.model);
    const loop = (by: string): LanguageModelV4Prompt => [
      { role: 'user', content: [{ type: 'text', text: 'Hello' }] },
      {
        role: 'assistant',
        content: [
          { type: 'reasoning', text: 'Hm.', providerOptions: { anthropic: { signature: 's' }, vibe: { by } } },
          { type: 'tool-call', toolCallId: 'a', toolName: 'one', input: {}, providerOptions: { vibe: { by } } },
        ],
      },
      {
        role: 'tool',
        content: [{ type: 'tool-result', toolCallId: 'a', toolName: 'one', output: { type: 'json', value: 1 } }],
      },
    ];
    const optionsFor = (by: string) => prepareFor(entry, 'anthropic', true)({ prompt: loop(by) }).providerOptions;
    expect(optionsFor('anthropic')).toMatchObject({ anthropic: { thinking: { type: 'enabled' } } });
    expect(optionsFor('openai')).toBeUndefined();
  });
});

describe('OpenAI alone', () => {
  it('keeps nothing of a conversation, and takes optional fields as optional', async () => {
    const [request] = await once(openai);
    expect(request.store).toBe(false);
    expect(request.include).toContain('reasoning.encrypted_content');
    expect(request.tools!.map(({ strict }) => strict)).toEqual([false, false]);
  });
});

describe('the key', () => {
  it('goes to its own provider in the header that this one wants', async () => {
    const [, a] = await once(anthropic);
    expect(a.headers[0]!['x-api-key']).toBe('sk-test-key');
    for (const one of [openai, together, compatible]) {
      const [, server] = await once(one as Provider);
      expect(server.headers[0]!.authorization).toBe('Bearer sk-test-key');
    }
  });
});

describe('the price of a call', () => {
  it('takes tokens that are cached for an hour at twice the input, and those that were cached at a tenth', () => {
    const usage = {
      inputTokens: 0,
      outputTokens: 0,
      cacheReadTokens: 1000,
      cacheWriteTokens: 2000,
      longCacheWriteTokens: 1000,
    };
    expect(costOf(entryOf('claude-sonnet-4-5'), usage)).toBe(300 + 3750 + 6000);
  });

  it('is unknown where no price is known, and then the dearest is set aside', () => {
    const entry = entryOf('ollama/llama3:8b');
    expect(costOf(entry, { inputTokens: 1, outputTokens: 1, cacheReadTokens: 0, cacheWriteTokens: 0 })).toBeUndefined();
    expect(mostCostOf(entry, 1000)).toBeGreaterThan(mostCostOf(entryOf('anthropic/claude-opus-4-5'), 1000) / 2);
  });
});
