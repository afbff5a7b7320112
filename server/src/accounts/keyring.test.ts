/** What is encrypted opens with its own key, in its own place, unchanged, and in no other way. */
import { randomBytes } from 'node:crypto';
import { mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { decrypt, encrypt, openKeyring } from './keyring.ts';

const key = randomBytes(32);
const plain = Buffer.from('what Marta said');
let folder: string;
beforeEach(async () => {
  folder = join(await mkdtemp(join(tmpdir(), 'vibe-keys-')), 'keys');
});
afterEach(() => rm(join(folder, '..'), { recursive: true, force: true }));

it('opens what it sealed, and seals the same text differently each time', () => {
  const [one, two] = [encrypt(key, plain, 'event a 1'), encrypt(key, plain, 'event a 1')];
  expect(decrypt(key, one, 'event a 1')).toEqual(plain);
  expect(one.equals(two)).toBe(false);
  expect(one.includes(plain)).toBe(false);
});

it('does not open in another place, so a row cannot be copied elsewhere', () => {
  const sealed = encrypt(key, plain, 'event a 1');
  for (const place of ['event a 2', 'event b 1', ''])
    expect(() => decrypt(key, sealed, place)).toThrow(expect.objectContaining({ code: 'key_mismatch' }));
});

it('does not open with another key', () => {
  expect(() => decrypt(randomBytes(32), encrypt(key, plain, 'x'), 'x')).toThrow(
    expect.objectContaining({ code: 'key_mismatch' }),
  );
});

it('does not open when any byte has changed or the end is missing', () => {
  const sealed = encrypt(key, plain, 'x');
  for (let at = 0; at < sealed.length; at++) {
    const changed = Buffer.from(sealed);
    changed[at]! ^= 1;
    expect(() => decrypt(key, changed, 'x'), `byte ${at}`).toThrow(expect.objectContaining({ code: 'key_mismatch' }));
    expect(() => decrypt(key, sealed.subarray(0, at), 'x'), `length ${at}`).toThrow();
  }
});

it('makes keys once, for its owner alone, and the same for all who start together', async () => {
  const rings = await Promise.all(Array.from({ length: 4 }, () => openKeyring(folder)));
  const derived = new Set(rings.map((ring) => ring.derive('access-token').toString('hex')));
  expect(derived.size).toBe(1);
  expect(new Set(rings.map((ring) => ring.identityPublicKey())).size).toBe(1);
  expect((await openKeyring(folder)).derive('access-token').equals(rings[0]!.derive('access-token'))).toBe(true);
  expect(rings[0]!.derive('a').equals(rings[0]!.derive('b'))).toBe(false);
  const names = (await readdir(folder)).sort();
  expect(names).toEqual(['identity.pem', 'master.key']);
  for (const name of names) expect((await stat(join(folder, name))).mode & 0o077).toBe(0);
  expect((await stat(folder)).mode & 0o077).toBe(0);
});

it('wraps data keys so that another installation cannot open them', async () => {
  const [mine, other] = [await openKeyring(folder), await openKeyring(join(folder, '..', 'other'))];
  const wrapped = mine.newDataKey();
  expect(mine.openDataKey(wrapped)).toHaveLength(32);
  expect(() => other.openDataKey(wrapped)).toThrow(expect.objectContaining({ code: 'key_mismatch' }));
});

it('refuses a key file that was cut short', async () => {
  await openKeyring(folder);
  await writeFile(join(folder, 'master.key'), randomBytes(16));
  await expect(openKeyring(folder)).rejects.toMatchObject({ code: 'key_broken' });
});
