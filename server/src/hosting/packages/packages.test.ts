/** Installing packages for an app: what comes of it, and what a hostile package, a hostile registry or a hostile lockfile comes to. */
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { HostingBench, npmPath, testToolchain } from '../fixtures/bench.ts';
import { type MadePackage, startRegistry, type TestRegistry } from '../fixtures/registry.ts';
import type { Toolchain } from '../toolchain.ts';
import { lookUp } from './facts.ts';
import { findNpm, toolchainVersions } from './install.ts';
import { Layers } from './layers.ts';
import { readLock, readNeeds, writeNeeds } from './needs.ts';
import { Registry, readRegistrySettings } from './registry.ts';
import { RegistryDoor } from './registry-door.ts';
import { packageName } from './schema.ts';

const bench = new HostingBench();
let server: TestRegistry;
let registry: Registry;
let layers: Layers;
let toolchain: Toolchain;

const settings = (url: string) => ({ url, from: 'a test', proxy: undefined, ca: undefined });
const needs = (dependencies: Record<string, string>) => ({ dependencies, devDependencies: {} });
const relock = (dependencies: Record<string, string>, known: Parameters<Layers['relock']>[2] = []) =>
  layers.relock(toolchain, needs(dependencies), known);
const files = (folder: string) => readdirSync(folder, { recursive: true }).map(String).sort();
const packagesIn = (modules: string) =>
  readdirSync(modules)
    .filter((name) => /^[a-z]/.test(name))
    .sort();
const plain = (name: string, version = '1.0.0', more: Partial<MadePackage> = {}): MadePackage => ({
  name,
  version,
  ...more,
});

beforeAll(async () => {
  server = await startRegistry();
  registry = new Registry(settings(server.url));
  toolchain = await testToolchain();
  const npmFolder = await findNpm(npmPath());
  layers = new Layers({
    dataDir: bench.dataDir,
    driver: bench.driver,
    registry: async () => registry,
    npmFolder: async () => npmFolder,
  });
  server.publish(
    plain('svelte', (await toolchainVersions(toolchain)).get('svelte')),
    plain('tiny'),
    plain('tiny', '1.1.0'),
    plain('tiny', '2.0.0-beta.1'),
    plain('grower', '1.0.0', { manifest: { dependencies: { leaf: '^1.0.0', zod: '^3.0.0' } } }),
    plain('leaf', '1.0.0'),
    plain('leaf', '1.2.0'),
    plain('zod', '3.25.0'),
    plain('svelte-part', '1.0.0', { manifest: { peerDependencies: { svelte: '^5.0.0', leaf: '*' } } }),
    plain('old-part', '1.0.0', { manifest: { peerDependencies: { svelte: '^3.0.0' } } }),
  );
});
afterAll(async () => {
  registry?.close();
  await server?.close();
  for (const one of readdirSync(join(bench.dataDir, 'layers')))
    rmSync(join(bench.dataDir, 'layers', one), { recursive: true });
  bench.end();
});

