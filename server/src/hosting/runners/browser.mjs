/**
 * Runs inside the browser's sandbox: one warm Chromium, a context per look, on a unix socket. The sandbox has no network; what a page
 * asks for goes through a proxy per look (browser-proxy.mjs) to the door that the platform holds open for this look's app.
 */
import { rmSync } from 'node:fs';
import { createServer } from 'node:http';
import { chromium } from 'playwright-core';
import { look } from './browser-look.mjs';

const SOCKET = '/run/sbx/http.sock';
const LARGEST_BODY = 64 * 1024;
const ARGS = [
  // no name resolves but the proxy's own number, whatever asks
  '--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1',
  '--force-webrtc-ip-handling-policy=disable_non_proxied_udp',
  '--webrtc-ip-handling-policy=disable_non_proxied_udp',
  '--disable-quic',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--disable-gpu',
  '--no-first-run',
  '--no-pings',
  '--renderer-process-limit=4',
];

let opening;
/** The browser, started anew when it has died. */
async function browser() {
  const open = await opening?.catch(() => undefined);
  if (open?.isConnected()) return open;
  opening = chromium.launch({
    executablePath: process.env.CHROMIUM,
    chromiumSandbox: false,
    args: [...ARGS, ...(process.env.CHROMIUM_SHELL ? ['--headless=shell'] : [])],
    timeout: 20_000,
  });
  return opening;
}

const server = createServer(async (request, response) => {
  const answer = (status, body) => {
    if (!response.destroyed)
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
  };
  if (request.method !== 'POST') return answer(200, { ready: true });
  const gone = new AbortController();
  response.once('close', () => gone.abort());
  try {
    let text = '';
    for await (const chunk of request) {
      text += chunk;
      if (text.length > LARGEST_BODY) return answer(413, { message: 'too large' });
    }
    const ask = JSON.parse(text);
    const late = AbortSignal.timeout(ask.limitMs);
    const opened = await browser();
    const done = look(opened, ask, AbortSignal.any([gone.signal, late]));
    const over = new Promise((resolve) => late.addEventListener('abort', () => setTimeout(resolve, 6000, undefined)));
    const result = await Promise.race([done, over]);
    if (result === undefined) {
      // a page that does not even let itself be closed takes the browser with it
      await Promise.race([opened.close(), new Promise((resolve) => setTimeout(resolve, 2000))]).catch(() => {});
      process.exit(1);
    }
    answer(200, result);
  } catch (error) {
    answer(500, { message: String(error?.message ?? error).slice(0, 2000) });
  }
});

for (const name of ['SIGTERM', 'SIGINT']) process.on(name, () => process.exit(0));
rmSync(SOCKET, { force: true });
// ready means that the browser runs: one that cannot start says so now, in its last words
await browser().catch((error) => {
  const said = String(error?.message ?? error).split('\n');
  const own = said.flatMap((line) => /\[err\] (.*)/.exec(line)?.[1] ?? []);
  console.error((own.length > 0 ? own : said).slice(0, 5).join('\n').slice(0, 1000));
  process.exit(1);
});
server.listen({ path: SOCKET }, () => console.log(`The browser is ready after ${Math.round(performance.now())} ms.`));
