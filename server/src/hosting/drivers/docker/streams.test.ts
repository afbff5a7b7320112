import { once } from 'node:events';
import { PassThrough } from 'node:stream';
import { text } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { splitStreams } from './streams.ts';

function frame(stream: 1 | 2, words: string): Buffer {
  const header = Buffer.from([stream, 0, 0, 0, 0, 0, 0, 0]);
  header.writeUInt32BE(Buffer.byteLength(words), 4);
  return Buffer.concat([header, Buffer.from(words)]);
}

it('a container’s two streams are told apart, however the frames are cut', async () => {
  const whole = Buffer.concat([frame(1, 'one '), frame(2, 'bad'), frame(1, ''), frame(1, 'two €')]);
  for (const size of [1, 3, 7, 1000]) {
    const connection = new PassThrough();
    const { stdout, stderr, open, ended } = splitStreams(connection);
    open();
    const said = Promise.all([text(stdout), text(stderr)]);
    for (let at = 0; at < whole.length; at += size) connection.write(whole.subarray(at, at + size));
    connection.end();
    await ended;
    expect(await said).toEqual(['one two €', 'bad']);
  }
});

it('nobody reads: the program waits, and our memory does not grow', async () => {
  const connection = new PassThrough();
  const { stdout, stderr, open } = splitStreams(connection);
  stderr.resume();
  open();
  const piece = frame(1, 'x'.repeat(16_384));
  let sent = 0;
  while (connection.write(piece) && sent++ < 1_000) await sleep(0);
  expect(sent).toBeLessThan(20);
  expect(stdout.readableLength).toBeLessThan(100_000);
  stdout.resume();
  await once(connection, 'drain');
});
