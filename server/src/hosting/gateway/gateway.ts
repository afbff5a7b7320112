/**
 * The front door: one port. The base address goes to the platform's web process; every other label is an app or preview, reached only
 * by a signed-in person who may see it. Over 400 lines because request and upgrade share one path through sign-in.
 */
import { randomBytes } from 'node:crypto';
import {
  Agent,
  type ClientRequest,
  createServer,
  request as httpRequest,
  type IncomingMessage,
  type RequestOptions,
  type Server,
  type ServerResponse,
  STATUS_CODES,
} from 'node:http';
import type { Duplex } from 'node:stream';
import type { Logger } from 'pino';
import type { Access, AccessSet } from '../../accounts/access-set.ts';
import type { Db } from '../../db/database.ts';
import { AppError } from '../../errors.ts';
import { type Address, labelOf, parseLabel } from './addresses.ts';
import { APP_SESSION_SECONDS, AppSessions, nonceHash, redeemCode } from './app-sessions.ts';
import type { Backend, Backends } from './backends.ts';
import { APP_COOKIE, confine, FRAME_COOKIE, NONCE_COOKIE, ourCookie, readCookies, withoutOurs } from './cookies.ts';
import { IDENTITY_HEADER, type Identities } from './identity.ts';
import { framePage, page } from './pages.ts';

export interface GatewayParts {
  baseUrl: string;
  baseHost: string;
  db: Db;
  accessSet: AccessSet;
  identities: Identities;
  backends: Backends;
  /** the socket of the web process */
  webSocketPath: string;
  log: Logger;
}

interface Visit {
  access: Access;
  framed: boolean;
}

type Headers = Record<string, string | string[] | undefined>;

const RECHECK_MS = 4000;
/** How often a frame asks for a code by itself before it leaves it to the person. */
const MOST_ATTEMPTS = 3;

export class Gateway {
  readonly #parts: GatewayParts;
  readonly #sessions: AppSessions;
  readonly #server: Server;
  readonly #webAgent: Agent;
  /** http or https, as people see it */
  readonly #scheme: string;
  readonly #open = new Set<{ access: Access; address: Address; end: () => void }>();
  readonly #recheckTimer: NodeJS.Timeout;

