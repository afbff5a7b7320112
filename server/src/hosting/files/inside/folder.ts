/**
 * Opens names one component at a time through descriptors, never following a link: what openat(2) does, by way of
 * /proc/self/fd. Nobody else writes in the app's folder; this holds even if somebody did.
 */
import { closeSync, constants, fstatSync, lstatSync, mkdirSync, openSync, type Stats } from 'node:fs';

/** Not named by Node; the same on x86_64 and aarch64. */
const O_PATH = 0o10000000;
const FOLDER = O_PATH | constants.O_DIRECTORY | constants.O_NOFOLLOW;

/** A problem with a name that is the caller's to solve. */
export class FolderError extends Error {
  readonly code: string;

  constructor(code: string, message: string) {
    super(message);
    this.code = code;
  }
}

export class Folder {
  readonly #root: string;

  constructor(root: string) {
    this.#root = root;
  }

  /** Runs `act` with a path that names `parts` below the root, pinned to the parent folder that was opened. */
  within<T>(parts: string[], act: (pinned: string) => T, options: { make?: boolean } = {}): T {
    let current = openSync(this.#root, FOLDER);
    try {
      for (const part of parts.slice(0, -1)) {
        const next = this.#enter(current, part, options.make ?? false);
        closeSync(current);
        current = next;
      }
      const name = parts.at(-1);
      return act(name === undefined ? `/proc/self/fd/${current}/.` : `/proc/self/fd/${current}/${name}`);
    } finally {
      closeSync(current);
    }
  }

  /** What is at `parts`, not followed; undefined when there is nothing. */
  look(parts: string[]): Stats | undefined {
    try {
      return this.within(parts, (pinned) => lstatSync(pinned, { throwIfNoEntry: false }));
    } catch (error) {
      if (error instanceof FolderError && error.code === 'not_found') return undefined;
      throw error;
    }
  }

  /** Opens a regular file for reading and runs `act` with its descriptor. Links, devices and fifos are refused unopened. */
  withFile<T>(parts: string[], act: (descriptor: number, status: Stats) => T): T {
    return this.within(parts, (pinned) => {
      let descriptor: number;
      try {
        descriptor = openSync(pinned, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
      } catch (error) {
        throw asFolderError(error);
      }
      try {
        const status = fstatSync(descriptor);
        refuseSpecial(status);
        return act(descriptor, status);
      } finally {
        closeSync(descriptor);
      }
    });
  }

  #enter(parent: number, name: string, make: boolean): number {
    const pinned = `/proc/self/fd/${parent}/${name}`;
    try {
      return openSync(pinned, FOLDER);
    } catch (error) {
      if (!make || (error as NodeJS.ErrnoException).code !== 'ENOENT') throw asFolderError(error);
    }
    mkdirSync(pinned, { mode: 0o755 });
    return openSync(pinned, FOLDER);
  }
}

/** Throws unless it is an ordinary file that has one name. */
export function refuseSpecial(status: Stats): void {
  if (status.isSymbolicLink()) throw new FolderError('link', 'It is a link; links are not followed.');
  if (status.isDirectory()) throw new FolderError('is_folder', 'It is a folder.');
  if (!status.isFile()) throw new FolderError('special_file', 'It is no ordinary file.');
  if (status.nlink > 1) throw new FolderError('hard_link', 'It has more than one name; such files are not touched.');
}

function asFolderError(error: unknown): unknown {
  const { code } = error as NodeJS.ErrnoException;
  if (code === 'ENOENT') return new FolderError('not_found', 'There is no such file.');
  if (code === 'ELOOP') return new FolderError('link', 'It is a link; links are not followed.');
  if (code === 'ENOTDIR') return new FolderError('not_folder', 'A part of the path is a file or a link, not a folder.');
  if (code === 'ENXIO') return new FolderError('special_file', 'It is no ordinary file.');
  return error;
}
