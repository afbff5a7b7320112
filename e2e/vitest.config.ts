import { defineConfig } from 'vitest/config';

// Whole journeys: a real Vibe and a real browser. One after the other, because each brings its own processes.
export default defineConfig({
  test: {
    include: ['e2e/**/*.test.ts'],
    testTimeout: 240_000,
    hookTimeout: 180_000,
    fileParallelism: false,
    sequence: { concurrent: false },
    globalSetup: ['e2e/support/global-setup.ts'],
  },
});
