/**
 * A look at an app, and every way that a hostile app page has to reach something else: the platform, another app, the network. The pages
 * are served by this process; what they should not reach are real servers on this machine that write down every visit.
 */

import { generateKeyPairSync, type KeyPairKeyObjectResult } from 'node:crypto';
import { createSocket } from 'node:dgram';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { join } from 'node:path';
import { jwtVerify } from 'jose';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { HostingBench } from '../fixtures/bench.ts';
import { Instances } from '../previews.ts';
import { AppBrowser, type Look } from './app-browser.ts';
import { Door } from './door.ts';
import { findChromium } from './find-chromium.ts';
import { lookInput } from './schema.ts';

const bench = new HostingBench();
const instances = new Instances({ driver: bench.driver });
let door: Door;
let browser: AppBrowser;
let app: Server;
let elsewhere: Server;
let udp: ReturnType<typeof createSocket>;
let page = '';
const asked: IncomingMessage[] = [];
const reached: string[] = [];
let keys: KeyPairKeyObjectResult;

const listening = async (server: Server) => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return (server.address() as AddressInfo).port;
};
const portOf = (server: Server) => (server.address() as AddressInfo).port;

beforeAll(async () => {
  keys = generateKeyPairSync('ed25519');
  door = await Door.open(join(bench.dataDir, 'door'));
  const chromium = () => findChromium({ configured: undefined, dataDir: bench.dataDir });
  browser = new AppBrowser({ instances, door, chromium, identityKey: keys.privateKey });
  app = createServer((request, response) => {
    asked.push(request);
    if (request.url === '/away') return void response.writeHead(302, { location: target('/redirected') }).end();
    if (request.url === '/wrong') return void response.writeHead(500).end('no');
    response.writeHead(200, { 'content-type': 'text/html; charset=utf-8' }).end(page);
  });
  elsewhere = createServer((request, response) => {
    reached.push(`http ${request.url}`);
    response.writeHead(200, { 'access-control-allow-origin': '*' }).end('reached');
  });
  elsewhere.on('connection', () => reached.push('tcp'));
  elsewhere.on('upgrade', (_request, socket) => socket.destroy());
  await listening(app);
  await listening(elsewhere);
  udp = createSocket('udp4');
  udp.on('message', () => reached.push('udp'));
  await new Promise<void>((resolve) => udp.bind(0, '127.0.0.1', resolve));
});
afterAll(async () => {
  await instances.stopAll();
  await door.close();
  for (const server of [app, elsewhere]) server.close();
  udp.close();
  bench.end();
});
beforeEach(() => {
  asked.length = 0;
  reached.length = 0;
});

const target = (path = '/') => `http://127.0.0.1:${portOf(elsewhere)}${path}`;
const toApp = async (): Promise<Socket> => connect(portOf(app), '127.0.0.1');
const look = (html: string, input: Record<string, unknown> = {}, more: Partial<Look> = {}) => {
  page = html;
  const parsed = lookInput.parse(input);
  return browser.look(
    {
      ...parsed,
      connect: toApp,
      audience: 'chat:abc',
      role: 'admin',
      label: 'books--cabcdefgh--home',
      examine: true,
      ...more,
    },
    new AbortController().signal,
  );
};

