import { accessSync, constants, existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { BootstrapFailure } from './failure.mjs';
import { installFingerprint } from './fingerprint.mjs';
import { installToolchain } from './install.mjs';
import { withLock } from './lock.mjs';
import { compileIndex, indexNotice, isIndexSettled, planIndex } from './vector-index.mjs';

/**
 * Makes sure that Node 24, pnpm and all packages are here, and the fast vector index where it can be compiled. When
 * nothing changed since the last time this takes a few milliseconds.
 *
 * @param {Omit<import('./install.mjs').InstallContext, 'onStart'>} context
 * @returns {Promise<{ readonly changed: boolean, readonly notice?: string }>} `notice` says that the flat index serves.
 */
export async function ensureToolchain(context) {
  const { paths, env, progress, signal } = context;
  if (isReady(paths, env)) return { changed: false, notice: notice(paths, env) };
  requireWritable(paths.root);
  mkdirSync(paths.folder, { recursive: true });
  const onWait = (/** @type {{ pid: number }} */ { pid }) =>
    progress.note(`waiting for another bootstrap of this folder (process ${pid}) …`);
  const changed = await withLock(
    paths.lock,
    async ({ setChild }) => {
      if (isReady(paths, env)) return false;
      const inside = { ...context, onStart: setChild };
      if (!isInstalled(paths)) {
        rmSync(paths.stamp, { force: true });
        const fingerprint = installFingerprint(paths.root);
        await installToolchain(inside);
        writeState(paths.stamp, { fingerprint });
      }
      const plan = planIndex(paths, env);
      if (!isIndexSettled(plan, readState(paths.indexStamp))) {
        writeState(paths.indexStamp, await compileIndex(plan, inside));
      }
      return true;
    },
    { onWait, signal },
  );
  return { changed, notice: notice(paths, env) };
}

/**
 * What is fetched is put into the checkout. Asked first, because making a folder in a read-only place may say that
 * something is not found.
 *
 * @param {string} root
 * @throws {BootstrapFailure}
 */
export function requireWritable(root) {
  try {
    accessSync(root, constants.W_OK);
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : String(error);
    throw new BootstrapFailure(
      `The checkout ${root} may not be written (${code}), and Node 24, pnpm and the packages are put into it. Make it writable for this user or copy it to a folder that is, and run the same command there.`,
    );
  }
}

/** @param {import('./paths.mjs').ToolchainPaths} paths @param {NodeJS.ProcessEnv} env */
function isReady(paths, env) {
  return isInstalled(paths) && isIndexSettled(planIndex(paths, env), readState(paths.indexStamp));
}

/** @param {import('./paths.mjs').ToolchainPaths} paths */
function isInstalled(paths) {
  if (![paths.node, paths.pnpm, paths.bin].every((path) => existsSync(path))) return false;
  return readState(paths.stamp)?.fingerprint === installFingerprint(paths.root);
}

/** @param {import('./paths.mjs').ToolchainPaths} paths @param {NodeJS.ProcessEnv} env */
function notice(paths, env) {
  return indexNotice(planIndex(paths, env), readState(paths.indexStamp));
}

/** @param {string} path @returns {any} `undefined` when absent or unreadable, as after a crash. */
function readState(path) {
  try {
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch {
    return undefined;
  }
}

/** @param {string} path @param {unknown} state */
function writeState(path, state) {
  writeFileSync(`${path}.${process.pid}`, JSON.stringify(state));
  renameSync(`${path}.${process.pid}`, path);
}
