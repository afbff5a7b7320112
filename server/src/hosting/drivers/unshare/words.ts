/** Turns a sandbox spec into the words that enter.pl reads: a name, how many follow, then those. Later mounts cover earlier ones. */
import { type SandboxSpec, SOCKET_DIR } from '../../driver.ts';
import { environmentInside, type Furniture, NODE_INSIDE } from '../linux/furniture.ts';

const MB = 1024 * 1024;
/** MOUNT_ATTR_RDONLY, _NOSUID, _NODEV, _NOEXEC of mount_setattr(2). */
const [RDONLY, NOSUID, NODEV, NOEXEC] = [1, 2, 4, 8];
const DEVICES = ['null', 'zero', 'full', 'random', 'urandom'];
const LINKS = { fd: '/proc/self/fd', stdin: '/proc/self/fd/0', stdout: '/proc/self/fd/1', stderr: '/proc/self/fd/2' };
/** Parts of /proc with which a machine is governed. */
const GOVERNING = ['/proc/sys', '/proc/sysrq-trigger', '/proc/irq', '/proc/bus'];

/**
 * @param sources where each of `spec.mounts` can be read from after the user id was dropped
 * @param root an empty folder on which the inside is built
 */
export function enterWords(spec: SandboxSpec, furniture: Furniture, sources: string[], root: string): string[] {
  const readOnly = String(RDONLY! | NOSUID! | NODEV!);
  const writable = String(NOSUID! | NODEV!);
  const device = String(NOSUID! | NOEXEC!);
  const orders: string[][] = [
    ['bind', furniture.node, NODE_INSIDE, readOnly],
    ['bind', furniture.etc, '/etc', readOnly],
    ...furniture.libraries.map(({ source, target }) => ['bind', source, target, readOnly]),
    ['proc'],
    ...GOVERNING.map((path) => ['govern', path, readOnly]),
    tmpfs('/dev', 1),
    ...DEVICES.map((name) => ['bind', `/dev/${name}`, `/dev/${name}`, device]),
    ...Object.entries(LINKS).map(([name, to]) => ['link', to, `/dev/${name}`]),
    tmpfs('/dev/shm', 16),
    ['fixed', '/dev'],
    ...(spec.tmpfs.some((one) => one.target === '/tmp') ? [] : [tmpfs('/tmp', 16)]),
    ...spec.mounts.map(({ target, mode }, at) => [
      'bind',
      sources[at] ?? '',
      target,
      mode === 'ro' ? readOnly : writable,
    ]),
    ...spec.tmpfs.map((one) => tmpfs(one.target, one.sizeMb)),
    tmpfs(SOCKET_DIR, 1),
    ...Object.entries(environmentInside(spec)).map(([name, value]) => ['env', name, value]),
    ['workdir', spec.workdir],
  ];
  return [root, ...orders.flatMap(([name = '', ...words]) => [name, String(words.length), ...words])];
}

function tmpfs(target: string, sizeMb: number): string[] {
  return ['tmpfs', target, String(sizeMb * MB)];
}
