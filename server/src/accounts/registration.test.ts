/** Who becomes the owner, who may come after, and how slowly one guesses: on a real database. */
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type Db, many, one, run, sql } from '../db/database.ts';
import { startTestCluster, type TestCluster } from '../db/test-database.ts';
import { AccessSet } from './access-set.ts';
import { newRules, PASSWORD, person, startedPlatform } from './fixtures.ts';
import { hashPassword, PASSWORD_COST, verifyPassword } from './passwords.ts';
import { register, signIn } from './registration.ts';
import { startSession } from './sessions.ts';

let test: TestCluster;
let db: Db;
beforeAll(async () => {
  test = await startTestCluster();
});
beforeEach(async () => {
  ({ db } = await startedPlatform(test));
});
afterAll(() => test?.stop());

const owner = () => one(db, sql<{ id: string | null }>`select owner_user_id as id from installation`);
const openRegistration = () => run(db, sql`update installation set registration_open = true`);
const accessOf = async (userId: string) => {
  const { sessionId } = await startSession(db, userId, 'test');
  return (await new AccessSet(db).of(sessionId))!;
};

describe('the first account', () => {
  it('owns the installation and gets a container with its job, all at once', async () => {
    const user = await register(db, newRules(), person('Marta'));
    expect((await owner()).id).toBe(user.id);
    const access = await accessOf(user.id);
    expect(access.owner).toBe(true);
    expect(access.containers).toMatchObject([{ slug: 'marta', role: 'owner', state: 'preparing' }]);
    const jobs = await many(
      db,
      sql<{ payload: unknown }>`select j.payload from graphile_worker._private_jobs j
        join graphile_worker._private_tasks t on t.id = j.task_id where t.identifier = 'container.provision'`,
    );
    expect(jobs).toEqual([{ payload: { containerId: access.containers[0]!.id } }]);
  });

  it('is one alone when several people race for it', async () => {
    const names = ['Ada', 'Ben', 'Cleo', 'Dora'];
    const outcomes = await Promise.allSettled(names.map((name) => register(db, newRules(), person(name))));
    expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    for (const outcome of outcomes)
      if (outcome.status === 'rejected') expect(outcome.reason).toMatchObject({ code: 'registration_closed' });
    expect(await many(db, sql`select id from users`)).toHaveLength(1);
    expect(await many(db, sql`select id from containers`)).toHaveLength(1);
  });

  it('leaves nothing behind when its container cannot be made', async () => {
    await sql`alter table containers add constraint broken check (slug <> 'marta') not valid`.execute(db);
    await expect(register(db, newRules(), person('Marta'))).rejects.toThrow();
    expect(await many(db, sql`select id from users`)).toHaveLength(0);
    expect((await owner()).id).toBeNull();
  });

  it('needs the code that the server printed when the server is not on loopback', async () => {
    const rules = newRules('ABCDE23456');
    await expect(register(db, rules, person('Eve'))).rejects.toMatchObject({ code: 'code_wrong' });
    await expect(register(db, rules, person('Eve', { code: 'ABCDE23457' }))).rejects.toMatchObject({
      code: 'code_wrong',
    });
    expect((await owner()).id).toBeNull();
    await register(db, rules, person('Marta', { code: ' abcde23456 ' }));
    expect((await owner()).id).not.toBeNull();
  });

  it('cannot be had by guessing the code quickly, not even with the right one and from many addresses', async () => {
    const rules = newRules('ABCDE23456');
    const guess = (i: number, code: string) => register(db, rules, person('Eve', { code, address: `203.0.113.${i}` }));
    const outcomes = await Promise.allSettled(Array.from({ length: 12 }, (_, i) => guess(i, `WRONG${i}`)));
    const codes = outcomes.map((outcome) => (outcome.status === 'rejected' ? outcome.reason.code : 'in'));
    expect(codes.filter((code) => code === 'code_wrong')).toHaveLength(5);
    expect(codes.filter((code) => code === 'too_many_tries')).toHaveLength(7);
    await expect(guess(99, 'ABCDE23456')).rejects.toMatchObject({ code: 'too_many_tries' });
  });
});

describe('later accounts', () => {
  it('are refused while registration is closed', async () => {
    await register(db, newRules(), person('Marta'));
    await expect(register(db, newRules(), person('Eve'))).rejects.toMatchObject({
      code: 'registration_closed',
      kind: 'forbidden',
    });
  });

  it('see nothing until somebody invites them', async () => {
    await register(db, newRules(), person('Marta'));
    await openRegistration();
    const user = await register(db, newRules(), person('Olu'));
    const access = await accessOf(user.id);
    expect(access.containers).toEqual([]);
    expect(access.owner).toBe(false);
  });

  it('cannot take an address that is taken, in whatever case it is written', async () => {
    await register(db, newRules(), person('Marta'));
    await openRegistration();
    const again = { ...person('Marta'), email: 'MARTA@Example.com' };
    await expect(register(db, newRules(), again)).rejects.toMatchObject({ code: 'email_taken' });
  });
});

