/** Calls a host over its unix socket. */
import { Agent, request } from 'node:http';
import { AppError, type ErrorKind, messageOf } from '../errors.ts';
import { type HostApi, type HostCall, hostCalls } from './api.ts';

/** @param socketPath the host's internal socket */
export function connectHost(socketPath: string): HostApi & { close(): void } {
  const agent = new Agent({ keepAlive: true, maxFreeSockets: 16 });
  const call = (name: HostCall) => async (input: unknown, signal?: AbortSignal) => {
    const body = await send(agent, socketPath, name, input, signal);
    return hostCalls[name].output.parse(body);
  };
  const calls = Object.fromEntries((Object.keys(hostCalls) as HostCall[]).map((name) => [name, call(name)]));
  return Object.assign(calls as unknown as HostApi, { close: () => agent.destroy() });
}

function send(agent: Agent, socketPath: string, name: string, input: unknown, signal?: AbortSignal): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const outgoing = request(
      { agent, socketPath, method: 'POST', path: `/${name}`, headers: { 'content-type': 'application/json' }, signal },
      (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('error', (cause) => reject(lost(cause)));
        response.on('end', () => {
          try {
            const body = JSON.parse(Buffer.concat(chunks).toString());
            if (response.statusCode === 200) resolve(body);
            else
              reject(
                new AppError(String(body.code), body.kind as ErrorKind, String(body.message), { detail: body.detail }),
              );
          } catch (cause) {
            reject(lost(cause));
          }
        });
      },
    );
    outgoing.on('error', (cause) => reject(signal?.aborted ? cause : lost(cause)));
    outgoing.end(JSON.stringify(input));
  });
}

const lost = (cause: unknown) =>
  new AppError('host_unavailable', 'unavailable', 'The part of Vibe that runs apps does not answer.', {
    cause,
    detail: `It is restarted by itself; try again in a moment. (${messageOf(cause)})`,
  });
