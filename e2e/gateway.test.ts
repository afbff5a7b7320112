/** Attacks on the front door: one real Vibe, two merged apps that echo what reaches them, a second person, and every trick with addresses. */
import { createPublicKey, randomBytes } from 'node:crypto';
import { request as httpRequest, type IncomingMessage } from 'node:http';
import { connect } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { jwtVerify } from 'jose';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { openKeyring } from '../server/src/accounts/keyring.ts';
import { openDatabase, run, sql } from '../server/src/db/database.ts';
import type { AnthropicServer } from './support/anthropic-server.ts';
import { call, Person } from './support/client.ts';
import { appOf, chatOf, edits, inOrder, merge, turn } from './support/maker.ts';
import { platformUrl } from './support/platform.ts';
import { startVibe } from './support/set-up.ts';
import type { Vibe } from './support/vibe.ts';
import { codeFor, knock, NAVIGATION, trade, Visitor } from './support/visitor.ts';

let vibe: Vibe;
let claude: AnthropicServer;
let marta: Person;
let olu: Person;
let appId: string;
let appUrl: string;
let otherUrl: string;
let previewUrl: string;
let visitor: Visitor;

/** What a model wrote into the apps: shows what reaches an app, streams, and tries to set cookies that are not its own. */
const ECHO = `
const seen = [];
export const GET = ({ request, url }) => {
  seen.push(url.search);
  return Response.json({ headers: Object.fromEntries(request.headers), href: url.href, seen });
};
export const POST = async ({ request }) => {
  const at = [];
  let bytes = 0;
  for await (const piece of request.body) { bytes += piece.length; at.push(Date.now()); }
  return Response.json({ bytes, spread: at.at(-1) - at[0], origin: request.headers.get('origin') });
};
`;
const STREAM = `
export const GET = () => {
  let count = 0;
  let timer;
  const body = new ReadableStream({
    start(out) { timer = setInterval(() => { out.enqueue(new TextEncoder().encode('data: ' + ++count + '\\n\\n')); }, 100); },
    cancel() { clearInterval(timer); },
  });
  return new Response(body, { headers: { 'content-type': 'text/event-stream' } });
};
`;
const COOKIES = `
export const GET = () => {
  const headers = new Headers();
  headers.append('set-cookie', 'plain=1; Path=/');
  headers.append('set-cookie', 'wide=1; Path=/; Domain=localhost');
  headers.append('set-cookie', '__Host-vibe-app=stolen; Path=/; Secure');
  headers.append('set-cookie', '__host-VIBE-frame=stolen; Path=/; Secure');
  headers.append('set-cookie', '=__Host-vibe-app=stolen; Path=/; Secure');
  headers.append('x-vibe-identity', 'forged');
  headers.append('x-frame-options', 'ALLOWALL');
  headers.append('content-security-policy', 'frame-ancestors *');
  return new Response('ok', { headers });
};
`;
const FILES = edits(
  { kind: 'create', path: 'src/routes/echo/+server.js', content: ECHO },
  { kind: 'create', path: 'src/routes/stream/+server.js', content: STREAM },
  { kind: 'create', path: 'src/routes/cookies/+server.js', content: COOKIES },
);

async function makeApp(title: string): Promise<{ appId: string; url: string; chatId: string }> {
  claude.use(inOrder([{ tool: 'create_app', input: { title } }], [FILES]));
  const { chatId, ended } = await turn(marta, `Make ${title}`);
  expect(ended.outcome).toBe('completed');
  const app = await merge(marta, chatId);
  expect(app.release).toMatchObject({ state: 'serving', problem: null });
  return { appId: app.id, url: app.url, chatId };
}

beforeAll(async () => {
  ({ vibe, claude, marta } = await startVibe());
  await marta.ask('PATCH', '/api/settings', { registrationOpen: true });
  olu = await Person.register(vibe.baseUrl, 'Olu', 'olu@example.com');
  const made = await makeApp('Echo');
  ({ appId, url: appUrl } = made);
  previewUrl = (await chatOf(marta, made.chatId)).preview.url!;
  otherUrl = (await makeApp('Other')).url;
  visitor = await Visitor.enter(marta, appUrl);
}, 240_000);
afterAll(async () => {
  await vibe?.remove();
  await claude?.close();
});

type Echo = { headers: Record<string, string>; href: string; seen: string[] };
const hostOf = (url: string) => new URL(url).host;

