/** A scripted server that speaks Anthropic's real streaming protocol over HTTP: what tests and `dev` use in place of a key. */
import type { ServerResponse } from 'node:http';
import {
  type Script as AnyScript,
  inputOf,
  type ModelServer,
  pause,
  piecesOf,
  randomId,
  type Streamed,
  startModelServer,
  tokensOf,
  type Wire,
  wordsOf,
} from './model-server.ts';

export type { Answer, Block } from './model-server.ts';

export interface AnthropicRequest {
  model: string;
  system?: unknown;
  messages: { role: 'user' | 'assistant'; content: string | Record<string, unknown>[] }[];
  tools?: { name: string; input_schema: unknown; cache_control?: unknown }[];
  thinking?: { type: string; budget_tokens?: number };
  max_tokens: number;
  stream?: boolean;
}
export type Script = AnyScript<AnthropicRequest>;
export type AnthropicServer = ModelServer<AnthropicRequest>;

/** Starts the server on a free port of the loopback address. */
export const startAnthropic = (script: Script): Promise<AnthropicServer> => startModelServer(wire, script);

const writer = (response: ServerResponse) => (type: string, data: Record<string, unknown>) =>
  response.write(`event: ${type}\ndata: ${JSON.stringify({ type, ...data })}\n\n`);

const wire: Wire<AnthropicRequest> = {
  path: '/v1/messages',
  error: (type, message) => ({ type: 'error', error: { type, message } }),
  early: (response, type, message) => void writer(response)('error', { error: { type, message } }),
  stream,
  other: (method, path) =>
    method === 'GET' && path.endsWith('/models')
      ? { data: [{ type: 'model', id: 'claude-sonnet-4-5', display_name: 'Claude Sonnet 4.5' }], has_more: false }
      : undefined,
};

async function stream(response: ServerResponse, request: AnthropicRequest, answer: Streamed): Promise<void> {
  const event = writer(response);
  const read = answer.cached ?? 0;
  event('message_start', {
    message: {
      id: randomId('msg'),
      type: 'message',
      role: 'assistant',
      model: request.model,
      content: [],
      stop_reason: null,
      stop_sequence: null,
      usage: {
        input_tokens: tokensOf(request.messages),
        output_tokens: 1,
        cache_creation_input_tokens: 0,
        cache_read_input_tokens: read,
      },
    },
  });
  let written = 0;
  for (const [index, block] of answer.blocks.entries()) {
    const delta = (value: Record<string, unknown>) => event('content_block_delta', { index, delta: value });
    const start = (content_block: Record<string, unknown>) => event('content_block_start', { index, content_block });
    if ('text' in block) {
      start({ type: 'text', text: '' });
      for (const piece of wordsOf(block.text)) {
        delta({ type: 'text_delta', text: piece });
        written++;
        await pause(answer.delayMs);
      }
    } else if ('reasoning' in block) {
      start({ type: 'thinking', thinking: '', signature: '' });
      for (const piece of wordsOf(block.reasoning)) {
        delta({ type: 'thinking_delta', thinking: piece });
        written++;
        await pause(answer.delayMs);
      }
      delta({ type: 'signature_delta', signature: `signed:${block.reasoning.length}` });
    } else {
      const input = inputOf(block);
      start({ type: 'tool_use', id: randomId('toolu'), name: block.tool, input: {} });
      for (const piece of piecesOf(input)) delta({ type: 'input_json_delta', partial_json: piece });
      written += Math.ceil(input.length / 4);
      await pause(answer.delayMs);
    }
    const last = index === answer.blocks.length - 1;
    if (answer.hangs && last) return;
    if (answer.cut && last) return void (answer.cut === 'fades' ? response.end() : response.destroy());
    event('content_block_stop', { index });
  }
  const uses = answer.blocks.some((block) => 'tool' in block);
  event('message_delta', {
    delta: { stop_reason: answer.stop ?? (uses ? 'tool_use' : 'end_turn'), stop_sequence: null },
    usage: { output_tokens: written + 1 },
  });
  event('message_stop', {});
  response.end();
}