describe('a layer', () => {
  it('holds what the toolchain does not have, is read-only, and never shadows what the toolchain has', async () => {
    const text = await relock({ grower: '1.0.0' });
    const lock = readLock(text)!;
    // zod 3 lies inside of who needs it: the app's own zod stays the toolchain's
    expect([...lock.packages.keys()]).toEqual([
      'node_modules/grower',
      'node_modules/grower/node_modules/zod',
      'node_modules/leaf',
    ]);
    expect(text).not.toContain('127.0.0.1');
    const layer = (await layers.ensure(toolchain, text))!;
    expect(packagesIn(layer.modules)).toEqual(['grower', 'leaf']);
    expect(readFileSync(join(layer.modules, 'leaf/package.json'), 'utf8')).toContain('1.2.0');
    expect(statSync(join(layer.modules, 'leaf/index.js')).mode & 0o7777).toBe(0o555);
    expect(statSync(layer.modules).mode & 0o222).toBe(0);
    expect(statSync(layer.modules).uid).toBe(process.getuid!());
  });

  it('is made once for all who ask at the same time, and not again for whoever asks later', async () => {
    const text = await relock({ tiny: '1.0.0' });
    rmSync(join(bench.dataDir, 'layers', layers.keyOf(toolchain, text)!), { recursive: true });
    const before = layers.installations;
    const made = await Promise.all([1, 2, 3].map(() => layers.ensure(toolchain, text)));
    expect(new Set(made.map((one) => one!.key)).size).toBe(1);
    await layers.ensure(toolchain, text);
    expect(layers.installations - before).toBe(1);
  });

  it('keeps the versions that an app has when another package is added', async () => {
    server.publish(plain('late', '1.0.0'));
    const first = readLock(await relock({ late: '1.0.0', grower: '1.0.0' }))!;
    server.publish(plain('leaf', '1.9.0'));
    const second = readLock(await relock({ late: '1.0.0', grower: '1.0.0', tiny: '1.0.0' }, [first]))!;
    expect(second.packages.get('node_modules/leaf')?.version).toBe(first.packages.get('node_modules/leaf')?.version);
    expect(await relock({}, [second])).toBeUndefined();
  });

  it('brings what goes with a package, and refuses what does not fit the toolchain', async () => {
    const lock = readLock(await relock({ 'svelte-part': '1.0.0' }))!;
    expect([...lock.packages.keys()]).toEqual(['node_modules/leaf', 'node_modules/svelte-part']);
    await expect(relock({ 'old-part': '1.0.0' })).rejects.toMatchObject({
      code: 'packages_fail',
      message: expect.stringContaining('do not fit what apps are built with'),
    });
    await expect(relock({ tiny: '9.9.9' })).rejects.toMatchObject({
      message: expect.stringContaining('does not have'),
    });
  });

  it('is removed when neither a worktree nor a release needs it, and what a killed installation left goes too', async () => {
    const [kept, served, lost] = await Promise.all([
      relock({ tiny: '1.0.0' }),
      relock({ tiny: '1.1.0' }),
      relock({ tiny: '1.0.0', leaf: '1.0.0' }),
    ]);
    const folder = join(bench.dataDir, 'layers');
    mkdirSync(join(bench.dataDir, 'worktrees/one/app'), { recursive: true });
    writeFileSync(join(bench.dataDir, 'worktrees/one/app/package-lock.json'), kept!);
    mkdirSync(join(bench.dataDir, 'releases/app/two'), { recursive: true });
    writeFileSync(
      join(bench.dataDir, 'releases/app/two/release.json'),
      JSON.stringify({ layer: layers.keyOf(toolchain, served) }),
    );
    mkdirSync(join(folder, '.0123456789abcdef/work'), { recursive: true });
    // fresh ones stay: somebody may be about to mount them
    await layers.collect(toolchain);
    expect(existsSync(join(folder, layers.keyOf(toolchain, lost)!))).toBe(true);
    expect(readdirSync(folder).filter((name) => name.startsWith('.'))).toEqual([]);
    for (const name of readdirSync(folder)) utimesSync(join(folder, name, 'layer.json'), 1, 1);
    await layers.collect(toolchain);
    expect(readdirSync(folder).sort()).toEqual([kept, served].map((text) => layers.keyOf(toolchain, text)!).sort());
    // and it comes back from its lockfile alone
    expect(existsSync((await layers.ensure(toolchain, lost))!.modules)).toBe(true);
  });
});

