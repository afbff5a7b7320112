/** What every sandbox finds beside its own mounts: Node, the libraries that Node is linked with, and a tiny /etc. */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, realpathSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { AppError } from '../../../errors.ts';
import type { SandboxSpec } from '../../driver.ts';
import { encodeProgram, seccompProgram } from './seccomp.ts';

/** Where Node is inside every sandbox. */
export const NODE_INSIDE = '/opt/node/bin/node';
/** The user id that a program sees as its own. */
export const INNER_USER = 1000;

export interface Furniture {
  /** Host path, or staged path, of the Node binary and of the small /etc. */
  node: string;
  etc: string;
  /** Shared libraries: where they are, and where the loader looks for them. */
  libraries: { source: string; target: string }[];
}

/** The whole environment of a program. */
export function environmentInside(spec: SandboxSpec): Record<string, string> {
  const defaults = { PATH: '/opt/node/bin:/usr/local/bin:/usr/bin:/bin', HOME: '/tmp', LANG: 'C.UTF-8', TZ: 'UTC' };
  return { ...defaults, ...spec.env };
}

/** The command as it is inside. */
export function commandInside(command: string[]): string[] {
  return command[0] === 'node' ? [NODE_INSIDE, ...command.slice(1)] : command;
}

/** Without `hosts` and `nsswitch.conf` a server dies on the name `localhost`. */
const ETC: Record<string, string> = {
  hosts: '127.0.0.1 localhost\n::1 localhost\n',
  'nsswitch.conf': 'passwd: files\ngroup: files\nhosts: files\n',
  passwd: `app:x:${INNER_USER}:${INNER_USER}:app:/tmp:/usr/sbin/nologin\n`,
  group: `app:x:${INNER_USER}:\n`,
};

/** Writes what has to be written into `folder`; the paths are on the host. */
export function prepareFurniture(folder: string, nodePath: string): Furniture & { filter: string } {
  const machine = process.arch;
  if (machine !== 'x64' && machine !== 'arm64') {
    throw new AppError('sandbox_machine', 'unavailable', `Sandboxes are not supported on ${machine} yet.`);
  }
  const etc = join(folder, 'etc');
  mkdirSync(etc, { recursive: true, mode: 0o755 });
  for (const [name, text] of Object.entries(ETC)) writeFileSync(join(etc, name), text, { mode: 0o644 });
  const filter = join(folder, 'filter.bpf');
  writeFileSync(filter, encodeProgram(seccompProgram(machine)), { mode: 0o644 });
  const node = realpathSync(nodePath);
  return { node, etc, filter, libraries: librariesOf(node) };
}

/** Parts of the C library that native modules are linked with though Node is not. */
const BESIDE_LIBC = ['librt.so.1', 'libutil.so.1', 'libresolv.so.2', 'libnss_files.so.2', 'libatomic.so.1'];

/** Each library once, at the path where the loader looks. `ldd` runs only on the platform's own Node. */
export function librariesOf(binary: string): Furniture['libraries'] {
  const listing = execFileSync('ldd', [binary], { encoding: 'utf8', env: { PATH: '/usr/bin:/bin' } });
  const linked = listing.split('\n').flatMap((line) => /(?:=>\s*)?(\/[^\s]+)\s+\(0x/.exec(line)?.[1] ?? []);
  const libc = linked.find((path) => path.includes('/libc.'));
  const beside = libc ? BESIDE_LIBC.map((name) => join(dirname(libc), name)) : [];
  return [...new Set([...linked, ...beside])]
    .filter((path) => existsSync(path))
    .map((target) => ({ source: realpathSync(target), target }));
}