describe('a stranger', () => {
  it('who navigates is sent to sign in and back, and everything else is refused', async () => {
    const { location, host, nonceHash } = await knock(vibe.baseUrl, appUrl, '/books?sort=title');
    expect(location.origin + location.pathname).toBe(`${vibe.baseUrl}/open`);
    expect(Object.fromEntries(location.searchParams)).toEqual({ host, nonce: nonceHash, path: '/books?sort=title' });
    for (const [method, headers] of [
      ['GET', { accept: 'application/json' }],
      ['GET', { 'sec-fetch-mode': 'cors', accept: 'text/html' }],
      ['POST', NAVIGATION],
      ['DELETE', {}],
    ] as [string, Record<string, string>][]) {
      const reply = await call(vibe.baseUrl, method, '/echo', { host, headers });
      expect(reply.status, method).toBe(401);
      expect(reply.headers['content-type']).toBe('application/problem+json');
    }
  });

  it('learns nothing: an app that is not there asks to sign in too', async () => {
    const host = hostOf(appUrl).replace('echo', 'nothing');
    expect((await call(vibe.baseUrl, 'GET', '/', { host, headers: NAVIGATION })).status).toBe(303);
    expect((await call(vibe.baseUrl, 'GET', '/', { host })).status).toBe(401);
  });

  it('who is signed in to the platform has nothing of somebody else’s app: it is not there', async () => {
    const theirs = await Visitor.enter(olu, appUrl);
    for (const method of ['GET', 'POST', 'DELETE'])
      expect((await theirs.ask(method, '/echo')).status, method).toBe(404);
    const preview = await Visitor.enter(olu, previewUrl);
    expect((await preview.ask('GET', '/')).status).toBe(404);
    expect((await visitor.ask('GET', '/echo')).status).toBe(200);
  });

  it('gets nowhere with the platform’s own token or a made-up cookie', async () => {
    const host = hostOf(appUrl);
    for (const headers of [
      { authorization: `Bearer ${marta.token}` },
      { cookie: `__Host-vibe-app=${randomBytes(32).toString('base64url')}` },
      { cookie: `__Host-vibe-app=${marta.token}` },
      { 'x-vibe-identity': 'x', 'x-forwarded-user': 'marta' },
    ] as Record<string, string>[])
      expect((await call(vibe.baseUrl, 'GET', '/echo', { host, headers })).status).toBe(401);
  });
});