describe('a hostile package', () => {
  it('has its install scripts left alone', async () => {
    const scripts = { preinstall: 'touch ../preinstalled', install: 'touch ../installed', postinstall: 'node evil.js' };
    const evil = "require('node:fs').writeFileSync('../proof','x')";
    server.publish(
      plain('scripted', '1.0.0', { manifest: { scripts }, files: { 'evil.js': evil, 'binding.gyp': '{}' } }),
    );
    const layer = (await layers.ensure(toolchain, await relock({ scripted: '1.0.0' })))!;
    expect(files(join(layer.modules, 'scripted'))).toEqual(['binding.gyp', 'evil.js', 'package.json']);
  });

  it('cannot write or link outside of its own folder', async () => {
    server.publish(
      plain('climber', '1.0.0', {
        files: {
          'good.js': '1',
          '../../../../../../tmp/climbed': 'x',
          '=package/../../leaf/index.js': 'stolen',
          '=/etc/climbed': 'x',
          secrets: 'link:/etc/passwd',
          up: 'link:../../../..',
          'up/through': 'x',
        },
      }),
    );
    const text = await relock({ climber: '1.0.0' }).catch((error) => String(error.message));
    const key = layers.keyOf(toolchain, text);
    if (key) {
      const { modules } = (await layers.ensure(toolchain, text))!;
      expect(packagesIn(modules)).toEqual(['climber']);
      for (const path of files(modules)) expect(statSync(join(modules, path)).isSymbolicLink()).toBe(false);
      expect(files(join(modules, 'climber'))).toEqual(expect.arrayContaining(['good.js', 'package.json']));
      expect(existsSync(join(modules, 'climber/secrets'))).toBe(false);
    } else expect(text).toContain('not installed');
    for (const path of ['/tmp/climbed', '/etc/climbed', join(bench.dataDir, 'layers/climbed')])
      expect(existsSync(path)).toBe(false);
  });

  it('cannot bring another from a path, an address or a repository', async () => {
    const elsewhere = createServer((_request, response) => response.end('caught'));
    let caught = 0;
    elsewhere.on('connection', () => caught++);
    await new Promise<void>((resolve) => elsewhere.listen(0, '127.0.0.1', resolve));
    const { port } = elsewhere.address() as AddressInfo;
    const specs = {
      'by-file': 'file:/etc',
      'by-address': `http://127.0.0.1:${port}/evil.tgz`,
      'by-metadata': 'http://169.254.169.254/latest/evil.tgz',
      'by-git': `git+http://127.0.0.1:${port}/evil.git`,
      'by-github': 'someone/evil',
    };
    for (const [name, spec] of Object.entries(specs)) {
      server.publish(plain(name, '1.0.0', { manifest: { dependencies: { evil: spec } } }));
      await expect(relock({ [name]: '1.0.0' }), name).rejects.toMatchObject({
        kind: expect.stringMatching(/conflict|forbidden/),
      });
    }
    expect(caught).toBe(0);
    elsewhere.close();
  });

  it('has its tarball fetched from the registry, whatever host it names, and only as what was promised', async () => {
    let caught = 0;
    const elsewhere = createServer((_request, response) => response.end('caught'));
    elsewhere.on('connection', () => caught++);
    await new Promise<void>((resolve) => elsewhere.listen(0, '127.0.0.1', resolve));
    const { port } = elsewhere.address() as AddressInfo;
    const tarball = `http://127.0.0.1:${port}/moved/-/moved-1.0.0.tgz`;
    server.publish(plain('moved', '1.0.0', { dist: { tarball } }));
    expect(await relock({ moved: '1.0.0' })).toContain('node_modules/moved');
    const integrity = `sha512-${Buffer.alloc(64, 7).toString('base64')}`;
    server.publish(plain('swapped', '1.0.0', { dist: { integrity } }));
    await expect(relock({ swapped: '1.0.0' })).rejects.toMatchObject({
      message: expect.stringContaining('not what the registry promised'),
    });
    server.publish(plain('sent-away'));
    server.answer('/sent-away/-/sent-away-1.0.0.tgz', (_request, response) =>
      response.writeHead(302, { location: `http://127.0.0.1:${port}/x.tgz` }).end(),
    );
    await expect(relock({ 'sent-away': '1.0.0' })).rejects.toMatchObject({
      detail: expect.stringContaining('Only the registry'),
    });
    expect(caught).toBe(0);
    elsewhere.close();
  });
});

