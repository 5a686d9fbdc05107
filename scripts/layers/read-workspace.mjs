import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { importsOf } from './imports-of.mjs';

/**
 * @typedef {object} SourceFile
 * @property {string} path - inside the package, with `/`.
 * @property {boolean} isTest - a test, or a helper outside `src` that is not published.
 * @property {readonly import('./imports-of.mjs').Import[]} imports
 *
 * @typedef {object} WorkspacePackage
 * @property {string} folder - its name in `layers.json`.
 * @property {any} manifest - `package.json`.
 * @property {readonly SourceFile[]} files
 *
 * @typedef {object} Layer
 * @property {readonly string[]} packages
 * @property {readonly string[]} external
 * @property {'any' | readonly string[]} node
 *
 * @typedef {object} Workspace
 * @property {readonly WorkspacePackage[]} packages
 * @property {Readonly<Record<string, Layer>>} layers
 * @property {{ readonly packages: readonly string[], readonly external: readonly string[] }} tests
 */

const skippedFolders = new Set(['node_modules', 'dist', 'fixtures', 'coverage', '.turbo']);

/** @param {string} root @returns {Workspace} */
export function readWorkspace(root) {
  const { $comment: _, $tests: tests, ...layers } = JSON.parse(readFileSync(join(root, 'layers.json'), 'utf8'));
  const parent = join(root, 'packages');
  const packages = readdirSync(parent)
    .filter((folder) => existsSync(join(parent, folder, 'package.json')))
    .sort()
    .map((folder) => ({
      folder,
      manifest: JSON.parse(readFileSync(join(parent, folder, 'package.json'), 'utf8')),
      files: sourceFiles(join(parent, folder), ''),
    }));
  return { packages, layers, tests };
}

/** @param {string} folder @param {string} prefix @returns {SourceFile[]} */
function sourceFiles(folder, prefix) {
  return readdirSync(join(folder, prefix), { withFileTypes: true })
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .flatMap((entry) => {
      const path = prefix + entry.name;
      if (entry.isDirectory()) return skippedFolders.has(entry.name) ? [] : sourceFiles(folder, `${path}/`);
      if (!/\.[cm]?[jt]s$/.test(entry.name) || entry.name.endsWith('.d.ts') || isConfiguration(path)) return [];
      const isTest = /\.test\.[cm]?[jt]s$/.test(path) || !path.startsWith('src/');
      return [{ path, isTest, imports: importsOf(path, readFileSync(join(folder, path), 'utf8')) }];
    });
}

/** `vitest.config.ts` and the like belong to the toolchain. @param {string} path */
function isConfiguration(path) {
  return /^[\w-]+\.config\.ts$/.test(path);
}