describe('the exchange of a code', () => {
  const refused = async (reply: ReturnType<typeof trade>) => {
    const { status, headers } = await reply;
    expect(status).toBe(401);
    expect(headers['set-cookie']).toBeUndefined();
  };

  it('needs the nonce that was set on that host', async () => {
    const { host, nonceHash } = await knock(vibe.baseUrl, appUrl);
    const { nonce: another } = await knock(vibe.baseUrl, appUrl);
    await refused(trade(vibe.baseUrl, host, another, await codeFor(marta, host, nonceHash)));
    await refused(trade(vibe.baseUrl, host, '', await codeFor(marta, host, nonceHash)));
  });

  it('works once, also when it is tried many times at once', async () => {
    const { host, nonce, nonceHash } = await knock(vibe.baseUrl, appUrl);
    const code = await codeFor(marta, host, nonceHash);
    const replies = await Promise.all(Array.from({ length: 8 }, () => trade(vibe.baseUrl, host, nonce, code)));
    expect(replies.map(({ status }) => status).sort()).toEqual([303, ...Array(7).fill(401)]);
    await refused(trade(vibe.baseUrl, host, nonce, code));
  });

  it('is for one host: a code for another app opens nothing here, and is gone', async () => {
    const { host, nonce, nonceHash } = await knock(vibe.baseUrl, appUrl);
    const code = await codeFor(marta, hostOf(otherUrl), nonceHash);
    await refused(trade(vibe.baseUrl, host, nonce, code));
    await refused(trade(vibe.baseUrl, hostOf(otherUrl), nonce, code));
  });

  it('is over after thirty seconds', async () => {
    const { host, nonce, nonceHash } = await knock(vibe.baseUrl, appUrl);
    const code = await codeFor(marta, host, nonceHash);
    const { db } = openDatabase(platformUrl(vibe), { max: 1 });
    await run(db, sql`update app_codes set expires_at = expires_at - interval '31 seconds'`);
    await db.destroy();
    await refused(trade(vibe.baseUrl, host, nonce, code));
  });

  it('lets through who is signed in by now: two tabs that open at once ask twice', async () => {
    const reply = await call(vibe.baseUrl, 'GET', '/.vibe/session?code=gone&path=/books', {
      host: visitor.host,
      headers: { ...NAVIGATION, cookie: `__Host-vibe-nonce=another; ${visitor.cookie}` },
    });
    expect([reply.status, reply.headers.location]).toEqual([303, '/books']);
    expect(reply.headers['set-cookie']).toBeUndefined();
  });

  it('is asked for anew in a frame, and left to the person after three times', async () => {
    const inFrame = (attempt: number) =>
      call(vibe.baseUrl, 'GET', `/.vibe/session?framed=${attempt}&code=gone&path=/books`, {
        host: hostOf(previewUrl),
        headers: { ...NAVIGATION, 'sec-fetch-dest': 'iframe', cookie: '__Host-vibe-nonce=another' },
      });
    for (const attempt of [1, 2]) {
      const reply = await inFrame(attempt);
      expect(reply.status).toBe(200);
      expect(reply.text).toContain(`framed=${attempt + 1}&code=`);
      expect(reply.text).toContain('path="/books"');
      expect(reply.headers['set-cookie']![0]).toMatch(/^__Host-vibe-nonce=[\w-]{32};.*SameSite=None; Partitioned$/);
    }
    for (const attempt of [3, 4, 1e9, -1, 'x' as unknown as number]) {
      const reply = await inFrame(attempt);
      expect(reply.status).toBe(401);
      expect(reply.text).toContain('<a href="/books">Open it again</a>');
    }
  });

  it('is made for apps’ addresses alone', async () => {
    const nonceHash = randomBytes(32).toString('base64url');
    const base = hostOf(vibe.baseUrl);
    for (const host of [
      base,
      'evil.com',
      `evil.com.${base}`,
      `a.echo--marta.${base}`,
      `echo--marta.${base}.evil.com`,
      '',
    ])
      expect((await marta.ask('POST', '/api/auth/app-code', { host, nonceHash })).status, host).toBe(400);
  });

  it('leads to a path of the app and nowhere else', async () => {
    const follow = async (path: string) => {
      const { host, nonce, nonceHash } = await knock(vibe.baseUrl, appUrl);
      const reply = await trade(vibe.baseUrl, host, nonce, await codeFor(marta, host, nonceHash), path);
      expect(reply.status).toBe(303);
      return new URL(String(reply.headers.location), appUrl);
    };
    expect((await follow('/books?sort=title#end')).href).toBe(`${appUrl}/books?sort=title#end`);
    for (const path of [
      'https://evil.com/',
      '//evil.com/',
      '/\\evil.com/',
      '\\\\evil.com/',
      '/\t/evil.com/',
      '/\n/evil.com/',
      '\t//evil.com',
      'javascript:alert(1)',
      'evil.com',
      '/\r\nset-cookie: x=1',
    ])
      expect((await follow(path)).origin, JSON.stringify(path)).toBe(new URL(appUrl).origin);
  });

  it('gives a cookie for that host alone', async () => {
    const { host, nonce, nonceHash } = await knock(vibe.baseUrl, appUrl);
    const reply = await trade(vibe.baseUrl, host, nonce, await codeFor(marta, host, nonceHash));
    expect(reply.headers['set-cookie']![0]).toMatch(
      /^__Host-vibe-app=[\w-]{43}; Path=\/; Max-Age=43200; HttpOnly; Secure; SameSite=Lax$/,
    );
    const other = new Visitor(vibe.baseUrl, hostOf(otherUrl), visitor.cookie);
    expect((await other.ask('GET', '/echo')).status).toBe(401);
    const preview = new Visitor(vibe.baseUrl, hostOf(previewUrl), visitor.cookie);
    expect((await preview.ask('GET', '/')).status).toBe(401);
  });
});