describe('signing in', () => {
  const enter = (email: string, password = PASSWORD, address = '203.0.113.1') =>
    signIn(db, { email, password, address }, 4);
  beforeEach(async () => {
    await register(db, newRules(), person('Marta'));
  });

  it('takes the address in any case and the right password alone', async () => {
    expect(await enter('Marta@EXAMPLE.com')).toMatchObject({ name: 'Marta' });
    await expect(enter('marta@example.com', `${PASSWORD}!`)).rejects.toMatchObject({ code: 'wrong_password' });
  });

  it('reads all of a long password, not the first 72 bytes', async () => {
    const long = 'x'.repeat(150);
    const stored = await hashPassword(`${long}a`, 4);
    expect(await verifyPassword(`${long}a`, stored)).toBe(true);
    expect(await verifyPassword(`${long}b`, stored)).toBe(false);
    expect(PASSWORD_COST).toBeGreaterThanOrEqual(12);
  });

  it('answers the same for an unknown address and takes as long', async () => {
    const wrong = await enter('marta@example.com', 'wrong').catch((error) => error);
    const unknown = await enter('nobody@example.com', 'wrong').catch((error) => error);
    expect({ ...unknown, stack: '' }).toEqual({ ...wrong, stack: '' });
    expect(unknown.message).toBe(wrong.message);
    // at a cost where hashing is what takes the time; the shortest of a few, one after the other, because other tests run beside this one
    const stored = await hashPassword(PASSWORD, 11);
    const timed = async (hash: string | undefined) => {
      const began = performance.now();
      await verifyPassword('wrong', hash, 11);
      return performance.now() - began;
    };
    let [known, stranger] = [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY];
    for (let i = 0; i < 6; i++) {
      known = Math.min(known, await timed(stored));
      stranger = Math.min(stranger, await timed(undefined));
    }
    expect(stranger).toBeGreaterThan(known / 3);
    expect(stranger).toBeLessThan(known * 3);
  });

  it('slows down per account after five failures, from whatever address they come', async () => {
    for (let i = 0; i < 5; i++)
      await expect(enter('marta@example.com', 'wrong', `203.0.113.${i}`)).rejects.toMatchObject({
        code: 'wrong_password',
      });
    await expect(enter('marta@example.com', PASSWORD, '198.51.100.7')).rejects.toMatchObject({
      code: 'too_many_tries',
      kind: 'limit',
      detail: expect.stringMatching(/^Wait \d+ s\.$/),
    });
  });

  it('lets no more guesses through when they are made all at once', async () => {
    const guesses = Array.from({ length: 20 }, (_, i) => enter('marta@example.com', `wrong${i}`, `203.0.113.${i}`));
    const outcomes = await Promise.allSettled(guesses);
    const tried = outcomes.filter((one) => one.status === 'rejected' && one.reason.code === 'wrong_password');
    expect(tried).toHaveLength(5);
  });

  it('waits twice as long after each further failure, and forgets after half an hour', async () => {
    const key = sql`key like 'account:%'`;
    const failed = (failures: number, ago: string) =>
      run(db, sql`update sign_in_failures set failures = ${failures}, last_at = now() - ${ago}::interval where ${key}`);
    await expect(enter('marta@example.com', 'wrong')).rejects.toMatchObject({ code: 'wrong_password' });
    await failed(9, '1 second');
    await expect(enter('marta@example.com')).rejects.toMatchObject({ detail: 'Wait 15 s.' });
    await failed(9, '17 seconds');
    await expect(enter('marta@example.com', 'wrong')).rejects.toMatchObject({ code: 'wrong_password' });
    await expect(enter('marta@example.com')).rejects.toMatchObject({ detail: 'Wait 32 s.' });
    await failed(20, '31 minutes');
    expect(await enter('marta@example.com')).toMatchObject({ name: 'Marta' });
  });

  it('slows down per address over many accounts, and a success clears only the account', async () => {
    for (let i = 0; i < 29; i++)
      await expect(enter(`${randomUUID()}@example.com`, 'wrong')).rejects.toMatchObject({ code: 'wrong_password' });
    expect(await enter('marta@example.com')).toMatchObject({ name: 'Marta' });
    await expect(enter('other@example.com', 'wrong')).rejects.toMatchObject({ code: 'wrong_password' });
    await expect(enter('third@example.com', 'wrong')).rejects.toMatchObject({ code: 'too_many_tries' });
    expect(await enter('marta@example.com', PASSWORD, '198.51.100.7')).toMatchObject({ name: 'Marta' });
  });
});
