/** Attacks on the API of a running Vibe: no token, somebody else's things, foreign pages, requests that are too large or make no sense. */
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { call, Person } from './support/client.ts';
import { makeVibe, type Vibe } from './support/vibe.ts';

let vibe: Vibe;
let marta: Person;
let olu: Person;
let chatId: string;
let turnId: string;
let appId: string;

interface OpenApi {
  paths: Record<string, Record<string, { security?: unknown[] }>>;
}

beforeAll(async () => {
  vibe = await makeVibe();
  await vibe.start();
  marta = await Person.register(vibe.baseUrl);
  const closed = await call(vibe.baseUrl, 'POST', '/api/auth/register', {
    body: { email: 'olu@example.com', name: 'Olu', password: 'correct horse battery' },
  });
  expect(closed).toMatchObject({ status: 403, body: { code: 'registration_closed' } });
  await marta.ask('PATCH', '/api/settings', { registrationOpen: true });
  olu = await Person.register(vibe.baseUrl, 'Olu', 'olu@example.com');
  const app = await marta.ask<{ id: string }>('POST', '/api/apps', { name: 'Private things' });
  appId = app.body.id;
  const posted = await marta.ask<{ chatId: string; turnId: string }>('POST', '/api/chat', { message: 'hello' });
  ({ chatId, turnId } = posted.body);
}, 120_000);
afterAll(() => vibe?.remove());

const cookieOf = (headers: Record<string, string | string[] | undefined>): string =>
  String(headers['set-cookie']?.[0]).split(';')[0]!;
const signIn = async () => {
  const reply = await call(vibe.baseUrl, 'POST', '/api/auth/login', {
    body: { email: 'marta@example.com', password: 'correct horse battery' },
  });
  expect(reply.status).toBe(200);
  return reply;
};

describe('the description of the API', () => {
  it('lists every fixed point', async () => {
    const { paths } = (await call<OpenApi>(vibe.baseUrl, 'GET', '/api/openapi.json')).body;
    const listed = Object.entries(paths).flatMap(([path, verbs]) =>
      Object.keys(verbs).map((verb) => `${verb.toUpperCase()} ${path}`),
    );
    const promised = [
      ...['register', 'login', 'refresh', 'logout'].map((name) => `POST /api/auth/${name}`),
      ...[
        'me',
        'health',
        'ready',
        'chats',
        'chats/{id}',
        'chats/{id}/events',
        'chats/{id}/diff',
        'apps',
        'apps/{id}',
      ].map((name) => `GET /api/${name}`),
      'PATCH /api/chats/{id}',
      'PATCH /api/apps/{id}',
      'DELETE /api/apps/{id}',
      ...['chat', 'apps', 'apps/{id}/deploy'].map((name) => `POST /api/${name}`),
      ...['stop', 'undo', 'redo', 'merge'].map((name) => `POST /api/chats/{id}/${name}`),
    ];
    expect(promised.filter((route) => !listed.includes(route))).toEqual([]);
  });

  it('is a page to read too, without scripts and with every call', async () => {
    const page = await call(vibe.baseUrl, 'GET', '/api/docs');
    expect(page.headers['content-type']).toMatch(/^text\/html/);
    expect(page.headers['content-security-policy']).toContain("default-src 'none'");
    expect(page.text).not.toContain('<script');
    const described = await call<{ paths: object }>(vibe.baseUrl, 'GET', '/api/openapi.json');
    for (const path of Object.keys(described.body.paths)) expect(page.text).toContain(`<code>${path}</code>`);
  });

  it('leads to no route that answers without a token, except the few that must', async () => {
    const { paths } = (await call<OpenApi>(vibe.baseUrl, 'GET', '/api/openapi.json')).body;
    const open = new Set([
      'POST /api/auth/register',
      'POST /api/auth/login',
      'POST /api/auth/logout',
      'GET /api/auth/installation',
      // whoever was given a link reads what it is for
      'POST /api/invitations/read',
      'GET /api/health',
      'GET /api/ready',
    ]);
    let tried = 0;
    for (const [template, verbs] of Object.entries(paths)) {
      for (const verb of Object.keys(verbs)) {
        const method = verb.toUpperCase();
        if (open.has(`${method} ${template}`)) continue;
        const path = template
          .replace('{turnId}', turnId)
          .replace('{provider}', 'anthropic')
          .replace('{id}', template.includes('/apps/') ? appId : chatId);
        for (const headers of [
          {} as Record<string, string>,
          { authorization: 'Bearer x.y.z' },
          { authorization: `Basic ${marta.token}` },
        ]) {
          const reply = await call(vibe.baseUrl, method, path, { headers, ...(method === 'GET' ? {} : { body: {} }) });
          expect(`${reply.status} ${reply.body.code}`, `${method} ${path}`).toBe('401 signed_out');
          expect(reply.text).not.toContain('Private things');
          tried++;
        }
      }
    }
    expect(tried).toBeGreaterThan(60);
  });
});

