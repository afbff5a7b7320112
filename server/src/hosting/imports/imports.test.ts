/** Fetching a repository that somebody names, and making an app of it: what is refused, what is left out, and what is said. */
import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { isClosed } from '../../db/closed-address.ts';
import { type GitServer, startGitServer } from '../fixtures/git-server.ts';
import { adaptRepository } from './adapt.ts';
import { fetchRepository } from './fetch-repository.ts';
import { openAddress } from './public-address.ts';
import { repositoryAddress } from './schema.ts';

let git: GitServer;
const folder = mkdtempSync(join(tmpdir(), 'vibe-imports-'));
let count = 0;
const fetch = (address: string, more: object = {}) =>
  fetchRepository({ address, folder: join(folder, String(++count)), allowed: new Set([git.host]), ...more });

beforeAll(async () => {
  git = await startGitServer();
});
afterAll(async () => {
  await git.close();
  rmSync(folder, { recursive: true, force: true });
});

describe('an address', () => {
  it('is a web address of a repository, without a name, a password or anything behind it', () => {
    const wrong = [
      'file:///etc',
      '/etc',
      'ssh://git@host/x',
      'git@host:x/y',
      'ext::sh -c touch% /tmp/x',
      'git://host/x',
      'https://user:secret@host/x',
      'https://host/x?y=1',
      'https://host/x#y',
      'https://host',
      '--upload-pack=touch',
      'https://host/a b',
      'https://host\\@127.0.0.1/x',
      'javascript:x',
    ];
    for (const address of wrong) expect(repositoryAddress.safeParse(address).success, address).toBe(false);
    expect(repositoryAddress.safeParse(' https://host.example/name/repository.git ').data).toBe(
      'https://host.example/name/repository.git',
    );
  });

  it('on this machine, in its network or of its cloud is closed', async () => {
    for (const ip of [
      '127.0.0.1',
      '127.8.8.8',
      '0.0.0.0',
      '10.1.2.3',
      '172.16.0.1',
      '172.31.255.255',
      '192.168.1.1',
      '169.254.169.254',
      '100.64.0.1',
      '224.0.0.1',
      '255.255.255.255',
      '::1',
      '::',
      '::ffff:127.0.0.1',
      '::ffff:169.254.169.254',
      '64:ff9b::7f00:1',
      'fe80::1',
      'fd00::1',
      'fd00:ec2::254',
      '2002:7f00:1::',
      'ff02::1',
      'no address',
    ])
      expect(isClosed(ip), ip).toBe(true);
    for (const ip of ['1.1.1.1', '140.82.112.3', '2606:4700::1111', '172.32.0.1']) expect(isClosed(ip), ip).toBe(false);
    for (const address of [
      'https://127.0.0.1/x',
      'https://127.1/x',
      'https://2130706433/x',
      'https://0x7f.1/x',
      'https://localhost/x',
      'https://[::1]/x',
      'https://[::ffff:127.0.0.1]/x',
      'https://169.254.169.254/x',
      'https://10.0.0.1:8443/x',
    ])
      await expect(openAddress(new URL(address), new Set()), address).rejects.toMatchObject({ code: 'import_address' });
    await expect(openAddress(new URL('http://1.1.1.1/x'), new Set())).rejects.toMatchObject({
      message: expect.stringContaining('https'),
    });
    // what the owner allows counts for that host and port alone
    expect(await openAddress(new URL('http://127.0.0.1:99/x'), new Set(['127.0.0.1:99']))).toBe('127.0.0.1');
    await expect(openAddress(new URL('http://127.0.0.1:98/x'), new Set(['127.0.0.1:99']))).rejects.toBeDefined();
  });
});