describe('tricks with addresses', () => {
  it('lead back to the platform or nowhere', async () => {
    const base = hostOf(vibe.baseUrl);
    const [name, port] = base.split(':');
    const app = hostOf(appUrl);
    for (const host of [
      'evil.com',
      `evil.com:${port}`,
      `${name}`,
      `${name}.:${port}`,
      `${name}:1`,
      `127.0.0.1:${port}`,
      `[::1]:${port}`,
      app.replace(`:${port}`, ''),
      app.replace(name!, `${name}.`),
      `a.${app}`,
      `${app}.evil.com`,
      `${app}@evil.com`,
      `evil.com#${app}`,
      `${base},${app}`,
    ]) {
      const reply = await call(vibe.baseUrl, 'GET', '/echo', { host, headers: { cookie: visitor.cookie } });
      expect(reply.status, host).toBe(421);
      const page = await call(vibe.baseUrl, 'GET', '/echo', {
        host,
        headers: { ...NAVIGATION, cookie: visitor.cookie },
      });
      expect(`${page.status} ${page.headers.location}`, host).toBe(`303 ${vibe.baseUrl}`);
    }
  });

  it('with the double dash find no app', async () => {
    const base = hostOf(vibe.baseUrl);
    for (const label of [
      'echo',
      'echo--',
      '--marta',
      'echo----marta',
      'echo--marta--',
      'echo---marta-lindqvist',
      'echo--rc--marta-lindqvist',
      'echo--staging--marta-lindqvist',
      'echo--caaaaaaaa--marta-lindqvist',
      'echo--marta-lindqvist--marta-lindqvist',
      'xn--echo--marta-lindqvist',
    ]) {
      const host = `${label}.${base}`;
      const theirs = await Visitor.enter(marta, `http://${host}`).catch(() => undefined);
      expect(theirs === undefined ? 404 : (await theirs.ask('GET', '/echo')).status, label).toBe(404);
    }
  });

  it('in capitals are the same app, and a claimed host changes nothing', async () => {
    const shouted = new Visitor(vibe.baseUrl, hostOf(appUrl).toUpperCase(), visitor.cookie);
    expect((await shouted.ask('GET', '/echo')).status).toBe(200);
    const claims = {
      'x-forwarded-host': hostOf(otherUrl),
      forwarded: 'host=evil.com;for=1.2.3.4',
      'x-forwarded-for': '1.2.3.4',
    };
    const { body } = await visitor.ask<Echo>('GET', '/echo', { headers: claims });
    expect(body.headers['x-forwarded-host']).toBe(hostOf(appUrl));
    expect(body.headers['x-forwarded-for']).toMatch(/127\.0\.0\.1|::1/);
    expect(body.headers.forwarded).toBeUndefined();
    expect(body.href).toContain(new URL(appUrl).host);
    const platform = await call(vibe.baseUrl, 'GET', '/api/health', {
      headers: { 'x-forwarded-host': hostOf(appUrl) },
    });
    expect(platform.body).toEqual({ status: 'ok' });
  });
});

