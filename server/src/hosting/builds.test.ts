/** From an exported tree to a release that answers, and what a failing or hostile build leaves behind: nothing. */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { buildRelease } from './builds.ts';
import { runChecks } from './checks.ts';
import { ask, HostingBench, testToolchain } from './fixtures/bench.ts';
import { releasePlan } from './plans.ts';
import { Instances } from './previews.ts';
import type { Toolchain } from './toolchain.ts';

const bench = new HostingBench();
const instances = new Instances({ driver: bench.driver });
let toolchain: Toolchain;
beforeAll(async () => {
  toolchain = await testToolchain();
});
afterAll(async () => {
  await instances.stopAll();
  bench.end();
});

const build = (exportedTreeDir: string, outDir: string, more = {}) =>
  buildRelease({ driver: bench.driver, id: bench.id('build'), exportedTreeDir, toolchain, outDir, ...more });

it('SvelteKit finds no TypeScript where nobody looks at types, and everything else does', () => {
  const hook = join(import.meta.dirname, 'runners/without-typescript.mjs');
  const own = join(toolchain.modules, '@sveltejs/kit/src/core/sync');
  const modules = [join(own, 'ts.js'), join(toolchain.modules, 'typescript/lib/typescript.js')];
  const script = `const [kit, other] = await Promise.all(${JSON.stringify(modules)}.map((file) => import(file)));
    console.log(typeof kit.ts, typeof other.default)`;
  const said = (words: string[]) =>
    execFileSync(process.execPath, [...words, '--input-type=module', '-e', script], { encoding: 'utf8' }).trim();
  expect(said(['--import', hook])).toBe('undefined object');
  expect(said([])).toBe('object object');
});

describe('a build', () => {
  it('becomes an immutable release that serves and ends when asked', async () => {
    const outDir = join(bench.dataDir, 'releases/one');
    const lines: string[] = [];
    const manifest = await build(bench.app(), outDir, { onLine: (line: string) => lines.push(line) });
    expect(manifest).toMatchObject({ toolchain: toolchain.id, node: process.version });
    expect(manifest.files).toBeGreaterThan(5);
    expect(JSON.parse(readFileSync(join(outDir, 'release.json'), 'utf8'))).toEqual(manifest);
    expect(statSync(join(outDir, 'app/index.js')).mode & 0o222).toBe(0);
    const env = { VIBE_APP_AUDIENCE: 'shop' };
    const plan = () => releasePlan({ id: bench.id('release'), modules: toolchain.modules, releaseDir: outDir, env });
    await instances.ensure('r', plan, { keepAwake: true });
    const page = await ask(() => instances.connect('r'), '/');
    expect([page.status, page.text.includes('card one: server words one')]).toEqual([200, true]);
    const https = { 'x-forwarded-proto': 'https', 'x-forwarded-host': 'shop.example.com' };
    const api = JSON.parse((await ask(() => instances.connect('r'), '/api', { headers: https })).text);
    expect(api).toMatchObject({
      url: 'https://shop.example.com/api',
      env: expect.arrayContaining(['VIBE_APP_AUDIENCE']),
    });
    const began = performance.now();
    await instances.stop('r');
    // not by force, which would come after half a minute
    expect(performance.now() - began).toBeLessThan(20_000);
    await expect(build(bench.app(), outDir)).rejects.toThrow();
  });

  it('that fails says where, in few lines, and leaves no release', async () => {
    const app = bench.app();
    writeFileSync(join(app, 'src/routes/+page.svelte'), '<p>{#if}</p>\n');
    const outDir = join(bench.dataDir, 'releases/failed');
    const failing = build(app, outDir);
    await expect(failing).rejects.toMatchObject({
      code: 'build_failed',
      kind: 'invalid',
      message: 'The app could not be built.',
    });
    await expect(failing).rejects.toMatchObject({ detail: expect.stringContaining('src/routes/+page.svelte') });
    expect(existsSync(outDir)).toBe(false);
  });

  it('has no network, no way out, and its time', async () => {
    const app = bench.app();
    const probe = `import net from 'node:net'; import fs from 'node:fs';
      const seen = await new Promise((r) => net.connect(80, '1.1.1.1').on('connect', () => r('connected')).on('error', (e) => r(e.code)));
      throw new Error('probe ' + seen + ' ' + fs.existsSync('/etc/shadow') + ' ' + fs.readdirSync('/w').sort());`;
    writeFileSync(join(app, 'vite.config.js'), probe);
    await expect(build(app, join(bench.dataDir, 'releases/probe'))).rejects.toMatchObject({
      detail: expect.stringContaining('probe ENETUNREACH false app,node_modules,runners'),
    });
    const slow = bench.app();
    writeFileSync(join(slow, 'vite.config.js'), 'await new Promise((r) => setTimeout(r, 60_000));');
    await expect(build(slow, join(bench.dataDir, 'releases/slow'), { timeoutMs: 800 })).rejects.toMatchObject({
      code: 'build_timeout',
    });
    const cut = bench.app();
    writeFileSync(join(cut, 'vite.config.js'), 'await new Promise((r) => setTimeout(r, 60_000));');
    const stopped = build(cut, join(bench.dataDir, 'releases/cut'), { signal: AbortSignal.timeout(500) });
    await expect(stopped).rejects.toMatchObject({ code: 'build_stopped' });
  });

  it('that leaves links, or too much, is no release', async () => {
    const hostile = (code: string) => {
      const app = bench.app();
      const config = readFileSync(join(app, 'vite.config.js'), 'utf8');
      writeFileSync(
        join(app, 'vite.config.js'),
        `${config}\nimport fs from 'node:fs';\nprocess.on('exit', () => { if (fs.existsSync('/w/app/build/client')) { ${code} } });\n`,
      );
      return app;
    };
    const linked = hostile(`fs.symlinkSync('/etc/passwd', '/w/app/build/client/passwd')`);
    await expect(build(linked, join(bench.dataDir, 'releases/linked'))).rejects.toMatchObject({
      message: expect.stringContaining('passwd'),
    });
    const large = hostile(
      `for (let i = 0; i < 24; i++) fs.writeFileSync('/w/app/build/client/' + i, Buffer.alloc(1e6))`,
    );
    // far below what all that the build writes may come to, at which it would be ended
    await expect(build(large, join(bench.dataDir, 'releases/large'), { maxMb: 20 })).rejects.toMatchObject({
      code: 'build_too_large',
    });
    const none = bench.app();
    writeFileSync(join(none, 'vite.config.js'), 'process.exit(0)');
    await expect(build(none, join(bench.dataDir, 'releases/none'))).rejects.toMatchObject({
      message: 'The build left no server.',
    });
  });
});

