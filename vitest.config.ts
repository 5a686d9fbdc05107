import { defineConfig } from 'vitest/config';

/** All suites: every package, and the project's own scripts. */
export default defineConfig({
  test: {
    projects: [
      'packages/*',
      'docs/examples',
      { test: { name: 'scripts', include: ['scripts/**/*.test.mjs'], testTimeout: 120_000 } },
    ],
  },
});
