/**
 * Runs inside a preview's sandbox: Vite's dev server for the app at /w/app, on a unix socket. The app's folder is read-only here;
 * what Vite and SvelteKit write goes to tmpfs.
 */
import { cpSync, existsSync, rmSync } from 'node:fs';
import { createServer as createHttpServer } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { createServer } from 'vite';
import { addPageScript, servePageScript } from './preview-html.mjs';
import { currentChange, updates } from './preview-updates.mjs';

const APP = '/w/app';
const SOCKET = '/run/sbx/http.sock';
const CACHE = '/tmp/vite';
const SEED = '/w/vite-seed';
const SEED_OUT = '/w/vite-seed-out';

/** What the browser asks for first, where the app has it: transformed before it asks. */
const FIRST_PAGE = ['./src/routes/+layout.svelte', './src/routes/+page.svelte'].filter((file) =>
  existsSync(`${APP}/${file}`),
);

/** Behind a proxy that ends TLS the dev server believes in plain HTTP; then it would refuse every form as cross-site. */
function trustProxy(request) {
  const { headers } = request;
  const host = headers['x-forwarded-host'];
  if (typeof host === 'string' && host) headers.host = host.split(',')[0].trim();
  if (headers['x-forwarded-proto'] === 'https' && headers.origin === `https://${headers.host}`) {
    headers.origin = `http://${headers.host}`;
  }
}

/** SvelteKit's own rule for forms of another site, which its dev server leaves out: a preview must not accept what the app will refuse. */
function isForgery({ method, headers }) {
  if (!['POST', 'PUT', 'PATCH', 'DELETE'].includes(method)) return false;
  const type = (headers['content-type'] ?? '').split(';')[0].trim().toLowerCase();
  const isForm = ['', 'application/x-www-form-urlencoded', 'multipart/form-data', 'text/plain'].includes(type);
  return isForm && headers.origin !== `http://${headers.host}`;
}

const http = createHttpServer();
http.keepAliveTimeout = 65_000;

if (existsSync(SEED)) cpSync(SEED, CACHE, { recursive: true });
const vite = await createServer({
  root: APP,
  configLoader: 'native',
  cacheDir: CACHE,
  clearScreen: false,
  plugins: [updates],
  server: {
    middlewareMode: { server: http },
    // No host, no port: the browser's side connects back to where the page came from.
    hmr: { server: http },
    allowedHosts: true,
    fs: {
      strict: true,
      allow: [
        '/w/node_modules',
        CACHE,
        ...['node_modules', 'src', 'static', '.svelte-kit'].map((name) => `${APP}/${name}`),
      ],
    },
    // .svelte-kit is left to SvelteKit, which watches its list of routes there: without it a new page would stay dead in the browser
    watch: { ignored: ['**/node_modules/**', '**/tests/**', '**/changes/**', '**/spec.json'] },
    warmup: {
      clientFiles: FIRST_PAGE,
      ssrFiles: ['./src/hooks.server.*', './src/routes/+layout*', './src/routes/+page*'],
    },
  },
});
http.on('request', (request, response) => {
  trustProxy(request);
  if (isForgery(request)) response.writeHead(403).end('Forms of another site are refused.');
  else if (!servePageScript(request, response)) {
    addPageScript(response, currentChange());
    vite.middlewares(request, response);
  }
});

let ending = false;
for (const signal of ['SIGTERM', 'SIGINT']) {
  process.on(signal, () => {
    if (ending) return;
    ending = true;
    setTimeout(() => process.exit(0), 400);
    http.closeAllConnections();
    void vite.close().finally(() => process.exit(0));
  });
}

if (existsSync(SEED_OUT)) await leaveSeed();

rmSync(SOCKET, { force: true });
http.listen({ path: SOCKET }, () => console.log(`The preview is ready after ${Math.round(performance.now())} ms.`));

/** Optimizes the dependencies once, leaves the cache for later previews, and ends. */
async function leaveSeed() {
  for (const file of FIRST_PAGE) await vite.environments.client.warmupRequest(file.slice(1));
  await vite.environments.client.waitForRequestsIdle();
  for (let wait = 0; wait < 200 && !existsSync(`${CACHE}/deps/_metadata.json`); wait++) await sleep(100);
  cpSync(CACHE, SEED_OUT, { recursive: true });
  process.exit(existsSync(`${SEED_OUT}/deps/_metadata.json`) ? 0 : 1);
}
