import { programFor } from './commands.mjs';
import { writtenDisks } from './disks.mjs';
import { ensureToolchain } from './ensure-toolchain.mjs';
import { childEnvironment } from './environment.mjs';
import { explainFailure } from './explain-failure.mjs';
import { BootstrapFailure, interrupted } from './failure.mjs';
import { handOver } from './hand-over.mjs';
import { repositoryRoot, toolchainPaths } from './paths.mjs';
import { showProgress } from './progress.mjs';

/**
 * `node scripts/bootstrap.mjs NAME [ARGUMENTS]`: makes the toolchain ready, then runs the command with Node 24.
 * All it prints itself goes to standard error.
 *
 * @param {readonly string[]} argv
 */
export async function main([name, ...args]) {
  const paths = toolchainPaths(repositoryRoot);
  const progress = showProgress(process.stderr);
  const abort = new AbortController();
  const interrupt = () => abort.abort();
  for (const signal of signals) process.on(signal, interrupt);
  try {
    const program = programFor(name, args, { root: paths.root, callerFolder: callerFolder(paths.root, process.env) });
    const ready = await ensureToolchain({ paths, env: process.env, progress, signal: abort.signal });
    if (ready.notice && (ready.changed || name === 'start' || name === 'test')) progress.note(ready.notice);
    for (const signal of signals) process.removeListener(signal, interrupt);
    const env = childEnvironment(process.env, paths);
    process.exitCode = await handOver(paths.node, [program.script, ...program.args], { cwd: program.cwd, env });
  } catch (error) {
    const failure = asFailure(error, paths, abort.signal);
    progress.note(failure.message);
    process.exitCode = failure.exitCode;
  }
}

/** @type {readonly NodeJS.Signals[]} */
const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'];

/** Where the user typed the command: npm moves to the root before it calls us. @param {string} root @param {NodeJS.ProcessEnv} env */
function callerFolder(root, env) {
  const calledByNpm = env['npm_lifecycle_event'] !== undefined && process.cwd() === root;
  return (calledByNpm && env['INIT_CWD']) || process.cwd();
}

/** @param {unknown} error @param {import('./paths.mjs').ToolchainPaths} paths @param {AbortSignal} signal */
function asFailure(error, paths, signal) {
  if (signal.aborted) return interrupted();
  if (error instanceof BootstrapFailure) return error;
  const output = error instanceof Error ? error.message : String(error);
  const { root, log } = paths;
  const step = { doing: 'preparing the toolchain', output, registry: '', root, log, disks: writtenDisks(root) };
  return new BootstrapFailure(explainFailure(step));
}
