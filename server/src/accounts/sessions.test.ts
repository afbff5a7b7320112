/** Refresh tokens: rotated at each use, two tabs both live, a stolen one ends the family. On a real database. */
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { type Db, one, run, sql } from '../db/database.ts';
import { listen } from '../db/listen.ts';
import { startTestCluster, type TestCluster } from '../db/test-database.ts';
import { AccessSet } from './access-set.ts';
import { AccessTokens } from './access-tokens.ts';
import { newRules, person, startedPlatform } from './fixtures.ts';
import { register } from './registration.ts';
import { type IssuedSession, revokeByToken, revokeSession, rotateSession, startSession } from './sessions.ts';

let test: TestCluster;
let db: Db;
let url: string;
let userId: string;
let first: IssuedSession;
beforeAll(async () => {
  test = await startTestCluster();
});
beforeEach(async () => {
  ({ db, url } = await startedPlatform(test));
  userId = (await register(db, newRules(), person('Marta'))).id;
  first = await startSession(db, userId, 'test');
});
afterAll(() => test?.stop());

const lives = async (sessionId: string) => (await new AccessSet(db).of(sessionId)) !== undefined;
const rotated = (ago: string) => run(db, sql`update sessions set rotated_at = now() - ${ago}::interval`);

it('gives a new token at each use, of the same session', async () => {
  const second = await rotateSession(db, first.refreshToken!);
  const third = await rotateSession(db, second.refreshToken!);
  expect(new Set([first, second, third].map((one) => one.refreshToken)).size).toBe(3);
  expect(third.sessionId).toBe(first.sessionId);
});

it('keeps no token, only hashes', async () => {
  const row = await one(db, sql<{ text: string }>`select s::text as text from sessions s`);
  expect(row.text).not.toContain(first.refreshToken);
});

it('lets two tabs live that refresh together', async () => {
  const [a, b] = await Promise.all([rotateSession(db, first.refreshToken!), rotateSession(db, first.refreshToken!)]);
  // one of them gets the new cookie, the other lives on it
  expect([a, b].filter((one) => one.refreshToken)).toHaveLength(1);
  expect(a.sessionId).toBe(b.sessionId);
  expect(await lives(first.sessionId)).toBe(true);
});

it('takes the immediate predecessor for ten seconds and no longer', async () => {
  await rotateSession(db, first.refreshToken!);
  await rotated('9 seconds');
  expect(await rotateSession(db, first.refreshToken!)).toMatchObject({ sessionId: first.sessionId });
  await rotated('11 seconds');
  await expect(rotateSession(db, first.refreshToken!)).rejects.toMatchObject({ code: 'session_stolen' });
  expect(await lives(first.sessionId)).toBe(false);
});

it('ends the family when an older token comes back, even at once', async () => {
  const second = await rotateSession(db, first.refreshToken!);
  const third = await rotateSession(db, second.refreshToken!);
  await expect(rotateSession(db, first.refreshToken!)).rejects.toMatchObject({ code: 'session_stolen' });
  await expect(rotateSession(db, third.refreshToken!)).rejects.toMatchObject({ code: 'signed_out' });
  expect(await lives(first.sessionId)).toBe(false);
});

it('ends one family and leaves the same person’s other sign-ins alone', async () => {
  const other = await startSession(db, userId, 'phone');
  await revokeSession(db, first.sessionId);
  await expect(rotateSession(db, first.refreshToken!)).rejects.toMatchObject({ code: 'signed_out' });
  expect(await rotateSession(db, other.refreshToken!)).toMatchObject({ sessionId: other.sessionId });
});

it('knows no token that it did not make, and none that is too old', async () => {
  await expect(rotateSession(db, 'made-up')).rejects.toMatchObject({ code: 'signed_out' });
  await run(db, sql`update sessions set expires_at = now() - interval '1 second'`);
  await expect(rotateSession(db, first.refreshToken!)).rejects.toMatchObject({ code: 'signed_out' });
  expect(await lives(first.sessionId)).toBe(false);
});

it('signs out by the newest token and by its predecessor', async () => {
  const second = await rotateSession(db, first.refreshToken!);
  expect(await revokeByToken(db, first.refreshToken!)).toBe(first.sessionId);
  await expect(rotateSession(db, second.refreshToken!)).rejects.toMatchObject({ code: 'signed_out' });
  expect(await revokeByToken(db, 'made-up')).toBeUndefined();
});

it('makes access tokens that only this installation reads', async () => {
  const { keyring } = newRules();
  const token = await new AccessTokens(keyring).issue(first);
  expect(await new AccessTokens(keyring).read(token)).toEqual({ sessionId: first.sessionId, userId });
  const [header, body, signature] = token.split('.') as [string, string, string];
  const forged = Buffer.from(JSON.stringify({ sid: first.sessionId, sub: userId, iss: 'vibe' })).toString('base64url');
  const none = Buffer.from(JSON.stringify({ alg: 'none' })).toString('base64url');
  for (const bad of [`${header}.${forged}.${signature}`, `${none}.${body}.`, `${header}.${body}.`, 'nonsense', ''])
    await expect(new AccessTokens(keyring).read(bad)).rejects.toMatchObject({ code: 'signed_out' });
  await expect(new AccessTokens(newRules().keyring).read(token)).rejects.toMatchObject({ code: 'signed_out' });
});

it('tells whoever caches access at once: a session that ends, a member that is taken away', async () => {
  const set = new AccessSet(db);
  const listener = await listen(url, { vibe_access: (payload) => set.heard(payload) });
  try {
    expect((await set.of(first.sessionId))?.containers).toHaveLength(1);
    const changed = () => new Promise<void>((resolve) => set.events.once('changed', () => resolve()));
    let heard = changed();
    await run(db, sql`delete from members where user_id = ${userId}`);
    await heard;
    expect((await set.of(first.sessionId))?.containers).toEqual([]);
    heard = changed();
    await revokeSession(db, first.sessionId);
    await heard;
    expect(await set.of(first.sessionId)).toBeUndefined();
  } finally {
    await listener.close();
  }
});

it('hears nobody’s word for a session: an id that is none answers nothing', async () => {
  const set = new AccessSet(db);
  for (const id of ['', 'x', `${first.sessionId}'--`, '00000000-0000-7000-8000-000000000000'])
    expect(await set.of(id)).toBeUndefined();
});
