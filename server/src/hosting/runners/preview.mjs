/**
 * Runs inside a preview's sandbox: Vite's dev server for the app at /w/app, on a unix socket. The app's folder is read-only here;
 * what Vite and SvelteKit write goes to tmpfs.
 */
import { cpSync, existsSync, rmSync } from 'node:fs';
import { createServer as createHttpServer } from 'node:http';
import { createServer } from 'vite';

const APP = '/w/app';
const SOCKET = '/run/sbx/http.sock';
const CACHE = '/tmp/vite';
const SEED = '/w/vite-seed';

/** A change of a file that the browser has no module of (a server load, an endpoint) shows after a reload. */
const reloadForServerFiles = {
  name: 'vibe:reload-for-server-files',
  hotUpdate: {
    order: 'post',
    handler({ file, modules, server }) {
      if (this.environment.name !== 'ssr' || modules.length === 0) return;
      const client = server.environments.client;
      // Tailwind's scan leaves an entry without id for each file that it read.
      const known = [...(client.moduleGraph.getModulesByFile(file) ?? [])].some((one) => one.id !== null);
      if (!known) client.hot.send({ type: 'full-reload', path: '*' });
    },
  },
};

/** Behind a proxy that ends TLS the dev server believes in plain HTTP; then it would refuse every form as cross-site. */
function trustProxy(request) {
  const { headers } = request;
  const host = headers['x-forwarded-host'];
  if (typeof host === 'string' && host) headers.host = host.split(',')[0].trim();
  if (headers['x-forwarded-proto'] === 'https' && headers.origin === `https://${headers.host}`) {
    headers.origin = `http://${headers.host}`;
  }
}

const http = createHttpServer();
http.prependListener('request', trustProxy);
http.keepAliveTimeout = 65_000;

if (existsSync(SEED)) cpSync(SEED, CACHE, { recursive: true });
const vite = await createServer({
  root: APP,
  configLoader: 'native',
  cacheDir: CACHE,
  clearScreen: false,
  plugins: [reloadForServerFiles],
  server: {
    middlewareMode: { server: http },
    // No host, no port: the browser's side connects back to where the page came from.
    hmr: { server: http },
    allowedHosts: true,
    fs: { strict: true, allow: ['/w/node_modules', CACHE, `${APP}/src`, `${APP}/static`, `${APP}/.svelte-kit`] },
    watch: { ignored: ['**/.svelte-kit/**', '**/node_modules/**', '**/tests/**', '**/changes/**', '**/spec.json'] },
    warmup: {
      clientFiles: ['./src/routes/+layout.svelte', './src/routes/+page.svelte'],
      ssrFiles: ['./src/hooks.server.*', './src/routes/+layout*', './src/routes/+page*'],
    },
  },
});
http.on('request', vite.middlewares);

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

rmSync(SOCKET, { force: true });
http.listen({ path: SOCKET }, () => console.log(`The preview is ready after ${Math.round(performance.now())} ms.`));
