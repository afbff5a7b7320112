/**
 * What all scripted model servers share: a script sees each request as the provider would, and answers with blocks, an error, or one of the
 * ugly ways in which a stream can end. Each provider's file beside this one writes them in its own wire protocol.
 */
import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export type Block =
  | { text: string }
  | { tool: string; input: unknown }
  | { tool: string; rawInput: string }
  | { reasoning: string };

export type Answer =
  | {
      blocks: Block[];
      stop?: 'end_turn' | 'tool_use' | 'max_tokens' | 'refusal';
      delayMs?: number;
      /** `cut`: the connection breaks before the last block is whole; `fades`: the stream ends politely, without saying why */
      cut?: boolean | 'fades';
      /** nothing more comes after the last block, and the connection stays open */
      hangs?: boolean;
      /** tokens of the input that came from the cache */
      cached?: number;
    }
  | { status: number; type: string; message: string; headers?: Record<string, string> }
  /** 200, and then an error as the first event */
  | { early: string; message: string }
  | { silence: true };

export type Script<Request> = (request: Request, count: number) => Answer | Promise<Answer>;
export type Streamed = Extract<Answer, { blocks: Block[] }>;

export interface ModelServer<Request> {
  url: string;
  requests: Request[];
  headers: IncomingHttpHeaders[];
  /** what every later request is answered with */
  use(script: Script<Request>): void;
  close(): Promise<void>;
}

export interface Wire<Request> {
  /** the path that answers, e.g. `/v1/messages` */
  path: string;
  /** the body of an error answer */
  error(type: string, message: string): unknown;
  stream(response: ServerResponse, request: Request, answer: Streamed): Promise<void>;
  /** an error as the first event of a stream */
  early(response: ServerResponse, type: string, message: string): void;
  /** other paths, e.g. `GET /v1/models`: the JSON to answer with, undefined for 404 */
  other?: (method: string, path: string, body: unknown) => unknown;
}

/** Starts a server on a free port of the loopback address. */
export async function startModelServer<Request>(
  wire: Wire<Request>,
  script: Script<Request>,
): Promise<ModelServer<Request>> {
  let current = script;
  const requests: Request[] = [];
  const headers: IncomingHttpHeaders[] = [];
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const text = Buffer.concat(chunks).toString();
    const path = request.url ?? '';
    if (request.method !== 'POST' || !path.endsWith(wire.path)) {
      const found = wire.other?.(request.method ?? '', path, text ? JSON.parse(text) : undefined);
      if (found === undefined) return void response.writeHead(404).end();
      return void response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(found));
    }
    const body = JSON.parse(text) as Request;
    requests.push(body);
    headers.push(request.headers);
    const answer = await current(body, requests.length);
    await send(wire, response, body, answer).catch(() => response.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    headers,
    use: (next) => {
      current = next;
    },
    close: () => {
      server.closeAllConnections();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}

async function send<Request>(
  wire: Wire<Request>,
  response: ServerResponse,
  request: Request,
  answer: Answer,
): Promise<void> {
  if ('silence' in answer) return;
  if ('status' in answer) {
    response.writeHead(answer.status, { 'content-type': 'application/json', ...answer.headers });
    response.end(JSON.stringify(wire.error(answer.type, answer.message)));
    return;
  }
  response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-cache' });
  if ('early' in answer) {
    wire.early(response, answer.early, answer.message);
    response.end();
    return;
  }
  await wire.stream(response, request, answer);
}

/** Words with the space after them, as models stream them. */
export const wordsOf = (text: string): string[] => text.match(/\S+\s*/g) ?? [];
export const inputOf = (block: Extract<Block, { tool: string }>): string =>
  'rawInput' in block ? block.rawInput : JSON.stringify(block.input);
export const piecesOf = (text: string, length = 40): string[] => text.match(new RegExp(`[^]{1,${length}}`, 'g')) ?? [];
export const pause = (ms = 0): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
export const randomId = (prefix: string): string => `${prefix}_${Math.random().toString(36).slice(2, 14)}`;
/** Rough, as long as it grows with the prompt. */
export const tokensOf = (value: unknown): number => Math.ceil(JSON.stringify(value ?? '').length / 4);
