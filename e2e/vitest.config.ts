import { totalmem } from 'node:os';
import { defineConfig } from 'vitest/config';
import { LongestFirst } from './support/longest-first.ts';

/** These measure how soon something happens, or kill at a moment: nothing else may run beside them. */
const ALONE = ['crash', 'story', 'turns'].map((name) => `e2e/${name}.test.ts`);
/** A Vibe with its previews and its browser takes up to 1.5 GB, and more than one core only while it builds. */
const BESIDE = totalmem() > 6 * 1024 ** 3 ? 3 : 2;

// Whole journeys: a real Vibe and a real browser, each with data and ports of its own. First some at a time, then those that need quiet.
export default defineConfig({
  test: {
    testTimeout: 240_000,
    hookTimeout: 180_000,
    sequence: { concurrent: false, sequencer: LongestFirst },
    globalSetup: ['e2e/support/global-setup.ts'],
    projects: [
      {
        extends: true,
        test: {
          name: 'side by side',
          include: ['e2e/*.test.ts'],
          exclude: ALONE,
          maxWorkers: BESIDE,
          sequence: { groupOrder: 0 },
        },
      },
      { extends: true, test: { name: 'alone', include: ALONE, maxWorkers: 1, sequence: { groupOrder: 1 } } },
    ],
  },
});
