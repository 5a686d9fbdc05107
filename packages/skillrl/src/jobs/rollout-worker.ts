import { parentPort, workerData } from 'node:worker_threads';

import { SkillError, UnsupportedError } from '@skillrl/core';
import { runEpisode } from '@skillrl/rollouts';

import { openPlay, type PlaySetup } from './open-play.ts';
import type { WorkerReply, WorkerRequest } from './worker-pool.ts';

// Runs inside a worker thread: has its own model, environment and view of the bank.
if (parentPort === null)
  throw new UnsupportedError('config', { code: 'NOT_A_WORKER', message: 'This module runs in a worker thread only.' });
const port = parentPort;
const reply = (message: WorkerReply): void => port.postMessage(message);

const play = await openPlay(workerData as PlaySetup).catch((error: unknown) => {
  reply(failure(error));
  process.exit(0);
});
let current = new AbortController();

port.on('message', (request: WorkerRequest) => {
  if (request.type === 'abort') current.abort();
  else if (request.type === 'serve')
    void play.serve(request.serving).then(
      () => reply({ type: 'ready' }),
      (error: unknown) => reply(failure(error)),
    );
  else if (request.type === 'close') void play.close().finally(() => process.exit(0));
  else {
    current = new AbortController();
    void play
      .policy(request.spec.arm)
      .then((policy) => runEpisode(request.spec, play.environment, policy, { signal: current.signal }))
      .then(
        (events) => reply({ type: 'done', events }),
        (error: unknown) => reply(failure(error)),
      );
  }
});
reply({ type: 'ready' });

function failure(error: unknown): WorkerReply {
  if (error instanceof SkillError)
    return {
      type: 'failed',
      error: { boundary: error.boundary, code: error.code, message: error.message, hint: error.hint },
    };
  return {
    type: 'failed',
    error: { code: 'UNEXPECTED', message: error instanceof Error ? (error.stack ?? error.message) : String(error) },
  };
}
