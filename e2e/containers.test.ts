/**
 * A second container is a place of its own: made, filled and shared in the browser, and then everything that somebody of one could try
 * against the other, over the API, the live connection, the addresses of apps and the databases themselves.
 */
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import pg from 'pg';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import type { Me } from '../contract/accounts.ts';
import type { App } from '../contract/apps.ts';
import type { Chat } from '../contract/chats.ts';
import { DESKTOP, openBrowser, signIn, takePictures } from './support/browser.ts';
import { call, Person } from './support/client.ts';
import { clusterUrl } from './support/platform.ts';
import { makeVibe, type Vibe } from './support/vibe.ts';

const ROOT = fileURLToPath(new URL('..', import.meta.url));

let vibe: Vibe;
let browser: Browser;
let marta: Person;
let martaPage: Page;
let benContext: BrowserContext;
let benPage: Page;
let ben: Person;
let home: Me['containers'][number];
let second: Me['containers'][number];
const chats: Record<string, Chat> = {};
const problems: string[] = [];

const newPage = async (context: BrowserContext) => {
  const page = await context.newPage();
  page.on('pageerror', (error) => problems.push(error.message));
  return page;
};
const inContainer = <T>(person: Person, id: string, method: string, path: string, body?: unknown) =>
  call<T>(vibe.baseUrl, method, path, {
    token: person.token,
    headers: { 'vibe-container': id },
    ...(body === undefined ? {} : { body }),
  });

/** An app on main, in the container that is named. */
async function makeApp(containerId: string, wish: string): Promise<Chat> {
  const posted = await inContainer<{ chatId: string }>(marta, containerId, 'POST', '/api/chat', {
    message: wish,
    model: 'builtin',
  });
  const read = async () => (await marta.ask<Chat>('GET', `/api/chats/${posted.body.chatId}`)).body;
  await marta.until(async () => (await read()).turn?.state === 'ended', wish);
  expect((await marta.ask('POST', `/api/chats/${posted.body.chatId}/merge`)).status).toBe(202);
  const appId = (await read()).app!.id;
  await marta.until(
    async () => (await marta.ask<App>('GET', `/api/apps/${appId}`)).body.release?.state === 'serving',
    `${wish}: live`,
  );
  return read();
}

beforeAll(async () => {
  vibe = await makeVibe();
  await vibe.start();
  marta = await Person.register(vibe.baseUrl);
  home = (await marta.ask<Me>('GET', '/api/me')).body.containers[0]!;
  browser = await openBrowser();
  martaPage = await newPage(await browser.newContext({ viewport: DESKTOP }));
  await signIn(martaPage, vibe.baseUrl);
  await martaPage.getByLabel('What you would like').waitFor();
});
afterAll(async () => {
  await browser?.close();
  await vibe?.remove();
});

it('is made from the menu, and one is in it at once', async () => {
  await martaPage.getByRole('button', { name: /Marta Lindqvist/ }).click();
  await martaPage.getByRole('menuitem', { name: 'New container' }).click();
  await martaPage.getByRole('button', { name: 'Make the container' }).click();
  await martaPage.getByText('Give it a name').waitFor();
  await martaPage.getByLabel('Name').fill('Bäckerei Nord');
  await takePictures(martaPage, 'container-new');
  await martaPage.getByLabel('Name').press('Enter');
  const menu = martaPage.getByRole('button', { name: 'Container: Bäckerei Nord' });
  await menu.waitFor();
  await menu.click();
  await martaPage.getByRole('menuitemradio', { name: /Marta Lindqvist/ }).waitFor();
  const me = await marta.until(async () => {
    const { body } = await marta.ask<Me>('GET', '/api/me');
    return body.containers.every(({ state }) => state === 'ready') && body;
  }, 'the container is ready');
  second = me.containers.find(({ id }) => id !== home.id)!;
  await takePictures(martaPage, 'container-menu');
  await martaPage.keyboard.press('Escape');
  expect(second).toMatchObject({ slug: 'backerei-nord', role: 'owner', name: 'Bäckerei Nord' });
});

