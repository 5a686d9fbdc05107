import { once } from 'node:events';
import { Worker } from 'node:worker_threads';

import { expect, it } from 'vitest';

import { oneThreadAtATime } from './one-thread.ts';

const module = JSON.stringify(new URL('./one-thread.ts', import.meta.url).href);

it('lets one thread after the other do work of the same name', async () => {
  const [inside, most, done] = [0, 1, 2];
  const counts = new Int32Array(new SharedArrayBuffer(12));
  const program = `
    const { workerData: counts } = require('node:worker_threads');
    void (async () => {
      const { oneThreadAtATime } = await import(${module});
      for (let turn = 0; turn < 20; turn += 1)
        await oneThreadAtATime('test', async () => {
          const now = Atomics.add(counts, ${inside}, 1) + 1;
          if (now > Atomics.load(counts, ${most})) Atomics.store(counts, ${most}, now);
          await new Promise((resolve) => setTimeout(resolve, 1));
          Atomics.sub(counts, ${inside}, 1);
          Atomics.add(counts, ${done}, 1);
        });
    })();`;
  const workers = Array.from({ length: 4 }, () => new Worker(program, { eval: true, workerData: counts }));
  await Promise.all(workers.map((worker) => once(worker, 'exit')));
  expect([...counts]).toEqual([0, 1, 80]);
}, 60_000);

it('goes on when the thread whose turn it was has ended in the middle of it', async () => {
  const program = `
    void (async () => {
      const { oneThreadAtATime } = await import(${module});
      await oneThreadAtATime('ended', async () => process.exit(0));
    })();`;
  await once(new Worker(program, { eval: true }), 'exit');
  expect(await oneThreadAtATime('ended', async () => 'next')).toBe('next');
}, 60_000);

it('holds back no work of another name, and ends its turn when the work fails', async () => {
  await oneThreadAtATime('outer', async () => {
    expect(await oneThreadAtATime('inner', async () => 'inside')).toBe('inside');
  });
  await expect(oneThreadAtATime('outer', async () => Promise.reject(new Error('no')))).rejects.toThrow('no');
  expect(await oneThreadAtATime('outer', async () => 'again')).toBe('again');
});
