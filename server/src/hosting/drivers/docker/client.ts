/** The few calls of Docker's API that the driver needs, over its unix socket (docs/decisions/0062). */
import { request } from 'node:http';
import type { Duplex, Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { AppError } from '../../../errors.ts';

export interface Call {
  query?: Record<string, string>;
  /** Sent as JSON. */
  body?: unknown;
  /** Sent as it is: a tar archive. */
  archive?: Readable;
  /** Without it a call waits as long as it takes. */
  timeoutMs?: number;
}

/** The engine said no. */
export class EngineRefusal extends AppError {
  readonly status: number;

  constructor(status: number, words: string) {
    super('docker_refused', 'unavailable', `The container engine says: ${words}.`);
    this.status = status;
  }
}

export class EngineClient {
  readonly socketPath: string;

  constructor(socketPath: string) {
    this.socketPath = socketPath;
  }

  /** @returns the answer's JSON, undefined when it has none. Rejects with EngineRefusal, or as the socket does */
  async call<T>(method: 'GET' | 'POST' | 'DELETE', path: string, call: Call = {}): Promise<T> {
    const { body, archive, timeoutMs } = call;
    const sent = body === undefined ? '' : JSON.stringify(body);
    return await new Promise((resolve, reject) => {
      const headers: Record<string, string | number> = { host: 'docker' };
      if (archive) headers['content-type'] = 'application/x-tar';
      else headers['content-length'] = Buffer.byteLength(sent);
      if (sent) headers['content-type'] = 'application/json';
      const signal = timeoutMs === undefined ? undefined : AbortSignal.timeout(timeoutMs);
      const asked = request(
        { socketPath: this.socketPath, method, path: withQuery(path, call.query), headers, ...(signal && { signal }) },
        (answer) => {
          text(answer).then((said) => {
            const status = answer.statusCode ?? 0;
            if (status >= 400) reject(new EngineRefusal(status, messageIn(said)));
            else resolve(parse(said) as T);
          }, reject);
        },
      );
      asked.on('error', reject);
      if (!archive) return asked.end(sent);
      archive.on('error', (error) => asked.destroy(error)).pipe(asked);
    });
  }

  /** The connection to a container's streams, before or after its start. What is written to it is stdin; ending it ends stdin. */
  async attach(id: string, withStdin: boolean): Promise<Duplex> {
    const query = { stream: '1', stdout: '1', stderr: '1', ...(withStdin && { stdin: '1' }) };
    const path = withQuery(`/containers/${id}/attach`, query);
    // No body of any form: Podman would hand it to the program.
    const headers = { host: 'docker', connection: 'Upgrade', upgrade: 'tcp', 'content-length': 0 };
    return await new Promise((resolve, reject) => {
      const asked = request({ socketPath: this.socketPath, method: 'POST', path, headers });
      asked.on('error', reject);
      asked.on('upgrade', (_answer, socket, head) => {
        socket.on('error', () => undefined);
        if (head.length > 0) socket.unshift(head);
        resolve(socket);
      });
      asked.on('response', (answer) => {
        text(answer).then((said) => reject(new EngineRefusal(answer.statusCode ?? 0, messageIn(said))), reject);
      });
      asked.end();
    });
  }
}

function withQuery(path: string, query: Record<string, string> = {}): string {
  const words = new URLSearchParams(query).toString();
  return words ? `${path}?${words}` : path;
}

/** Some answers are lines of JSON: the last one tells how it went. */
function parse(said: string): unknown {
  const last = said.trim().split('\n').at(-1) ?? '';
  try {
    return JSON.parse(last);
  } catch {
    return undefined;
  }
}

function messageIn(said: string): string {
  const found = parse(said) as { message?: string } | undefined;
  return (found?.message ?? said).trim().replace(/\.$/, '').slice(0, 500) || 'nothing';
}
