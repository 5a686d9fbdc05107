import { execFileSync } from 'node:child_process';
import { basename, delimiter, dirname, join } from 'node:path';
import { readJson, repositoryRoot, toolchainPaths, workspaceFolders } from '../bootstrap/paths.mjs';

const paths = toolchainPaths(repositoryRoot);

/** What is published, from this checkout. */
export const publishedPackages = workspaceFolders(repositoryRoot).map((folder) => {
  const manifest = readJson(join(repositoryRoot, folder, 'package.json'));
  return { name: String(manifest.name), folder: join(repositoryRoot, folder), tarball: `${basename(folder)}.tgz` };
});

/** Builds every package and packs it into a folder, as publishing would. @param {string} folder */
export function packPackages(folder) {
  runTool(
    join(paths.bin, 'turbo'),
    ['run', 'build', '--output-logs=errors-only', '--ui=stream', '--concurrency=2'],
    repositoryRoot,
  );
  for (const one of publishedPackages) runTool(paths.pnpm, ['pack', '--out', join(folder, one.tarball)], one.folder);
  return publishedPackages;
}

/**
 * Runs a tool of the toolchain to its end.
 *
 * @param {string} command
 * @param {readonly string[]} args
 * @param {string} cwd
 * @param {{ readonly mayFail?: boolean }} [options]
 * @returns {string} what it printed.
 */
export function runTool(command, args, cwd, { mayFail = false } = {}) {
  const env = {
    ...process.env,
    // pnpm's commands name this checkout in it: what was installed elsewhere would find its packages.
    NODE_PATH: '',
    PATH: [dirname(process.execPath), paths.bin, paths.pnpmBin, process.env['PATH']].join(delimiter),
  };
  try {
    return execFileSync(command, args, { cwd, env, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
  } catch (error) {
    const { stdout = '', stderr = '' } = /** @type {{ stdout?: string, stderr?: string }} */ (error);
    if (mayFail) return stdout;
    throw new Error(`${command} ${args.join(' ')} failed:\n${stdout}\n${stderr}`, { cause: error });
  }
}