describe('the door to the registry', () => {
  /** What comes back for one request's text. */
  const say = (path: string, text: string) =>
    new Promise<string>((resolve, reject) => {
      const socket = connect(path);
      let answer = '';
      socket.on('data', (chunk) => {
        answer += chunk;
      });
      socket.on('error', reject).on('close', () => resolve(answer));
      socket.write(text);
    });
  const head = (line: string, host = 'registry') => `${line} HTTP/1.1\r\nhost: ${host}\r\nconnection: close\r\n\r\n`;

  it('passes a GET and nothing else, and connects nowhere else', async () => {
    const door = await RegistryDoor.open(join(bench.dataDir, 'door'), registry, 1024 * 1024);
    const path = join(door.folder, 'door.sock');
    expect(await say(path, head('GET /tiny'))).toContain('"name":"tiny"');
    const asked = server.requests.length;
    const refused = [
      head('POST /-/npm/v1/security/audits'),
      head('PUT /tiny'),
      head('DELETE /tiny'),
      head('CONNECT 127.0.0.1:22'),
      head('GET http://169.254.169.254/latest/meta-data'),
      head('GET //169.254.169.254/latest'),
    ];
    for (const text of refused) expect(await say(path, text), text).toMatch(/^HTTP\/1.1 (403|405)/);
    expect(server.requests.length).toBe(asked);
    // the name in the Host header leads nowhere
    await say(path, head('GET /tiny', '169.254.169.254'));
    expect(server.requests.at(-1)).toBe('GET /tiny');
    for (const [place, to] of [
      ['/away', 'http://169.254.169.254/latest'],
      ['/local', 'http://127.0.0.1:1/'],
      ['/file', 'file:///etc/passwd'],
    ] as const) {
      server.answer(place, (_request, response) => response.writeHead(302, { location: to }).end());
      expect(await say(path, head(`GET ${place}`)), to).toMatch(/^HTTP\/1.1 403/);
    }
    server.answer('/within', (_request, response) => response.writeHead(302, { location: '/tiny' }).end());
    expect(await say(path, head('GET /within'))).toContain('"name":"tiny"');
    server.answer('/round', (_request, response) => response.writeHead(302, { location: '/round' }).end());
    expect(await say(path, head('GET /round'))).toMatch(/^HTTP\/1.1 502/);
    await door.close();
  });

  it('counts what comes through', async () => {
    const door = await RegistryDoor.open(join(bench.dataDir, 'door'), registry, 100_000);
    server.answer('/endless', (_request, response) => {
      const more = () => !response.destroyed && response.write('x'.repeat(10_000), more);
      more();
    });
    const answer = await say(join(door.folder, 'door.sock'), head('GET /endless'));
    expect(answer.length).toBeLessThan(300_000);
    expect(await say(join(door.folder, 'door.sock'), head('GET /tiny'))).toMatch(/^HTTP\/1.1 429/);
    expect([...door.refused].join()).toContain('more data');
    await door.close();
  });

  it('of a registry below a path stays below it', async () => {
    const below = new Registry(settings(`${server.url}npm/`));
    const signal = AbortSignal.timeout(20_000);
    await expect(below.get('/npm/../tiny', {}, signal)).rejects.toMatchObject({ code: 'registry_elsewhere' });
    expect((await below.get('/npm/tiny', {}, signal)).statusCode).toBe(404);
    below.close();
  });
});

