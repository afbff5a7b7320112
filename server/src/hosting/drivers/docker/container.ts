/** Turns a sandbox spec into a container: no network, no capability, no writable root, a user of its own, every limit set. */
import { type SandboxSpec, SOCKET_DIR } from '../../driver.ts';
import { commandInside, environmentInside } from '../linux/furniture.ts';
import { ENV_INSIDE } from './image.ts';

const MB = 1024 * 1024;
/** What Docker and Podman put into the environment by themselves. */
const ADDED = ['HOSTNAME', 'TERM', 'container'];
/** Parts of /proc that tell of the machine or govern it; the engines' own list, beside /sys, which nothing inside needs. */
const MASKED = [
  '/proc/acpi',
  '/proc/asound',
  '/proc/interrupts',
  '/proc/kcore',
  '/proc/keys',
  '/proc/latency_stats',
].concat([
  '/proc/sched_debug',
  '/proc/scsi',
  '/proc/timer_list',
  '/proc/timer_stats',
  '/sys/firmware',
  '/sys/devices/virtual/powercap',
]);
const READ_ONLY = ['/proc/bus', '/proc/fs', '/proc/irq', '/proc/sys', '/proc/sysrq-trigger'];

/** The body of the call that creates a container. */
export type ContainerOptions = Record<string, unknown>;

export interface Surroundings {
  image: string;
  labels: Record<string, string>;
  user: number;
  /** File that names that user. */
  passwd: string;
  /** The profile, as this engine wants to be told of it. */
  seccomp: string;
  isPodman: boolean;
  asRoot: boolean;
  /** More than the engine has itself it cannot give. */
  ceilings: { openFiles: number; processes: number };
}

export function containerOptions(spec: SandboxSpec, given: Surroundings): ContainerOptions {
  const environment = { PWD: spec.workdir, ...environmentInside(spec) };
  const unset = ADDED.filter((name) => !(name in environment)).flatMap((name) => ['-u', name]);
  return {
    Image: given.image,
    Labels: given.labels,
    User: `${given.user}:${given.user}`,
    Hostname: 'sandbox',
    Env: Object.entries(environment).map(([name, value]) => `${name}=${value}`),
    WorkingDir: '/',
    Entrypoint: [ENV_INSIDE],
    Cmd: [...unset, '-C', spec.workdir, '--', ...commandInside(spec.command)],
    Tty: false,
    OpenStdin: spec.stdin === 'pipe',
    StdinOnce: spec.stdin === 'pipe',
    AttachStdin: spec.stdin === 'pipe',
    AttachStdout: true,
    AttachStderr: true,
    NetworkDisabled: true,
    HostConfig: hostConfig(spec, given),
  };
}

function hostConfig(spec: SandboxSpec, given: Surroundings): object {
  const { limits } = spec;
  return {
    NetworkMode: 'none',
    IpcMode: 'private',
    // Podman as a normal user: the same ids inside as outside.
    ...(given.isPodman && !given.asRoot && { UsernsMode: 'keep-id' }),
    ReadonlyRootfs: true,
    Privileged: false,
    CapDrop: ['ALL'],
    SecurityOpt: ['no-new-privileges', `seccomp=${given.seccomp}`, 'label=disable'],
    MaskedPaths: MASKED,
    ReadonlyPaths: READ_ONLY,
    RestartPolicy: { Name: 'no' },
    AutoRemove: false,
    LogConfig: { Type: 'none', Config: {} },
    Memory: limits.memoryMb * MB,
    MemorySwap: limits.memoryMb * MB,
    PidsLimit: limits.processes,
    CpuPeriod: 100_000,
    CpuQuota: Math.max(1_000, limits.cpuPercent * 1_000),
    ShmSize: 16 * MB,
    Ulimits: [
      same('core', 0),
      same('nofile', Math.min(limits.openFiles, given.ceilings.openFiles)),
      same('nproc', Math.min(limits.processes + 2, given.ceilings.processes)),
      same('fsize', limits.fileSizeMb * MB),
    ],
    Tmpfs: tmpfsMounts(spec, given),
    Mounts: [
      { Type: 'bind', Source: given.passwd, Target: '/etc/passwd', ReadOnly: true },
      ...spec.mounts.map(({ source, target, mode }) => ({
        Type: 'bind',
        Source: source,
        Target: target,
        ReadOnly: mode === 'ro',
        BindOptions: { Propagation: 'rprivate' },
      })),
    ],
  };
}

function same(name: string, value: number): { Name: string; Soft: number; Hard: number } {
  return { Name: name, Soft: value, Hard: value };
}

function tmpfsMounts(spec: SandboxSpec, { isPodman, user }: Surroundings): Record<string, string> {
  // Podman would give it the mode of the folder below.
  const asSaid = isPodman ? ',notmpcopyup' : '';
  // runc gives a tmpfs the mode of the folder that it covers, so that it must belong to the program's user: Podman's `U` says that.
  const owner = isPodman ? 'U' : `uid=${user},gid=${user}`;
  const open = (sizeMb: number) => `rw,nosuid,nodev,exec,mode=0755,${owner},size=${sizeMb * MB}${asSaid}`;
  const closed = `ro,nosuid,nodev,noexec,mode=0555,size=4k${asSaid}`;
  return {
    '/sys': closed,
    // Podman adds writable ones of its own otherwise; in /run only root may write.
    ...(isPodman && { '/var/tmp': closed, '/run': `rw,nosuid,nodev,noexec,mode=0755,size=64k${asSaid}` }),
    ...(spec.tmpfs.some((one) => one.target === '/tmp') ? {} : { '/tmp': open(16) }),
    ...Object.fromEntries(spec.tmpfs.map((one) => [one.target, open(one.sizeMb)])),
    [SOCKET_DIR]: open(1),
  };
}