describe('a look at an app', () => {
  it('gives a picture, the words, the errors, what is hard to use, and where it ended', async () => {
    const result = await look(
      `<!doctype html><html lang="en"><title>Books</title><main><h1>My books</h1>
      <label>Title <input id="t"></label><button onclick="document.querySelector('output').textContent='Saved '+t.value;history.pushState(0,'','/saved?x=1')">Save</button>
      <output></output><img src="/wrong"><button><svg></svg></button>
      <script>console.error('a thing went wrong');setTimeout(()=>{null.x},50)</script></main>`,
      {
        steps: [
          { do: 'fill', target: { label: 'Title' }, value: 'Emma' },
          { do: 'click', target: { role: 'button', name: 'Save' } },
          { do: 'wait', text: 'Saved Emma' },
        ],
      },
    );
    expect(result.steps.map(({ ok }) => ok)).toEqual([true, true, true]);
    expect(result).toMatchObject({
      ok: true,
      status: 200,
      title: 'Books',
      finalPath: '/saved?x=1',
      problem: null,
      blocked: [],
    });
    expect(result.consoleErrors.join('\n')).toMatch(/a thing went wrong(.|\n)*TypeError/);
    expect(result.failedRequests).toContain('GET /wrong: 500');
    expect(result.accessibility?.map(({ id }) => id)).toContain('button-name');
    expect(result.words).toContain('heading "My books"');
    expect(result.words).toContain('Saved Emma');
    const picture = Buffer.from(result.picture!.data, 'base64');
    expect(picture.subarray(1, 4).toString()).toBe('PNG');
    expect([picture.readUInt32BE(16), picture.readUInt32BE(20)]).toEqual([1280, 800]);
  });

  it('comes with a signed header of nobody in particular, in the role of whoever asked, for this one app', async () => {
    await look('<p>hello');
    const header = String(asked[0]!.headers['x-vibe-identity']);
    const { payload } = await jwtVerify(header, keys.publicKey, { issuer: 'vibe', audience: 'chat:abc' });
    expect(payload).toMatchObject({ name: 'Visual check', role: 'admin' });
    expect(asked[0]!.headers).toMatchObject({ host: 'books--cabcdefgh--home.localhost', 'x-forwarded-proto': 'http' });
  });

  it('says which step did not work and why, and does none after it', async () => {
    const result = await look('<h1>Nothing here</h1>', {
      viewport: { width: 400, height: 300 },
      steps: [
        { do: 'click', target: { text: 'Save' } },
        { do: 'click', target: { text: 'Nothing here' } },
      ],
    });
    expect(result.steps).toEqual([{ step: 'click “Save”', ok: false, why: expect.stringContaining('Timeout') }]);
    expect(result.picture).not.toBeNull();
  });

  it('takes a picture of one element, and of none that is not there', async () => {
    const html = '<div style="height:60px"></div><div><p style="width:100px;height:40px;margin:0">one</p></div>';
    const input = { viewport: { width: 500, height: 400 } };
    const crop = await look(html, input, { element: 'body > div:nth-of-type(2) > p:nth-of-type(1)', examine: false });
    const bytes = Buffer.from(crop.picture!.data, 'base64');
    expect([bytes.readUInt32BE(16), bytes.readUInt32BE(20)]).toEqual([120, 64]);
    expect((await look(html, input, { element: 'body > aside', examine: false })).picture).toBeNull();
  });

  it('ends when whoever asked is gone', async () => {
    page = '<p>slow</p>';
    const gone = new AbortController();
    const work = browser.look(
      {
        ...lookInput.parse({ steps: [{ do: 'wait', text: 'never' }] }),
        connect: toApp,
        audience: 'x',
        role: 'member',
        label: 'a--b',
        examine: true,
      },
      gone.signal,
    );
    setTimeout(() => gone.abort(), 300);
    await expect(work).rejects.toThrow();
    expect((await look('<p>still works')).ok).toBe(true);
  });
});

describe('which browser looks', () => {
  it('is the one that comes with the product where the machine has none', async () => {
    const own = new Instances({ driver: bench.driver });
    const shipped = () => findChromium({ configured: undefined, dataDir: bench.dataDir, system: [] });
    expect((await shipped()).name).toContain('shipped');
    const other = new AppBrowser({
      instances: own,
      door,
      chromium: shipped,
      identityKey: keys.privateKey,
    });
    await instances.stop('browser:host');
    page = '<!doctype html><title>Shipped</title><h1>Words</h1>';
    const input = {
      ...lookInput.parse({}),
      connect: toApp,
      audience: 'x',
      role: 'member',
      label: 'a--b',
      examine: true,
    };
    const result = await other.look(input, new AbortController().signal);
    expect(result).toMatchObject({ ok: true, title: 'Shipped', words: expect.stringContaining('Words') });
    await own.stopAll();
  });

  it('is refused in plain words with the one thing to do, where it is set to something that is none', async () => {
    const wrong = findChromium({ configured: '/nowhere/chromium', dataDir: bench.dataDir });
    await expect(wrong).rejects.toMatchObject({ code: 'no_browser', detail: expect.stringContaining('leave it out') });
    const broken = new AppBrowser({
      instances: new Instances({ driver: bench.driver }),
      door,
      chromium: async () => ({ name: 'a broken one', executable: '/w/nothing', mounts: [], env: {} }),
      identityKey: keys.privateKey,
    });
    await instances.stop('browser:host');
    const input = {
      ...lookInput.parse({}),
      connect: toApp,
      audience: 'x',
      role: 'member',
      label: 'a--b',
      examine: true,
    };
    await expect(broken.look(input, new AbortController().signal)).rejects.toMatchObject({
      code: 'no_browser',
      detail: expect.stringContaining('apt-get install chromium'),
    });
  });
});

