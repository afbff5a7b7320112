/** A small client of the API for tests: one signed-in person over plain HTTP. */
import { request } from 'node:http';

export interface Reply<T = unknown> {
  status: number;
  headers: Record<string, string | string[] | undefined>;
  body: T;
  text: string;
}

export interface CallOptions {
  body?: unknown;
  /** sent as a form of a page is */
  form?: Record<string, string>;
  token?: string;
  headers?: Record<string, string>;
  /** the Host header; the connection always goes to the loopback address */
  host?: string;
}

/** One request to a server on this machine. */
export function call<T = Record<string, unknown>>(
  baseUrl: string,
  method: string,
  path: string,
  options: CallOptions = {},
): Promise<Reply<T>> {
  const base = new URL(baseUrl);
  const sent = options.form
    ? new URLSearchParams(options.form).toString()
    : options.body === undefined
      ? undefined
      : JSON.stringify(options.body);
  return new Promise((resolve, reject) => {
    const outgoing = request(
      {
        host: '127.0.0.1',
        port: base.port,
        method,
        path,
        headers: {
          host: options.host ?? base.host,
          ...(sent === undefined
            ? {}
            : {
                'content-type': options.form ? 'application/x-www-form-urlencoded' : 'application/json',
                'content-length': String(Buffer.byteLength(sent)),
              }),
          ...(options.token ? { authorization: `Bearer ${options.token}` } : {}),
          ...options.headers,
        },
      },
      (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('error', reject);
        response.on('end', () => {
          const text = Buffer.concat(chunks).toString();
          let body: unknown = text;
          try {
            body = JSON.parse(text);
          } catch {
            // not every answer is JSON
          }
          resolve({ status: response.statusCode ?? 0, headers: response.headers, body: body as T, text });
        });
      },
    );
    outgoing.on('error', reject);
    outgoing.end(sent);
  });
}

/** Whoever owns the Vibe of a test, and everybody's password. */
export const MARTA = { name: 'Marta Lindqvist', email: 'marta@example.com' };
export const PASSWORD = 'correct horse battery';

/** A person who is signed in. */
export class Person {
  readonly baseUrl: string;
  readonly token: string;

  constructor(baseUrl: string, token: string) {
    this.baseUrl = baseUrl;
    this.token = token;
  }

  static async register(baseUrl: string, name = MARTA.name, email = MARTA.email): Promise<Person> {
    const reply = await call<{ accessToken: string }>(baseUrl, 'POST', '/api/auth/register', {
      body: { email, name, password: PASSWORD },
    });
    if (reply.status !== 201) throw new Error(`registration answered ${reply.status}: ${reply.text}`);
    return new Person(baseUrl, reply.body.accessToken);
  }

  async ask<T = Record<string, unknown>>(method: string, path: string, body?: unknown): Promise<Reply<T>> {
    return call<T>(this.baseUrl, method, path, { token: this.token, ...(body === undefined ? {} : { body }) });
  }

  /** Waits until `look` answers something. */
  async until<T>(look: () => Promise<T | undefined | false | null>, what: string, timeoutMs = 60_000): Promise<T> {
    const end = Date.now() + timeoutMs;
    for (;;) {
      const found = await look();
      if (found) return found;
      if (Date.now() > end) throw new Error(`waited ${timeoutMs} ms for: ${what}`);
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }
}
