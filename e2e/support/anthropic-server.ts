/**
 * A scripted server that speaks Anthropic's real streaming protocol over HTTP: what tests and `dev` use in place of a key. A script sees
 * each request as the provider would and answers with blocks, an error, or one of the ugly ways in which a stream can end.
 */
import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface AnthropicRequest {
  model: string;
  system?: unknown;
  messages: { role: 'user' | 'assistant'; content: string | Record<string, unknown>[] }[];
  tools?: { name: string; input_schema: unknown }[];
  max_tokens: number;
  stream?: boolean;
}

export type Answer =
  | { blocks: Block[]; stop?: 'end_turn' | 'tool_use' | 'max_tokens' | 'refusal'; delayMs?: number; cut?: boolean }
  | { status: number; type: string; message: string; headers?: Record<string, string> }
  | { silence: true };

export type Block = { text: string } | { tool: string; input: unknown } | { tool: string; rawInput: string };

export type Script = (request: AnthropicRequest, count: number) => Answer | Promise<Answer>;

export interface AnthropicServer {
  url: string;
  requests: AnthropicRequest[];
  /** what every later request is answered with */
  use(script: Script): void;
  close(): Promise<void>;
}

/** Starts the server on a free port of the loopback address. */
export async function startAnthropic(script: Script): Promise<AnthropicServer> {
  let current = script;
  const requests: AnthropicRequest[] = [];
  const server: Server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    if (request.method !== 'POST' || !request.url?.endsWith('/v1/messages')) return void response.writeHead(404).end();
    const body = JSON.parse(Buffer.concat(chunks).toString()) as AnthropicRequest;
    requests.push(body);
    const answer = await current(body, requests.length);
    await send(response, body, answer).catch(() => response.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    use: (next) => {
      current = next;
    },
    close: () => {
      server.closeAllConnections();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}

async function send(response: ServerResponse, request: AnthropicRequest, answer: Answer): Promise<void> {
  if ('silence' in answer) return;
  if ('status' in answer) {
    response.writeHead(answer.status, { 'content-type': 'application/json', ...answer.headers });
    response.end(JSON.stringify({ type: 'error', error: { type: answer.type, message: answer.message } }));
    return;
  }
  response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-cache' });
  const event = (type: string, data: Record<string, unknown>) =>
    response.write(`event: ${type}\ndata: ${JSON.stringify({ type, ...data })}\n\n`);
  const pause = () => new Promise((resolve) => setTimeout(resolve, answer.delayMs ?? 0));
  const inputTokens = Math.ceil(JSON.stringify(request.messages).length / 4);
  event('message_start', {
    message: {
      id: `msg_${Date.now()}`,
      type: 'message',
      role: 'assistant',
      model: request.model,
      content: [],
      stop_reason: null,
      stop_sequence: null,
      usage: {
        input_tokens: inputTokens,
        output_tokens: 1,
        cache_creation_input_tokens: 0,
        cache_read_input_tokens: 0,
      },
    },
  });
  let written = 0;
  for (const [index, block] of answer.blocks.entries()) {
    if ('text' in block) {
      event('content_block_start', { index, content_block: { type: 'text', text: '' } });
      for (const piece of block.text.match(/\S+\s*/g) ?? []) {
        event('content_block_delta', { index, delta: { type: 'text_delta', text: piece } });
        written++;
        await pause();
      }
    } else {
      const input = 'rawInput' in block ? block.rawInput : JSON.stringify(block.input);
      event('content_block_start', {
        index,
        content_block: {
          type: 'tool_use',
          id: `toolu_${Date.now()}_${index}_${Math.random().toString(36).slice(2, 8)}`,
          name: block.tool,
          input: {},
        },
      });
      for (let at = 0; at < input.length; at += 40)
        event('content_block_delta', {
          index,
          delta: { type: 'input_json_delta', partial_json: input.slice(at, at + 40) },
        });
      written += Math.ceil(input.length / 4);
      await pause();
    }
    if (answer.cut && index === answer.blocks.length - 1) return void response.destroy();
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