it('has apps, chats and addresses of its own, also where they are called the same', async () => {
  chats.home = await makeApp(home.id, 'Track repairs with customer and price');
  chats.second = await makeApp(second.id, 'Track repairs with customer and price');
  expect(chats.second).toMatchObject({ containerId: second.id, app: { slug: chats.home.app!.slug } });
  for (const [container, chat] of [
    [home, chats.home],
    [second, chats.second],
  ] as const) {
    const listed = await inContainer<{ items: App[] }>(marta, container.id, 'GET', '/api/apps');
    expect(listed.body.items).toMatchObject([{ id: chat.app!.id }]);
    expect(listed.body.items[0]!.url).toContain(`${chat.app!.slug}--${container.slug}.`);
    const found = await inContainer<{ items: Chat[] }>(marta, container.id, 'GET', '/api/chats');
    expect(found.body.items.map(({ id }) => id)).toEqual([chat.id]);
    const search = await inContainer<{ items: { chatId: string }[] }>(
      marta,
      container.id,
      'GET',
      '/api/search?q=repairs',
    );
    expect(new Set(search.body.items.map(({ chatId }) => chatId))).toEqual(new Set([chat.id]));
  }
  expect(existsSync(join(vibe.dataDir, 'repositories', `${second.id}.git`))).toBe(true);
  // the address of a chat leads into its container, wherever one is
  await martaPage.goto(`${vibe.baseUrl}/chats/${chats.home.id}`);
  await martaPage.getByRole('button', { name: 'Container: Marta Lindqvist' }).waitFor();
  await martaPage.goto(`${vibe.baseUrl}/chats/${chats.second.id}`);
  await martaPage.getByRole('button', { name: 'Container: Bäckerei Nord' }).waitFor();
});

it('is shared by a link, with somebody who sees nothing else', async () => {
  await martaPage.goto(`${vibe.baseUrl}/settings#people`);
  await martaPage.getByLabel('Invite by a link').fill('ben@example.com');
  await martaPage.getByRole('button', { name: 'Make the link' }).click();
  const link = await martaPage.getByLabel('The link of the invitation').inputValue();
  await martaPage.getByText('Invited by Marta Lindqvist', { exact: false }).waitFor();
  await takePictures(martaPage, 'settings-people');

  benContext = await browser.newContext({ viewport: DESKTOP });
  benPage = await newPage(benContext);
  await benPage.goto(link);
  await benPage.getByRole('heading', { name: 'Join Bäckerei Nord' }).waitFor();
  // the secret is out of the address bar
  expect(benPage.url()).not.toContain(link.split('#')[1]!);
  await takePictures(benPage, 'join');
  await benPage.getByLabel('Your name').fill('Ben Otieno');
  await benPage.getByLabel('E-mail address').fill('ben@example.com');
  await benPage.getByLabel('Password').fill('correct horse battery');
  await benPage.getByRole('button', { name: 'Make the account' }).click();
  await benPage.getByRole('heading', { name: 'Apps', exact: true }).waitFor();
  await benPage.getByText('Repairs').first().waitFor();
  expect(await benPage.getByRole('button', { name: /^Container:/ }).count()).toBe(0);
  await benPage.goto(`${vibe.baseUrl}/settings`);
  await benPage.getByText('Ben Otieno (you)').waitFor();
  await takePictures(benPage, 'settings-member', ['phone']);
  // once is once
  const other = await newPage(await browser.newContext({ viewport: DESKTOP }));
  await other.goto(link);
  await other.getByRole('heading', { name: 'This invitation is not good any more' }).waitFor();
  await takePictures(other, 'join-used', ['phone']);
  await other.context().close();
  const { body } = await call<{ accessToken: string }>(vibe.baseUrl, 'POST', '/api/auth/login', {
    body: { email: 'ben@example.com', password: 'correct horse battery' },
  });
  ben = new Person(vibe.baseUrl, body.accessToken);
});

