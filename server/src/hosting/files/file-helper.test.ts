/** What the file helper does for people who mean well. Attacks are in attacks.test.ts. */
import { afterAll, describe, expect, it } from 'vitest';
import { Workbench } from './workbench.ts';

const bench = new Workbench();
afterAll(async () => await bench.end());

const PAGE = `<script lang="ts">\n  let count: number = $state(0);\n</script>\n\n<button onclick={() => count++}>{count}</button>\n`;

describe('the file helper', () => {
  it('lists, to a depth, without what the platform keeps for itself', async () => {
    const helper = await bench.open({
      'src/a.ts': 'a',
      'src/lib/b.ts': 'bb',
      '.env': 'x',
      '.git/config': 'x',
      'node_modules/x': '',
    });
    const all = await helper.list({});
    expect(all).toEqual({
      ok: true,
      value: {
        entries: [
          { path: 'README.md', type: 'file', size: 4 },
          { path: 'src', type: 'folder', size: 0 },
          { path: 'src/a.ts', type: 'file', size: 1 },
          { path: 'src/lib', type: 'folder', size: 0 },
          { path: 'src/lib/b.ts', type: 'file', size: 2 },
        ],
        truncated: false,
      },
    });
    const some = await helper.list({ path: 'src', depth: 1 });
    expect(some).toMatchObject({ value: { entries: [{ path: 'src/a.ts' }, { path: 'src/lib' }] } });
    expect(await helper.list({ path: 'none' })).toMatchObject({ ok: false, code: 'not_found', path: 'none' });
    expect(await helper.list({ path: 'src/a.ts' })).toMatchObject({ ok: false, code: 'not_folder' });
  });

  it('reads lines of a file, capped, and refuses what is no text', async () => {
    const helper = await bench.open({ 'a.txt': 'one\ntwo\nthree\n', 'long.txt': 'x\n'.repeat(5_000) });
    bench.put('image.png', Buffer.from([0x89, 0x50, 0, 1, 2]));
    bench.put('latin.txt', Buffer.from([0x41, 0xe9, 0x42]));
    expect(await helper.read({ path: 'a.txt', fromLine: 2, toLine: 2 })).toEqual({
      ok: true,
      value: { path: 'a.txt', text: 'two', fromLine: 2, toLine: 2, totalLines: 3, size: 14, truncated: false },
    });
    expect(await helper.read({ path: 'long.txt' })).toMatchObject({ value: { toLine: 2_000, truncated: true } });
    expect(await helper.read({ path: 'image.png' })).toMatchObject({ ok: false, code: 'binary' });
    expect(await helper.read({ path: 'latin.txt' })).toMatchObject({ ok: false, code: 'binary' });
    expect(await helper.read({ path: 'a.txt', fromLine: 9 })).toMatchObject({ ok: false, code: 'no_such_line' });
    expect(await helper.read({ path: 'src' })).toMatchObject({ ok: false, code: 'not_found' });
  });

  it('finds text and patterns with the lines around them', async () => {
    const helper = await bench.open({
      'src/a.ts': 'alpha\nBeta (x)\ngamma\n',
      'src/b.ts': 'beta\n',
      'spec.json': '{"beta":1}',
    });
    const found = await helper.search({ query: 'beta', path: 'src', context: 1 });
    expect(found).toMatchObject({
      value: {
        filesSearched: 2,
        matches: [
          { path: 'src/a.ts', line: 2, text: 'Beta (x)', before: ['alpha'], after: ['gamma'] },
          { path: 'src/b.ts', line: 1 },
        ],
      },
    });
    expect(await helper.search({ query: 'Beta (', caseSensitive: true })).toMatchObject({
      value: { matches: [{ line: 2 }] },
    });
    expect(await helper.search({ query: '^b.ta$', regex: true })).toMatchObject({
      value: { matches: [{ path: 'src/b.ts' }] },
    });
    expect(await helper.search({ query: 'a', maxResults: 1 })).toMatchObject({ value: { truncated: true } });
    expect(await helper.search({ query: '(', regex: true })).toMatchObject({ ok: false, code: 'bad_pattern' });
  });

  it('applies edits of every kind in order and tells each file before and after', async () => {
    const helper = await bench.open({
      'src/a.ts': 'export const a = 1;\n',
      'src/old.ts': 'export {};\n',
      'src/b.ts': 'export const b = 1;\n',
    });
    const done = await helper.apply({
      edits: [
        { kind: 'create', path: 'src/routes/+page.svelte', content: PAGE },
        { kind: 'edit', path: 'src/a.ts', find: '1', replace: '2' },
        { kind: 'edit', path: 'src/a.ts', find: 'a = 2', replace: 'a = 3' },
        { kind: 'move', from: 'src/b.ts', to: 'src/lib/c.ts' },
        { kind: 'delete', path: 'src/old.ts' },
        { kind: 'replace', path: 'README.md', content: 'new\n' },
      ],
    });
    expect(done).toEqual({
      ok: true,
      value: {
        files: [
          { path: 'README.md', change: 'M', before: 'app\n', after: 'new\n' },
          { path: 'src/a.ts', change: 'M', before: 'export const a = 1;\n', after: 'export const a = 3;\n' },
          {
            path: 'src/lib/c.ts',
            change: 'R',
            from: 'src/b.ts',
            before: 'export const b = 1;\n',
            after: 'export const b = 1;\n',
          },
          { path: 'src/old.ts', change: 'D', before: 'export {};\n', after: null },
          { path: 'src/routes/+page.svelte', change: 'A', before: null, after: PAGE },
        ],
      },
    });
    expect(bench.snapshot()).toEqual({
      'README.md': 'new\n',
      'src/a.ts': 'export const a = 3;\n',
      'src/lib/c.ts': 'export const b = 1;\n',
      'src/routes/+page.svelte': PAGE,
    });
  });

  it('renames a file in case alone, and swaps within one call', async () => {
    const helper = await bench.open({ 'src/card.svelte': '<p>card</p>\n', 'x.txt': 'x', 'y.txt': 'y' });
    const edits = [
      { kind: 'move', from: 'src/card.svelte', to: 'src/Card.svelte' },
      { kind: 'move', from: 'x.txt', to: 'z.txt' },
      { kind: 'move', from: 'y.txt', to: 'x.txt' },
      { kind: 'move', from: 'z.txt', to: 'y.txt' },
    ] as const;
    expect(await helper.apply({ edits: [...edits] })).toMatchObject({ ok: true });
    expect(bench.snapshot()).toEqual({
      'README.md': 'app\n',
      'src/Card.svelte': '<p>card</p>\n',
      'x.txt': 'y',
      'y.txt': 'x',
    });
  });

  it('says how an edit that does not fit would fit', async () => {
    const helper = await bench.open({ 'a.txt': 'one\n  two\none\n', 'crlf.txt': 'a\r\nb\r\n' });
    const edit = (path: string, find: string, more = {}) =>
      helper.apply({ edits: [{ kind: 'edit', path, find, replace: 'X', ...more }] });
    expect(await edit('a.txt', 'one')).toMatchObject({ ok: false, code: 'find_ambiguous', line: 1 });
    expect(await edit('a.txt', 'three')).toMatchObject({ ok: false, code: 'find_missing' });
    expect(await edit('a.txt', 'two\n one')).toMatchObject({ ok: false, code: 'find_missing', line: 2 });
    expect(await edit('crlf.txt', 'a\nb')).toMatchObject({ message: expect.stringContaining('CR LF') });
    expect(await edit('a.txt', 'one', { all: true })).toMatchObject({ value: { files: [{ after: 'X\n  two\nX\n' }] } });
    expect(await edit('none.txt', 'x')).toMatchObject({ ok: false, code: 'not_found', path: 'none.txt' });
    expect(await helper.apply({ edits: [{ kind: 'create', path: 'a.txt', content: '' }] })).toMatchObject({
      code: 'exists',
    });
    expect(await helper.apply({ edits: [{ kind: 'replace', path: 'n.txt', content: '' }] })).toMatchObject({
      code: 'not_found',
    });
    expect(await helper.apply({ edits: [{ kind: 'move', from: 'a.txt', to: 'crlf.txt' }] })).toMatchObject({
      code: 'exists',
    });
  });

  it.each([
    ['src/P.svelte', '<p>{#if x}</p>\n', 1],
    ['src/P.svelte', '<script lang="ts">\n  let x: = 1;\n</script>\n', 2],
    ['src/P.svelte', '<p>a</p>\n<style>\n  p { color }\n</style>\n', 3],
    ['src/a.ts', 'const a: number = 1;\nfunction (\n', 2],
    ['src/a.svelte.ts', 'export const a = $state(1;\n', 1],
    ['src/a.svelte.js', 'export let a = $state(1);\na = ;\n', 2],
    ['src/a.mjs', 'export default {\n  a: 1\n  b: 2 };\n', 3],
    ['src/a.cts', 'const = 1', 1],
    ['data.json', '{\n  "a": 1,\n}\n', 3],
    ['src/app.css', 'a {\n  color: red;\n', 1],
    ['src/app.html', '<html>%sveltekit.head%</html>', undefined],
  ])('refuses %s that does not parse, with its place, and changes nothing', async (path, content, line) => {
    const helper = await bench.open({ 'keep.txt': 'kept' });
    const before = bench.snapshot();
    const answer = await helper.apply({
      edits: [
        { kind: 'create', path: 'first.ts', content: 'export const fine = 1;\n' },
        { kind: 'edit', path: 'keep.txt', find: 'kept', replace: 'lost' },
        { kind: 'create', path, content },
      ],
    });
    expect(answer).toMatchObject({ ok: false, code: 'syntax', path, ...(line ? { line } : {}) });
    expect((answer as { message: string }).message.length).toBeGreaterThan(5);
    expect(bench.snapshot()).toEqual(before);
  });

  it('accepts every kind of code that parses', async () => {
    const helper = await bench.open();
    const files = {
      'src/P.svelte': PAGE,
      'src/a.ts': 'export enum A { X }\nexport const f = <T,>(x: T): T => x satisfies T;\n',
      'src/b.svelte.ts': 'export const b = $state<{ n: number }>({ n: 1 });\n',
      'src/c.js': 'export const c = () => import.meta.env;\n',
      'src/app.css': '@import "tailwindcss";\n@theme { --color-x: red; }\n.a { @apply p-4; }\n',
      'tsconfig.x.json': '{ "a": 1 }',
      'src/app.html': '<html><head>%sveltekit.head%</head><body>%sveltekit.body%</body></html>',
      'notes.md': 'anything { goes',
    };
    const edits = Object.entries(files).map(([path, content]) => ({ kind: 'create' as const, path, content }));
    expect(await helper.apply({ edits })).toMatchObject({ ok: true });
  });

  it('writes and reads whole trees for the platform, changes and the spec included', async () => {
    const helper = await bench.open({ 'old/deep/file.txt': 'x' });
    const write = {
      'spec.json': '{}',
      'changes/0001.sql': 'create table t();',
      'static/i.png': { base64: 'iVAAAQ==' },
      'broken.ts': 'const =',
    };
    expect(await helper.writeTree({ write, remove: ['old/deep/file.txt', 'not-there.txt'] })).toMatchObject({
      ok: true,
    });
    expect(await helper.readTree()).toEqual({ ok: true, value: { files: { 'README.md': 'app\n', ...write } } });
    expect(await helper.list({})).not.toMatchObject({ value: { entries: expect.arrayContaining([{ path: 'old' }]) } });
    expect(await helper.writeTree({ write: { 'x.txt': 'x', '../y': 'y' }, remove: [] })).toMatchObject({
      code: 'path_outside',
    });
    expect(bench.get('x.txt')).toBeUndefined();
  });

  it('answers many calls at once, each its own', async () => {
    const helper = await bench.open(
      Object.fromEntries(Array.from({ length: 40 }, (_, n) => [`f${n}.txt`, `text ${n}`])),
    );
    const answers = await Promise.all(Array.from({ length: 40 }, (_, n) => helper.read({ path: `f${n}.txt` })));
    expect(answers.map((answer) => answer.ok && answer.value.text)).toEqual(
      Array.from({ length: 40 }, (_, n) => `text ${n}`),
    );
  });

  it('starts again by itself after it died, and not after it was closed', async () => {
    const helper = await bench.open({ 'a.txt': 'a' });
    // shorter than the helper itself looks for, and long enough for a read on a busy machine
    const slow = await bench.reopen({}, 1500);
    bench.put('a.txt', `${'a'.repeat(60)}!`);
    const slowly = slow.search({ query: '^(a+)+$', regex: true });
    await expect(slowly).rejects.toMatchObject({ code: 'helper_timeout' });
    expect(await slow.read({ path: 'a.txt' })).toMatchObject({ ok: true });
    await expect(helper.read({ path: 'a.txt' })).rejects.toMatchObject({ code: 'helper_closed' });
  });
});
