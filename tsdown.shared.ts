import { cpSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { defineConfig, type UserConfig } from 'tsdown';

/**
 * How every package is built for publishing: each module of `src` becomes a `.js` and a `.d.ts` of the same name in
 * `dist`, so that a worker file or a command is found where the source says; whatever is not TypeScript (tables,
 * grammars, weights) is copied to the same place. A package's `tsdown.config.ts` re-exports it.
 */
export const packageBuild: UserConfig = defineConfig({
  entry: ['src/**/*.ts', '!src/**/*.test.ts', '!src/**/fixtures/**'],
  format: 'esm',
  platform: 'node',
  target: 'node22.13',
  unbundle: true,
  dts: true,
  fixedExtension: false,
  clean: true,
  logLevel: 'warn',
  hooks: { 'build:done': ({ options }) => copyAssets(join(options.cwd, 'src'), options.outDir) },
});

function copyAssets(source: string, target: string): void {
  for (const entry of readdirSync(source, { withFileTypes: true, recursive: true })) {
    const path = join(entry.parentPath, entry.name).slice(source.length + 1);
    if (!entry.isFile() || path.endsWith('.ts') || /(^|[\\/])fixtures[\\/]/.test(path)) continue;
    cpSync(join(source, path), join(target, path));
  }
}