it('cannot be reached from another one over the API or the live connection', async () => {
  const [chat, app] = [chats.home!.id, chats.home!.app!.id];
  expect((await ben.ask<Me>('GET', '/api/me')).body.containers.map(({ id }) => id)).toEqual([second.id]);
  const tries: [string, string, unknown?][] = [
    ['GET', `/api/chats/${chat}`],
    ['GET', `/api/chats/${chat}/events`],
    ['GET', `/api/chats/${chat}/diff`],
    ['GET', `/api/chats/${chat}/export`],
    ['PATCH', `/api/chats/${chat}`, { title: 'Mine' }],
    ['DELETE', `/api/chats/${chat}`],
    ['POST', `/api/chats/${chat}/merge`, {}],
    ['POST', '/api/chat', { message: 'hello', chatId: chat }],
    ['POST', '/api/chat', { message: 'hello', appId: app }],
    ['POST', '/api/chat', { message: 'hello', containerId: home.id }],
    ['POST', '/api/apps', { name: 'Mine', containerId: home.id }],
    ['GET', `/api/apps/${app}`],
    ['PATCH', `/api/apps/${app}`, { name: 'Mine' }],
    ['DELETE', `/api/apps/${app}`],
    ['PATCH', `/api/containers/${home.id}`, { name: 'Mine' }],
    ['POST', '/api/containers', { name: 'Mine' }],
  ];
  for (const [method, path, body] of tries)
    expect([method, path, (await ben.ask(method, path, body)).status]).toEqual([method, path, 404]);
  for (const path of ['/api/apps', '/api/chats', '/api/settings', '/api/people', '/api/invitations', '/api/me'])
    expect([path, (await inContainer(ben, home.id, 'GET', path)).status]).toEqual([path, 404]);
  // the same with their own container answers
  expect((await inContainer(ben, second.id, 'GET', `/api/chats/${chats.second!.id}`)).status).toBe(200);
  // a member may not do what an owner may
  expect((await ben.ask('POST', '/api/invitations', {})).status).toBe(403);
  expect((await ben.ask('PATCH', `/api/containers/${second.id}`, { name: 'Mine' })).status).toBe(403);

  const heard: { room?: string; event?: string }[] = [];
  const socket = new WebSocket(`${vibe.baseUrl.replace('http', 'ws')}/api/live`, { origin: vibe.baseUrl });
  await new Promise((resolve) => socket.once('open', resolve));
  socket.on('message', (data) => heard.push(JSON.parse(String(data))));
  socket.send(JSON.stringify({ type: 'auth', token: ben.token }));
  for (const room of [`container:${home.id}`, `chat:${chat}`, `container:${second.id}`])
    socket.send(JSON.stringify({ type: 'subscribe', room, after: 0 }));
  await marta.ask('PATCH', `/api/chats/${chat}`, { title: 'Something private' });
  await marta.ask('PATCH', `/api/chats/${chats.second!.id}`, { title: 'Something shared' });
  await marta.until(async () => JSON.stringify(heard).includes('Something shared'), 'the shared room is heard');
  await new Promise((resolve) => setTimeout(resolve, 300));
  expect(JSON.stringify(heard)).not.toContain('Something private');
  socket.close();
});

it('shows its apps to its own people alone', async () => {
  const url = (container: { slug: string }) =>
    vibe.baseUrl.replace('://', `://${chats.home!.app!.slug}--${container.slug}.`);
  await benPage.goto(url(second));
  await benPage.getByRole('heading', { name: 'Repairs' }).first().waitFor({ timeout: 60_000 });
  await benPage.goto(url(home));
  await benPage.waitForLoadState('networkidle');
  expect(await benPage.getByRole('heading', { name: 'Repairs' }).count()).toBe(0);
  // a session of one app is nothing at another
  const cookies = await benContext.cookies(url(second));
  const header = cookies.map(({ name, value }) => `${name}=${value}`).join('; ');
  expect(header).not.toBe('');
  const stolen = await call(vibe.baseUrl, 'GET', '/', { host: new URL(url(home)).host, headers: { cookie: header } });
  expect(stolen.status).not.toBe(200);
});