describe('a hostile page reaches nothing but its own app', () => {
  const script = (code: string) => `<!doctype html><title>x</title><p>page</p><script>${code}</script>`;
  const nothing = async (html: string, input: Record<string, unknown> = {}) => {
    const result = await look(html, { ...input, steps: [{ do: 'wait', text: 'page' }] });
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect(reached).toEqual([]);
    return result;
  };

  it('by a redirect of its server', async () => {
    const result = await look('', { path: '/away' });
    expect(reached).toEqual([]);
    expect(result.finalPath).toBeNull();
    expect(result.blocked).toContain(`127.0.0.1:${portOf(elsewhere)}`);
  });
  it('by sending itself there', async () => {
    const result = await look(script(`location.href=${JSON.stringify(target('/gone'))}`));
    expect(reached).toEqual([]);
    expect(result.finalPath).toBeNull();
  });
  it('by fetch, beacon, image, frame, form, style, import, prefetch and event source', async () => {
    const at = JSON.stringify(target('/x'));
    const result = await nothing(
      `<link rel="dns-prefetch" href="//example.com"><link rel="preconnect" href=${at}><link rel="prefetch" href=${at}><link rel="stylesheet" href=${at}>
       <iframe src=${at}></iframe><img src=${at}><object data=${at}></object>${script(`fetch(${at},{mode:'no-cors'}).catch(()=>{});navigator.sendBeacon(${at},'x');
       new EventSource(${at});import(${at}).catch(()=>{});fetch('http://example.com/').catch(()=>{});fetch('https://example.com/').catch(()=>{})`)}`,
    );
    expect(result.blocked).toEqual(
      expect.arrayContaining([`127.0.0.1:${portOf(elsewhere)}`, 'example.com', 'example.com:443']),
    );
  });
  it('by the names and ports of the platform, of another app, and of what listens beside it', async () => {
    const port = portOf(elsewhere);
    const result = await nothing(
      script(`for (const host of ['localhost:${port}', 'other--home.localhost:${port}', 'books--cabcdefgh--home.localhost:${port}', '[::1]:${port}', '0.0.0.0:${port}', '127.1:${port}'])
        fetch('http://' + host + '/', { mode: 'no-cors' }).catch(() => {});`),
    );
    expect(result.blocked).toEqual(expect.arrayContaining([`localhost:${port}`, `other--home.localhost:${port}`]));
  });
  it('by a WebSocket, also of an encrypted one', async () => {
    const port = portOf(elsewhere);
    const result = await nothing(
      script(
        `new WebSocket('ws://127.0.0.1:${port}/');new WebSocket('wss://127.0.0.1:${port}/');new WebSocket('ws://localhost:${port}/')`,
      ),
    );
    expect(result.blocked.join()).toContain(`127.0.0.1:${port}`);
  });
  it('by WebRTC or WebTransport, also from a frame that brings its own', async () => {
    const at = (udp.address() as AddressInfo).port;
    const code = `const C = globalThis.RTCPeerConnection || document.querySelector('iframe')?.contentWindow?.RTCPeerConnection;
      document.title = String(C);
      try { const c = new C({ iceServers: [{ urls: 'stun:127.0.0.1:${at}' }, { urls: 'turn:127.0.0.1:${portOf(elsewhere)}?transport=tcp', username: 'a', credential: 'b' }] });
        c.createDataChannel('x'); c.createOffer().then((o) => c.setLocalDescription(o)); } catch {}
      try { new WebTransport('https://127.0.0.1:${at}/') } catch {}`;
    const result = await nothing(`<iframe srcdoc="<p>inner"></iframe>${script(code)}`);
    expect(result.title).toBe('undefined');
  });
  it('by opening a window, a download, a service worker or a file of the machine', async () => {
    const result = await nothing(
      `<a id="a" target="_blank" href="${target('/window')}">w</a><a id="d" download href="data:text/plain,x">d</a><iframe src="file:///etc/passwd"></iframe>${script(
        `document.title=String(open('${target('/opened')}'));a.click();d.click();navigator.serviceWorker?.register('/sw.js').then((it)=>{if(it)document.title='worker'},()=>{});
         fetch('file:///etc/passwd').then(()=>document.title='file',()=>{});`,
      )}`,
    );
    expect(result.title).toBe('null');
    expect(result.words).not.toContain('root:');
  });
  it('by the path that is asked for', () => {
    for (const path of [
      '//evil.example/',
      '/\\evil.example',
      'http://evil.example/',
      'file:///etc/passwd',
      '/a\tb',
      'javascript:1',
      '',
    ])
      expect(lookInput.safeParse({ path }).success, path).toBe(false);
  });
  it('by the door, without the token of a look that goes on', async () => {
    const end = await new Promise<string>((resolve) => {
      const socket = connect(join(door.folder, 'door.sock'));
      socket.write(`${'0'.repeat(32)}\nGET / HTTP/1.1\r\n\r\n`);
      socket.on('data', () => resolve('let in'));
      socket.on('close', () => resolve('sent away'));
      socket.on('error', () => {});
    });
    expect(end).toBe('sent away');
  });
  it('and cannot hold the browser for ever, or talk without an end', async () => {
    const noisy = await look(
      script(`for (let i = 0; i < 500; i++) console.error('x'.repeat(5000) + i); document.title = 'y'.repeat(100000)`),
    );
    expect(noisy.consoleErrors.length).toBeLessThanOrEqual(20);
    expect(JSON.stringify(noisy.consoleErrors).length).toBeLessThan(20_000);
    expect(noisy.title.length).toBeLessThan(300);
    const gone = new AbortController();
    setTimeout(() => gone.abort(), 4000);
    page = script('for(;;);');
    await browser
      .look(
        { ...lookInput.parse({}), connect: toApp, audience: 'x', role: 'member', label: 'a--b', examine: true },
        gone.signal,
      )
      .catch(() => {});
    expect((await look('<p>still works')).ok).toBe(true);
  });
});
