/** Live sync over a real WebSocket: who may listen, and that a tab which loses its connection again and again misses nothing. */
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import type { ChatEvent, ClientFrame, TextDelta } from '../contract/events.ts';
import type { AnthropicServer } from './support/anthropic-server.ts';
import { Person } from './support/client.ts';
import { eventsOf, inOrder, say, turnEnd } from './support/maker.ts';
import { startVibe } from './support/set-up.ts';
import type { Vibe } from './support/vibe.ts';

let vibe: Vibe;
let claude: AnthropicServer;
let marta: Person;
let olu: Person;
let containerId: string;

beforeAll(async () => {
  ({ vibe, claude, marta, containerId } = await startVibe());
  await marta.ask('PATCH', '/api/settings', { registrationOpen: true });
  olu = await Person.register(vibe.baseUrl, 'Olu', 'olu@example.com');
}, 120_000);
afterAll(async () => {
  await vibe?.remove();
  await claude?.close();
});

type Frame = { type?: string; code?: string; room?: string; seq?: number | null; data?: ChatEvent | TextDelta };

/** A tab's socket: the frames that came, and waiting for one of them. */
class Tab {
  readonly frames: Frame[] = [];
  readonly socket: WebSocket;
  closed: number | undefined;

  private constructor(socket: WebSocket) {
    this.socket = socket;
    socket.on('message', (text) => this.frames.push(JSON.parse(String(text)) as Frame));
    socket.on('close', (code) => {
      this.closed = code;
    });
  }

  static open(headers: Record<string, string> = { origin: vibe.baseUrl }): Promise<Tab | number> {
    return new Promise((resolve, reject) => {
      const { host, port } = new URL(vibe.baseUrl);
      const socket = new WebSocket(`ws://127.0.0.1:${port}/api/live`, { headers: { host, ...headers } });
      const tab = new Tab(socket);
      socket.once('open', () => resolve(tab));
      socket.once('unexpected-response', (_, response) => resolve(response.statusCode ?? 0));
      socket.once('error', reject);
    });
  }

  static async of(person: Person): Promise<Tab> {
    const tab = (await Tab.open()) as Tab;
    tab.send({ type: 'auth', token: person.token });
    await tab.until((frame) => frame.type === 'ready');
    return tab;
  }

  send(frame: ClientFrame | string): void {
    this.socket.send(typeof frame === 'string' ? frame : JSON.stringify(frame));
  }

  until(wanted: (frame: Frame) => boolean, timeoutMs = 10_000): Promise<Frame> {
    return marta.until(async () => this.frames.find(wanted), 'a frame', timeoutMs);
  }

  end(): Promise<number> {
    return marta.until(async () => this.closed, 'the socket to be closed', 5000);
  }
}

it('is refused to pages of other origins', async () => {
  for (const headers of [
    { origin: 'http://evil.com' },
    { origin: 'http://books--marta-lindqvist.localhost' },
    { origin: vibe.baseUrl, 'sec-fetch-site': 'same-site' },
  ] as Record<string, string>[])
    expect(await Tab.open(headers)).toBe(403);
});

it('ends when the first frame is not a good sign-in', async () => {
  const wrong: (ClientFrame | string)[] = [
    { type: 'subscribe', room: `container:${containerId}` },
    { type: 'auth', token: 'x.y.z' },
    { type: 'auth', token: `${marta.token}x` },
  ];
  for (const frame of wrong) {
    const tab = (await Tab.open()) as Tab;
    tab.send(frame);
    expect(await tab.end(), JSON.stringify(frame)).toBe(4401);
    expect(tab.frames).toEqual([]);
  }
  const tab = (await Tab.open()) as Tab;
  tab.send('not json');
  expect(await tab.until((frame) => frame.type === 'error')).toMatchObject({ code: 'bad_frame' });
  tab.send(JSON.stringify({ type: 'auth', token: 'x'.repeat(9000) }));
  expect(await tab.end()).toBe(4400);
});