describe('fetching', () => {
  it('brings plain files, and names links and submodules instead of following them', async () => {
    const address = git.repository('odd', {
      'package.json': '{}',
      'src/a.txt': 'a',
      passwd: 'link:/etc/passwd',
      'up/out': 'link:../../../..',
      inner: 'submodule:',
      '.gitmodules': `[submodule "inner"]\n  path = inner\n  url = http://127.0.0.1:1/evil\n`,
      '.gitattributes': '* filter=evil\n',
    });
    const { files, left } = await fetch(address);
    expect([...files.keys()].sort()).toEqual(['.gitattributes', '.gitmodules', 'package.json', 'src/a.txt']);
    expect(left.sort()).toEqual(['inner', 'passwd', 'up/out']);
    expect(git.requests.some((one) => one.includes('evil'))).toBe(false);
  });

  it('follows no redirect', async () => {
    let caught = 0;
    const elsewhere = createServer((_request, response) => response.end());
    elsewhere.on('connection', () => caught++);
    await new Promise<void>((resolve) => elsewhere.listen(0, '127.0.0.1', resolve));
    const to = `http://127.0.0.1:${(elsewhere.address() as AddressInfo).port}`;
    for (const target of [to, 'file:///etc', 'http://169.254.169.254', 'ext::touch /tmp/caught']) {
      git.answer('/away', (request, response) =>
        response.writeHead(302, { location: `${target}${request.url}` }).end(),
      );
      await expect(fetch(`${git.url}/away.git`), target).rejects.toMatchObject({
        message: expect.stringContaining('sends somewhere else'),
      });
    }
    // the old protocol has a way of its own to name another place
    git.answer('/dumb.git/info/refs', (_request, response) => response.end(`${'1'.repeat(40)}\trefs/heads/trunk\n`));
    git.answer('/dumb.git/HEAD', (_request, response) => response.end('ref: refs/heads/trunk\n'));
    git.answer('/dumb.git/objects/info/http-alternates', (_request, response) =>
      response.end(`${to}/other.git/objects\n`),
    );
    git.answer('/dumb.git/', (_request, response) => response.writeHead(404).end());
    await expect(fetch(`${git.url}/dumb.git`)).rejects.toMatchObject({ code: 'import_failed' });
    expect(caught).toBe(0);
    elsewhere.close();
  });

  it('has limits of size and time, and leaves nothing running', async () => {
    const address = git.repository('big', { 'package.json': '{}', 'a.txt': 'a'.repeat(200_000), 'b.txt': 'b' });
    await expect(fetch(address, { limits: { fileBytes: 100_000 } })).rejects.toMatchObject({
      code: 'import_too_large',
    });
    await expect(fetch(address, { limits: { treeBytes: 100_000 } })).rejects.toMatchObject({
      code: 'import_too_large',
    });
    await expect(fetch(address, { limits: { files: 2 } })).rejects.toMatchObject({ code: 'import_too_large' });
    await expect(fetch(address, { limits: { packBytes: 100 } })).rejects.toMatchObject({
      message: expect.stringContaining('larger than'),
    });
    git.answer('/silent', () => {});
    await expect(fetch(`${git.url}/silent.git`, { limits: { timeoutMs: 600 } })).rejects.toMatchObject({
      message: expect.stringContaining('too long'),
    });
    await expect(fetch(`${git.url}/nothing.git`)).rejects.toMatchObject({
      message: expect.stringContaining('no repository'),
    });
    git.answer('/closed', (_request, response) => response.writeHead(401, { 'www-authenticate': 'Basic' }).end());
    await expect(fetch(`${git.url}/closed.git`)).rejects.toMatchObject({
      message: expect.stringContaining('everybody may read'),
    });
    expect(existsSync('/tmp/caught')).toBe(false);
    expect(readdirSync(folder).length).toBeGreaterThan(0);
  });
});

