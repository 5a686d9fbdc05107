// `node apps/trainer/run.mjs train [--smoke]`, `… evaluate …`, `… test`: the trainer in its own Python environment, made once.
import { spawn } from 'node:child_process';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ensurePythonEnvironment } from '../../scripts/python-environment.mjs';

const folder = dirname(fileURLToPath(import.meta.url));
const [command, ...rest] = process.argv.slice(2);
const python = await ensurePythonEnvironment({
  name: 'trainer',
  requirements: join(folder, 'requirements.txt'),
  onProgress: (line) => console.error(line),
});
const arguments_ = command === 'test' ? ['-m', 'pytest', ...rest] : ['-m', 'policy_trainer', ...(command ? [command] : []), ...rest];
const child = spawn(python, arguments_, { cwd: folder, stdio: 'inherit' });
for (const signal of /** @type {const} */ (['SIGINT', 'SIGTERM'])) process.on(signal, () => child.kill(signal));
child.on('exit', (status, signal) => {
  process.exitCode = status ?? (signal ? 1 : 0);
});
