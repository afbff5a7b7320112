/** Files of messages: what they are by their content, who may read them, what they leave behind. With a real database. */
import { randomBytes, randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Access } from '../accounts/access-set.ts';
import { DataKeys } from '../accounts/data-keys.ts';
import { newRules, person, startedPlatform } from '../accounts/fixtures.ts';
import { register } from '../accounts/registration.ts';
import { type Db, one, run, sql, transaction } from '../db/database.ts';
import { startTestCluster, type TestCluster } from '../db/test-database.ts';
import { EventLog } from '../events/log.ts';
import { recognise, textOf } from './attachment-kinds.ts';
import { Attachments } from './attachments.ts';
import { removeChat } from './deletion.ts';
import { postMessage } from './messages.ts';

const PNG = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
  'base64',
);

describe('what a file is', () => {
  it('is decided by its content, whatever it is called', () => {
    expect(recognise(PNG)).toEqual({ kind: 'image', mediaType: 'image/png', width: 1, height: 1 });
    const gif = Buffer.from('GIF89a\x05\x00\x07\x00', 'latin1');
    expect(recognise(gif)).toMatchObject({ mediaType: 'image/gif', width: 5, height: 7 });
    const jpeg = Buffer.from('ffd8ffe000104a46494600010100000100010000ffc0001108000300040301220000', 'hex');
    expect(recognise(jpeg)).toMatchObject({ mediaType: 'image/jpeg', width: 4, height: 3 });
    expect(recognise(Buffer.from('title,author\nEmma,Austen\n'))).toEqual({ kind: 'text', mediaType: 'text/plain' });
    expect(recognise(Buffer.from('PK\x03\x04\x00\x00', 'latin1')).kind).toBe('file');
    expect(recognise(Buffer.from('%PDF-1.7\n\x00\x01', 'latin1')).kind).toBe('file');
  });
  it('is never a picture that can run scripts, or a page', () => {
    const svg = '<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>';
    for (const text of [svg, '<!doctype html><script>1</script>'])
      expect(recognise(Buffer.from(text))).toEqual({ kind: 'text', mediaType: 'text/plain' });
    // a page that begins like a picture is a file that no browser gets to guess about
    expect(recognise(Buffer.from('\x89PNG<script>alert(1)</script>', 'latin1')).mediaType).not.toContain('image');
  });
  it('is read as text in the encodings that spreadsheets write', () => {
    expect(textOf(Buffer.from('\ufeffname;Größe', 'utf16le'))).toBe('name;Größe');
    expect(textOf(Buffer.from('name;Gr\xf6\xdfe und mehr Worte', 'latin1'))).toBe('name;Größe und mehr Worte');
    expect(textOf(randomBytes(500))).toBeUndefined();
  });
  it('is refused when it is too much, in words that say how much is not', () => {
    expect(() => recognise(Buffer.alloc(0))).toThrow('empty');
    expect(() => recognise(Buffer.from('x'.repeat(1024 * 1024 + 1)))).toThrow('at most 1 MB');
    const huge = Buffer.from(PNG);
    huge.writeUInt32BE(20_000, 16);
    expect(() => recognise(huge)).toThrow('8000 pixels');
  });
});

