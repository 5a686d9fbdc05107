import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { handOver } from '../bootstrap/hand-over.mjs';
import { PythonEnvironmentError, ensurePythonEnvironment } from '../python-environment.mjs';
import { junitOutcome } from './junit.mjs';
import { checkOutcome } from './outcome.mjs';

/**
 * @typedef {object} Place
 * @property {string} root - of the checkout.
 * @property {NodeJS.ProcessEnv} env
 */

/**
 * A command that passes or fails as a whole.
 *
 * @param {string} name
 * @param {string} tool - in `node_modules/.bin`, or a script.
 * @param {readonly string[]} args
 * @param {Place} place
 */
export async function check(name, tool, args, { root, env }) {
  const isScript = tool.endsWith('.mjs');
  const command = isScript ? process.execPath : join(root, 'node_modules', '.bin', tool);
  const code = await handOver(command, isScript ? [join(root, tool), ...args] : args, { cwd: root, env });
  return checkOutcome(name, code === 0 ? undefined : `exit code ${code}`);
}

/** Every vitest suite of the workspace. @param {Place} place */
export function vitestSuites({ root, env }) {
  return inFolder(async (folder) => {
    const report = join(folder, 'outcome.json');
    const reporter = join(root, 'scripts', 'test', 'vitest-reporter.mjs');
    const vitest = join(root, 'node_modules', 'vitest', 'vitest.mjs');
    const args = [vitest, 'run', '--reporter=default', `--reporter=${reporter}`];
    const code = await handOver(process.execPath, args, { cwd: root, env: { ...env, SKILLRL_TEST_OUTCOME: report } });
    if (!existsSync(report)) return checkOutcome('vitest', `ended with exit code ${code} before it could report`);
    /** @type {import('./outcome.mjs').Outcome} */
    const outcome = JSON.parse(readFileSync(report, 'utf8'));
    if (code === 0 || outcome.failed.length > 0) return outcome;
    return { ...outcome, failed: [{ name: 'vitest', reason: `exit code ${code}` }] };
  });
}

/**
 * The suites of a Python project, in its own environment. Where none can be made they count as one skipped test, or as a
 * failed one when `SKILLRL_REQUIRE` names Python.
 *
 * @param {string} name - of the environment.
 * @param {string} project - folder with `requirements.txt` and the tests.
 * @param {Place} place
 */
export function pythonSuites(name, project, { root, env }) {
  return inFolder(async (folder) => {
    const cwd = join(root, project);
    if (!existsSync(join(cwd, 'requirements.txt'))) return checkOutcome(project, 'there is no requirements.txt');
    try {
      const more = join(cwd, 'requirements-long.txt');
      const isLong = env['SKILLRL_LONG'] === '1' && existsSync(more);
      const python = await ensurePythonEnvironment({
        name: isLong ? `${name}-long` : name,
        requirements: isLong ? more : join(cwd, 'requirements.txt'),
        env,
        onProgress: (line) => console.log(line),
      });
      const report = join(folder, 'junit.xml');
      const code = await handOver(python, ['-m', 'pytest', `--junitxml=${report}`], { cwd, env });
      if (!existsSync(report))
        return checkOutcome(project, `pytest ended with exit code ${code} before it could report`);
      const outcome = junitOutcome(readFileSync(report, 'utf8'), project);
      if (code === 0 || outcome.failed.length > 0) return outcome;
      return { ...outcome, failed: [{ name: project, reason: `pytest: exit code ${code}` }] };
    } catch (error) {
      if (!(error instanceof PythonEnvironmentError)) throw error;
      const finding = { name: project, reason: error.message };
      const isRequired = (env['SKILLRL_REQUIRE'] ?? '').split(',').some((word) => word.trim() === 'python');
      return { passed: 0, failed: isRequired ? [finding] : [], skipped: isRequired ? [] : [finding] };
    }
  });
}

/** @template T @param {(folder: string) => Promise<T>} work */
async function inFolder(work) {
  const folder = mkdtempSync(join(tmpdir(), 'skillrl-test-'));
  try {
    return await work(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