describe('the checks of an app', () => {
  const check = (exportedTreeDir: string) =>
    runChecks({ driver: bench.driver, id: bench.id('check'), exportedTreeDir, toolchain });
  const prepared = () => {
    const app = bench.app();
    writeFileSync(join(app, 'tsconfig.json'), '{ "extends": "$app/tsconfig", "include": ["src", "tests"] }');
    mkdirSync(join(app, 'tests'));
    writeFileSync(
      join(app, 'tests/sum.test.ts'),
      `import { expect, it } from 'vitest';\nit('adds', () => { expect(1 + 1).toBe(2); });\n`,
    );
    return app;
  };

  it('pass for an app that is sound', async () => {
    const result = await check(prepared());
    expect(result.steps.map((step) => [step.name, step.ok, step.ok ? '' : step.output])).toEqual([
      ['prepare', true, ''],
      ['types', true, ''],
      ['tests', true, ''],
    ]);
    expect(result.ok).toBe(true);
  });

  it('tell a wrong type and a failing test, with their places', async () => {
    const app = prepared();
    writeFileSync(join(app, 'src/lib/wrong.ts'), 'export const wrong: number = "text";\n');
    writeFileSync(
      join(app, 'tests/fails.test.ts'),
      `import { expect, it } from 'vitest';\nit('fails', () => { expect(1).toBe(2); });\n`,
    );
    rmSync(join(app, 'tests/sum.test.ts'));
    const { ok, steps } = await check(app);
    expect(ok).toBe(false);
    expect(steps.map((step) => [step.name, step.ok])).toEqual([
      ['prepare', true],
      ['types', false],
      ['tests', false],
    ]);
    expect(steps[1]!.output).toContain('src/lib/wrong.ts:1');
    expect(steps[2]!.output).toContain('tests/fails.test.ts');
  });
});
