/**
 * Connects to a socket that a sandbox listens on. The sandbox owns that folder and may put anything there (a link to a host
 * socket, a fifo, a folder), so the name is opened as it is, without following, looked at, and only then connected to through
 * the descriptor: nothing that it swaps in later can be reached.
 */
import { closeSync, constants, fstatSync, openSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { AppError } from '../../../errors.ts';

/** The same on x86_64 and aarch64; Node does not name it. */
const O_PATH = 0o10000000;

/** Opens a folder without following a link in its last component. The descriptor pins it. */
export function openFolder(path: string): number {
  return openSync(path, O_PATH | constants.O_DIRECTORY | constants.O_NOFOLLOW);
}

/** @param folder descriptor of the socket folder; @param name bare file name */
export async function connectWithin(folder: number, name: string): Promise<Socket> {
  if (!/^[A-Za-z0-9_-][A-Za-z0-9._-]{0,63}$/.test(name)) {
    throw new AppError('sandbox_socket_refused', 'bug', 'That is no name for a socket.');
  }
  let descriptor: number;
  try {
    descriptor = openSync(`/proc/self/fd/${folder}/${name}`, O_PATH | constants.O_NOFOLLOW);
  } catch (cause) {
    throw missing(cause);
  }
  if (!fstatSync(descriptor).isSocket()) {
    closeSync(descriptor);
    throw new AppError('sandbox_socket_refused', 'forbidden', 'The app put something else where its socket belongs.');
  }
  const socket = connect({ path: `/proc/self/fd/${descriptor}` });
  try {
    await new Promise<void>((resolve, reject) => {
      socket.once('connect', resolve);
      socket.once('error', reject);
    });
    return socket;
  } catch (cause) {
    socket.destroy();
    throw missing(cause);
  } finally {
    closeSync(descriptor);
  }
}

function missing(cause: unknown): AppError {
  return new AppError('sandbox_socket_missing', 'unavailable', 'The app does not listen yet.', { cause });
}
