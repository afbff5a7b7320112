/**
 * The filter of linux/seccomp.ts in Docker's form. That one lets pass what it does not know up to a number; names have no order, so this
 * one is a list of what is allowed. It looks at fewer arguments in one place: a container has no terminal to type into.
 */
import { ABSENT, type Machine, REFUSED } from '../linux/syscalls.ts';
import { ALLOWED } from './allowed-calls.ts';

type Comparison = 'SCMP_CMP_EQ' | 'SCMP_CMP_GT' | 'SCMP_CMP_MASKED_EQ';

interface Rule {
  names: string[];
  action: 'SCMP_ACT_ALLOW' | 'SCMP_ACT_ERRNO';
  errnoRet?: number;
  args?: { index: number; value: number; valueTwo?: number; op: Comparison }[];
}

const [EPERM, ENOSYS, EAFNOSUPPORT] = [1, 38, 97];
const ARCHITECTURE: Record<Machine, string> = { x64: 'SCMP_ARCH_X86_64', arm64: 'SCMP_ARCH_AARCH64' };
/** CLONE_NEWTIME, NEWNS, NEWCGROUP, NEWUTS, NEWIPC, NEWUSER, NEWPID, NEWNET. */
const NAMESPACES = [0x80, 0x20000, 0x02000000, 0x04000000, 0x08000000, 0x10000000, 0x20000000, 0x40000000];
const [AF_UNIX, AF_INET, AF_INET6, AF_NETLINK] = [1, 2, 10, 16] as const;
const LAST_FAMILY = 63;
const [ANY_PROTOCOL, TCP, UDP] = [0, 6, 17] as const;

const allow = (names: string[], args?: Rule['args']): Rule => ({
  names,
  action: 'SCMP_ACT_ALLOW',
  ...(args && { args }),
});
const refuse = (names: string[], errnoRet: number, args?: Rule['args']): Rule => ({
  names,
  action: 'SCMP_ACT_ERRNO',
  errnoRet,
  ...(args && { args }),
});
const compare = (index: number, value: number, op: Comparison = 'SCMP_CMP_EQ') => ({ index, value, op });
const upTo = (last: number) => Array.from({ length: last + 1 }, (_, number) => number);

/** @returns the profile as the engine takes it */
export function seccompProfile(machine: Machine): object {
  const rules: Rule[] = [
    allow(ALLOWED),
    allow(['ioctl']),
    refuse(Object.keys(REFUSED), EPERM),
    refuse([...Object.keys(ABSENT), 'clone3'], ENOSYS),
    ...cloneRules(),
    ...socketRules(),
  ];
  return {
    defaultAction: 'SCMP_ACT_ERRNO',
    defaultErrnoRet: ENOSYS,
    architectures: [ARCHITECTURE[machine]],
    syscalls: rules,
  };
}

/** Threads and processes, but none that starts with a namespace of its own. */
function cloneRules(): Rule[] {
  const all = NAMESPACES.reduce((sum, flag) => sum + flag, 0);
  const masked = (mask: number, wanted: number) => [
    { index: 0, value: mask, valueTwo: wanted, op: 'SCMP_CMP_MASKED_EQ' as const },
  ];
  return [allow(['clone'], masked(all, 0)), ...NAMESPACES.map((flag) => refuse(['clone'], EPERM, masked(flag, flag)))];
}

/** UNIX as it is; INET and INET6 for TCP and UDP; NETLINK only to list interfaces. A rule compares each argument once, hence the lists. */
function socketRules(): Rule[] {
  const names = ['socket', 'socketpair'];
  const local: number[] = [AF_UNIX, AF_INET, AF_INET6, AF_NETLINK];
  const protocols = (family: number, allowed: number[]) => {
    const last = Math.max(...allowed);
    const of = (value: number, op?: Comparison) => [compare(0, family), compare(2, value, op)];
    return [
      ...upTo(last).map((one) =>
        allowed.includes(one) ? allow(names, of(one)) : refuse(names, EAFNOSUPPORT, of(one)),
      ),
      refuse(names, EAFNOSUPPORT, of(last, 'SCMP_CMP_GT')),
    ];
  };
  return [
    allow(names, [compare(0, AF_UNIX)]),
    ...protocols(AF_INET, [ANY_PROTOCOL, TCP, UDP]),
    ...protocols(AF_INET6, [ANY_PROTOCOL, TCP, UDP]),
    ...protocols(AF_NETLINK, [ANY_PROTOCOL]),
    ...upTo(LAST_FAMILY)
      .filter((family) => !local.includes(family))
      .map((family) => refuse(names, EAFNOSUPPORT, [compare(0, family)])),
    refuse(names, EAFNOSUPPORT, [compare(0, LAST_FAMILY, 'SCMP_CMP_GT')]),
  ];
}
