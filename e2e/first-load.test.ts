/** What the first screen costs: every script that a page asks for before anybody has done anything, as it goes over the wire. */
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { expect, it } from 'vitest';

const DIST = fileURLToPath(new URL('../web/dist/', import.meta.url));
const MOST = 200 * 1024;

/** Bytes of these scripts and of all that they import at once. */
async function cost(scripts: Iterable<string>): Promise<number> {
  const seen = new Set(scripts);
  let bytes = 0;
  for (const name of seen) {
    const text = await readFile(join(DIST, 'assets', name), 'utf8');
    bytes += gzipSync(text).length;
    for (const [, other] of text.matchAll(/(?:from|^import|;import)\s*["'`]\.\/([^"'`]+\.js)["'`]/g)) seen.add(other!);
  }
  return bytes;
}

const ofThePage = async () =>
  [...(await readFile(join(DIST, 'index.html'), 'utf8')).matchAll(/(?:src|href)="\/assets\/([^"]+\.js)"/g)].map(
    ([, name]) => name!,
  );

it('is less than 200 KB of compressed script for the page', async () => {
  const scripts = await ofThePage();
  expect(scripts.length).toBeGreaterThan(0);
  expect(await cost(scripts)).toBeLessThan(MOST);
});

it('is less than 200 KB for a chat, before its preview and its spec', async () => {
  const chat = (await readdir(join(DIST, 'assets'))).filter((name) => /^chat-.*\.js$/.test(name));
  expect(chat).toHaveLength(1);
  const whole = await cost([...(await ofThePage()), ...chat]);
  expect(whole).toBeGreaterThan(await cost(await ofThePage()));
  expect(whole).toBeLessThan(MOST);
});