describe('what reaches an app', () => {
  it('is who is there, signed for that app alone, whatever a visitor claims', async () => {
    const claims = { 'x-vibe-identity': 'forged', 'X-Vibe-Role': 'owner', 'x-vibe-anything': '1' };
    const { body } = await visitor.ask<Echo>('GET', '/echo', { headers: claims });
    const ours = Object.keys(body.headers).filter((name) => name.startsWith('x-vibe-'));
    expect(ours).toEqual(['x-vibe-identity']);
    const keyring = await openKeyring(join(vibe.dataDir, 'keys'));
    const key = createPublicKey(keyring.identityPublicKey());
    const options = { issuer: 'vibe', audience: `app:${appId}`, algorithms: ['EdDSA'] };
    const { payload } = await jwtVerify(body.headers['x-vibe-identity']!, key, options);
    expect(payload).toMatchObject({ email: 'marta@example.com', role: 'owner' });
    expect(payload.exp! - payload.iat!).toBe(60);
    const other = await Visitor.enter(marta, otherUrl);
    const theirs = (await other.ask<Echo>('GET', '/echo')).body.headers['x-vibe-identity']!;
    await expect(jwtVerify(theirs, key, options)).rejects.toThrow(/aud/);
  });

  it('never holds a cookie of ours, and all of its own', async () => {
    const cookie = '__Host-vibe-nonce=n; theme=dark; __Host-vibe-refresh=r; __HOST-VIBE-frame=f; cart=7';
    const { body } = await visitor.ask<Echo>('GET', '/echo', { headers: { cookie } });
    expect(body.headers.cookie).toBe('theme=dark; cart=7');
    expect(JSON.stringify(body)).not.toContain(visitor.cookie.split('=')[1]);
    expect((await visitor.ask<Echo>('GET', '/echo')).body.headers.cookie).toBeUndefined();
  });

  it('and comes back may set cookies for its own host only, and not be framed elsewhere', async () => {
    const { headers } = await visitor.ask('GET', '/cookies');
    expect(headers['set-cookie']).toEqual(['plain=1; Path=/', 'wide=1; Path=/']);
    expect(headers['x-vibe-identity']).toBeUndefined();
    expect(headers['x-frame-options']).toBeUndefined();
    expect(headers['content-security-policy']).toBe(`frame-ancestors *, frame-ancestors 'self' ${vibe.baseUrl}`);
  });

  it('never comes from another site in the visitor’s name', async () => {
    const own = visitor.origin;
    const ways: Record<string, string>[] = [
      { origin: vibe.baseUrl, 'sec-fetch-site': 'same-site' },
      { origin: new URL(otherUrl).origin, 'sec-fetch-site': 'same-site' },
      { origin: 'null' },
      { origin: 'https://evil.com' },
      { origin: own, 'sec-fetch-site': 'cross-site' },
      { origin: own, 'sec-fetch-site': 'same-site' },
    ];
    for (const headers of ways) {
      for (const method of ['POST', 'PUT', 'DELETE', 'PATCH']) {
        const reply = await visitor.ask(method, '/echo?forged', { headers });
        expect(reply.status, `${method} ${JSON.stringify(headers)}`).toBe(403);
      }
    }
    const fetched = { 'sec-fetch-site': 'same-site', 'sec-fetch-mode': 'no-cors', 'sec-fetch-dest': 'image' };
    expect((await visitor.ask('GET', '/echo?forged', { headers: fetched })).status).toBe(403);
    const link = { ...NAVIGATION, 'sec-fetch-site': 'cross-site' };
    const { body } = await visitor.ask<Echo>('GET', '/echo?a-link', { headers: link });
    expect(body.seen).toContain('?a-link');
    expect(body.seen.join()).not.toContain('forged');
  });

  it('arrives piece by piece in both directions', async () => {
    const upload = await new Promise<{ bytes: number; spread: number }>((resolve, reject) => {
      const headers = { host: visitor.host, cookie: visitor.cookie, origin: visitor.origin };
      const outgoing = httpRequest(
        { host: '127.0.0.1', port: new URL(vibe.baseUrl).port, method: 'POST', path: '/echo', headers },
        (response) => {
          let text = '';
          response.on('data', (chunk) => {
            text += chunk;
          });
          response.on('end', () => resolve(JSON.parse(text)));
        },
      );
      outgoing.on('error', reject);
      void (async () => {
        for (let i = 0; i < 5; i++) {
          outgoing.write(Buffer.alloc(1000, 'x'));
          // the first may take a while on a busy machine, and the last is read long after it all the same
          await sleep(400);
        }
        outgoing.end();
      })();
    });
    expect(upload.bytes).toBe(5000);
    expect(upload.spread).toBeGreaterThan(250);

    const stream = await openStream(visitor);
    const pieces: number[] = [];
    stream.on('data', () => pieces.push(Date.now()));
    // it has no end: what comes of it comes piece by piece
    await expect.poll(() => pieces.length).toBeGreaterThanOrEqual(3);
    await expect.poll(() => pieces.at(-1)! - pieces[0]!).toBeGreaterThan(150);
    stream.destroy();
  });
});

function openStream(by: Visitor): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const headers = { host: by.host, cookie: by.cookie };
    const port = new URL(vibe.baseUrl).port;
    httpRequest({ host: '127.0.0.1', port, path: '/stream', headers }, resolve).once('error', reject).end();
  });
}

/** Sends bytes as they are and answers what came back until the other side closed, or within a moment. */
function sendRaw(text: string, ms = 600): Promise<string> {
  return new Promise((resolve) => {
    let back = '';
    const socket = connect(Number(new URL(vibe.baseUrl).port), '127.0.0.1', () => socket.write(text));
    socket.on('data', (chunk) => {
      back += chunk;
    });
    const end = () => resolve(back);
    socket.on('close', end).on('error', end);
    setTimeout(() => {
      socket.destroy();
      end();
    }, ms);
  });
}

