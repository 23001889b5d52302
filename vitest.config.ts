import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: 'unit',
          include: ['test/**/*.test.ts'],
          exclude: ['test/system/**'],
          setupFiles: ['test/helpers/setup.ts'],
          testTimeout: 30_000,
          hookTimeout: 60_000,
        },
      },
      {
        test: {
          name: 'system',
          include: ['test/system/**/*.test.ts'],
          setupFiles: ['test/helpers/setup.ts'],
          globalSetup: ['test/system/tools.ts', 'test/system/web-build.ts'],
          testTimeout: 120_000,
          hookTimeout: 120_000,
          // Browsers and terminals answer when the machine lets them.
          expect: { poll: { timeout: 30_000 } },
        },
      },
    ],
  },
});
