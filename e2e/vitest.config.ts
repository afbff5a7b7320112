import { defineConfig } from 'vitest/config';
import { LongestFirst } from './support/longest-first.ts';

/** These measure how soon something happens: nothing else may run beside them. */
const ALONE = ['story', 'turns'].map((name) => `e2e/${name}.test.ts`);

// Whole journeys: a real Vibe and a real browser, each with data and ports of its own. First two files at a time, then those that need quiet.
export default defineConfig({
  test: {
    testTimeout: 240_000,
    hookTimeout: 180_000,
    // a second is not enough on a machine that does something else as well
    expect: { poll: { timeout: 10_000 } },
    sequence: { concurrent: false, sequencer: LongestFirst },
    globalSetup: ['e2e/support/global-setup.ts'],
    setupFiles: ['e2e/support/on-failure.ts'],
    projects: [
      {
        extends: true,
        test: {
          name: 'side by side',
          include: ['e2e/*.test.ts'],
          exclude: ALONE,
          maxWorkers: 2,
          sequence: { groupOrder: 0 },
        },
      },
      { extends: true, test: { name: 'alone', include: ALONE, maxWorkers: 1, sequence: { groupOrder: 1 } } },
    ],
  },
});