describe('files of messages', () => {
  let test: TestCluster;
  let db: Db;
  let log: EventLog;
  let attachments: Attachments;
  let marta: Access;
  let stranger: Access;
  let colleague: Access;
  beforeAll(async () => {
    test = await startTestCluster();
    ({ db } = await startedPlatform(test));
    const rules = newRules();
    const { id: userId } = await register(db, rules, person('Marta'));
    const container = await one(
      db,
      sql<{ id: string; organisation_id: string }>`select id, organisation_id from containers limit 1`,
    );
    await run(db, sql`update containers set state = 'ready'`);
    const keys = new DataKeys(db, rules.keyring);
    log = new EventLog(db, keys);
    attachments = new Attachments(db, keys);
    const of = (id: string, containers: Access['containers']): Access => ({
      sessionId: randomUUID(),
      user: { id, name: 'Marta', email: 'm@example.com' },
      owner: false,
      containers,
    });
    const own = { id: container.id, organisationId: container.organisation_id } as Access['containers'][number];
    marta = of(userId, [own]);
    colleague = of(randomUUID(), [own]);
    stranger = of(randomUUID(), []);
  });
  afterAll(() => test.stop());
  const upload = (access = marta, name = 'a.png', bytes: Buffer = PNG) => attachments.upload(access, { name, bytes });
  const post = (ids: string[], more: Record<string, unknown> = {}) =>
    postMessage({ db, log, attachments }, marta, { message: 'Look', attachments: ids, ...more });

  it('lie encrypted, name and content', async () => {
    const secret = Buffer.from('a very particular sentence');
    const { id } = await upload(marta, 'salaries.txt', secret);
    const row = await one(
      db,
      sql<{ name: Buffer; content: Buffer }>`select name, content from attachments where id = ${id}`,
    );
    expect(Buffer.concat([row.name, row.content]).includes('salaries')).toBe(false);
    expect(row.content.includes('particular')).toBe(false);
    expect((await attachments.read(marta, id)).bytes).toEqual(secret);
  });
  it('belong to whoever uploaded them until they are sent, then to the chat', async () => {
    const { id } = await upload();
    const missing = { code: 'attachment_not_found' };
    await expect(attachments.read(colleague, id)).rejects.toMatchObject(missing);
    await expect(attachments.remove(colleague, id)).rejects.toMatchObject(missing);
    const claim = (userId: string, chatId: string) =>
      transaction(db, (tx) => attachments.claim(tx, userId, chatId, [id]));
    const { chatId, turnId } = await post([id]);
    const [asked] = await log.ofTurn(chatId, turnId);
    expect(asked!.payload).toMatchObject({ attachments: [{ id, name: 'a.png', kind: 'image', width: 1 }] });
    expect((await attachments.read(colleague, id)).bytes).toEqual(PNG);
    await expect(attachments.read(stranger, id)).rejects.toMatchObject(missing);
    await expect(attachments.remove(marta, id)).rejects.toMatchObject(missing);
    // a chat does not take the files of another one, nor a person those of another
    const other = await post([]);
    await expect(claim(marta.user.id, other.chatId)).rejects.toMatchObject({ code: 'attachment_gone' });
    await expect(claim(colleague.user.id, chatId)).rejects.toMatchObject({ code: 'attachment_gone' });
  });
  it('are all there or the message is not sent', async () => {
    const { id } = await upload();
    const before = await one(db, sql<{ n: number }>`select count(*)::int as n from turns`);
    await expect(post([id, randomUUID()])).rejects.toMatchObject({ code: 'attachment_gone' });
    expect(await one(db, sql<{ n: number }>`select count(*)::int as n from turns`)).toEqual(before);
    expect((await post([id])).seq).toBe(1);
  });
  it('come along when their message is written anew', async () => {
    const { id } = await upload();
    const first = await post([id]);
    await run(db, sql`update turns set state = 'ended', outcome = 'completed' where id = ${first.turnId}`);
    const again = await post([], { chatId: first.chatId, replaces: first.turnId, message: 'Look again' });
    const asked = (await log.ofTurn(first.chatId, again.turnId))[0]!;
    expect(asked.payload).toMatchObject({ text: 'Look again', attachments: [{ id }] });
  });
  it('have names of one line without folders', async () => {
    expect((await upload(marta, '../../etc/pass\nwd".png')).name).toBe('passwd.png');
    expect((await upload(marta, 'C:\\Users\\x\\\u202egnp.exe')).name).toBe('gnp.exe');
  });
  it('go after a day when they are never sent, and with their chat', async () => {
    const { id } = await upload();
    await run(db, sql`update attachments set created_at = now() - interval '25 hours' where id = ${id}`);
    const kept = await upload();
    await expect(attachments.read(marta, id)).rejects.toMatchObject({ code: 'attachment_not_found' });
    const { chatId } = await post([kept.id]);
    await run(db, sql`update chats set deleted_at = now() - interval '49 hours' where id = ${chatId}`);
    await removeChat({ db, host: { removeChat: async () => ({}) } as never }, chatId);
    expect(
      await one(db, sql<{ n: number }>`select count(*)::int as n from attachments where chat_id = ${chatId}`),
    ).toEqual({ n: 0 });
  });
  it('are limited while they wait', async () => {
    await run(db, sql`delete from attachments where chat_id is null`);
    for (let i = 0; i < 40; i++) await upload();
    await expect(upload()).rejects.toMatchObject({ code: 'too_many_files' });
  });
});
