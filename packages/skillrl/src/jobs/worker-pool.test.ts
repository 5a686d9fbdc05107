import type { RolloutSpec } from '@skillrl/core';
import { expect, it } from 'vitest';

import { workerPool } from './worker-pool.ts';

/** Answers until it is asked for the play `die`. */
const mortal = new URL(
  `data:text/javascript,${encodeURIComponent(`
    import { parentPort } from 'node:worker_threads';
    parentPort.on('message', (request) => {
      if (request.type === 'close') return parentPort.close();
      if (request.spec.id === 'die') process.exit(7);
      parentPort.postMessage({ type: 'done', events: [] });
    });
    parentPort.postMessage({ type: 'ready' });
  `)}`,
);

const play = (id: string): RolloutSpec => ({ id }) as unknown as RolloutSpec;

it('says that a thread died, and is closed although it has', async () => {
  const pool = await workerPool(mortal, {}, 2);
  expect(await pool.run(play('live'))).toEqual([]);
  await expect(pool.run(play('die'))).rejects.toThrow('A worker thread ended with code 7');
  expect(await pool.run(play('live'))).toEqual([]);
  await pool.close();
});