  constructor(parts: GatewayParts) {
    this.#parts = parts;
    this.#sessions = new AppSessions(parts.db);
    this.#scheme = new URL(parts.baseUrl).protocol.slice(0, -1);
    this.#webAgent = new Agent({ keepAlive: true, maxFreeSockets: 64 });
    this.#server = createServer(
      { requestTimeout: 0, headersTimeout: 30_000, keepAliveTimeout: 30_000, shouldUpgradeCallback: isWebSocket },
      (request, response) => {
        this.#serve(request, response).catch((error) => this.#fail(request, response, error));
      },
    );
    this.#server.on('upgrade', (request, socket, head) => {
      socket.on('error', () => socket.destroy());
      this.#upgrade(request, socket, head).catch(() => refuseUpgrade(socket, 502));
    });
    parts.accessSet.events.on('changed', (affects) => void this.#recheck(affects));
    // a notification may be lost, and a session may simply run out
    this.#recheckTimer = setInterval(() => void this.#recheck(() => true), RECHECK_MS);
    this.#recheckTimer.unref();
  }

  /** @throws the server's own error, e.g. EADDRINUSE */
  listen(port: number, host: string): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#server.once('error', reject);
      this.#server.listen({ port, host }, () => {
        this.#server.off('error', reject);
        resolve();
      });
    });
  }

  get server(): Server {
    return this.#server;
  }

  /** Stops taking requests, ends open sockets, and waits for the rest at most `graceMs`. */
  async close(graceMs: number): Promise<void> {
    clearInterval(this.#recheckTimer);
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    for (const open of this.#open) open.end();
    this.#server.closeIdleConnections();
    const timer = setTimeout(() => this.#server.closeAllConnections(), graceMs);
    await closed;
    clearTimeout(timer);
    this.#webAgent.destroy();
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const host = (request.headers.host ?? '').toLowerCase();
    if (host === this.#parts.baseHost) return this.#toWeb(request, response);
    const label = labelOf(host, this.#parts.baseHost);
    if (label === undefined) {
      if (isNavigation(request)) return redirect(response, this.#parts.baseUrl);
      return answer(request, response, 421, 'Wrong address', `This server answers at ${this.#parts.baseUrl}.`);
    }
    const address = parseLabel(label);
    if (request.url?.startsWith('/.vibe/')) return this.#own(request, response, host);
    const visit = await this.#visitor(request, host);
    if (!visit) return this.#askToSignIn(request, response, host);
    if (!mayComeFromThere(request, `${this.#scheme}://${host}`)) {
      return answer(
        request,
        response,
        403,
        'Not from there',
        'Another site asked for this in your name. It was refused.',
      );
    }
    if (!address) return notFound(request, response);
    const backend = await this.#parts.backends.open(address, visit.access, { wake: true });
    if (!backend) return notFound(request, response);
    await this.#toApp(request, response, { address, visit, backend, host });
  }

  /** The person behind the app's cookie, if their session lives. */
  async #visitor(request: IncomingMessage, host: string): Promise<Visit | undefined> {
    const cookies = readCookies(request.headers.cookie);
    for (const [name, framed] of [
      [APP_COOKIE, false],
      [FRAME_COOKIE, true],
    ] as const) {
      const token = cookies.get(name);
      const sessionId = token ? await this.#sessions.sessionOf(token, host) : undefined;
      const access = sessionId ? await this.#parts.accessSet.of(sessionId) : undefined;
      if (access) return { access, framed };
    }
    return undefined;
  }

  #askToSignIn(request: IncomingMessage, response: ServerResponse, host: string): void {
    if (!isNavigation(request)) return answer(request, response, 401, 'Signed out', 'Sign in to use this.');
    const path = request.url ?? '/';
    if (request.headers['sec-fetch-dest'] === 'iframe') return this.#askInFrame(response, path, 1);
    const nonce = newNonce();
    response.setHeader('set-cookie', ourCookie(NONCE_COOKIE, nonce, 300, false));
    const query = new URLSearchParams({ host, nonce: nonceHash(nonce), path });
    redirect(response, `${this.#parts.baseUrl}/open?${query}`);
  }

  #askInFrame(response: ServerResponse, path: string, attempt: number): void {
    const nonce = newNonce();
    const { html, csp } = framePage(this.#parts.baseUrl, nonceHash(nonce), path, attempt);
    response.writeHead(200, {
      'content-type': 'text/html; charset=utf-8',
      'content-security-policy': csp,
      'cache-control': 'no-store',
      'set-cookie': ourCookie(NONCE_COOKIE, nonce, 300, true),
    });
    response.end(html);
  }

  /** Paths of our own on an app's host: trading a code for a session. */
  async #own(request: IncomingMessage, response: ServerResponse, host: string): Promise<void> {
    const url = new URL(request.url ?? '/', 'http://x');
    if (url.pathname !== '/.vibe/session' || request.method !== 'GET') return notFound(request, response);
    const framed = /^[1-9]\d?$/.test(url.searchParams.get('framed') ?? '') ? Number(url.searchParams.get('framed')) : 0;
    const nonce = readCookies(request.headers.cookie).get(NONCE_COOKIE);
    const code = url.searchParams.get('code');
    const path = localPath(url.searchParams.get('path'));
    const token = nonce && code ? await redeemCode(this.#parts.db, { code, host, nonce }) : undefined;
    if (token) {
      const name = framed ? FRAME_COOKIE : APP_COOKIE;
      response.setHeader('set-cookie', [
        ourCookie(name, token, APP_SESSION_SECONDS, framed > 0),
        ourCookie(NONCE_COOKIE, '', 0, framed > 0),
      ]);
      return redirect(response, path);
    }
    // two tabs that open at once share their cookies: the exchange of one makes that of the other void, and both are signed in
    if (await this.#visitor(request, host)) return redirect(response, path);
    if (framed > 0 && framed < MOST_ATTEMPTS && request.headers['sec-fetch-dest'] === 'iframe')
      return this.#askInFrame(response, path, framed + 1);
    answer(request, response, 401, 'Signed out', 'This sign-in is no longer good.', {
      href: path,
      text: 'Open it again',
    });
  }

  #toWeb(request: IncomingMessage, response: ServerResponse): void {
    const headers = this.#forwardedHeaders(request);
    const upstream = httpRequest({
      socketPath: this.#parts.webSocketPath,
      agent: this.#webAgent,
      method: request.method,
      path: request.url,
      headers,
      setHost: false,
    });
    upstream.on('response', (incoming) => pass(incoming, response, incoming.headers));
    upstream.on('error', () => {
      if (response.headersSent) return void response.destroy();
      const html = page('Vibe is starting', 'This page opens by itself in a moment.', { refreshSeconds: 1 });
      const type = isNavigation(request) ? 'text/html; charset=utf-8' : 'application/problem+json';
      response.writeHead(503, { 'content-type': type, 'retry-after': '1', 'cache-control': 'no-store' });
      response.end(
        isNavigation(request)
          ? html
          : JSON.stringify({ type: 'about:blank#starting', title: 'Vibe is starting.', status: 503, code: 'starting' }),
      );
    });
    send(request, response, upstream);
  }

  async #toApp(
    request: IncomingMessage,
    response: ServerResponse,
    to: { address: Address; visit: Visit; backend: Backend; host: string },
  ): Promise<void> {
    const { visit, backend } = to;
    const headers = await this.#appHeaders(request, to);
    const leave = backend.enter();
    const open = { access: visit.access, address: to.address, end: () => response.destroy() };
    this.#open.add(open);
    response.once('close', () => {
      leave();
      this.#open.delete(open);
    });
    const upstream = httpRequest({
      agent: backend.agent,
      method: request.method,
      path: request.url,
      headers,
      setHost: false,
    });
    upstream.on('response', (incoming) => pass(incoming, response, this.#appResponse(incoming, visit.framed)));
    upstream.on('error', (error) => {
      if (response.headersSent || response.destroyed) return void response.destroy();
      this.#parts.log.debug({ err: error }, 'an app broke a connection');
      answer(request, response, 502, 'The app did not answer', 'It closed the connection. Try again.');
    });
    send(request, response, upstream);
  }

  async #upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): Promise<void> {
    const host = (request.headers.host ?? '').toLowerCase();
    if (host === this.#parts.baseHost) {
      if (request.headers.origin !== undefined && request.headers.origin !== this.#parts.baseUrl)
        return refuseUpgrade(socket, 403);
      const headers = this.#forwardedHeaders(request);
      return join(
        request,
        socket,
        head,
        { socketPath: this.#parts.webSocketPath, headers },
        (incoming) => incoming.headers,
      );
    }
    const label = labelOf(host, this.#parts.baseHost);
    const address = label === undefined ? undefined : parseLabel(label);
    const visit = await this.#visitor(request, host);
    if (!visit) return refuseUpgrade(socket, 401);
    if (request.headers.origin !== `${this.#scheme}://${host}`) return refuseUpgrade(socket, 403);
    const hot = /\bvite-(hmr|ping)\b/.test(request.headers['sec-websocket-protocol'] ?? '');
    const backend = address && (await this.#parts.backends.open(address, visit.access, { wake: !hot }));
    if (!address || !backend) return refuseUpgrade(socket, 404);
    const upstream = await backend.connect();
    const headers = await this.#appHeaders(request, { visit, backend, host });
    const leave = hot ? () => {} : backend.enter();
    const open = { access: visit.access, address, end: () => socket.destroy() };
    this.#open.add(open);
    socket.once('close', () => {
      leave();
      this.#open.delete(open);
    });
    join(request, socket, head, { createConnection: () => upstream, headers }, (incoming) =>
      this.#appResponse(incoming, visit.framed),
    );
  }

  #forwardedHeaders(request: IncomingMessage): Headers {
    const headers: Headers = {};
    for (const name in request.headers) {
      if (isForwarded(name)) headers[name] = request.headers[name];
    }
    headers['x-forwarded-for'] = request.socket.remoteAddress ?? '';
    headers['x-forwarded-proto'] = this.#scheme;
    headers['x-forwarded-host'] = request.headers.host;
    return headers;
  }

  async #appHeaders(request: IncomingMessage, to: { visit: Visit; backend: Backend; host: string }): Promise<Headers> {
    const headers = this.#forwardedHeaders(request);
    headers.cookie = withoutOurs(request.headers.cookie);
    if (headers.cookie === undefined) delete headers.cookie;
    headers[IDENTITY_HEADER] = await this.#parts.identities.of(
      to.visit.access.user,
      to.backend.role,
      to.backend.audience,
    );
    return headers;
  }

  #appResponse(incoming: IncomingMessage, framed: boolean): Headers {
    const headers: Headers = { ...incoming.headers };
    const cookies = incoming.headers['set-cookie']
      ?.map((cookie) => confine(cookie, framed))
      .filter((cookie) => cookie !== undefined);
    if (cookies) headers['set-cookie'] = cookies;
    // an app may be shown in the platform's frame and nowhere else
    headers['content-security-policy'] = [
      incoming.headers['content-security-policy'],
      `frame-ancestors 'self' ${this.#parts.baseUrl}`,
    ]
      .filter(Boolean)
      .join(', ');
    delete headers['x-frame-options'];
    return headers;
  }

  /** Ends open requests and sockets of people whose session or permission is gone. */
  async #recheck(affects: (access: Access) => boolean): Promise<void> {
    for (const open of [...this.#open]) {
      if (!affects(open.access)) continue;
      const access = await this.#parts.accessSet.of(open.access.sessionId).catch(() => undefined);
      if (!access || !(await this.#parts.backends.mayStill(open.address, access).catch(() => false))) open.end();
    }
  }

  #fail(request: IncomingMessage, response: ServerResponse, error: unknown): void {
    if (response.headersSent) return void response.destroy();
    if (error instanceof AppError && error.kind !== 'bug') {
      const status = error.kind === 'unauthenticated' ? 401 : error.kind === 'unavailable' ? 503 : 400;
      return answer(request, response, status, error.message, error.detail ?? '');
    }
    this.#parts.log.error({ err: error }, 'the gateway failed');
    answer(request, response, 500, 'Something went wrong', 'It has been logged. Try again.');
  }
}

const newNonce = (): string => randomBytes(24).toString('base64url');

/** A person going to a page, as opposed to a page fetching something. */
function isNavigation(request: IncomingMessage): boolean {
  if (request.method !== 'GET' && request.method !== 'HEAD') return false;
  const mode = request.headers['sec-fetch-mode'];
  if (mode !== undefined) return mode === 'navigate';
  return /\btext\/html\b/.test(request.headers.accept ?? '');
}

/** Apps are same-site with each other under one domain: only a plain navigation may come from another origin. */
function mayComeFromThere(request: IncomingMessage, own: string): boolean {
  const { origin } = request.headers;
  const site = request.headers['sec-fetch-site'];
  const foreign =
    (site !== undefined && site !== 'same-origin' && site !== 'none') || (origin !== undefined && origin !== own);
  return !foreign || (isNavigation(request) && (origin === undefined || origin === own));
}

/** Only a path of the same host: never an address that leads elsewhere. */
function localPath(path: string | null): string {
  // browsers drop tabs and line ends from an address: `/<tab>/elsewhere` would lead there
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for
  return path && /^\/(?![/\\])/.test(path) && !/[\u0000-\u0020\u007f]/.test(path) ? path : '/';
}

/**
 * Sends a request on. Whoever answers before it has read the whole body leaves the rest to be read here: else the sender's
 * connection would break before it has read the answer, or wait for ever.
 */
function send(request: IncomingMessage, response: ServerResponse, upstream: ClientRequest): void {
  const readRest = () => {
    request.unpipe(upstream);
    request.resume();
  };
  upstream.once('close', readRest);
  response.once('finish', () => {
    if (request.complete) return;
    readRest();
    upstream.destroy();
    const timer = setTimeout(() => request.destroy(), REST_MS);
    request.once('close', () => clearTimeout(timer));
  });
  response.once('close', () => {
    if (!response.writableFinished) upstream.destroy();
  });
  request.pipe(upstream);
}

function pass(incoming: IncomingMessage, response: ServerResponse, headers: Headers): void {
  const clean: Headers = {};
  for (const name in headers) {
    const value = headers[name];
    if (value !== undefined && !HOP_BY_HOP.has(name) && !name.startsWith('x-vibe-')) clean[name] = value;
  }
  response.writeHead(incoming.statusCode ?? 502, clean as Record<string, string>);
  incoming.pipe(response);
  incoming.once('error', () => response.destroy());
  incoming.once('aborted', () => response.destroy());
}

/** How long the rest of a body may take whose answer was given already, ms. */
const REST_MS = 10_000;

const HOP_BY_HOP = new Set([
  'connection',
  'keep-alive',
  'proxy-authenticate',
  'trailer',
  'transfer-encoding',
  'upgrade',
]);

/** About the connection to us, not to what is behind us. Transfer-Encoding stays: it says that there is a body. */
const NOT_FORWARDED = new Set([
  'connection',
  'keep-alive',
  'proxy-authorization',
  'proxy-connection',
  'te',
  'trailer',
  'upgrade',
  'forwarded',
]);

/** What only we may write is left out when it comes from outside. */
const isForwarded = (name: string): boolean =>
  !NOT_FORWARDED.has(name) && !(name.startsWith('x-vibe-') || name.startsWith('x-forwarded-'));

/** The only upgrade there is; a request for any other is answered as if it had not asked. */
function isWebSocket(request: IncomingMessage): boolean {
  return request.method === 'GET' && request.headers.upgrade?.toLowerCase() === 'websocket';
}

/** Joins two sockets once the other side has agreed: until then nothing but the request itself passes. */
function join(
  request: IncomingMessage,
  socket: Duplex,
  head: Buffer,
  to: RequestOptions & { headers: Headers },
  headersOf: (incoming: IncomingMessage) => Headers,
): void {
  const headers = { ...to.headers, connection: 'Upgrade', upgrade: 'websocket' };
  const outgoing = httpRequest({ ...to, method: 'GET', path: request.url, headers, setHost: false });
  socket.once('close', () => outgoing.destroy());
  outgoing.once('error', () => refuseUpgrade(socket, 502));
  outgoing.once('response', (incoming) => {
    incoming.resume();
    refuseUpgrade(socket, incoming.statusCode ?? 502);
  });
  outgoing.once('upgrade', (incoming, upstream, upstreamHead) => {
    const lines = ['HTTP/1.1 101 Switching Protocols', 'connection: Upgrade', 'upgrade: websocket'];
    for (const [name, value] of Object.entries(headersOf(incoming))) {
      if (HOP_BY_HOP.has(name) || name.startsWith('x-vibe-')) continue;
      for (const one of Array.isArray(value) ? value : [value]) if (one !== undefined) lines.push(`${name}: ${one}`);
    }
    socket.write(`${lines.join('\r\n')}\r\n\r\n`);
    const end = () => {
      socket.destroy();
      upstream.destroy();
    };
    for (const side of [socket, upstream]) side.once('close', end).once('error', end);
    if (upstreamHead.length > 0) socket.write(upstreamHead);
    if (head.length > 0) upstream.write(head);
    socket.pipe(upstream);
    upstream.pipe(socket);
  });
  outgoing.end();
}

function refuseUpgrade(socket: Duplex, status: number): void {
  if (socket.destroyed) return;
  const text = STATUS_CODES[status] ?? 'Refused';
  socket.end(`HTTP/1.1 ${status} ${text}\r\nconnection: close\r\ncontent-length: 0\r\n\r\n`);
}

function redirect(response: ServerResponse, to: string): void {
  response.writeHead(303, { location: to, 'cache-control': 'no-store' }).end();
}

function notFound(request: IncomingMessage, response: ServerResponse): void {
  answer(request, response, 404, 'There is nothing here', 'The address is wrong, or it was not shared with you.');
}

function answer(
  request: IncomingMessage,
  response: ServerResponse,
  status: number,
  title: string,
  text: string,
  link?: { href: string; text: string },
): void {
  const html = isNavigation(request);
  response.writeHead(status, {
    'content-type': html ? 'text/html; charset=utf-8' : 'application/problem+json',
    'cache-control': 'no-store',
    ...(html ? { 'content-security-policy': "default-src 'none'; style-src 'unsafe-inline'" } : {}),
  });
  const problem = {
    type: 'about:blank',
    title,
    status,
    code: title.toLowerCase().replace(/[^a-z]+/g, '_'),
    detail: text,
  };
  response.end(html ? page(title, text, { link }) : JSON.stringify(problem));
  request.resume();
}
