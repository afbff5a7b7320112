/** What the file helper must refuse, and that neither a kill nor planted files make it do half a thing or a wrong one. */
import { execFileSync } from 'node:child_process';
import { existsSync, linkSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import type { Edit } from './protocol.ts';
import { Workbench } from './workbench.ts';

const bench = new Workbench();
afterAll(async () => await bench.end());

describe('the file helper under attack', () => {
  it('names nothing outside the app, by any operation', async () => {
    const helper = await bench.open({ 'a.txt': 'a' });
    writeFileSync(join(bench.dataDir, 'outside.txt'), 'secret');
    for (const path of [
      '../outside.txt',
      '/etc/passwd',
      'src/../../outside.txt',
      'a\\..\\b',
      '.git/config',
      'x\0y',
      '.env',
    ]) {
      const edits: Edit[] = [
        { kind: 'create', path, content: 'x' },
        { kind: 'replace', path, content: 'x' },
        { kind: 'edit', path, find: 's', replace: 'x' },
        { kind: 'delete', path },
        { kind: 'move', from: 'a.txt', to: path },
        { kind: 'move', from: path, to: 'b.txt' },
      ];
      for (const edit of edits)
        expect(await helper.apply({ edits: [edit] })).toMatchObject({
          ok: false,
          code: expect.stringMatching(/^path_/),
        });
      expect(await helper.read({ path })).toMatchObject({ ok: false, code: expect.stringMatching(/^path_/) });
      expect(await helper.list({ path })).toMatchObject({ ok: false, code: expect.stringMatching(/^path_/) });
      expect(await helper.search({ query: 's', path })).toMatchObject({
        ok: false,
        code: expect.stringMatching(/^path_/),
      });
      expect(await helper.writeTree({ write: {}, remove: path === '.env' ? ['..'] : [path] })).toMatchObject({
        ok: false,
      });
    }
    expect(readFileSync(join(bench.dataDir, 'outside.txt'), 'utf8')).toBe('secret');
    expect(bench.snapshot()).toEqual({ 'README.md': 'app\n', 'a.txt': 'a' });
  });

  it('writes neither the changes nor the spec for a model, in any spelling', async () => {
    const helper = await bench.open({ 'changes/1.sql': 'x', 'spec.json': '{}' });
    for (const path of [
      'changes/2.sql',
      'Changes/2.sql',
      'spec.json',
      'Spec.JSON',
      'vibe.json',
      'chang\u0435s/1.sql',
    ]) {
      expect(await helper.apply({ edits: [{ kind: 'create', path, content: '' }] })).toMatchObject({ ok: false });
    }
    for (const edit of [
      { kind: 'delete', path: 'changes/1.sql' },
      { kind: 'move', from: 'changes/1.sql', to: 'x.sql' },
      { kind: 'move', from: 'spec.json', to: 'x.json' },
    ] as Edit[]) {
      expect(await helper.apply({ edits: [edit] })).toMatchObject({ ok: false, code: 'path_reserved' });
    }
    expect(bench.snapshot()).toMatchObject({ 'changes/1.sql': 'x', 'spec.json': '{}' });
  });

  it('follows no link: not to a file, not to a folder, not where it would write', async () => {
    const helper = await bench.open({ 'real/file.txt': 'real' });
    writeFileSync(join(bench.dataDir, 'target.txt'), 'target');
    symlinkSync('/etc/passwd', join(bench.app, 'passwd'));
    symlinkSync('real', join(bench.app, 'linked'));
    symlinkSync('real/file.txt', join(bench.app, 'near.txt'));
    symlinkSync('/w/app/new.txt', join(bench.app, 'dangling.txt'));
    for (const path of ['passwd', 'near.txt', 'dangling.txt']) {
      expect(await helper.read({ path })).toMatchObject({ ok: false, code: 'link' });
      for (const kind of ['create', 'replace'] as const) {
        expect(await helper.apply({ edits: [{ kind, path, content: 'x' }] })).toMatchObject({ ok: false });
      }
      expect(await helper.writeTree({ write: { [path]: 'x' }, remove: [] })).toMatchObject({ ok: false, code: 'link' });
    }
    expect(await helper.read({ path: 'linked/file.txt' })).toMatchObject({ ok: false });
    expect(await helper.list({ path: 'linked' })).toMatchObject({ ok: false, code: 'link' });
    expect(await helper.apply({ edits: [{ kind: 'create', path: 'linked/new.txt', content: 'x' }] })).toMatchObject({
      code: 'link',
    });
    expect(await helper.writeTree({ write: { 'linked/new.txt': 'x' }, remove: [] })).toMatchObject({
      ok: false,
      code: 'link',
    });
    expect(await helper.search({ query: 'root' })).toMatchObject({ value: { matches: [] } });
    expect(await helper.readTree()).toEqual({
      ok: true,
      value: { files: { 'README.md': 'app\n', 'real/file.txt': 'real' } },
    });
    expect(existsSync(join(bench.app, 'new.txt'))).toBe(false);
  });

  it('touches no file that has a second name, and nothing that is no file', async () => {
    const helper = await bench.open({ 'a.txt': 'a' });
    linkSync(join(bench.app, 'a.txt'), join(bench.app, 'b.txt'));
    execFileSync('mkfifo', [join(bench.app, 'fifo')]);
    const server = createServer().listen(join(bench.app, 'sock'));
    mkdirSync(join(bench.app, 'dir.txt'));
    for (const [path, code] of [
      ['a.txt', 'hard_link'],
      ['fifo', 'special_file'],
      ['sock', 'special_file'],
      ['dir.txt', 'is_folder'],
    ]) {
      expect(await helper.read({ path: path! })).toMatchObject({ ok: false, code });
      expect(await helper.apply({ edits: [{ kind: 'replace', path: path!, content: 'x' }] })).toMatchObject({
        ok: false,
        code,
      });
      expect(await helper.apply({ edits: [{ kind: 'delete', path: path! }] })).toMatchObject({ ok: false, code });
    }
    expect(await helper.apply({ edits: [{ kind: 'create', path: 'a.txt/b', content: '' }] })).toMatchObject({
      code: 'not_folder',
    });
    expect(await helper.writeTree({ write: { 'fifo/x': '' }, remove: [] })).toMatchObject({ code: 'special_file' });
    server.close();
  });

  it('lets no name stand beside one that differs in case alone', async () => {
    const helper = await bench.open({ 'src/routes/page.ts': 'export {};', 'src/Card.svelte': '<p></p>' });
    const create = (...paths: string[]) =>
      helper.apply({ edits: paths.map((path) => ({ kind: 'create', path, content: '' })) });
    expect(await create('src/card.svelte')).toMatchObject({ ok: false, code: 'case_collision' });
    expect(await create('src/Routes/x.ts')).toMatchObject({ ok: false, code: 'case_collision' });
    expect(await create('new/a.txt', 'New/b.txt')).toMatchObject({ ok: false, code: 'case_collision' });
    expect(await create('one.txt', 'ONE.txt')).toMatchObject({ ok: false, code: 'case_collision' });
    expect(await helper.writeTree({ write: { 'SRC/x.ts': '' }, remove: [] })).toMatchObject({ code: 'case_collision' });
  });

  it('keeps an app within its size', async () => {
    const helper = await bench.open();
    const create = (path: string, content: string): Edit => ({ kind: 'create', path, content });
    expect(await helper.apply({ edits: [create('big.txt', 'x'.repeat(1024 * 1024 + 1))] })).toMatchObject({
      code: 'file_large',
    });
    expect(await helper.apply({ edits: [create('a.txt', 'a\0b')] })).toMatchObject({ code: 'not_text' });
    expect(await helper.apply({ edits: [create('a.txt', '\ud800')] })).toMatchObject({ code: 'not_text' });
    const many = Array.from({ length: 101 }, (_, n) => create(`f${n}.txt`, ''));
    expect(await helper.apply({ edits: many })).toMatchObject({ code: 'too_many_edits' });
    const files = (count: number, text: string) =>
      Object.fromEntries(Array.from({ length: count }, (_, n) => [`t/f${n}.txt`, text]));
    expect(await helper.writeTree({ write: files(2_000, ''), remove: [] })).toMatchObject({ code: 'tree_large' });
    expect(await helper.writeTree({ write: files(49, 'x'.repeat(1024 * 1024)), remove: [] })).toMatchObject({
      code: 'tree_large',
    });
    expect(
      await helper.apply({ edits: Array.from({ length: 9 }, (_, n) => create(`g${n}.txt`, 'x'.repeat(1e6))) }),
    ).toMatchObject({ code: 'call_large' });
    expect(bench.snapshot()).toEqual({ 'README.md': 'app\n' });
  });

  it('gives up on a search pattern that would take for ever, and goes on', async () => {
    const helper = await bench.open({ 'a.txt': `${'a'.repeat(60)}!\n` });
    const began = Date.now();
    expect(await helper.search({ query: '^(a+)+$', regex: true })).toMatchObject({ ok: false, code: 'search_timeout' });
    expect(Date.now() - began).toBeLessThan(5_000);
    expect(await helper.read({ path: 'a.txt' })).toMatchObject({ ok: true });
  });

  it.each([
    'staged',
    'decided',
    'step:1',
    'step:3',
    'step:5',
  ])('writes all or nothing when it is killed at %s', async (point) => {
    await bench.open({ 'a.ts': 'export const a = 1;\n', 'b.txt': 'b', 'gone/c.txt': 'c', 'd.txt': 'd' });
    const before = bench.snapshot();
    const edits: Edit[] = [
      { kind: 'edit', path: 'a.ts', find: '1', replace: '2' },
      { kind: 'replace', path: 'b.txt', content: 'B' },
      { kind: 'delete', path: 'gone/c.txt' },
      { kind: 'move', from: 'd.txt', to: 'new/deep/d.txt' },
    ];
    const doomed = await bench.reopen({ VIBE_KILL_AT: point });
    await expect(doomed.apply({ edits })).rejects.toMatchObject({ code: 'helper_ended' });
    await bench.reopen();
    const after = { 'README.md': 'app\n', 'a.ts': 'export const a = 2;\n', 'b.txt': 'B', 'new/deep/d.txt': 'd' };
    expect(bench.snapshot()).toEqual(point === 'staged' ? before : after);
    expect(existsSync(join(bench.app, '.svelte-kit/vibe-journal/decided.json'))).toBe(false);
  });

  it('is not led astray by a journal that somebody planted', async () => {
    await bench.open({ 'a.txt': 'a' });
    const place = join(bench.app, '.svelte-kit/vibe-journal');
    mkdirSync(place, { recursive: true });
    const outside = join(bench.dataDir, 'victim.txt');
    writeFileSync(outside, 'safe');
    writeFileSync(
      join(place, 'decided.json'),
      JSON.stringify([
        { path: '../victim.txt', staged: null },
        { path: 'a.txt', staged: '../../a.txt' },
      ]),
    );
    const helper = await bench.reopen();
    expect(readFileSync(outside, 'utf8')).toBe('safe');
    expect(await helper.read({ path: 'a.txt' })).toMatchObject({ value: { text: 'a' } });
  });

  it('cannot be made to read the host: the sandbox around it has the app alone', async () => {
    await bench.open({ 'a.txt': 'a' });
    const script = `const fs=require('fs');const see=p=>fs.existsSync(p);
      console.log(JSON.stringify({w:fs.readdirSync('/w').sort(),root:fs.readdirSync('/').sort(),
      out:[${JSON.stringify(bench.dataDir)},'/etc/shadow','/root','/home','/w/app/../../etc/shadow'].filter(see)}))`;
    // The helper's own mounts, with a script in place of the helper.
    let output = '';
    const driver = {
      ...bench.driver,
      name: 'spy',
      capabilities: bench.driver.capabilities,
      selfTest: () => bench.driver.selfTest(),
      reap: () => bench.driver.reap(),
      start: async (spec: Parameters<typeof bench.driver.start>[0]) => {
        const sandbox = await bench.driver.start({ ...spec, command: ['node', '-e', script] });
        sandbox.stdout.on('data', (text: string) => {
          output += text;
        });
        return sandbox;
      },
    };
    const { FileHelper } = await import('./file-helper.ts');
    const modulesDir = join(import.meta.dirname, '../../../../node_modules');
    const helper = new FileHelper({ driver, id: 'spy', appDir: bench.app, modulesDir });
    await expect(helper.start()).rejects.toMatchObject({ code: 'helper_ended' });
    const seen = JSON.parse(output) as { w: string[]; root: string[]; out: string[] };
    expect(seen.out).toEqual([]);
    expect(seen.w).toEqual(['app', 'files', 'node_modules']);
    expect(seen.root).not.toContain('root');
  });
});
