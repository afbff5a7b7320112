/** Message → first token: what we add to a bare relay between the browser and the provider, with the message stored. */
import { createServer, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import WebSocket from 'ws';
import { median, percentile, type Row } from '../support/row.ts';
import { type Stage, settled } from '../support/stage.ts';

const ROUNDS = 60;

export async function firstToken({ vibe, person, claude, chatId }: Stage): Promise<Row> {
  claude.use(() => ({ blocks: [{ text: 'Hello there.' }] }));
  await person.ask('PATCH', `/api/chats/${chatId}`, { model: 'claude-sonnet-4-5' });
  const socket = new WebSocket(`${vibe.baseUrl.replace('http', 'ws').replace('localhost', '127.0.0.1')}/api/live`, {
    headers: { host: new URL(vibe.baseUrl).host, origin: vibe.baseUrl },
  });
  await new Promise((resolve) => socket.once('open', resolve));
  let onDelta = () => {};
  const ready = new Promise<void>((resolve) => {
    socket.on('message', (raw) => {
      const frame = JSON.parse(String(raw)) as { type?: string; data?: { type?: string } };
      if (frame.type === 'ready') socket.send(JSON.stringify({ type: 'subscribe', room: `chat:${chatId}`, after: 0 }));
      if (frame.type === 'subscribed') resolve();
      if (frame.data?.type === 'message.delta') onDelta();
    });
  });
  socket.send(JSON.stringify({ type: 'auth', token: person.token }));
  await ready;

  const relay = createServer((incoming, response) => {
    const outgoing = request(
      `${claude.url}/v1/messages`,
      { method: 'POST', headers: { 'content-type': 'application/json' } },
      (answer) => answer.pipe(response),
    );
    incoming.pipe(outgoing);
  });
  await new Promise<void>((resolve) => relay.listen(0, '127.0.0.1', resolve));
  const relayUrl = `http://127.0.0.1:${(relay.address() as AddressInfo).port}/`;
  const body = JSON.stringify({
    model: 'x',
    max_tokens: 10,
    stream: true,
    messages: [{ role: 'user', content: 'Hi' }],
  });

  const ours: number[] = [];
  const bare: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const began = performance.now();
    const seen = new Promise<void>((resolve) => {
      onDelta = resolve;
    });
    await person.ask('POST', '/api/chat', { message: `Hi ${round}`, chatId });
    await seen;
    ours.push(performance.now() - began);
    await settled(person, chatId);
    bare.push(
      await new Promise<number>((resolve) => {
        const start = performance.now();
        const outgoing = request(relayUrl, { method: 'POST' }, (answer) => {
          let text = '';
          answer.on('data', (chunk) => {
            text += chunk;
            if (text.includes('text_delta')) {
              resolve(performance.now() - start);
              answer.destroy();
            }
          });
          answer.on('error', () => {});
        });
        outgoing.end(body);
      }),
    );
  }
  socket.close();
  relay.close();
  const [a, b] = [median(ours.slice(5)), median(bare.slice(5))];
  return {
    path: 'message → first token, added by us',
    beside: 'bare relay',
    ours: a,
    bare: b,
    unit: 'ms',
    result: a - b,
    kind: 'difference',
    limit: 5,
    note: `p95 ${percentile(ours.slice(5), 95).toFixed(0)} ms`,
  };
}
