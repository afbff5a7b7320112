/** The profile says by name what linux/seccomp.ts says by number; that the kernel holds to it is in the contract suite. */
import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { ABSENT, INSPECTED, LAST_KNOWN_CALL, REFUSED } from '../linux/syscalls.ts';
import { ALLOWED } from './allowed-calls.ts';
import { seccompProfile } from './seccomp-profile.ts';

interface Rule {
  names: string[];
  action: string;
  errnoRet?: number;
  args?: { index: number; value: number; valueTwo?: number; op: string }[];
}

/** As libseccomp answers for one call; the default when no rule fits. */
function answer(rules: Rule[], name: string, args: number[] = []): string {
  const fits = ({ index, value, valueTwo, op }: NonNullable<Rule['args']>[number]) => {
    const given = args[index] ?? 0;
    if (op === 'SCMP_CMP_EQ') return given === value;
    if (op === 'SCMP_CMP_GT') return given > value;
    return (given & value) === valueTwo;
  };
  const found = rules.filter((rule) => rule.names.includes(name) && (rule.args ?? []).every(fits));
  const refusal = found.find((rule) => rule.action === 'SCMP_ACT_ERRNO');
  if (refusal) return String(refusal.errnoRet);
  return found.length > 0 ? 'allowed' : '38';
}

describe('the profile of a container', () => {
  const { syscalls: rules } = seccompProfile('x64') as { syscalls: Rule[] };

  it('allows nothing by name that is refused or looked at', () => {
    const others = [...Object.keys(REFUSED), ...Object.keys(ABSENT), ...Object.keys(INSPECTED)];
    expect(ALLOWED.filter((name) => others.includes(name))).toEqual([]);
    expect(new Set(ALLOWED).size).toBe(ALLOWED.length);
    for (const name of Object.keys(REFUSED)) expect([name, answer(rules, name)]).toEqual([name, '1']);
    for (const name of [...Object.keys(ABSENT), 'clone3', 'a_call_of_tomorrow'])
      expect([name, answer(rules, name)]).toEqual([name, '38']);
  });

  it('lets threads and processes start, but no namespace', () => {
    expect([0x3d0f00, 17].map((flags) => answer(rules, 'clone', [flags]))).toEqual(['allowed', 'allowed']);
    for (const flag of [0x80, 0x20000, 0x2000000, 0x4000000, 0x8000000, 0x10000000, 0x20000000, 0x40000000])
      expect(answer(rules, 'clone', [flag | 17])).toBe('1');
  });

  it('opens sockets of the local kinds only', () => {
    for (const args of [
      [1, 1, 0],
      [2, 1, 6],
      [10, 2, 17],
      [16, 3, 0],
    ])
      expect(answer(rules, 'socket', args)).toBe('allowed');
    for (let family = 0; family < 100; family++)
      if (![1, 2, 10, 16].includes(family)) expect(answer(rules, 'socketpair', [family, 1, 0])).toBe('97');
    for (const args of [
      [2, 1, 132],
      [2, 3, 255],
      [10, 1, 262],
      [2, 1, 1],
      [16, 3, 9],
    ])
      expect(answer(rules, 'socket', args)).toBe('97');
  });

  const header = '/usr/include/x86_64-linux-gnu/asm/unistd_64.h';
  it.skipIf(!existsSync(header))('names only calls that the other filter knows too', () => {
    const text = readFileSync(header, 'utf8');
    for (const name of ALLOWED) {
      const number = Number(new RegExp(`#define __NR_${name}\\s+(\\d+)`).exec(text)?.[1] ?? 0);
      expect([name, number <= LAST_KNOWN_CALL]).toEqual([name, true]);
    }
  });
});
