/** The suite that every sandbox driver passes, real processes and real attacks: a driver that fails one test is no driver. */
import type { DriverUnderTest } from './contract/bench.ts';
import { isolationTests } from './contract/isolation.ts';
import { lifecycleTests } from './contract/lifecycle.ts';
import { limitTests } from './contract/limits.ts';

/** Registers the tests with Vitest. */
export function describeDriver(under: DriverUnderTest): void {
  lifecycleTests(under);
  isolationTests(under);
  limitTests(under);
}
