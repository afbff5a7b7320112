/** Turns a sandbox spec into bubblewrap's arguments: the order matters, later mounts cover earlier ones. */
import { type SandboxSpec, SOCKET_DIR } from '../../driver.ts';
import { environmentInside, type Furniture, INNER_USER, NODE_INSIDE } from '../linux/furniture.ts';

const MB = 1024 * 1024;

/**
 * @param sources where each of `spec.mounts` can be read from after the user id was dropped
 * @returns arguments for `bwrap --args`, without the command
 */
export function bwrapArguments(spec: SandboxSpec, furniture: Furniture, sources: string[]): string[] {
  const user = String(INNER_USER);
  return [
    ...['--unshare-all', '--unshare-user', '--disable-userns', '--uid', user, '--gid', user],
    ...['--hostname', 'sandbox', '--die-with-parent', '--new-session', '--as-pid-1', '--cap-drop', 'ALL', '--clearenv'],
    ...Object.entries(environmentInside(spec)).flatMap(([name, value]) => ['--setenv', name, value]),
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

function tmpfs(target: string, sizeMb: number): string[] {
  return ['--size', String(sizeMb * MB), '--tmpfs', target];
}