describe('a second account', () => {
  it('has no container, no chat and no app', async () => {
    expect((await olu.ask('GET', '/api/me')).body).toMatchObject({ owner: false, containers: [] });
    for (const path of ['/api/chats', '/api/apps'])
      expect((await olu.ask('GET', path)).body).toEqual({ items: [], next: null });
    const me = (await marta.ask<{ containers: { id: string }[] }>('GET', '/api/me')).body;
    const { id } = me.containers[0]!;
    for (const path of [`/api/chats?containerId=${id}`, `/api/apps?containerId=${id}`])
      expect((await olu.ask('GET', path)).body).toEqual({ items: [], next: null });
    for (const [path, body] of [
      ['/api/chat', { message: 'mine', containerId: id }],
      ['/api/chat', { message: 'mine', chatId }],
      ['/api/chat', { message: 'mine', appId }],
      ['/api/apps', { name: 'Mine', containerId: id }],
    ] as const)
      expect((await olu.ask('POST', path, body)).status, path).toBe(404);
  });

  it('is told the same of somebody else’s chat and app as of none at all', async () => {
    const turn = { turnId };
    const acts: [string, string, unknown?][] = [
      ['GET', ''],
      ['PATCH', '', { title: 'taken over' }],
      ['GET', '/events'],
      ['GET', '/diff'],
      ['GET', '/log'],
      ['POST', '/preview', {}],
      ['POST', '/answer', { questionId: randomUUID(), answer: 'yes' }],
      ['POST', '/stop'],
      ['DELETE', `/queue/${turnId}`],
      ['POST', '/undo', turn],
      ['POST', '/redo', turn],
      ['POST', '/merge'],
      ['POST', '/update'],
    ];
    for (const [method, act, body] of acts) {
      const theirs = await olu.ask(method, `/api/chats/${chatId}${act}`, body);
      const none = await olu.ask(method, `/api/chats/${randomUUID()}${act}`, body);
      expect(theirs.status, `${method} ${act}`).toBe(404);
      expect(theirs.text).toBe(none.text);
    }
    for (const [method, act, body] of [
      ['GET', ''],
      ['PATCH', '', { name: 'taken over' }],
      ['DELETE', ''],
      ['POST', '/opened'],
      ['POST', '/deploy'],
      ['GET', '/releases'],
      ['POST', '/rollback', { releaseId: randomUUID(), serving: randomUUID() }],
    ] as [string, string, unknown?][]) {
      const theirs = await olu.ask(method, `/api/apps/${appId}${act}`, body);
      const none = await olu.ask(method, `/api/apps/${randomUUID()}${act}`, body);
      expect(theirs.status, `${method} ${act}`).toBe(404);
      expect(theirs.text).toBe(none.text);
    }
    expect((await marta.ask('GET', `/api/apps/${appId}`)).body).toMatchObject({ name: 'Private things' });
  });

  it('cannot change settings, keys or who may register', async () => {
    expect((await olu.ask('GET', '/api/settings')).status).toBe(404);
    expect((await olu.ask('PATCH', '/api/settings', { registrationOpen: false })).status).toBe(404);
    expect((await olu.ask('PUT', '/api/settings/keys/anthropic', { key: 'sk-ant-stolen-0000000000' })).status).toBe(
      404,
    );
  });
});

