/** The dev server of the fixture app in its sandbox, through the socket that the gateway uses. */
import { once } from 'node:events';
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import WebSocket from 'ws';
import { ask, HostingBench, testToolchain } from './fixtures/bench.ts';
import { previewPlan } from './plans.ts';
import { Instances } from './previews.ts';
import type { Toolchain } from './toolchain.ts';
import { seedViteCache } from './vite-seed.ts';

const bench = new HostingBench();
const instances = new Instances({ driver: bench.driver });
let toolchain: Toolchain;
let app: string;

beforeAll(async () => {
  toolchain = await testToolchain();
  app = bench.app();
  const pgDir = join(bench.dataDir, 'pg');
  mkdirSync(pgDir, { mode: 0o755 });
  const postgres = createServer((socket) => socket.end('postgres')).listen(join(pgDir, '.s.PGSQL.5432'));
  await once(postgres, 'listening');
  postgres.unref();
  chmodSync(join(pgDir, '.s.PGSQL.5432'), 0o666);
  const env = { VIBE_APP_AUDIENCE: 'shop' };
  writeFileSync(join(app, 'src/routes/api/attack.js'), ATTACK);
  mkdirSync(join(app, 'src/routes/attack'));
  writeFileSync(join(app, 'src/routes/attack/+server.js'), ATTACK);
  await instances.ensure('a', () =>
    previewPlan({ id: bench.id('preview'), appDir: app, modules: toolchain.modules, pgDir, env }),
  );
});
afterAll(async () => {
  await instances.stopAll();
  bench.end();
});

/** Hostile app code: what can it reach from where it runs? */
const ATTACK = `import fs from 'node:fs'; import net from 'node:net';
const tryTo = (act) => { try { act(); return 'done'; } catch (error) { return error.code; } };
export const GET = async () => new Response(JSON.stringify({
  write: tryTo(() => fs.writeFileSync('/w/app/src/planted.js', 'x')),
  link: tryTo(() => fs.symlinkSync('/etc', '/w/app/planted')),
  modules: tryTo(() => fs.writeFileSync('/w/node_modules/planted.js', 'x')),
  runner: tryTo(() => fs.writeFileSync('/w/runners/preview.mjs', 'x')),
  shadow: tryTo(() => fs.readFileSync('/etc/shadow')),
  folders: fs.readdirSync('/w').sort(),
  postgres: await new Promise((resolve) => net.connect(process.env.PGHOST + '/.s.PGSQL.5432').on('data', (d) => resolve(String(d))).on('error', (e) => resolve(e.code))),
  env: Object.keys(process.env).filter((name) => /^(PG|VIBE)/.test(name)).sort(),
}));`;

const get = (path: string, headers: Record<string, string> = {}) =>
  ask(() => instances.connect('a'), path, { headers });

describe('a preview', () => {
  it('shows the app, its data and its style', async () => {
    const page = await get('/');
    expect(page.status).toBe(200);
    expect(page.text).toContain('card one: server words one');
    expect(page.text).toContain('tailwindcss');
  });

  it('takes forms, also behind a proxy that ends TLS, and refuses those of another site', async () => {
    const post = (headers: Record<string, string>) =>
      ask(() => instances.connect('a'), '/', {
        method: 'POST',
        body: 'word=hello',
        headers: { 'content-type': 'application/x-www-form-urlencoded', 'content-length': '10', ...headers },
      });
    expect((await post({ origin: 'http://shop.localhost:4000' })).text).toContain('you said hello');
    const https = { 'x-forwarded-proto': 'https', host: 'shop.example.com', origin: 'https://shop.example.com' };
    expect((await post(https)).text).toContain('you said hello');
    expect((await post({ ...https, origin: 'https://evil.example.com' })).status).toBe(403);
  });

  it('gives its code no way to write where it runs, and only its own database', async () => {
    const seen = JSON.parse((await get('/attack')).text);
    expect(seen).toEqual({
      write: 'EROFS',
      link: 'EROFS',
      modules: 'EROFS',
      runner: 'EROFS',
      shadow: 'ENOENT',
      folders: ['app', 'node_modules', 'runners'],
      postgres: 'postgres',
      env: ['PGDATABASE', 'PGHOST', 'PGUSER', 'VIBE_APP_AUDIENCE'],
    });
  });

  it('serves no file from outside the code and the toolchain', async () => {
    for (const path of [
      '/@fs/etc/passwd',
      '/@fs/w/app/package.json',
      '/package.json',
      '/@fs/w/app/src/../../../etc/passwd',
      '/@fs/w/runners/preview.mjs',
    ]) {
      const answer = await get(path);
      expect([path, answer.status >= 400]).toEqual([path, true]);
    }
    expect((await get('/src/lib/Card.svelte')).status).toBe(200);
  });

  it('tells the browser within a moment: a component is replaced, a server file makes the page load its data anew', async () => {
    for (const path of ['/', '/src/lib/Card.svelte', '/src/routes/+page.svelte'])
      expect((await get(path)).status).toBe(200);
    const client = (await get('/@vite/client')).text;
    const token = /wsToken = "([^"]+)"/.exec(client)?.[1] ?? '';
    const socket = await instances.connect('a');
    const url = `ws://shop.localhost:4000/?token=${token}`;
    const hmr = new WebSocket(url, 'vite-hmr', {
      createConnection: () => socket,
      origin: 'http://shop.localhost:4000',
    });
    const seen: { type: string; at: number }[] = [];
    hmr.on('message', (data) =>
      seen.push({ type: (JSON.parse(String(data)) as { type: string }).type, at: performance.now() }),
    );
    await once(hmr, 'open');
    await expect.poll(() => seen.map((one) => one.type)).toContain('connected');
    const card = join(app, 'src/lib/Card.svelte');
    writeFileSync(card, readFileSync(card, 'utf8').replace('card one', 'card two'));
    const began = performance.now();
    await expect.poll(() => seen.map((one) => one.type), { interval: 5 }).toContain('update');
    expect(seen.find((one) => one.type === 'update')!.at - began).toBeLessThan(1_500);
    writeFileSync(join(app, 'src/lib/server/words.ts'), `export const words = 'server words two';\n`);
    await expect.poll(() => seen.map((one) => one.type)).toContain('custom');
    expect((await get('/')).text).toContain('card two: server words two');
    hmr.terminate();
  });

  it('connects its socket back to where the page came from', async () => {
    const client = (await get('/@vite/client')).text;
    expect(client).toContain('const hmrPort = null');
    expect(client).not.toMatch(/24678/);
  });

  it('ends on SIGTERM, not by force', async () => {
    const other = new Instances({ driver: bench.driver });
    const seed = await seedViteCache({ driver: bench.driver, toolchain, appDir: bench.app() });
    expect(seed).toBeDefined();
    const appDir = bench.app();
    // force would come after so long
    const graceMs = 20_000;
    await other.ensure('b', () => ({
      ...previewPlan({ id: bench.id('preview'), appDir, modules: toolchain.modules, viteSeed: seed }),
      graceMs,
    }));
    expect(
      other
        .logs('b')
        .map((line) => line.text)
        .join('\n'),
    ).not.toContain('re-optimization');
    const began = performance.now();
    await other.stopAll();
    expect(performance.now() - began).toBeLessThan(graceMs - 1000);
  });
});
