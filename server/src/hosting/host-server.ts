/** The host's internal API: JSON over a unix socket in a private folder. Nothing else of a host is reachable. */
import { rm } from 'node:fs/promises';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { Logger } from 'pino';
import { AppError, messageOf } from '../errors.ts';
import { type HostCall, type HostHandlers, hostCalls } from './api.ts';

const LARGEST_BODY = 16 * 1024 * 1024;

/** Starts serving calls; an aborted request aborts its call. */
export async function serveHost(socketPath: string, handlers: HostHandlers, log: Logger): Promise<Server> {
  await rm(socketPath, { force: true });
  const server = createServer({ requestTimeout: 0 }, async (request, response) => {
    const gone = new AbortController();
    response.once('close', () => {
      if (!response.writableFinished) gone.abort();
    });
    const answer = (status: number, body: unknown) => {
      if (response.destroyed) return;
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
    };
    try {
      const name = (request.url ?? '').slice(1) as HostCall;
      if (!Object.hasOwn(hostCalls, name)) throw new AppError('no_such_call', 'bug', `a host has no call ${name}`);
      const input = hostCalls[name].input.parse(JSON.parse((await read(request)) || '{}'));
      const handler = handlers[name] as (input: unknown, signal: AbortSignal) => Promise<unknown>;
      answer(200, await handler(input, gone.signal));
    } catch (error) {
      if (gone.signal.aborted) return;
      const known = error instanceof AppError;
      if (!known || error.kind === 'bug') log.error({ err: error, call: request.url }, 'a host call failed');
      answer(known ? 422 : 500, {
        code: known ? error.code : 'host_failed',
        kind: known ? error.kind : 'bug',
        message: messageOf(error),
        detail: known ? error.detail : undefined,
      });
    }
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(socketPath, resolve);
  });
  return server;
}

async function read(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request) {
    size += chunk.length;
    if (size > LARGEST_BODY) throw new AppError('too_large', 'invalid', 'The call is too large.');
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString();
}