describe('names and files that an attacker writes', () => {
  it('are no names of packages', () => {
    const wrong = [
      'evil@file:../x',
      'evil@1.0.0',
      'git+ssh://host/x',
      'npm:other@1',
      '../x',
      './x',
      '/etc',
      '-g',
      '--registry=http://x',
    ];
    for (const name of [
      ...wrong,
      'https://host/x.tgz',
      'someone/evil',
      '@a/b/c',
      '.hidden',
      'a b',
      'A',
      'x\u0000',
      'node_modules',
      '',
    ])
      expect(packageName.safeParse(name).success, name).toBe(false);
    for (const name of ['dayjs', '@scope/name', 'lodash.get', 'a-b_c'])
      expect(packageName.safeParse(name).success, name).toBe(true);
  });

  it('in package.json and the lockfile are not followed', () => {
    for (const version of [
      'file:../..',
      'git+ssh://host/x',
      'npm:other@1.0.0',
      '^1.0.0',
      'latest',
      'http://127.0.0.1/x.tgz',
      '*',
    ])
      expect(() => readNeeds(JSON.stringify({ dependencies: { tiny: version } })), version).toThrow(/safe to follow/);
    expect(() => readNeeds('{"dependencies":{"--global":"1.0.0"}}')).toThrow(/safe to follow/);
    const lock = (place: string, one: object) =>
      JSON.stringify({ lockfileVersion: 3, packages: { '': { dependencies: { tiny: '1.0.0' } }, [place]: one } });
    const good = { version: '1.0.0', integrity: `sha512-${Buffer.alloc(64).toString('base64')}` };
    expect(readLock(lock('node_modules/tiny', good))?.packages.size).toBe(1);
    for (const place of ['../x', 'node_modules/../../x', 'node_modules/.bin', '/etc/x', 'src', 'node_modules/a/b/c'])
      expect(() => readLock(lock(place, good)), place).toThrow(/safe to follow/);
    for (const more of [
      { resolved: 'http://127.0.0.1/x.tgz' },
      { resolved: 'file:../x' },
      { link: true },
      { integrity: undefined },
      { integrity: 'md5-x' },
    ])
      expect(() => readLock(lock('node_modules/tiny', { ...good, ...more })), JSON.stringify(more)).toThrow(
        /safe to follow/,
      );
  });

  it('leave the rest of package.json as it is', () => {
    const before = '{ "name": "shop", "type": "module", "dependencies": { "old": "1.0.0" } }';
    const text = writeNeeds(before, { dependencies: { b: '1.0.0', a: '2.0.0' }, devDependencies: {} });
    expect(JSON.parse(text)).toEqual({ name: 'shop', type: 'module', dependencies: { a: '2.0.0', b: '1.0.0' } });
    expect(writeNeeds(text, { dependencies: {}, devDependencies: {} })).not.toContain('dependencies');
  });

  it('in a lockfile whose packages are others than the registry has are refused', async () => {
    const text = (await relock({ tiny: '1.0.0' }))!;
    const other = text.replace(/sha512-[^"]+/, `sha512-${Buffer.alloc(64, 3).toString('base64')}`);
    await expect(layers.ensure(toolchain, other)).rejects.toMatchObject({
      message: expect.stringContaining('not what the registry promised'),
    });
    const short = JSON.stringify({ ...JSON.parse(text), packages: { '': { dependencies: { grower: '1.0.0' } } } });
    await expect(layers.ensure(toolchain, short)).rejects.toMatchObject({ code: 'packages_outdated' });
  });
});

describe('what is said of a package', () => {
  it('is what the registry holds, and the newest stable version where none is named', async () => {
    server.publish(
      plain('told', '1.0.0', {
        manifest: {
          description: 'Does\u202e things\nwell',
          dependencies: { leaf: '1' },
          scripts: { postinstall: 'x' },
        },
      }),
    );
    const { version, facts, integrity } = await lookUp(registry, 'told', undefined);
    expect(version).toBe('1.0.0');
    expect(integrity).toMatch(/^sha512-/);
    expect(Object.fromEntries(facts.map(({ label, value }) => [label, value]))).toMatchObject({
      'Says of itself': '“Does things well”',
      Licence: 'MIT',
      Published: expect.stringContaining('1 March 2024'),
      'Known since': expect.stringContaining('2 January 2020'),
      Size: '2 KB in 2 files',
      Needs: 'one other package',
      'Install scripts': 'it has some; they will not be run',
    });
    expect((await lookUp(registry, 'tiny', undefined)).version).toBe('1.1.0');
    expect((await lookUp(registry, 'tiny', '1.0.0')).facts).toContainEqual({
      label: 'Published',
      value: expect.stringContaining('1.1.0 is newer'),
    });
    await expect(lookUp(registry, 'tiny', '9.0.0')).rejects.toMatchObject({ code: 'version_not_found' });
    await expect(lookUp(registry, 'nothing-here', undefined)).rejects.toMatchObject({ code: 'package_not_found' });
  });
});

describe('the registry that npm is set to', () => {
  it('gives a real package, which Node imports from the layer', async () => {
    const found = await readRegistrySettings({ given: undefined, npmPath: npmPath(), nodePath: process.execPath });
    const real = new Registry(found);
    const npmFolder = await findNpm(npmPath());
    const own = new Layers({
      dataDir: bench.dataDir,
      driver: bench.driver,
      registry: async () => real,
      npmFolder: async () => npmFolder,
    });
    try {
      const { version, facts } = await lookUp(real, 'dayjs', '1.11.13');
      expect(facts).toContainEqual({ label: 'Licence', value: 'MIT' });
      const text = await own.relock(toolchain, needs({ dayjs: version }), []);
      expect(text).not.toContain(real.host);
      const layer = (await own.ensure(toolchain, text))!;
      const { default: dayjs } = await import(join(layer.modules, 'dayjs/dayjs.min.js'));
      expect(dayjs('2024-02-29').add(1, 'year').format('YYYY-MM-DD')).toBe('2025-02-28');
    } finally {
      real.close();
    }
  });
});
