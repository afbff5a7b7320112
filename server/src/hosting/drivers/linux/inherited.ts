/**
 * Descriptors that this process itself inherited (from a shell, a supervisor) are not close-on-exec, so they would travel into
 * every sandbox. Node cannot set that flag, but it can put something else under the same number in the child.
 */
import { openSync, readdirSync, readFileSync } from 'node:fs';

export interface Inherited {
  numbers: number[];
  devNull: number;
}

type Stdio = ('pipe' | 'ignore' | number)[];

const O_CLOEXEC = 0o2000000;

/** Once, at start: whatever Node opens later is close-on-exec. */
export function findInherited(): Inherited {
  const numbers = readdirSync('/proc/self/fdinfo')
    .map(Number)
    .filter((number) => number > 2 && !isCloseOnExec(number));
  return { numbers, devNull: openSync('/dev/null', 'r') };
}

/** `stdio` for spawn with /dev/null in place of each inherited descriptor. */
export function coverInherited(stdio: Stdio, inherited: Inherited): Stdio {
  const covered = [...stdio];
  for (const number of inherited.numbers) {
    while (covered.length <= number) covered.push('ignore');
    if (number >= stdio.length) covered[number] = inherited.devNull;
  }
  return covered;
}

function isCloseOnExec(number: number): boolean {
  try {
    const flags = /^flags:\s*([0-7]+)/m.exec(readFileSync(`/proc/self/fdinfo/${number}`, 'utf8'))?.[1] ?? '0';
    return (Number.parseInt(flags, 8) & O_CLOEXEC) !== 0;
  } catch {
    return true;
  }
}