describe('requests that carry the cookie', () => {
  const ways: [string, Record<string, string>][] = [
    ['an app’s page, same-site', { 'sec-fetch-site': 'same-site' }],
    ['another site', { 'sec-fetch-site': 'cross-site' }],
    ['an app’s origin', { origin: 'http://books--marta.localhost' }],
    ['no origin', { origin: 'null' }],
    ['our origin said with another port', { origin: 'http://localhost:1' }],
    ['our origin, but a fetch that the browser calls cross-site', { 'sec-fetch-site': 'cross-site', origin: 'OWN' }],
  ];
  for (const [name, given] of ways) {
    it(`are refused from ${name}`, async () => {
      const signedIn = await signIn();
      const cookie = cookieOf(signedIn.headers);
      const headers = { ...given, ...(given.origin === 'OWN' ? { origin: vibe.baseUrl } : {}), cookie };
      for (const act of ['refresh', 'logout'])
        expect((await call(vibe.baseUrl, 'POST', `/api/auth/${act}`, { headers })).status, act).toBe(403);
      const body = { email: 'marta@example.com', password: 'correct horse battery' };
      const login = await call(vibe.baseUrl, 'POST', '/api/auth/login', { headers, body });
      expect(login).toMatchObject({ status: 403, body: { code: 'cross_site' } });
      expect(login.headers['set-cookie']).toBeUndefined();
      // none of it has rotated or ended the session
      expect((await call(vibe.baseUrl, 'POST', '/api/auth/refresh', { headers: { cookie } })).status).toBe(200);
    });
  }

  it('are taken from our own pages, and the cookie is for our host alone', async () => {
    const signedIn = await signIn();
    expect(signedIn.headers['set-cookie']?.[0]).toMatch(
      /^__Host-vibe-refresh=[\w-]{43}; Path=\/; Max-Age=\d+; HttpOnly; Secure; SameSite=Strict$/,
    );
    const headers = { cookie: cookieOf(signedIn.headers), 'sec-fetch-site': 'same-origin', origin: vibe.baseUrl };
    const refreshed = await call<{ accessToken: string }>(vibe.baseUrl, 'POST', '/api/auth/refresh', { headers });
    expect(refreshed.status).toBe(200);
    const { accessToken } = refreshed.body;
    const out = await call(vibe.baseUrl, 'POST', '/api/auth/logout', {
      headers: { ...headers, cookie: cookieOf(refreshed.headers) },
    });
    expect(out.status).toBe(204);
    // signing out ends the access token too, long before it runs out
    const after = await marta.until(
      async () => {
        const reply = await call(vibe.baseUrl, 'GET', '/api/me', { token: accessToken });
        return reply.status === 401 && reply;
      },
      'the token to be dead',
      5000,
    );
    expect(after.body.code).toBe('signed_out');
  });

  it('prove nothing elsewhere: a cookie is no token', async () => {
    const cookie = cookieOf((await signIn()).headers);
    expect((await call(vibe.baseUrl, 'GET', '/api/me', { headers: { cookie } })).status).toBe(401);
  });
});

describe('requests that make no sense', () => {
  const isProblem = (reply: Awaited<ReturnType<typeof call>>, status: number, code: string) => {
    expect(reply.headers['content-type']).toMatch(/^application\/problem\+json/);
    expect(reply.headers['x-content-type-options']).toBe('nosniff');
    expect(reply.headers['cache-control']).toBe('no-store');
    expect(reply.body).toMatchObject({ status, code, title: expect.stringMatching(/\S/), type: `about:blank#${code}` });
    expect(reply.status).toBe(status);
    expect(reply.text).not.toMatch(/node_modules|\.ts:|stack|select /i);
  };
  const raw = async (text: string, headers: Record<string, string> = {}) => {
    const url = new URL('/api/chat', vibe.baseUrl);
    const reply = await fetch(url, {
      method: 'POST',
      body: text,
      headers: { 'content-type': 'application/json', authorization: `Bearer ${marta.token}`, ...headers },
    });
    const answer = await reply.text();
    return { status: reply.status, headers: Object.fromEntries(reply.headers), text: answer, body: JSON.parse(answer) };
  };

  it('are answered with a problem in words', async () => {
    isProblem(await raw('{"message":'), 400, 'bad_request');
    isProblem(await raw('[]'), 400, 'invalid_input');
    isProblem(await raw('null'), 400, 'invalid_input');
    isProblem(await raw(JSON.stringify({ message: 7 })), 400, 'invalid_input');
    isProblem(await raw(JSON.stringify({ message: '   ' })), 400, 'invalid_input');
    isProblem(await raw(JSON.stringify({ message: 'a\u0000b' })), 400, 'invalid_input');
    isProblem(await raw(JSON.stringify({ message: 'hi', chatId: '../x' })), 400, 'invalid_input');
    isProblem(await raw('message=hi', { 'content-type': 'application/x-www-form-urlencoded' }), 415, 'wrong_type');
    for (let i = 0; i < 20; i++)
      isProblem(await raw(JSON.stringify({ message: 'x'.repeat(300_000 + i * 200_000) })), 413, 'too_large');
    isProblem(await marta.ask('GET', '/api/chats/not-an-id'), 400, 'invalid_input');
    isProblem(await marta.ask('GET', `/api/chats/${chatId}/events?after=-1`), 400, 'invalid_input');
    isProblem(await marta.ask('GET', '/api/nothing/here'), 404, 'not_found');
    isProblem(await marta.ask('POST', '/api/me', {}), 404, 'not_found');
  });

  it('name the field that is wrong', async () => {
    const reply = await call(vibe.baseUrl, 'POST', '/api/auth/register', {
      body: { email: 'not an address', name: '', password: 'short' },
    });
    isProblem(reply, 400, 'invalid_input');
    expect(Object.keys((reply.body as { fields: object }).fields).sort()).toEqual(['email', 'name', 'password']);
  });

  it('do not bring the server down: it serves the next one', async () => {
    await Promise.all(Array.from({ length: 40 }, (_, i) => raw('{'.repeat(i + 1))));
    expect((await call(vibe.baseUrl, 'GET', '/api/ready')).status).toBe(200);
  });
});
