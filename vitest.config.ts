import { defineConfig } from 'vitest/config';
import { LongestFirst } from './e2e/support/longest-first.ts';

export default defineConfig({
  test: {
    include: ['contract/**/*.test.ts', 'server/src/**/*.test.ts', 'web/src/**/*.test.ts', 'scripts/*.test.mjs'],
    testTimeout: 60_000,
    hookTimeout: 120_000,
    // a second is not enough on a machine that does something else as well
    expect: { poll: { timeout: 10_000 } },
    maxWorkers: 2,
    sequence: { sequencer: LongestFirst },
    reporters: ['default', './server/src/hosting/contract/reporter.ts'],
  },
});
