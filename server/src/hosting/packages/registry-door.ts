/**
 * The only way out of a sandbox that installs packages: a unix socket that speaks HTTP and passes a GET to the registry. Everything else is
 * refused and remembered by name; bytes are counted.
 */
import { chmod, mkdir, rm } from 'node:fs/promises';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { join } from 'node:path';
import { AppError, messageOf } from '../../errors.ts';
import type { Registry } from './registry.ts';

const ANSWERED = ['content-type', 'content-encoding', 'content-length', 'etag', 'cache-control', 'last-modified'];
const MOST_REFUSED = 20;

export class RegistryDoor {
  readonly folder: string;
  /** what was asked for and not given, for people */
  readonly refused = new Set<string>();
  readonly #registry: Registry;
  readonly #server: Server;
  readonly #end = new AbortController();
  #left: number;

  private constructor(folder: string, registry: Registry, mostBytes: number) {
    this.folder = folder;
    this.#registry = registry;
    this.#left = mostBytes;
    this.#server = createServer((request, response) => void this.#serve(request, response));
    this.#server.on('connect', (request, socket) => {
      this.#refuse(`a connection to ${request.url}`);
      socket.end('HTTP/1.1 403 Forbidden\r\ncontent-length: 0\r\n\r\n');
    });
  }

  /** @param folder of its own, shown to the sandbox; made here */
  static async open(folder: string, registry: Registry, mostBytes: number): Promise<RegistryDoor> {
    await rm(folder, { recursive: true, force: true });
    await mkdir(folder, { recursive: true, mode: 0o755 });
    const door = new RegistryDoor(folder, registry, mostBytes);
    const path = join(folder, 'door.sock');
    await new Promise<void>((resolve, reject) => {
      door.#server.once('error', reject);
      door.#server.listen(path, resolve);
    });
    await chmod(path, 0o666);
    return door;
  }

  async close(): Promise<void> {
    this.#end.abort();
    this.#server.closeAllConnections();
    await new Promise<void>((resolve) => this.#server.close(() => resolve()));
    await rm(this.folder, { recursive: true, force: true });
  }

  #refuse(what: string): void {
    if (this.refused.size < MOST_REFUSED) this.refused.add(what.slice(0, 200));
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    request.resume();
    response.on('error', () => {});
    const no = (status: number, what: string) => {
      this.#refuse(what);
      if (response.headersSent) response.destroy();
      else response.writeHead(status, { 'content-type': 'text/plain' }).end(`Refused: ${what}`);
    };
    const path = request.url ?? '';
    if (request.method !== 'GET') return no(405, `${request.method} ${path}`);
    // a proxy's way of asking names the host in the path
    if (!path.startsWith('/') || path.startsWith('//')) return no(403, path);
    if (this.#left <= 0) return no(429, 'more data than one installation may load');
    try {
      const { accept, 'accept-encoding': encoding } = request.headers;
      const headers = { ...(accept && { accept }), ...(encoding && { 'accept-encoding': String(encoding) }) };
      const answer = await this.#registry.get(path, headers, this.#end.signal);
      const kept = ANSWERED.flatMap((name) => (answer.headers[name] ? [[name, answer.headers[name]] as const] : []));
      response.writeHead(answer.statusCode ?? 502, Object.fromEntries(kept));
      response.once('close', () => answer.destroy());
      answer.on('error', () => response.destroy());
      answer.on('data', (chunk: Buffer) => {
        this.#left -= chunk.length;
        if (this.#left <= 0) {
          answer.destroy();
          no(429, 'more data than one installation may load');
        }
      });
      answer.pipe(response);
    } catch (error) {
      if (error instanceof AppError && error.code === 'registry_elsewhere') no(403, messageOf(error));
      else if (response.headersSent) response.destroy();
      else response.writeHead(502, { 'content-type': 'text/plain' }).end(messageOf(error));
    }
  }
}
