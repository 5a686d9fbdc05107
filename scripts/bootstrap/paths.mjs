import { existsSync, readFileSync, readdirSync, realpathSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The folder of the checkout, whatever the working directory is. */
export const repositoryRoot = dirname(dirname(dirname(fileURLToPath(import.meta.url))));

/**
 * Where the toolchain of one checkout lives.
 *
 * @param {string} root - the checkout.
 */
export function toolchainPaths(root) {
  const folder = join(root, '.skillrl', 'toolchain');
  const pnpmVersion = wantedPnpmVersion(root);
  const pnpmFolder = join(folder, `pnpm-${pnpmVersion}`);
  const executable = process.platform === 'win32' ? '.exe' : '';
  return {
    root,
    folder,
    stamp: join(folder, 'stamp.json'),
    indexStamp: join(folder, 'vector-index.json'),
    lock: join(folder, 'lock'),
    log: join(folder, 'install.log'),
    pnpmVersion,
    pnpmFolder,
    pnpmBin: join(pnpmFolder, 'node_modules', '.bin'),
    pnpm: join(pnpmFolder, 'node_modules', 'pnpm', `pnpm${executable}`),
    modules: join(root, 'node_modules'),
    bin: join(root, 'node_modules', '.bin'),
    node: join(root, 'node_modules', 'node', 'bin', `node${executable}`),
  };
}

/** @typedef {ReturnType<typeof toolchainPaths>} ToolchainPaths */

/** @param {string} root */
export function wantedNodeVersion(root) {
  return String(readJson(join(root, 'package.json')).devDependencies.node);
}

/** Workspace folders that have a `package.json`, relative to the root, sorted. @param {string} root */
export function workspaceFolders(root) {
  const parent = join(root, 'packages');
  if (!existsSync(parent)) return [];
  return readdirSync(parent)
    .filter((name) => existsSync(join(parent, name, 'package.json')))
    .sort()
    .map((name) => join('packages', name));
}

/** Node-API's C headers, or `undefined` when they are not installed. @param {ToolchainPaths} paths */
export function nodeHeaders(paths) {
  const headers = join(paths.modules, 'node-api-headers', 'include');
  return existsSync(join(headers, 'node_api.h')) ? realpathSync(headers) : undefined;
}

/** @param {string} path @returns {any} */
export function readJson(path) {
  return JSON.parse(readFileSync(path, 'utf8'));
}

/** @param {string} root */
function wantedPnpmVersion(root) {
  return String(readJson(join(root, 'package.json')).packageManager)
    .replace(/^pnpm@/, '')
    .replace(/\+.*$/, '');
}