describe('requests within requests', () => {
  it('do not reach the app', async () => {
    const head = (more: string[]) =>
      [
        `POST /echo HTTP/1.1`,
        `Host: ${visitor.host}`,
        `Cookie: ${visitor.cookie}`,
        `Origin: ${visitor.origin}`,
        ...more,
      ].join('\r\n');
    const inner = `GET /echo?smuggled HTTP/1.1\r\nHost: ${visitor.host}\r\n\r\n`;
    const ways = [
      `${head([`Content-Length: ${inner.length + 5}`, 'Transfer-Encoding: chunked'])}\r\n\r\n0\r\n\r\n${inner}`,
      `${head(['Transfer-Encoding: chunked', 'Transfer-Encoding: identity'])}\r\n\r\n0\r\n\r\n${inner}`,
      `${head(['Transfer-Encoding: xchunked', `Content-Length: ${inner.length}`])}\r\n\r\n${inner}`,
      `${head(['Content-Length: 0', `Content-Length: ${inner.length}`])}\r\n\r\n${inner}`,
      `${head(['Transfer-Encoding : chunked'])}\r\n\r\n0\r\n\r\n${inner}`,
      `${head(['X: y\rTransfer-Encoding: chunked', 'Content-Length: 0'])}\r\n\r\n${inner}`,
    ];
    for (const way of ways) {
      // it is answered and closed
      const back = await sendRaw(way, 10_000);
      expect(back.slice(0, 12), way.slice(0, 200)).toBe('HTTP/1.1 400');
      expect(back.match(/HTTP\/1\.1 /g)).toHaveLength(1);
    }
    const { body } = await visitor.ask<Echo>('GET', '/echo?after');
    expect(body.seen).toContain('?after');
    expect(body.seen.join()).not.toContain('smuggled');
  });

  it('behind a request to upgrade are not passed on', async () => {
    const inner = `GET /echo?tunnelled HTTP/1.1\r\nHost: ${visitor.host}\r\nx-vibe-identity: forged\r\n\r\n`;
    for (const [upgrade, method] of [
      ['websocket', 'GET'],
      ['h2c', 'GET'],
      ['websocket', 'POST'],
    ]) {
      const head = [
        `${method} /echo?upgrade HTTP/1.1`,
        `Host: ${visitor.host}`,
        `Cookie: ${visitor.cookie}`,
        `Origin: ${visitor.origin}`,
        'Connection: Upgrade',
        `Upgrade: ${upgrade}`,
        'Sec-WebSocket-Version: 13',
        `Sec-WebSocket-Key: ${randomBytes(16).toString('base64')}`,
      ].join('\r\n');
      await sendRaw(`${head}\r\n\r\n${inner}`);
    }
    const { body } = await visitor.ask<Echo>('GET', '/echo?after-upgrade');
    expect(body.seen).toContain('?after-upgrade');
    // as a request of its own it would be refused for want of a cookie
    expect(body.seen.join()).not.toContain('tunnelled');
  });
});

/** Opens a socket and answers the status that it was refused with, or the open socket. */
function openSocket(url: string, options: { host: string; headers: Record<string, string>; protocol?: string }) {
  return new Promise<number | WebSocket>((resolve, reject) => {
    const { port } = new URL(vibe.baseUrl);
    const socket = new WebSocket(`ws://127.0.0.1:${port}${url}`, options.protocol ? [options.protocol] : [], {
      headers: { host: options.host, ...options.headers },
    });
    socket.once('open', () => resolve(socket));
    socket.once('unexpected-response', (_, response) => resolve(response.statusCode ?? 0));
    socket.once('error', reject);
  });
}