describe('making an app of it', () => {
  const tools = new Map([
    ['@sveltejs/kit', '3.2.0'],
    ['svelte', '5.57.3'],
    ['vite', '8.3.8'],
  ]);
  const manifest = (more: object = {}) =>
    JSON.stringify({ name: 'field-notes', devDependencies: { '@sveltejs/kit': '^2.5.0', svelte: '^5.0.0' }, ...more });
  const adapt = (files: Record<string, string>) =>
    adaptRepository(new Map(Object.entries(files).map(([path, text]) => [path, Buffer.from(text)])), [], tools);

  it('moves the settings of SvelteKit 2 to where they are read today, built for Node', () => {
    const { files, notes, title } = adapt({
      'package.json': manifest(),
      'svelte.config.js': `import adapter from '@sveltejs/adapter-vercel';\nexport default { kit: { adapter: adapter({ runtime: 'edge', f: () => ({}) }), alias: { $x: 'src/x' } } };\n`,
      'vite.config.ts': `import { sveltekit } from '@sveltejs/kit/vite';\nexport default { plugins: [sveltekit()] };\n`,
      'tsconfig.json': '{ "extends": "./.svelte-kit/tsconfig.json" }',
      'src/routes/+page.svelte': 'hello',
    });
    expect(title).toBe('Field notes');
    expect(files.has('svelte.config.js')).toBe(false);
    expect(files.get('svelte.options.js')!.toString()).toContain(`kit: { adapter: adapter(), alias`);
    expect(files.get('svelte.options.js')!.toString()).toContain('@sveltejs/adapter-node');
    expect(files.get('vite.config.ts')!.toString()).toContain('sveltekit(kitOptions(svelteOptions))');
    expect(files.get('tsconfig.json')!.toString()).toContain('"$app/tsconfig"');
    expect(notes.join('\n')).toMatch(/SvelteKit 2; here it runs with SvelteKit 3/);
    expect(notes.join('\n')).toContain('built with @sveltejs/adapter-vercel');
  });

  it('leaves out secrets, places of others and what was built, and names what matters', () => {
    const { files, notes } = adapt({
      'package.json': manifest({
        dependencies: { pg: '^8', evil: 'git+ssh://host/x', local: 'file:../x', other: 'npm:y@1.0.0', short: 'a/b' },
      }),
      '.env': 'SECRET=1',
      '.env.local': 'SECRET=1',
      'config/.ENV.production': 'SECRET=1',
      '.npmrc': 'registry=http://127.0.0.1',
      'package-lock.json': '{}',
      'node_modules/x/index.js': '1',
      'build/index.js': '1',
      'spec.json': '{}',
      'changes/x.sql': 'drop table users',
      'src/\u202Etxt.js': '1',
      'static/big.bin': 'version https://git-lfs.github.com/spec/v1\noid sha256:1\n',
      'src/routes/+page.server.ts': 'process.env.DATABASE_URL',
    });
    expect([...files.keys()].sort()).toEqual([
      'package.json',
      'src/routes/+page.server.ts',
      'static/big.bin',
      'vite.config.ts',
    ]);
    const said = notes.join('\n');
    for (const text of [
      '.env, .env.local, config/.ENV.production',
      'evil, local, other, short',
      'database of its own',
      'large files are kept elsewhere',
      'plain ones now',
    ])
      expect(said).toContain(text);
    expect(said).not.toContain('SECRET=1');
  });

  it('wants the versions that the lockfile names, none of the tools, and nothing that is no SvelteKit app', () => {
    const lock = JSON.stringify({
      packages: { 'node_modules/dayjs': { version: '1.11.13' }, 'node_modules/pinned': { version: 'file:../x' } },
    });
    const more = { dependencies: { dayjs: '^1.11.0', tilde: '~2.3.4', star: '*', pinned: 'latest' } };
    const { wanted } = adapt({
      'package.json': manifest({
        ...more,
        devDependencies: { '@sveltejs/kit': '3', eslint: '9', 'prettier-plugin-svelte': '3', mdsvex: '0.12.3' },
      }),
      'package-lock.json': lock,
    });
    expect(wanted).toEqual([
      { name: 'dayjs', version: '1.11.13', dev: false },
      { name: 'tilde', version: '2.3.4', dev: false },
      { name: 'star', version: undefined, dev: false },
      { name: 'pinned', version: undefined, dev: false },
      { name: 'mdsvex', version: '0.12.3', dev: true },
    ]);
    for (const text of ['{}', 'no json', '[]', '{"dependencies":{"react":"19"}}'])
      expect(() => adapt({ 'package.json': text }), text).toThrow(/no SvelteKit app/);
  });
});
