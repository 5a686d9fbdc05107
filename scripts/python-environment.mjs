import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { delimiter, dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { withLock } from './bootstrap/lock.mjs';
import { runTool } from './bootstrap/run-tool.mjs';
import { explainPythonFailure } from './python-failure.mjs';

const repository = dirname(dirname(fileURLToPath(import.meta.url)));
const oldestPython = [3, 10];

/** A Python environment that could not be made. The message says what happened and what to do. */
export class PythonEnvironmentError extends Error {
  /**
   * @param {'PYTHON_MISSING' | 'PYTHON_TOO_OLD' | 'VENV_FAILED' | 'INSTALL_FAILED'} code
   * @param {string} message
   */
  constructor(code, message) {
    super(message);
    this.name = 'PythonEnvironmentError';
    this.code = code;
  }
}

/**
 * Makes sure that a Python environment of its own exists under `.skillrl/python/NAME` with the pinned requirements
 * installed. When nothing changed this takes a few milliseconds; two processes that ask at once make it once.
 *
 * @param {object} options
 * @param {string} options.name - such as `oracle`.
 * @param {string} options.requirements - path of a pip requirements file.
 * @param {(line: string) => void} [options.onProgress] - one short line when something long begins.
 * @param {AbortSignal} [options.signal] - ends pip and what it started.
 * @param {NodeJS.ProcessEnv} [options.env] - `SKILLRL_PYTHON` names the Python to make it with. Default: `process.env`.
 * @param {string} [options.folder] - where environments are kept. Default: `.skillrl/python` of this checkout.
 * @returns {Promise<string>} path of the environment's python.
 * @throws {PythonEnvironmentError} without Python, its `venv` module, a network or a compiler that a package needs.
 */
export async function ensurePythonEnvironment({
  name,
  requirements,
  onProgress = () => {},
  signal = new AbortController().signal,
  env = process.env,
  folder = join(repository, '.skillrl', 'python'),
}) {
  const place = placeOf(join(folder, name));
  const fingerprint = createHash('sha256').update(readFileSync(requirements)).digest('hex');
  if (isReady(place, fingerprint)) return place.python;
  mkdirSync(folder, { recursive: true });
  const onWait = (/** @type {{ pid: number }} */ { pid }) =>
    onProgress(`waiting for process ${pid}, which makes the Python environment ${name}`);
  await withLock(
    `${place.folder}.lock`,
    async ({ setChild }) => {
      if (isReady(place, fingerprint)) return;
      const context = { name, place, requirements, env, signal, onProgress, onStart: setChild };
      await makeEnvironment(context);
      await installRequirements(context);
      writeFileSync(place.stamp, JSON.stringify({ fingerprint }));
      rmSync(place.unfinished, { force: true });
    },
    { onWait, signal },
  );
  return place.python;
}

/** @param {string} folder */
function placeOf(folder) {
  const programs = join(folder, process.platform === 'win32' ? 'Scripts' : 'bin');
  return {
    folder,
    programs,
    python: join(programs, process.platform === 'win32' ? 'python.exe' : 'python'),
    log: `${folder}.log`,
    stamp: join(folder, 'skillrl-environment.json'),
    // Stands while packages are being installed: where it is found later, the install was interrupted.
    unfinished: `${folder}.unfinished`,
  };
}

/** @param {ReturnType<typeof placeOf>} place @param {string} fingerprint */
function isReady(place, fingerprint) {
  try {
    return existsSync(place.python) && JSON.parse(readFileSync(place.stamp, 'utf8')).fingerprint === fingerprint;
  } catch {
    return false;
  }
}

/**
 * @typedef {object} Context
 * @property {string} name
 * @property {ReturnType<typeof placeOf>} place
 * @property {string} requirements
 * @property {NodeJS.ProcessEnv} env
 * @property {AbortSignal} signal
 * @property {(line: string) => void} onProgress
 * @property {(pid: number | undefined) => void} onStart
 */

/** An environment that is whole is kept, and pip brings it up to date; any other is made anew. @param {Context} context */
async function makeEnvironment(context) {
  const { name, place, env, onProgress } = context;
  rmSync(place.stamp, { force: true });
  if (!existsSync(place.unfinished) && existsSync(place.python) && (await pythonVersion(place.python, env))) return;
  const python = await findPython(env);
  onProgress(`making the Python environment ${name} with ${python.command} ${python.version.join('.')}`);
  rmSync(place.folder, { recursive: true, force: true });
  const { code, output } = await run(context, python.command, ['-m', 'venv', place.folder]);
  if (code !== 0) throw failure('VENV_FAILED', `making the Python environment ${name}`, output, context);
}

/** @param {Context} context */
async function installRequirements(context) {
  const { name, place, requirements, onProgress } = context;
  writeFileSync(place.unfinished, '');
  onProgress(`installing Python packages for ${name}`);
  const options = ['--disable-pip-version-check', '--no-input', '--progress-bar', 'off'];
  const { code, output } = await run(context, place.python, [
    '-m',
    'pip',
    'install',
    ...options,
    '-r',
    resolve(requirements),
  ]);
  if (code !== 0) throw failure('INSTALL_FAILED', `installing Python packages for ${name}`, output, context);
}

/** @param {Context} context @param {string} command @param {readonly string[]} args */
function run({ name, place, env, signal, onProgress, onStart }, command, args) {
  return runTool(command, args, {
    cwd: dirname(place.folder),
    // Some packages call `python` by that name while they are built: it is the environment's own.
    env: { ...env, PATH: [place.programs, env.PATH].filter(Boolean).join(delimiter), PYTHONUNBUFFERED: '1' },
    log: place.log,
    signal,
    onStart,
    onLine: (line) => {
      const step = /^\s*(Collecting \S+|Building wheel for \S+|Downloading \S+|Installing collected packages)/.exec(
        line,
      );
      if (step) onProgress(`${name}: ${step[1]}`);
    },
  });
}

/**
 * @param {'VENV_FAILED' | 'INSTALL_FAILED'} code
 * @param {string} doing
 * @param {string} output
 * @param {Context} context
 */
function failure(code, doing, output, { place, signal }) {
  signal.throwIfAborted();
  return new PythonEnvironmentError(
    code,
    explainPythonFailure({ doing, output, log: relative(repository, place.log) }),
  );
}

/** @param {NodeJS.ProcessEnv} env */
async function findPython(env) {
  const commands = env.SKILLRL_PYTHON ? [env.SKILLRL_PYTHON] : ['python3', 'python'];
  const found = await Promise.all(
    commands.map(async (command) => ({ command, version: (await pythonVersion(command, env)) ?? [] })),
  );
  const usable = found.find(({ version }) => isRecent(version));
  if (usable) return usable;
  const oldest = oldestPython.join('.');
  const old = found.find(({ version }) => version.length > 0);
  if (old) {
    const { command, version } = old;
    const message = `${command} is Python ${version.join('.')}, and ${oldest} or newer is needed. Install one and name it in SKILLRL_PYTHON.`;
    throw new PythonEnvironmentError('PYTHON_TOO_OLD', message);
  }
  const message = `There is no Python (tried ${commands.join(', ')}). Install Python ${oldest} or newer, or name one in SKILLRL_PYTHON.`;
  throw new PythonEnvironmentError('PYTHON_MISSING', message);
}

/**
 * @param {string} command
 * @param {NodeJS.ProcessEnv} env
 * @returns {Promise<number[] | undefined>} such as `[3, 11, 7]`; `undefined` when it does not run.
 */
function pythonVersion(command, env) {
  return new Promise((resolve) => {
    execFile(command, ['-c', 'import sys; print(*sys.version_info[:3])'], { env, timeout: 30_000 }, (error, output) =>
      resolve(error ? undefined : output.trim().split(' ').map(Number)),
    );
  });
}

/** @param {readonly number[]} version */
function isRecent([major = 0, minor = 0]) {
  const [oldestMajor = 0, oldestMinor = 0] = oldestPython;
  return major > oldestMajor || (major === oldestMajor && minor >= oldestMinor);
}