describe('sockets', () => {
  const closed = (socket: WebSocket) =>
    new Promise<number>((resolve) => socket.once('close', () => resolve(Date.now())));

  it('need sign-in and the app’s own origin', async () => {
    const preview = await Visitor.enter(marta, previewUrl);
    await marta.until(async () => (await preview.ask('GET', '/@vite/client')).status === 200, 'the preview');
    const client = (await preview.ask('GET', '/@vite/client')).text;
    const token = /wsToken = "([^"]+)"/.exec(client)![1]!;
    const path = `/?token=${token}`;
    const hot = { host: preview.host, protocol: 'vite-hmr' };
    const own = { cookie: preview.cookie, origin: preview.origin };
    const { cookie, origin } = own;
    expect(await openSocket(path, { ...hot, headers: { origin } })).toBe(401);
    expect(await openSocket(path, { ...hot, headers: { cookie } })).toBe(403);
    expect(await openSocket(path, { ...hot, headers: { cookie, origin: vibe.baseUrl } })).toBe(403);
    expect(await openSocket(path, { ...hot, headers: { cookie, origin: visitor.origin } })).toBe(403);
    expect(await openSocket('/?token=wrong', { ...hot, headers: own })).toBeGreaterThanOrEqual(400);
    const socket = await openSocket(path, { ...hot, headers: own });
    expect(socket).toBeInstanceOf(WebSocket);
    (socket as WebSocket).terminate();
  });

  it('and requests that are open end within five seconds of signing out, and the cookie is dead', async () => {
    const login = await call<{ accessToken: string }>(vibe.baseUrl, 'POST', '/api/auth/login', {
      body: { email: 'marta@example.com', password: 'correct horse battery' },
    });
    const second = new Person(vibe.baseUrl, login.body.accessToken);
    const cookie = login.headers['set-cookie']![0]!.split(';')[0]!;
    const [app, preview] = [await Visitor.enter(second, appUrl), await Visitor.enter(second, previewUrl)];
    await marta.until(async () => (await preview.ask('GET', '/@vite/client')).status === 200, 'the preview');
    const token = /wsToken = "([^"]+)"/.exec((await preview.ask('GET', '/@vite/client')).text)![1]!;
    const hot = (await openSocket(`/?token=${token}`, {
      host: preview.host,
      protocol: 'vite-hmr',
      headers: { cookie: preview.cookie, origin: preview.origin },
    })) as WebSocket;
    const live = (await openSocket('/api/live', {
      host: hostOf(vibe.baseUrl),
      headers: { origin: vibe.baseUrl },
    })) as WebSocket;
    live.send(JSON.stringify({ type: 'auth', token: second.token }));
    await new Promise((resolve) => live.once('message', resolve));
    const stream = await openStream(app);
    stream.resume();
    const streamEnd = new Promise<number>((resolve) => stream.once('close', () => resolve(Date.now())));
    // somebody else's stream goes on
    const untouched = await openStream(visitor);
    untouched.resume();

    const ending = Promise.all([closed(hot), closed(live), streamEnd]);
    const began = Date.now();
    await call(vibe.baseUrl, 'POST', '/api/auth/logout', { headers: { cookie } });
    const ends = await ending;
    for (const at of ends) expect(at - began).toBeLessThan(5000);
    expect((await app.ask('GET', '/echo')).status).toBe(401);
    expect((await preview.ask('GET', '/')).status).toBe(401);
    expect((await second.ask('GET', '/api/me')).status).toBe(401);
    expect(untouched.destroyed).toBe(false);
    untouched.destroy();
    expect((await visitor.ask('GET', '/echo')).status).toBe(200);
  });

  it('end when the permission is taken away, though the sign-in goes on', async () => {
    const { db } = openDatabase(platformUrl(vibe), { max: 1 });
    const membership = (act: 'add' | 'remove') =>
      run(
        db,
        act === 'add'
          ? sql`insert into members (organisation_id, user_id, role) select o.id, u.id, 'member' from organisations o, users u where u.name = 'Olu'`
          : sql`delete from members where user_id = (select id from users where name = 'Olu')`,
      );
    try {
      await membership('add');
      const theirs = await Visitor.enter(olu, appUrl);
      await marta.until(async () => (await theirs.ask('GET', '/echo')).status === 200, 'the permission', 5000);
      const stream = await openStream(theirs);
      stream.resume();
      const end = new Promise<number>((resolve) => stream.once('close', () => resolve(Date.now())));
      const began = Date.now();
      await membership('remove');
      expect((await end) - began).toBeLessThan(5000);
      expect((await theirs.ask('GET', '/echo')).status).toBe(404);
      expect((await olu.ask('GET', '/api/me')).status).toBe(200);
    } finally {
      await membership('remove');
      await db.destroy();
    }
  });
});

it('an app that was deleted is not there any more', async () => {
  const other = await Visitor.enter(marta, otherUrl);
  expect((await other.ask('GET', '/echo')).status).toBe(200);
  const apps = await marta.ask<{ items: { id: string; slug: string }[] }>('GET', '/api/apps');
  const { id } = apps.body.items.find(({ slug }) => slug === 'other')!;
  expect((await marta.ask('DELETE', `/api/apps/${id}`)).status).toBe(204);
  await marta.until(async () => (await other.ask('GET', '/echo')).status === 404, 'the app to be gone', 5000);
  expect((await appOf(marta, id)) as unknown).toMatchObject({ status: 404 });
});
