/** Runs the filter in a small interpreter, so that the machine that we are not on is tested too. */
import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { encodeProgram, type Instruction, seccompProgram } from './seccomp.ts';
import { ABSENT, AUDIT_ARCH, INSPECTED, type Machine, REFUSED } from './syscalls.ts';

const ALLOW = 0x7fff0000;
const KILL = 0x80000000;
const EPERM = 0x00050001;
const ENOSYS = 0x00050026;
const EAFNOSUPPORT = 0x00050061;

/** Classic BPF as the kernel runs it, for the four kinds of instruction that the filter has. */
function answer(program: Instruction[], arch: number, call: number, args: number[] = []): number {
  const data = Buffer.alloc(64);
  data.writeUInt32LE(call >>> 0, 0);
  data.writeUInt32LE(arch, 4);
  for (const [index, value] of args.entries()) data.writeUInt32LE(value >>> 0, 16 + index * 8);
  let loaded = 0;
  for (let at = 0; at < program.length; at++) {
    const { code, jt, jf, k } = program[at]!;
    const wanted = k >>> 0;
    if (code === 0x20) loaded = data.readUInt32LE(k);
    else if (code === 0x06) return wanted;
    else if (code === 0x15) at += loaded === wanted ? jt : jf;
    else if (code === 0x35) at += loaded >= wanted ? jt : jf;
    else if (code === 0x45) at += (loaded & wanted) !== 0 ? jt : jf;
    else throw new Error(`unknown instruction ${code}`);
  }
  throw new Error('the program has no end');
}

for (const machine of ['x64', 'arm64'] as Machine[]) {
  describe(`the system call filter for ${machine}`, () => {
    const program = seccompProgram(machine);
    const column = machine === 'x64' ? 0 : 1;
    const ask = (call: number, ...args: number[]) => answer(program, AUDIT_ARCH[machine], call, args);

    it('kills a program of another machine, and x32 numbers', () => {
      expect(answer(program, 0x40000003, 1)).toBe(KILL);
      expect(answer(program, machine === 'x64' ? AUDIT_ARCH.arm64 : AUDIT_ARCH.x64, 1)).toBe(KILL);
      if (machine === 'x64') expect(ask(0x40000000 + 41, 40, 1, 0)).toBe(KILL);
    });

    it('refuses every listed call and lets ordinary ones pass', () => {
      for (const numbers of Object.values(REFUSED))
        if (numbers[column] !== null) expect(ask(numbers[column])).toBe(EPERM);
      for (const numbers of Object.values(ABSENT))
        if (numbers[column] !== null) expect(ask(numbers[column])).toBe(ENOSYS);
      const ordinary = machine === 'x64' ? [0, 1, 2, 9, 39, 59, 257] : [56, 63, 64, 172, 221, 222];
      for (const call of ordinary) expect(ask(call)).toBe(ALLOW);
    });

    it('answers that unknown later calls do not exist', () => {
      expect([ask(470), ask(10_000), ask(INSPECTED.clone3[column]!)]).toEqual([ENOSYS, ENOSYS, ENOSYS]);
    });

    it('lets threads and processes start, but no namespace', () => {
      const clone = INSPECTED.clone[column]!;
      expect([ask(clone, 0x3d0f00), ask(clone, 17), ask(clone, 0x4111)]).toEqual([ALLOW, ALLOW, ALLOW]);
      for (const flag of [0x80, 0x20000, 0x2000000, 0x4000000, 0x8000000, 0x10000000, 0x20000000, 0x40000000]) {
        expect(ask(clone, flag | 17)).toBe(EPERM);
      }
    });

    it('opens sockets of the local kinds only', () => {
      for (const call of [INSPECTED.socket[column]!, INSPECTED.socketpair[column]!]) {
        const rows = [
          [1, 1, 0],
          [2, 1, 6],
          [10, 2, 17],
          [16, 3, 0],
        ];
        for (const row of rows) expect(ask(call, ...row)).toBe(ALLOW);
        for (let family = 0; family < 64; family++) {
          if (![1, 2, 10, 16].includes(family)) expect(ask(call, family, 1, 0)).toBe(EAFNOSUPPORT);
        }
        for (const row of [
          [2, 1, 132],
          [2, 3, 255],
          [10, 1, 262],
          [16, 3, 9],
        ])
          expect(ask(call, ...row)).toBe(EAFNOSUPPORT);
      }
    });

    it('types nothing into a terminal', () => {
      const ioctl = INSPECTED.ioctl[column]!;
      expect([ask(ioctl, 0, 0x5412), ask(ioctl, 0, 0x541c), ask(ioctl, 0, 0x5413)]).toEqual([EPERM, EPERM, ALLOW]);
    });

    it('fits the kernel', () => {
      expect(program.length).toBeLessThan(4096);
      expect(encodeProgram(program).length).toBe(program.length * 8);
      for (const one of program) expect(Math.max(one.jt, one.jf)).toBeLessThan(256);
    });

    const header =
      machine === 'x64' ? '/usr/include/x86_64-linux-gnu/asm/unistd_64.h' : '/usr/include/asm-generic/unistd.h';
    it.skipIf(!existsSync(header))('has the numbers of the kernel headers', () => {
      const text = readFileSync(header, 'utf8');
      for (const [name, numbers] of Object.entries({ ...REFUSED, ...ABSENT, ...INSPECTED })) {
        const found = new RegExp(`#define __NR(?:3264)?_${name}\\s+(\\d+)`).exec(text)?.[1];
        if (found !== undefined) expect([name, numbers[column]]).toEqual([name, Number(found)]);
      }
    });
  });
}
