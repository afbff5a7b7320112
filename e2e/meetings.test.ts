/** Two chats on one app that change the same tables: what meets on main can always be released, and data goes only after a yes. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { Person } from './support/client.ts';
import { makeVibe, type Vibe } from './support/vibe.ts';

let vibe: Vibe;
let person: Person;
let first: string;
let appId: string;
let updated: string;

interface ChatView {
  app: { id: string; name: string } | null;
  turn: { state: string; number: number } | null;
  preview: { state: string };
}
interface AppView {
  name: string;
  release: { number: number; state: string; problem: string | null };
}
interface SpecView {
  spec: { entities: { fields: { name: string }[] }[] };
}

const chat = async (id: string) => (await person.ask<ChatView>('GET', `/api/chats/${id}`)).body;
const app = async () => (await person.ask<AppView>('GET', `/api/apps/${appId}`)).body;
const merge = (id: string, body = {}) =>
  person.ask<{ code: string; conflicts: { path: string; reason: string }[] }>('POST', `/api/chats/${id}/merge`, body);

async function say(message: string, more: { chatId?: string; appId?: string } = {}): Promise<string> {
  const { body } = await person.ask<{ chatId: string; turnId: string }>('POST', '/api/chat', {
    message,
    model: 'builtin',
    ...more,
  });
  await person.until(async () => (await chat(body.chatId)).turn?.state === 'ended', `the turn: ${message}`);
  return body.chatId;
}

async function released(number: number): Promise<void> {
  const { release } = await person.until(async () => {
    const now = await app();
    return now.release?.number === number && ['serving', 'failed'].includes(now.release.state) && now;
  }, `release ${number}`);
  expect(release).toMatchObject({ number, state: 'serving', problem: null });
}

beforeAll(async () => {
  vibe = await makeVibe();
  await vibe.start();
  person = await Person.register(vibe.baseUrl);
  first = await say('Track repairs with customer, date, colour and notes');
  appId = (await chat(first)).app!.id;
  expect((await merge(first)).status).toBe(202);
  await released(1);
});
afterAll(() => vibe?.remove());

it('merges two chats that each added a field, and the app has both', async () => {
  const [left, right] = [
    await say('add a price field to repairs', { appId }),
    await say('add a phone field to repairs', { appId }),
  ];
  expect((await merge(left)).status).toBe(202);
  await released(2);
  expect((await merge(right)).status).toBe(202);
  await released(3);
});

it('names a conflict of two renames, and after an update from main the chat can go on', async () => {
  const [left, right] = [
    await say('rename the notes of repairs to remarks', { appId }),
    await say('rename the notes of repairs to comments', { appId }),
  ];
  // a later chat can name what both of the first ones added: it is in the spec, and in the tables
  await say('rename the price of repairs to cost', { chatId: left });
  await say('rename the phone of repairs to telephone', { chatId: left });
  expect((await merge(left)).status).toBe(202);
  await released(4);
  const refused = await merge(right);
  expect(refused.status).toBe(409);
  expect(refused.body.code).toBe('merge_conflict');
  expect(refused.body.conflicts.map((one) => one.path)).toContain('spec.json');
  expect((await person.ask('POST', `/api/chats/${right}/update`)).status).toBe(200);
  // the tables of the draft followed: another change of them works
  await say('add a weight field to repairs', { chatId: right });
  const events = await person.ask<{ items: { type: string; payload: { state?: string } }[] }>(
    'GET',
    `/api/chats/${right}/events`,
  );
  expect(events.body.items.filter((event) => event.type === 'tool.result' && event.payload.state !== 'done')).toEqual(
    [],
  );
  updated = right;
});

it('releases that chat, and removes data from the live app only after a yes to what is shown', async () => {
  await say('remove colour from repairs', { chatId: updated });
  const refused = await merge(updated);
  expect(refused.status).toBe(409);
  expect(refused.body.code).toBe('destroys_data');
  expect(refused.body.conflicts[0]).toMatchObject({ path: 'repairs', reason: expect.stringContaining('colour') });
  expect((await app()).release.number).toBe(4);
  expect((await merge(updated, { destroys: true })).status).toBe(202);
  await released(5);
  const { spec } = (await person.ask<SpecView>('GET', `/api/chats/${updated}/spec`)).body;
  const names = spec.entities[0]!.fields.map(({ name }) => name);
  expect(names).toEqual(expect.arrayContaining(['Cost', 'Telephone', 'Weight']));
  expect(names).not.toContain('Colour');
});

it('keeps a new title to its chat until it is merged, and takes back what another chat did, by asking', async () => {
  const before = (await app()).name;
  const other = await say('call the app Bench diary', { appId });
  await say('add a warranty field to repairs', { chatId: other });
  await person.ask('PATCH', `/api/chats/${other}`, { title: 'Warranty for all' });
  expect((await app()).name).toBe(before);
  // not merged: there is nothing of it to take back
  const early = await say('undo what chat “Warranty for all” did', { appId });
  expect(await person.ask('POST', `/api/chats/${early}/merge`)).toMatchObject({ status: 409 });
  expect((await merge(other)).status).toBe(202);
  await released(6);
  expect((await app()).name).toBe('Bench diary');
  const later = await say('add a shelf field to repairs', { appId });
  expect((await merge(later)).status).toBe(202);
  await released(7);
  const chatId = await say('undo what chat “Warranty for all” did', { appId });
  expect((await merge(chatId, { destroys: true })).status).toBe(202);
  await released(8);
  const { spec } = (await person.ask<SpecView>('GET', `/api/chats/${chatId}/spec`)).body;
  const names = spec.entities[0]!.fields.map(({ name }) => name);
  expect(names).toContain('Shelf');
  expect(names).not.toContain('Warranty');
});
