import { spawn } from 'node:child_process';
import { appendFileSync } from 'node:fs';

/**
 * @typedef {object} ToolOptions
 * @property {string} cwd
 * @property {NodeJS.ProcessEnv} env
 * @property {string} log - a file that everything printed is appended to.
 * @property {AbortSignal} signal - ends the tool and all it started.
 * @property {(line: string) => void} [onLine] - each line as it is printed.
 * @property {(pid: number | undefined) => void} [onStart] - the process while it runs, then `undefined`.
 */

/**
 * Runs a tool to its end and keeps what it printed.
 *
 * @param {string} command
 * @param {readonly string[]} args
 * @param {ToolOptions} options
 * @returns {Promise<{ readonly code: number, readonly output: string }>} `output` is the last 64 KB; a tool that cannot
 *   be started or is killed ends with a code other than 0 and says so in `output`.
 */
export function runTool(command, args, options) {
  const { cwd, env, log, signal, onLine, onStart } = options;
  appendLog(log, `\n$ ${command} ${args.join(' ')}\n`);
  return new Promise((resolve) => {
    // In a process group of its own: npm and pnpm start further processes, and all of them must end on Ctrl-C.
    const tool = spawn(command, args, {
      cwd,
      env,
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: process.platform !== 'win32',
      shell: process.platform === 'win32' && command.endsWith('.cmd'),
    });
    let output = '';
    let pending = '';
    const take = (/** @type {string} */ text) => {
      appendLog(log, text);
      output = (output + text).slice(-65_536);
      const lines = (pending + text).split(/\r?\n|\r/);
      pending = lines.pop() ?? '';
      for (const line of lines) onLine?.(line);
    };
    const end = () => killGroup(tool);
    const finish = (/** @type {number} */ code, /** @type {string} */ last) => {
      signal.removeEventListener('abort', end);
      onStart?.(undefined);
      if (last) take(`${last}\n`);
      resolve({ code, output });
    };
    tool.stdout.setEncoding('utf8').on('data', take);
    tool.stderr.setEncoding('utf8').on('data', take);
    tool.once('spawn', () => onStart?.(tool.pid));
    tool.once('error', (error) => finish(127, error.message));
    tool.once('close', (code, killed) => finish(code ?? 1, killed ? `ended by ${killed}` : ''));
    signal.addEventListener('abort', end, { once: true });
    if (signal.aborted) end();
  });
}

/** @param {import('node:child_process').ChildProcess} tool */
function killGroup(tool) {
  if (tool.pid === undefined) return;
  try {
    if (process.platform === 'win32') tool.kill();
    else process.kill(-tool.pid, 'SIGTERM');
  } catch {
    // It has ended by itself.
  }
}

/** The log helps a person and must not be what fails: the disk may be full. @param {string} log @param {string} text */
function appendLog(log, text) {
  try {
    appendFileSync(log, text);
  } catch {
    // The tool's own failure is reported.
  }
}
