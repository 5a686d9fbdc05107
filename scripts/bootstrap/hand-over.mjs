import { spawn } from 'node:child_process';

/** Two deliveries of one Ctrl-C (from the terminal and from npm) are this close at most. */
const sameKeyPressMs = 500;

/**
 * Runs the program in our place: its input and output are ours, signals are passed on, and its exit code is returned.
 * A program ended by a signal ends us by the same signal.
 *
 * @param {string} command
 * @param {readonly string[]} args
 * @param {{ readonly cwd: string, readonly env: NodeJS.ProcessEnv }} options
 * @returns {Promise<number>}
 */
export function handOver(command, args, { cwd, env }) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { cwd, env, stdio: 'inherit' });
    /** @type {Map<string, number>} */
    const passedAt = new Map();
    const forwarders = ['SIGINT', 'SIGTERM', 'SIGHUP'].map((name) => {
      const forward = (/** @type {NodeJS.Signals} */ signal) => {
        // A terminal sends Ctrl-C to the whole group, the program included.
        if (signal === 'SIGINT' && hasTerminal()) return;
        if (Date.now() - (passedAt.get(signal) ?? 0) < sameKeyPressMs) return;
        passedAt.set(signal, Date.now());
        child.kill(signal);
      };
      process.on(name, forward);
      return () => process.removeListener(name, forward);
    });
    child.once('error', reject);
    child.once('close', (code, signal) => {
      for (const remove of forwarders) remove();
      if (signal) process.kill(process.pid, signal);
      resolve(code ?? 1);
    });
  });
}

function hasTerminal() {
  return process.stdin.isTTY || process.stdout.isTTY || process.stderr.isTTY;
}
