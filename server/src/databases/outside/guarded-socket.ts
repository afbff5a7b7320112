/**
 * The way to a database whose address a person has typed. Where a connection goes is looked at when it is made, at every one: a name that was
 * fine when it was checked may lead to this server's own network a minute later.
 */
import { type LookupAddress, lookup } from 'node:dns';
import { lookup as lookUp } from 'node:dns/promises';
import { isIP, Socket } from 'node:net';
import { isClosed } from '../../db/closed-address.ts';
import { AppError } from '../../errors.ts';

/** `host:port` of this server's own network that its owner lets databases be at. */
export type AllowedHosts = ReadonlySet<string>;

/** @throws AppError `outside_closed` */
export const notOpen = (host: string, port: number): AppError =>
  new AppError('outside_closed', 'invalid', `${host} is not on the open internet.`, {
    detail: `Whoever runs this server can allow it: VIBE_LIVE_PRIVATE_HOSTS=${host}:${port}`,
  });

/** A socket that connects to the open internet, or to what is allowed, and nowhere else. For pg's `stream`. */
export function guardedSocket(allowed: AllowedHosts): Socket {
  const socket = new Socket();
  const connect = socket.connect.bind(socket) as (...args: unknown[]) => Socket;
  socket.connect = ((port: number, host: string): Socket => {
    if (typeof port !== 'number' || typeof host !== 'string' || host.startsWith('/')) {
      process.nextTick(() => socket.destroy(notOpen(String(host), Number(port))));
      return socket;
    }
    const free = allowed.has(`${host}:${port}`);
    if (!free && isIP(host) !== 0 && isClosed(host)) {
      process.nextTick(() => socket.destroy(notOpen(host, port)));
      return socket;
    }
    return connect({
      port,
      host,
      lookup: (
        name: string,
        options: object,
        done: (error: Error | null, found: LookupAddress[] | string, family?: number) => void,
      ) =>
        lookup(name, { ...options, all: true }, (error, found) => {
          if (error) return done(error, []);
          if (!free && found.some(({ address }) => isClosed(address))) return done(notOpen(host, port), []);
          if ((options as { all?: boolean }).all) return done(null, found);
          done(null, found[0]!.address, found[0]!.family);
        }),
    });
  }) as Socket['connect'];
  return socket;
}

/**
 * The one address that PostgreSQL itself is to connect to, which looks nothing up by itself then.
 * @throws AppError `outside_closed`, and the resolver's error
 */
export async function pinned(host: string, port: number, allowed: AllowedHosts): Promise<string> {
  const found = await lookUp(host, { all: true, verbatim: true });
  if (!allowed.has(`${host}:${port}`) && found.some(({ address }) => isClosed(address))) throw notOpen(host, port);
  // always the same of several, as long as there are the same
  found.sort((a, b) => a.family - b.family || (a.address < b.address ? -1 : 1));
  return found[0]!.address;
}
