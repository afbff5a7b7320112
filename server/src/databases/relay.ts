/**
 * The way from a sandbox to its tables: a socket in a folder of its own that is bound into the sandbox. The relay authenticates outside,
 * with a database and a role that are fixed; what the inside asks for in its startup packet is thrown away. No password inside, no
 * other role within reach, and all of it is cut at once.
 */
import { randomInt } from 'node:crypto';
import { chmod, mkdir, rm } from 'node:fs/promises';
import { createServer, type Server, type Socket } from 'node:net';
import { join } from 'node:path';
import pg from 'pg';

const SSL_REQUEST = 80877103;
const GSS_REQUEST = 80877104;
const CANCEL_REQUEST = 80877102;
const LARGEST_STARTUP = 10_000;
const MOST_CONNECTIONS = 8;

export interface Relay {
  /** the folder to bind into the sandbox at /run/pg */
  folder: string;
  /** ends every connection; new ones are welcome */
  cut(): void;
  close(): Promise<void>;
}

/** Whether anybody may come in. */
export interface Door {
  isShut(): boolean;
  /** @param shut is called when from now on nobody may be in. @returns what ends that */
  onShut(shut: () => void): () => void;
}

/**
 * Opens a relay.
 * @param folder is made, and holds nothing but the socket
 * @param target where and as whom every connection goes
 * @param door is shut while nobody may be in, because the container is frozen
 */
export async function openRelay(folder: string, target: pg.ClientConfig, door?: Door): Promise<Relay> {
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true, mode: 0o755 });
  await chmod(folder, 0o755);
  const open = new Set<Socket>();
  const server: Server = createServer((inside) => {
    inside.on('error', () => inside.destroy());
    open.add(inside);
    inside.once('close', () => open.delete(inside));
    if (open.size > MOST_CONNECTIONS) {
      inside.end(fatal('53300', 'too many connections'), () => inside.destroy());
      return;
    }
    void serve(inside, target, door).catch((error) => {
      if (!inside.destroyed) inside.end(fatal('08006', `the database does not answer: ${(error as Error).message}`));
    });
  });
  const socket = join(folder, '.s.PGSQL.5432');
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(socket, resolve);
  });
  await chmod(socket, 0o777);
  const cut = () => {
    for (const inside of open) inside.destroy();
  };
  const mind = door?.onShut(cut);
  return {
    folder,
    cut,
    async close() {
      mind?.();
      cut();
      await new Promise((resolve) => server.close(resolve));
      await rm(folder, { recursive: true, force: true });
    },
  };
}

async function serve(inside: Socket, target: pg.ClientConfig, door: Door | undefined): Promise<void> {
  if (!(await readStartup(inside))) return void inside.destroy();
  if (door?.isShut()) return void inside.end(fatal('28000', 'the container is frozen'), () => inside.destroy());
  const { outside, parameters, detach } = await connect(target);
  // also one that was cut meanwhile, because the door was shut
  if (inside.destroyed) return void outside.destroy();
  const greeting = [message('R', int32(0))];
  for (const [name, value] of parameters) greeting.push(message('S', Buffer.from(`${name}\0${value}\0`)));
  greeting.push(
    message('K', Buffer.concat([int32(randomInt(1, 2 ** 31)), int32(randomInt(1, 2 ** 31))])),
    message('Z', Buffer.from('I')),
  );
  detach();
  inside.write(Buffer.concat(greeting));
  inside.pipe(outside);
  outside.pipe(inside);
  const end = () => {
    inside.destroy();
    outside.destroy();
  };
  for (const side of [inside, outside]) side.once('close', end).once('error', end);
}

/** Reads and discards the startup packet. @returns false for a cancel request or nonsense */
async function readStartup(inside: Socket): Promise<boolean> {
  let buffer = Buffer.alloc(0);
  for await (const chunk of chunks(inside)) {
    buffer = Buffer.concat([buffer, chunk]);
    while (buffer.length >= 8) {
      const length = buffer.readInt32BE(0);
      if (length < 8 || length > LARGEST_STARTUP) return false;
      if (buffer.length < length) break;
      const code = buffer.readInt32BE(4);
      if (code === CANCEL_REQUEST) return false;
      if (code !== SSL_REQUEST && code !== GSS_REQUEST) {
        if (code >> 16 !== 3) return false;
        if (buffer.length > length) inside.unshift(buffer.subarray(length));
        return true;
      }
      inside.write('N');
      buffer = buffer.subarray(length);
    }
  }
  return false;
}

/** Chunks of a socket one by one, leaving it paused and usable when the reader stops. */
async function* chunks(socket: Socket): AsyncGenerator<Buffer> {
  socket.setTimeout(10_000, () => socket.destroy());
  try {
    while (!socket.destroyed) {
      const chunk = socket.read() as Buffer | null;
      if (chunk) yield chunk;
      else if (socket.readableEnded) return;
      else
        await new Promise<void>((resolve) => {
          const done = () => {
            for (const name of ['readable', 'end', 'close'] as const) socket.off(name, done);
            resolve();
          };
          for (const name of ['readable', 'end', 'close'] as const) socket.once(name, done);
        });
    }
  } finally {
    socket.setTimeout(0);
  }
}

interface RawConnection {
  stream: Socket;
  on(name: 'parameterStatus', listener: (message: { parameterName: string; parameterValue: string }) => void): void;
}

async function connect(
  target: pg.ClientConfig,
): Promise<{ outside: Socket; parameters: Map<string, string>; detach: () => void }> {
  const client = new pg.Client({ ...target, application_name: 'app', connectionTimeoutMillis: 10_000 });
  client.on('error', () => {});
  // pg has no public way to hand over an authenticated stream; these two members have been stable since version 7
  const raw = (client as unknown as { connection: RawConnection }).connection;
  const parameters = new Map<string, string>();
  raw.on('parameterStatus', ({ parameterName, parameterValue }) => parameters.set(parameterName, parameterValue));
  await client.connect();
  const detach = () => {
    raw.stream.removeAllListeners('data');
    raw.stream.removeAllListeners('end');
    raw.stream.removeAllListeners('close');
    raw.stream.removeAllListeners('error');
    raw.stream.on('error', () => {});
  };
  return { outside: raw.stream, parameters, detach };
}

const int32 = (value: number): Buffer => {
  const buffer = Buffer.alloc(4);
  buffer.writeInt32BE(value);
  return buffer;
};
const message = (type: string, body: Buffer): Buffer =>
  Buffer.concat([Buffer.from(type), int32(body.length + 4), body]);
const fatal = (code: string, text: string): Buffer =>
  message('E', Buffer.from(`SFATAL\0VFATAL\0C${code}\0M${text.replaceAll('\0', ' ')}\0\0`));
