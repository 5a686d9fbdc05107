import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, it } from 'vitest';

/**
 * What a test may need that a machine may lack: the real data, a Python that can make environments, a C++ compiler with make.
 */
export type RequirementName = 'data' | 'python' | 'compiler';

/** Whether a machine has it, and why not. */
export type Requirement =
  | { readonly name: string; readonly available: true; readonly path: string; readonly reason?: undefined }
  | { readonly name: string; readonly available: false; readonly path?: undefined; readonly reason: string };

export interface RequirementOptions {
  /** Of `data`: a file or folder in it that is needed, such as `alfworld/golden`. Default: the data folder itself. */
  readonly part?: string;
  /** Default: `process.env`. */
  readonly env?: NodeJS.ProcessEnv;
}

/**
 * Looks for what a test needs. `data` is the folder named by `SKILLRL_DATA`, else `../shared/data` beside the checkout; `path` is that folder
 * or the part of it, Python's executable, or the compiler's command.
 */
export function requirement(name: RequirementName, options: RequirementOptions = {}): Requirement {
  const { part = '.', env = process.env } = options;
  switch (name) {
    case 'data':
      return findData(part, env);
    case 'python':
      return findPython(env);
    case 'compiler':
      return findCompiler(env);
    default:
      return name satisfies never;
  }
}

/** Whether `SKILLRL_REQUIRE` names it, so that its absence is a failure instead of a skip. */
export function isRequired(name: string, env: NodeJS.ProcessEnv = process.env): boolean {
  return (env.SKILLRL_REQUIRE ?? '').split(',').some((required) => required.trim() === name);
}

/**
 * A suite that needs something: it runs where that is available; elsewhere it is one skipped test that says why, or, where `SKILLRL_REQUIRE`
 * names it, one failed test.
 *
 * @param need - from `requirement`, or of the caller's own finding.
 * @param body - gets the path.
 */
export function describeWith(need: Requirement, title: string, body: (path: string) => void): void {
  describe(title, () => {
    if (need.available) return body(need.path);
    if (isRequired(need.name)) {
      it(`needs ${need.name}, which SKILLRL_REQUIRE asks for`, () => {
        throw new Error(need.reason);
      });
      return;
    }
    it(`needs ${need.name}: ${need.reason}`, ({ skip }) => skip(need.reason));
  });
}

const repository = fileURLToPath(new URL('../../../', import.meta.url));

function findData(part: string, env: NodeJS.ProcessEnv): Requirement {
  const path = join(env.SKILLRL_DATA ?? join(repository, '..', 'shared', 'data'), part);
  if (existsSync(path)) return { name: 'data', available: true, path };
  const source = env.SKILLRL_DATA ? `SKILLRL_DATA is ${env.SKILLRL_DATA}` : 'SKILLRL_DATA is not set';
  const missing = part === '.' ? 'there is no data folder' : `the data has no ${part}`;
  return { name: 'data', available: false, reason: `${missing} (${source})` };
}

function findPython(env: NodeJS.ProcessEnv): Requirement {
  const commands = env.SKILLRL_PYTHON ? [env.SKILLRL_PYTHON] : ['python3', 'python'];
  const probe = 'import ensurepip, sys, venv; assert sys.version_info >= (3, 10); print(sys.executable)';
  const found = commands.map((command) => ask(command, ['-c', probe], env)).find((answer) => answer !== undefined);
  if (found) return { name: 'python', available: true, path: found };
  return {
    name: 'python',
    available: false,
    reason: `no Python 3.10 or newer with venv (tried ${commands.join(', ')})`,
  };
}

function findCompiler(env: NodeJS.ProcessEnv): Requirement {
  const compiler = [env.CXX ?? 'c++', 'g++', 'clang++'].find(
    (command) => ask(command, ['--version'], env) !== undefined,
  );
  const hasMake = ask('make', ['--version'], env) !== undefined;
  if (compiler && hasMake) return { name: 'compiler', available: true, path: compiler };
  return { name: 'compiler', available: false, reason: compiler ? 'no make' : 'no C++ compiler' };
}

/** What a program answers; `undefined` when it does not run or fails. */
function ask(command: string, args: readonly string[], env: NodeJS.ProcessEnv): string | undefined {
  try {
    return execFileSync(command, args, {
      env,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
      timeout: 30_000,
    }).trim();
  } catch {
    return undefined;
  }
}
