/**
 * Writes the seccomp filter as classic BPF, without a compiler or libseccomp. Namespaces and dropped capabilities are the
 * wall; this closes what they leave open: nested user namespaces, socket families that are not bound to the network
 * namespace (AF_VSOCK), and kernel surface that no app needs.
 */
import { ABSENT, AUDIT_ARCH, INSPECTED, LAST_KNOWN_CALL, type Machine, REFUSED } from './syscalls.ts';

export interface Instruction {
  code: number;
  jt: number;
  jf: number;
  k: number;
}

const LOAD = 0x20; // BPF_LD | BPF_W | BPF_ABS
const EQUAL = 0x15; // BPF_JMP | BPF_JEQ | BPF_K
const AT_LEAST = 0x35; // BPF_JMP | BPF_JGE | BPF_K
const ANY_BIT = 0x45; // BPF_JMP | BPF_JSET | BPF_K
const RETURN = 0x06; // BPF_RET | BPF_K

const KILL = 0x80000000;
const ALLOW = 0x7fff0000;
export const refuse = (errno: number): number => 0x00050000 | errno;
const EPERM = 1;
const ENOSYS = 38;
const EAFNOSUPPORT = 97;

/** Offsets in struct seccomp_data; arguments are 64-bit little-endian, the low half comes first. */
const NUMBER = 0;
const ARCH = 4;
const argument = (index: number): number => 16 + 8 * index;

/** CLONE_NEWTIME, NEWNS, NEWCGROUP, NEWUTS, NEWIPC, NEWUSER, NEWPID, NEWNET. */
const NEW_NAMESPACES = 0x80 | 0x20000 | 0x02000000 | 0x04000000 | 0x08000000 | 0x10000000 | 0x20000000 | 0x40000000;
const X32_BIT = 0x40000000;
const TIOCSTI = 0x5412;
const TIOCLINUX = 0x541c;
const [AF_UNIX, AF_INET, AF_INET6, AF_NETLINK] = [1, 2, 10, 16];
const [ANY_PROTOCOL, TCP, UDP] = [0, 6, 17];

const load = (k: number): Instruction => ({ code: LOAD, jt: 0, jf: 0, k });
const ret = (k: number): Instruction => ({ code: RETURN, jt: 0, jf: 0, k });
/** When the test holds, run the next instruction (a return); else skip it. */
const when = (code: number, k: number, answer: number): Instruction[] => [{ code, jt: 0, jf: 1, k }, ret(answer)];
/** When the test does NOT hold, run the next instruction. */
const unless = (code: number, k: number, answer: number): Instruction[] => [{ code, jt: 1, jf: 0, k }, ret(answer)];
/** When the call's number is `k`, run `body` (which must end in a return); else skip it. */
const onCall = (k: number, body: Instruction[]): Instruction[] => [{ code: EQUAL, jt: 0, jf: body.length, k }, ...body];

/** The program for one machine. */
export function seccompProgram(machine: Machine): Instruction[] {
  const column = machine === 'x64' ? 0 : 1;
  const program: Instruction[] = [load(ARCH), ...unless(EQUAL, AUDIT_ARCH[machine], KILL), load(NUMBER)];
  if (machine === 'x64') program.push(...when(AT_LEAST, X32_BIT, KILL));
  program.push(...when(AT_LEAST, LAST_KNOWN_CALL + 1, refuse(ENOSYS)));
  program.push(...onCall(INSPECTED.clone3[column]!, [ret(refuse(ENOSYS))]));
  program.push(
    ...onCall(INSPECTED.clone[column]!, [
      load(argument(0)),
      ...when(ANY_BIT, NEW_NAMESPACES, refuse(EPERM)),
      ret(ALLOW),
    ]),
  );
  program.push(
    ...onCall(INSPECTED.ioctl[column]!, [
      load(argument(1)),
      ...when(EQUAL, TIOCSTI, refuse(EPERM)),
      ...when(EQUAL, TIOCLINUX, refuse(EPERM)),
      ret(ALLOW),
    ]),
  );
  program.push(...onCall(INSPECTED.socket[column]!, socketRules()));
  program.push(...onCall(INSPECTED.socketpair[column]!, socketRules()));
  for (const [table, errno] of [
    [ABSENT, ENOSYS],
    [REFUSED, EPERM],
  ] as const) {
    for (const numbers of Object.values(table)) {
      const number = numbers[column];
      if (number !== null && number !== undefined) program.push(...when(EQUAL, number, refuse(errno)));
    }
  }
  program.push(ret(ALLOW));
  return program;
}

/** UNIX as it is; INET and INET6 for TCP and UDP; NETLINK only to list interfaces (NETLINK_ROUTE); nothing else. */
function socketRules(): Instruction[] {
  const inet = [
    load(argument(2)),
    ...when(EQUAL, ANY_PROTOCOL, ALLOW),
    ...when(EQUAL, TCP, ALLOW),
    ...when(EQUAL, UDP, ALLOW),
    ret(refuse(EAFNOSUPPORT)),
  ];
  const netlink = [load(argument(2)), ...when(EQUAL, ANY_PROTOCOL, ALLOW), ret(refuse(EAFNOSUPPORT))];
  return [
    load(argument(0)),
    ...when(EQUAL, AF_UNIX!, ALLOW),
    ...onCall(AF_INET!, inet),
    ...onCall(AF_INET6!, inet),
    ...onCall(AF_NETLINK!, netlink),
    ret(refuse(EAFNOSUPPORT)),
  ];
}

/** The bytes that the kernel takes: struct sock_filter, little-endian. */
export function encodeProgram(program: Instruction[]): Buffer {
  const bytes = Buffer.alloc(program.length * 8);
  program.forEach((instruction, index) => {
    bytes.writeUInt16LE(instruction.code, index * 8);
    bytes.writeUInt8(instruction.jt, index * 8 + 2);
    bytes.writeUInt8(instruction.jf, index * 8 + 3);
    bytes.writeUInt32LE(instruction.k >>> 0, index * 8 + 4);
  });
  return bytes;
}