it('answers the same for somebody else’s room as for none', async () => {
  const { chatId, turnId } = await say(marta, 'A private plan');
  await turnEnd(marta, chatId, turnId);
  const tab = await Tab.of(olu);
  for (const room of [`chat:${chatId}`, `container:${containerId}`, `chat:${randomUUID()}`, 'chat:x', 'everything']) {
    tab.send({ type: 'subscribe', room });
    expect(await tab.until((frame) => frame.room === room)).toEqual({
      type: 'error',
      code: 'not_found',
      message: 'There is no such room.',
      room,
    });
  }
  const more = await say(marta, 'More of it', { chatId });
  await turnEnd(marta, chatId, more.turnId);
  expect(tab.frames.filter((frame) => frame.data)).toEqual([]);
  tab.socket.terminate();
});

it('cannot become somebody else on the same socket', async () => {
  const tab = await Tab.of(marta);
  tab.send({ type: 'auth', token: olu.token });
  expect(await tab.end()).toBe(4401);
});

it('gives every event in order, once, over twenty lost connections while a turn streams', async () => {
  const words = Array.from({ length: 60 }, (_, i) => `word${i}`).join(' ');
  claude.use(
    inOrder(
      ...Array.from({ length: 6 }, (_, i) => ({
        delayMs: 12,
        blocks: [{ text: `${i} ${words}` }, { tool: 'read_history', input: {} }],
      })),
    ),
  );
  const { chatId, turnId } = await say(marta, 'Tell me much');
  const room = `chat:${chatId}`;
  const seen: ChatEvent[] = [];
  const texts = new Map<string, string>();
  const take = (tab: Tab) => {
    for (const { data } of tab.frames) {
      if (!data) continue;
      if (data.type === 'message.delta') {
        const known = texts.get(data.messageId) ?? '';
        // what is known is repeated at most; nothing in between is missing
        expect(data.offset).toBeLessThanOrEqual(known.length);
        texts.set(
          data.messageId,
          known.slice(0, data.offset) + data.text + known.slice(data.offset + data.text.length),
        );
      } else if ('seq' in data) seen.push(data);
    }
  };
  for (let round = 0; round < 20; round++) {
    const tab = await Tab.of(marta);
    tab.send({ type: 'subscribe', room, after: seen.at(-1)?.seq ?? 0 });
    await tab.until((frame) => frame.type === 'subscribed');
    await new Promise((resolve) => setTimeout(resolve, 40 + ((round * 37) % 160)));
    tab.socket.terminate();
    await tab.end();
    take(tab);
  }
  await turnEnd(marta, chatId, turnId);
  const tab = await Tab.of(marta);
  tab.send({ type: 'subscribe', room, after: seen.at(-1)?.seq ?? 0 });
  await tab.until((frame) => frame.type === 'subscribed');
  await tab.until(() => {
    const last = tab.frames.findLast((frame) => typeof frame.seq === 'number' && frame.data)?.seq ?? seen.at(-1)?.seq;
    return last !== undefined && last !== null && last >= 1;
  });
  take(tab);
  tab.socket.terminate();
  const all = await eventsOf(marta, chatId);
  expect(seen.map(({ seq }) => seq)).toEqual(all.map(({ seq }) => seq));
  expect(all.map(({ seq }) => seq)).toEqual(all.map((_, i) => i + 1));
  expect(seen).toEqual(all);
  const said = new Map(
    all.flatMap(({ type, payload }) =>
      type === 'message.assistant' ? [[payload.messageId, payload.text] as const] : [],
    ),
  );
  let streamed = 0;
  for (const [messageId, text] of texts) {
    expect(said.get(messageId)?.startsWith(text) || text === said.get(messageId)).toBe(true);
    streamed += text.length;
  }
  expect(streamed).toBeGreaterThan(500);
});
