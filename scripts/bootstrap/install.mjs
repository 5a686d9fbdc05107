import { existsSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { explainFailure } from './explain-failure.mjs';
import { installEnvironment } from './environment.mjs';
import { writtenDisks } from './disks.mjs';
import { BootstrapFailure, interrupted } from './failure.mjs';
import { wantedNodeVersion, workspaceFolders } from './paths.mjs';
import { runTool } from './run-tool.mjs';

/**
 * @typedef {object} InstallContext
 * @property {import('./paths.mjs').ToolchainPaths} paths
 * @property {NodeJS.ProcessEnv} env - of the caller.
 * @property {import('./progress.mjs').Progress} progress
 * @property {AbortSignal} signal
 * @property {(pid: number | undefined) => void} onStart
 */

/**
 * Fetches pnpm and installs what the lockfile says, Node 24 among it. What an interrupted install left half done is
 * noticed by trying the result; then the install is made again from nothing, once.
 *
 * @param {InstallContext} context
 * @throws {BootstrapFailure} with a sentence for a person.
 */
export async function installToolchain(context) {
  const { paths } = context;
  await fetchPnpm(context);
  await installPackages(context, 'installing packages');
  if (await isUsable(context)) return;
  for (const folder of ['.', ...workspaceFolders(paths.root)]) {
    rmSync(join(paths.root, folder, 'node_modules'), { recursive: true, force: true });
  }
  await installPackages(context, 'repairing an install that was interrupted');
  if (await isUsable(context)) return;
  throw new BootstrapFailure(
    `Node ${wantedNodeVersion(paths.root)} was installed but does not run on this machine (${process.platform} ${process.arch}). Details are in ${paths.log}.`,
  );
}

/** @param {InstallContext} context */
async function fetchPnpm(context) {
  const { paths, progress } = context;
  if (existsSync(paths.pnpm)) return;
  const step = progress.step(`fetching pnpm ${paths.pnpmVersion}`);
  const building = `${paths.pnpmFolder}.${process.pid}`;
  try {
    attempt(context, 'fetching pnpm', () => {
      rmSync(building, { recursive: true, force: true });
      mkdirSync(building, { recursive: true });
      writeFileSync(join(building, 'package.json'), '{ "private": true }\n');
    });
    const [command, before] = npmCommand(context.env);
    const install = `install pnpm@${paths.pnpmVersion} --global=false --package-lock=false --include=optional`;
    const args = [...before, ...install.split(' '), '--ignore-scripts=false', '--dry-run=false'];
    await mustRun(context, 'fetching pnpm', command, args, building);
    attempt(context, 'fetching pnpm', () => {
      rmSync(paths.pnpmFolder, { recursive: true, force: true });
      renameSync(building, paths.pnpmFolder);
    });
  } finally {
    rmSync(building, { recursive: true, force: true });
    step.end(existsSync(paths.pnpm) ? `pnpm ${paths.pnpmVersion} is here` : 'fetching pnpm ended');
  }
}

/**
 * From pnpm's store alone when it has everything, which takes a second; else from the registry, after asking npm whether
 * it answers: pnpm would try every package for minutes.
 *
 * @param {InstallContext} context
 * @param {string} doing
 */
async function installPackages(context, doing) {
  const { paths, progress } = context;
  const step = progress.step(doing);
  const onLine = (/** @type {string} */ line) => {
    const counts = /^Progress: (.*)/.exec(line)?.[1];
    if (counts) step.detail(counts);
  };
  const args = ['install', '--frozen-lockfile', '--reporter=append-only', '--config.confirmModulesPurge=false'];
  let outcome = `${doing} ended`;
  try {
    const fromStore = await run(context, paths.pnpm, [...args, '--offline'], paths.root, onLine);
    if (fromStore.code !== 0) {
      const [command, before] = npmCommand(context.env);
      const question = ['view', `node@${wantedNodeVersion(paths.root)}`, 'version', '--fetch-retries=1'];
      await mustRun(context, doing, command, [...before, ...question], paths.folder);
      await mustRun(context, doing, paths.pnpm, args, paths.root, onLine);
    }
    outcome = 'packages are installed';
  } finally {
    step.end(outcome);
  }
}

/** Does the fetched Node run, and are the tools there? @param {InstallContext} context */
async function isUsable(context) {
  const { paths } = context;
  if (!['tsc', 'vitest', 'turbo', 'oxlint'].every((tool) => existsSync(join(paths.bin, tool)))) return false;
  if (!existsSync(paths.node)) return false;
  const { code, output } = await run(context, paths.node, ['--version'], paths.root);
  return code === 0 && output.trim() === `v${wantedNodeVersion(paths.root)}`;
}

/**
 * @param {InstallContext} context
 * @param {string} doing
 * @param {string} command
 * @param {readonly string[]} args
 * @param {string} cwd
 * @param {(line: string) => void} [onLine]
 */
async function mustRun(context, doing, command, args, cwd, onLine) {
  const { code, output } = await run(context, command, args, cwd, onLine);
  if (context.signal.aborted) throw interrupted();
  if (code !== 0) throw explained(context, doing, output);
}

/**
 * @param {InstallContext} context
 * @param {string} command
 * @param {readonly string[]} args
 * @param {string} cwd
 * @param {(line: string) => void} [onLine]
 */
function run(context, command, args, cwd, onLine) {
  const { paths, signal, onStart } = context;
  const env = installEnvironment(context.env, paths);
  return runTool(command, args, { cwd, env, log: paths.log, signal, onStart, onLine });
}

/** @template T @param {InstallContext} context @param {string} doing @param {() => T} work */
function attempt(context, doing, work) {
  try {
    return work();
  } catch (error) {
    throw explained(context, doing, String(error));
  }
}

/** @param {InstallContext} context @param {string} doing @param {string} output */
function explained({ paths, env }, doing, output) {
  const registry = env['npm_config_registry'] ?? env['NPM_CONFIG_REGISTRY'] ?? 'https://registry.npmjs.org/';
  const { root, log } = paths;
  return new BootstrapFailure(explainFailure({ doing, output, registry, root, log, disks: writtenDisks(root) }));
}

/** The npm that called us, else the one on the path. @param {NodeJS.ProcessEnv} env @returns {[string, string[]]} */
function npmCommand(env) {
  const caller = env['npm_execpath'];
  if (caller && /npm-cli\.[cm]?js$/.test(caller) && existsSync(caller)) return [process.execPath, [caller]];
  return [process.platform === 'win32' ? 'npm.cmd' : 'npm', []];
}
