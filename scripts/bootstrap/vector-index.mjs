import { createHash } from 'node:crypto';
import { accessSync, constants, existsSync, mkdirSync, realpathSync, renameSync, rmSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { delimiter, dirname, join } from 'node:path';
import { childEnvironment } from './environment.mjs';
import { interrupted } from './failure.mjs';
import { nodeHeaders, readJson } from './paths.mjs';
import { processorFeatures, vectorFlags } from './processor.mjs';
import { runTool } from './run-tool.mjs';

/**
 * Compiles hnswlib-node with one call of the C++ compiler. Its own way (node-gyp) needs Python and headers from a
 * server, and makes code without vector instructions; the source is one file over Node-API, whose headers are a package.
 *
 * @typedef {object} IndexPlan
 * @property {string} [compiler] - absent when there is none.
 * @property {string} [source] - the folder of hnswlib-node; absent when it is not installed.
 * @property {string} addon - the file to make.
 * @property {readonly string[]} flags
 * @property {string} fingerprint - changes with the compiler, its flags and the source.
 *
 * @typedef {{ readonly fingerprint: string, readonly outcome: 'compiled' | 'left-out' | 'failed', readonly reason?: string }} IndexState
 */

const leftOut = 'hnswlib-node is left out and the exact flat index serves';

/** @param {import('./paths.mjs').ToolchainPaths} paths @param {NodeJS.ProcessEnv} env @returns {IndexPlan} */
export function planIndex(paths, env) {
  const link = join(paths.root, 'packages', 'drivers', 'node_modules', 'hnswlib-node');
  const source = existsSync(join(link, 'package.json')) ? realpathSync(link) : undefined;
  const compiler = process.platform === 'win32' ? undefined : findCompiler(env);
  const flags = vectorFlags({ arch: process.arch, features: processorFeatures() });
  const parts = [
    source && readJson(join(source, 'package.json')).version,
    process.arch,
    ...flags,
    compiler && fileIdentity(compiler),
  ];
  return {
    compiler,
    source,
    addon: join(source ?? paths.folder, 'build', 'Release', 'addon.node'),
    flags,
    fingerprint: createHash('sha256').update(parts.join('\n')).digest('hex'),
  };
}

/**
 * The sentence for a person when the fast index will not serve; `undefined` when it will.
 *
 * @param {IndexPlan} plan
 * @param {IndexState | undefined} state - of the last attempt.
 */
export function indexNotice(plan, state) {
  if (existsSync(plan.addon)) return undefined;
  if (!plan.source) return `The package hnswlib-node is not installed here: ${leftOut}.`;
  if (state?.outcome === 'failed')
    return `hnswlib-node could not be compiled (${state.reason}): ${leftOut}. Remove .skillrl/toolchain/vector-index.json to try again.`;
  return `No C++ compiler found: ${leftOut}. Install g++ or clang and run again to have the faster one for large banks.`;
}

/** Is there nothing to compile? @param {IndexPlan} plan @param {IndexState | undefined} state */
export function isIndexSettled(plan, state) {
  if (!plan.compiler || !plan.source) return true;
  if (state?.fingerprint !== plan.fingerprint) return false;
  return state.outcome === 'failed' || existsSync(plan.addon);
}

/**
 * @param {IndexPlan} plan
 * @param {import('./install.mjs').InstallContext} context
 * @returns {Promise<IndexState>} a compiler that fails is an outcome, not an error: the flat index serves.
 */
export async function compileIndex(plan, context) {
  const { paths, env, progress, signal, onStart } = context;
  const { fingerprint } = plan;
  const headers = nodeHeaders(paths);
  if (!plan.compiler || !plan.source) return { fingerprint, outcome: 'left-out' };
  if (!headers) return { fingerprint, outcome: 'failed', reason: 'the package node-api-headers is missing' };
  const step = progress.step(`compiling hnswlib-node ${plan.flags.join(' ')}`.trimEnd());
  const options = { cwd: paths.root, env: childEnvironment(env, paths), log: paths.log, signal, onStart };
  const target = `${plan.addon}.${process.pid}.node`;
  try {
    mkdirSync(dirname(target), { recursive: true });
    const compiled = await runTool(plan.compiler, compilerArguments(plan, headers, target), options);
    if (signal.aborted) throw interrupted();
    if (compiled.code !== 0) return failed(fingerprint, compiled.output);
    const tried = await runTool(paths.node, ['-e', tryAddon, target], options);
    if (signal.aborted) throw interrupted();
    if (tried.code !== 0) return failed(fingerprint, tried.output);
    renameSync(target, plan.addon);
    return { fingerprint, outcome: 'compiled' };
  } finally {
    rmSync(target, { force: true });
    step.end(existsSync(plan.addon) ? 'hnswlib-node is compiled' : 'compiling hnswlib-node ended');
  }
}

/** Loads the addon and makes one search, so that a wrong instruction set shows now. */
const tryAddon = `
  const { HierarchicalNSW } = require(process.argv[1]);
  const index = new HierarchicalNSW('l2', 16);
  index.initIndex(2);
  index.addPoint(Array(16).fill(1), 7);
  if (index.searchKnn(Array(16).fill(1), 1).neighbors[0] !== 7) process.exit(1);
`;

/** @param {IndexPlan} plan @param {string} headers @param {string} target */
function compilerArguments(plan, headers, target) {
  const source = String(plan.source);
  const addonHeaders = dirname(createRequire(join(source, 'package.json')).resolve('node-addon-api'));
  const shared = process.platform === 'darwin' ? '-bundle -undefined dynamic_lookup' : '-shared -pthread';
  const language = '-std=c++17 -O3 -fPIC -fexceptions -fvisibility=hidden';
  const defines = '-DNAPI_DISABLE_CPP_EXCEPTIONS -DNODE_GYP_MODULE_NAME=addon -DBUILDING_NODE_EXTENSION';
  return [
    ...`${language} ${shared} ${defines}`.split(' '),
    ...plan.flags,
    ...[headers, addonHeaders, join(source, 'src')].flatMap((folder) => ['-I', folder]),
    join(source, 'src', 'addon.cc'),
    '-o',
    target,
  ];
}

/** @param {NodeJS.ProcessEnv} env */
function findCompiler(env) {
  const folders = (env['PATH'] ?? '').split(delimiter).filter(Boolean);
  for (const name of [env['CXX'], 'g++', 'clang++', 'c++']) {
    if (!name) continue;
    for (const path of name.includes('/') ? [name] : folders.map((folder) => join(folder, name))) {
      if (isExecutable(path)) return path;
    }
  }
  return undefined;
}

/** @param {string} path */
function isExecutable(path) {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}

/** @param {string} path */
function fileIdentity(path) {
  const real = realpathSync(path);
  const { size, mtimeMs } = statSync(real);
  return `${real} ${size} ${mtimeMs}`;
}

/** @param {string} fingerprint @param {string} output @returns {IndexState} */
function failed(fingerprint, output) {
  const lines = output.split('\n').filter((line) => line.trim());
  const reason = lines.find((line) => /error/i.test(line)) ?? lines.at(-1) ?? 'the compiler said nothing';
  return { fingerprint, outcome: 'failed', reason: reason.trim().slice(0, 200) };
}
