/** A port for a server that is started later, and again after it was gone for a while: nobody else may have it meanwhile. */
import { randomInt } from 'node:crypto';
import { createServer } from 'node:net';

/**
 * The system gives ports of its own choice to whoever connects or asks for any, on Linux from 32768 and elsewhere from 49152 on: one of those
 * may be somebody's by the time that the server which it is for begins. None of these is on a list of ports that browsers refuse.
 */
const [FIRST, LAST] = [20_000, 29_999];

/** @returns a port of the loopback address that is free now, and that nobody gets by chance */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = randomInt(FIRST, LAST + 1);
    if (await isFree(port)) return port;
  }
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
  });
}
