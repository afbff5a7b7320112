/** Somebody at an app's own address, without a browser: goes through the gateway's sign-in as a browser does, and keeps its cookie. */
import { createHash } from 'node:crypto';
import { type CallOptions, call, type Person, type Reply } from './client.ts';

export const NAVIGATION = { accept: 'text/html', 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'document' };

export interface Exchange {
  host: string;
  nonce: string;
  nonceHash: string;
  /** where the person wanted to go */
  path: string;
  location: URL;
}

/** Goes to an app's address signed out: what the gateway asks for. */
export async function knock(baseUrl: string, appUrl: string, path = '/'): Promise<Exchange> {
  const { host } = new URL(appUrl);
  const reply = await call(baseUrl, 'GET', path, { host, headers: NAVIGATION });
  if (reply.status !== 303) throw new Error(`a navigation was answered ${reply.status}: ${reply.text.slice(0, 200)}`);
  const location = new URL(String(reply.headers.location));
  const nonce = /^__Host-vibe-nonce=([\w-]+);/.exec(reply.headers['set-cookie']![0]!)![1]!;
  return {
    host,
    nonce,
    nonceHash: createHash('sha256').update(nonce).digest('base64url'),
    path: location.searchParams.get('path')!,
    location,
  };
}

export async function codeFor(person: Person, host: string, nonceHash: string): Promise<string> {
  const reply = await person.ask<{ code: string }>('POST', '/api/auth/app-code', { host, nonceHash });
  if (reply.status !== 200) throw new Error(`the code was answered ${reply.status}: ${reply.text}`);
  return reply.body.code;
}

/** Trades a code on an app's host, with whatever nonce. */
export const trade = (baseUrl: string, host: string, nonce: string, code: string, path = '/') =>
  call(baseUrl, 'GET', `/.vibe/session?${new URLSearchParams({ code, path })}`, {
    host,
    headers: { ...NAVIGATION, cookie: `__Host-vibe-nonce=${nonce}` },
  });

export class Visitor {
  readonly baseUrl: string;
  readonly host: string;
  readonly cookie: string;

  constructor(baseUrl: string, host: string, cookie: string) {
    this.baseUrl = baseUrl;
    this.host = host;
    this.cookie = cookie;
  }

  static async enter(person: Person, appUrl: string): Promise<Visitor> {
    const { host, nonce, nonceHash } = await knock(person.baseUrl, appUrl);
    const reply = await trade(person.baseUrl, host, nonce, await codeFor(person, host, nonceHash));
    if (reply.status !== 303) throw new Error(`the exchange was answered ${reply.status}: ${reply.text.slice(0, 300)}`);
    return new Visitor(person.baseUrl, host, reply.headers['set-cookie']![0]!.split(';')[0]!);
  }

  get origin(): string {
    return `http://${this.host}`;
  }

  ask<T = Record<string, unknown>>(method: string, path: string, options: CallOptions = {}): Promise<Reply<T>> {
    const cookie = [this.cookie, options.headers?.cookie].filter(Boolean).join('; ');
    const own: Record<string, string> = method === 'GET' || method === 'HEAD' ? {} : { origin: this.origin };
    return call<T>(this.baseUrl, method, path, {
      ...options,
      host: this.host,
      headers: { ...own, ...options.headers, cookie },
    });
  }
}
