import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';

import { temporaryFolder } from '@skillrl/testing';
import { expect, it } from 'vitest';

import { fileLock, isLocked } from './file-lock.ts';

it('is held by one at a time, and free again when it is released', () => {
  const path = join(temporaryFolder(), 'deep', 'run.lock');
  expect(isLocked(path)).toBe(false);
  const lock = fileLock(path, 'the run');
  expect(() => fileLock(path, 'the run')).toThrow(/Another process is at work on the run/);
  expect(isLocked(path)).toBe(true);
  lock.release();
  lock.release();
  expect(isLocked(path)).toBe(false);
  fileLock(path, 'the run').release();
});

it('is free again when the process that held it was killed', async () => {
  const path = join(temporaryFolder(), 'run.lock');
  const module = new URL('./file-lock.ts', import.meta.url).href;
  const program = `const { fileLock } = await import(${JSON.stringify(module)});
    globalThis.lock = fileLock(${JSON.stringify(path)}, 'the run'); console.log('held'); setInterval(() => {}, 1000);`;
  const holder = spawn(process.execPath, ['--input-type=module', '--eval', program], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  await once(holder.stdout, 'data');
  expect(() => fileLock(path, 'the run')).toThrow(expect.objectContaining({ code: 'LOCKED' }));
  expect(isLocked(path)).toBe(true);
  holder.kill('SIGKILL');
  await once(holder, 'exit');
  fileLock(path, 'the run').release();
});
