/**
 * The door between the browser's sandbox and the apps: a unix socket, its only connection to anything. Whoever comes says the token of a
 * look that goes on now, and is joined to the instance of that look's app; everybody else is sent away.
 */
import { randomBytes } from 'node:crypto';
import { chmod, mkdir, rm } from 'node:fs/promises';
import { createServer, type Server, type Socket } from 'node:net';
import { join } from 'node:path';

const TOKEN_LENGTH = 32;
const PATIENCE_MS = 5000;

export class Door {
  readonly folder: string;
  readonly #server: Server;
  readonly #ways = new Map<string, () => Promise<Socket>>();
  readonly #open = new Map<string, Set<Socket>>();

  private constructor(folder: string) {
    this.folder = folder;
    this.#server = createServer((socket) => void this.#welcome(socket));
  }

  /** @param folder of its own, shown to the sandbox; made here */
  static async open(folder: string): Promise<Door> {
    await rm(folder, { recursive: true, force: true });
    await mkdir(folder, { recursive: true, mode: 0o755 });
    const door = new Door(folder);
    const path = join(folder, 'door.sock');
    await new Promise<void>((resolve, reject) => {
      door.#server.once('error', reject);
      door.#server.listen(path, resolve);
    });
    await chmod(path, 0o666);
    return door;
  }

  /** Lets one look through to its app. @returns its token, and what ends it with all its connections */
  admit(way: () => Promise<Socket>): { token: string; end: () => void } {
    const token = randomBytes(TOKEN_LENGTH / 2).toString('hex');
    this.#ways.set(token, way);
    this.#open.set(token, new Set());
    return {
      token,
      end: () => {
        this.#ways.delete(token);
        for (const socket of this.#open.get(token) ?? []) socket.destroy();
        this.#open.delete(token);
      },
    };
  }

  async close(): Promise<void> {
    for (const sockets of this.#open.values()) for (const socket of sockets) socket.destroy();
    await new Promise<void>((resolve) => this.#server.close(() => resolve()));
  }

  async #welcome(socket: Socket): Promise<void> {
    socket.on('error', () => socket.destroy());
    const token = await firstLine(socket);
    const way = token === undefined ? undefined : this.#ways.get(token);
    if (!way) return void socket.destroy();
    const inside = await way().catch(() => undefined);
    const open = this.#open.get(token!);
    if (!inside || !open || socket.destroyed) {
      inside?.destroy();
      return void socket.destroy();
    }
    for (const [one, other] of [
      [socket, inside],
      [inside, socket],
    ] as const) {
      open.add(one);
      one.on('error', () => one.destroy());
      one.once('close', () => {
        open.delete(one);
        other.destroy();
      });
    }
    socket.pipe(inside).pipe(socket);
  }
}

/** The token's line; what came after it is put back. */
async function firstLine(socket: Socket): Promise<string | undefined> {
  socket.setTimeout(PATIENCE_MS, () => socket.destroy());
  let text = Buffer.alloc(0);
  while (!socket.destroyed) {
    const chunk = socket.read() as Buffer | null;
    if (!chunk) {
      if (socket.readableEnded) return undefined;
      await new Promise<void>((resolve) => {
        for (const name of ['readable', 'end', 'close'] as const) socket.once(name, () => resolve());
      });
      continue;
    }
    text = Buffer.concat([text, chunk]);
    const end = text.indexOf('\n');
    if (end < 0 && text.length > TOKEN_LENGTH) return undefined;
    if (end < 0) continue;
    if (text.length > end + 1) socket.unshift(text.subarray(end + 1));
    socket.setTimeout(0);
    return text.subarray(0, end).toString('latin1');
  }
  return undefined;
}
