import { fileURLToPath } from 'node:url';

import { configDefaults, defineConfig, type ViteUserConfig } from 'vitest/config';

/**
 * What every suite of the workspace shares; a package's `vitest.config.ts` re-exports it.
 *
 * Suites named `*.long.test.ts` run only when `SKILLRL_LONG` is set (`npm run test:long`), so that `pnpm test` in one
 * package takes seconds.
 */
export const packageTests: ViteUserConfig = defineConfig({
  test: {
    globalSetup: fileURLToPath(new URL('vitest.temporary.ts', import.meta.url)),
    include: ['src/**/*.test.ts'],
    exclude: [...configDefaults.exclude, ...(process.env['SKILLRL_LONG'] ? [] : ['**/*.long.test.ts'])],
    testTimeout: 30_000,
    hookTimeout: 60_000,
  },
});
