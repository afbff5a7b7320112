/** Turns a sandbox spec into bubblewrap's arguments: the order matters, later mounts cover earlier ones. */
import { type SandboxSpec, SOCKET_DIR } from '../../driver.ts';

/** Where Node is inside every sandbox. */
export const NODE_INSIDE = '/opt/node/bin/node';
/** The user id that a program sees as its own. */
export const INNER_USER = 1000;
const MB = 1024 * 1024;

export interface Furniture {
  /** Host path, or staged path, of the Node binary and of the small /etc. */
  node: string;
  etc: string;
  /** Shared libraries: where they are, and where the loader looks for them. */
  libraries: { source: string; target: string }[];
}

/**
 * @param sources where each of `spec.mounts` can be read from after the user id was dropped
 * @returns arguments for `bwrap --args`, without the command
 */
export function bwrapArguments(spec: SandboxSpec, furniture: Furniture, sources: string[]): string[] {
  const defaults = { PATH: '/opt/node/bin:/usr/local/bin:/usr/bin:/bin', HOME: '/tmp', LANG: 'C.UTF-8', TZ: 'UTC' };
  const user = String(INNER_USER);
  return [
    ...['--unshare-all', '--unshare-user', '--disable-userns', '--uid', user, '--gid', user],
    ...['--hostname', 'sandbox', '--die-with-parent', '--new-session', '--as-pid-1', '--cap-drop', 'ALL', '--clearenv'],
    ...Object.entries({ ...defaults, ...spec.env }).flatMap(([name, value]) => ['--setenv', name, value]),
    ...['--ro-bind', furniture.node, NODE_INSIDE, '--ro-bind', furniture.etc, '/etc'],
    ...furniture.libraries.flatMap(({ source, target }) => ['--ro-bind', source, target]),
    ...['--proc', '/proc', '--dev', '/dev', ...tmpfs('/dev/shm', 16), '--remount-ro', '/dev'],
    ...(spec.tmpfs.some((one) => one.target === '/tmp') ? [] : tmpfs('/tmp', 16)),
    ...spec.mounts.flatMap(({ target, mode }, index) => [
      mode === 'ro' ? '--ro-bind' : '--bind',
      sources[index] ?? '',
      target,
    ]),
    ...spec.tmpfs.flatMap((one) => tmpfs(one.target, one.sizeMb)),
    ...tmpfs(SOCKET_DIR, 1),
    ...['--remount-ro', '/', '--chdir', spec.workdir],
  ];
}

/** The command as it is inside. */
export function commandInside(command: string[]): string[] {
  return command[0] === 'node' ? [NODE_INSIDE, ...command.slice(1)] : command;
}

function tmpfs(target: string, sizeMb: number): string[] {
  return ['--size', String(sizeMb * MB), '--tmpfs', target];
}