it('has databases whose roles go nowhere else', async () => {
  const admin = new pg.Client(clusterUrl(vibe, 'data', 'postgres'));
  admin.on('error', () => {});
  await admin.connect();
  const roles = await admin.query<{ rolname: string }>(
    `select rolname from pg_roles where rolname like 'backerei\\_nord.%' order by 1`,
  );
  expect(roles.rows.length).toBeGreaterThanOrEqual(2);
  const names = await admin.query<{ datname: string }>(
    `select datname from pg_database where datname like '%\\_\\_%' order by 1`,
  );
  expect(names.rows.map(({ datname }) => datname)).toEqual([
    'backerei_nord__live',
    'backerei_nord__staging',
    'marta_lindqvist__live',
    'marta_lindqvist__staging',
  ]);
  for (const { rolname } of roles.rows) {
    const may = await admin.query<{ datname: string }>(
      `select datname from pg_database where has_database_privilege($1, datname, 'connect') and datallowconn`,
      [rolname],
    );
    // its own, and nothing of the other container's or the cluster's
    expect(may.rows.map(({ datname }) => datname).filter((name) => !name.startsWith('backerei_nord__'))).toEqual([]);
    const member = await admin.query(
      `select r.rolname from pg_auth_members m join pg_roles r on r.oid = m.roleid where m.member = (select oid from pg_roles where rolname = $1) and r.rolname not like 'backerei\\_nord.%'`,
      [rolname],
    );
    expect(member.rows).toEqual([]);
  }
  await admin.end();
});

it('lets people change their own name and password, and the machine’s owner make a forgotten one anew', async () => {
  await benPage.goto(`${vibe.baseUrl}/settings`);
  await benPage.getByLabel('Your name').fill('Ben O.');
  await benPage.getByRole('button', { name: 'Keep this name' }).click();
  await benPage.getByText('Ben O. (you)').waitFor();
  await benPage.getByRole('button', { name: 'Change the password' }).click();
  await benPage.getByLabel('Password now').fill('not this one');
  await benPage.getByLabel('New password').fill('another good one');
  await benPage.getByRole('button', { name: 'Change the password' }).click();
  await benPage.getByText('This is not the password that you have now').waitFor();
  await takePictures(benPage, 'settings-password');
  await benPage.getByLabel('Password now').fill('correct horse battery');
  await benPage.getByRole('button', { name: 'Change the password' }).click();
  await benPage.getByText('Your password is changed.', { exact: false }).waitFor();
  // other sign-ins are over, this one goes on
  expect((await ben.ask('GET', '/api/me')).status).toBe(401);
  await benPage.reload();
  await benPage.getByText('Ben O. (you)').waitFor();
  const signIn = (password: string) =>
    call<{ accessToken: string }>(vibe.baseUrl, 'POST', '/api/auth/login', {
      body: { email: 'ben@example.com', password },
    });
  expect((await signIn('correct horse battery')).status).toBe(401);
  const reset = promisify(execFile)(
    process.execPath,
    [join(ROOT, 'server/src/main.ts'), 'password', 'BEN@example.com'],
    {
      env: vibe.env,
    },
  );
  const made = /^ {2}(\S{16})$/m.exec((await reset).stdout)?.[1];
  const again = await signIn(made!);
  expect(again.status).toBe(200);
  ben = new Person(vibe.baseUrl, again.body.accessToken);
  await benPage.goto(vibe.baseUrl);
  await benPage.getByRole('heading', { name: 'Welcome back' }).waitFor();
  await takePictures(benPage, 'sign-in', ['phone']);
  await benPage.getByLabel('E-mail address').fill('ben@example.com');
  await benPage.getByLabel('Password').fill(made!);
  await benPage.keyboard.press('Enter');
  await benPage.getByRole('heading', { name: 'Apps', exact: true }).waitFor();
});

it('is closed at once to whoever is taken out', async () => {
  await martaPage.goto(`${vibe.baseUrl}/settings`);
  await martaPage.getByRole('button', { name: 'Take out Ben O.' }).click();
  await martaPage.getByRole('dialog').getByRole('button', { name: 'Take out' }).click();
  await martaPage.getByText('Ben O. is out.').waitFor();
  await marta.until(
    async () => (await ben.ask<Me>('GET', '/api/me')).body.containers.length === 0,
    'Ben has nothing any more',
    5000,
  );
  expect((await ben.ask('GET', `/api/chats/${chats.second!.id}`)).status).toBe(404);
  await benPage.goto(vibe.baseUrl);
  await benPage.getByText('Nothing is shared with you').waitFor();
  await takePictures(benPage, 'nothing-shared');
  expect(problems).toEqual([]);
});
