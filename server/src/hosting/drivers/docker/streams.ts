/** What a container says comes through one connection, in frames: a byte for the stream, three of nothing, four for the length. */
import { PassThrough, type Readable } from 'node:stream';

export interface Streams {
  stdout: PassThrough;
  stderr: PassThrough;
  /** Resolves when the connection has ended and all of it was handed on. */
  ended: Promise<void>;
  /** Begins to read. Before, nothing is taken from the engine, so nothing is lost. */
  open: () => void;
}

const HEADER = 8;

/** Stops reading while a reader is slow, so that a program that prints for ever waits instead of filling our memory. */
export function splitStreams(connection: Readable): Streams {
  const [stdout, stderr] = [new PassThrough(), new PassThrough()];
  return { stdout, stderr, ...opening(() => pump(connection, [stdout, stdout, stderr])) };
}

function opening(work: () => Promise<void>): Pick<Streams, 'ended' | 'open'> {
  let open = () => {};
  const gate = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { open, ended: gate.then(work) };
}

async function pump(connection: Readable, targets: PassThrough[]): Promise<void> {
  let header = Buffer.alloc(0);
  let left = 0;
  let target = targets[1]!;
  try {
    for await (const chunk of connection as AsyncIterable<Buffer>) {
      let rest = chunk;
      while (rest.length > 0) {
        if (left === 0) {
          const wanted = HEADER - header.length;
          header = Buffer.concat([header, rest.subarray(0, wanted)]);
          rest = rest.subarray(wanted);
          if (header.length < HEADER) continue;
          target = targets[header[0]!] ?? targets[1]!;
          left = header.readUInt32BE(4);
          header = Buffer.alloc(0);
          continue;
        }
        const piece = rest.subarray(0, left);
        left -= piece.length;
        rest = rest.subarray(piece.length);
        if (!target.write(piece)) await drained(target);
      }
    }
  } catch {
    // The engine has gone; the end of the container is told by its process.
  }
  for (const one of new Set(targets)) one.end();
}

async function drained(target: PassThrough): Promise<void> {
  await new Promise<void>((resolve) => {
    target.once('drain', resolve);
    target.once('close', resolve);
  });
}
