import { Worker } from 'node:worker_threads';

import { type EpisodeEvent, type RolloutSpec, SkillError } from '@skillrl/core';
import type { RolloutRunner } from '@skillrl/rollouts';

import type { Serving } from './open-play.ts';

/** What the main thread says to a worker. */
export type WorkerRequest =
  | { readonly type: 'run'; readonly spec: RolloutSpec }
  | { readonly type: 'serve'; readonly serving: Serving }
  | { readonly type: 'abort' }
  | { readonly type: 'close' };

/** What a worker answers: it is ready once, then one answer a run, and ready again when it serves something else. */
export type WorkerReply =
  | { readonly type: 'ready' }
  | { readonly type: 'done'; readonly events: readonly EpisodeEvent[] }
  | {
      readonly type: 'failed';
      readonly error: {
        readonly boundary?: SkillError['boundary'];
        readonly code: string;
        readonly message: string;
        readonly hint?: string;
      };
    };

export interface WorkerPool extends RolloutRunner {
  /** What every worker plays from now on. Between rollouts only. @throws what a worker threw: the pool can only be closed then. */
  serve(serving: Serving): Promise<void>;
}

/**
 * Runs rollouts in worker threads, one at a time in each.
 *
 * @param module - the worker's module: it answers `WorkerRequest`s with `WorkerReply`s.
 * @param setup - handed to every worker as its `workerData`.
 * @returns after every worker is ready. @throws what a worker threw while it got ready.
 */
export async function workerPool(module: URL, setup: unknown, size: number): Promise<WorkerPool> {
  const workers: Worker[] = [];
  try {
    await Promise.all(
      Array.from({ length: size }, async () => {
        const worker = new Worker(module, { workerData: setup });
        workers.push(worker);
        await answer(worker);
      }),
    );
  } catch (error) {
    await Promise.all(workers.map((worker) => worker.terminate()));
    throw error;
  }
  const idle = [...workers];

  return {
    parallel: size,
    async run(spec, signal) {
      signal?.throwIfAborted();
      const worker = idle.pop();
      if (worker === undefined) throw new Error('More rollouts at a time than workers.');
      const abort = (): void => worker.postMessage({ type: 'abort' } satisfies WorkerRequest);
      signal?.addEventListener('abort', abort, { once: true });
      try {
        const reply = answer(worker);
        worker.postMessage({ type: 'run', spec } satisfies WorkerRequest);
        return await reply;
      } catch (error) {
        signal?.throwIfAborted();
        throw error;
      } finally {
        signal?.removeEventListener('abort', abort);
        if (isAlive(worker)) idle.push(worker);
      }
    },
    async serve(serving) {
      await Promise.all(
        workers.map((worker) => {
          const reply = answer(worker);
          worker.postMessage({ type: 'serve', serving } satisfies WorkerRequest);
          return reply;
        }),
      );
    },
    async close() {
      await Promise.all(
        workers.map(
          (worker) =>
            new Promise<void>((resolve) => {
              if (!isAlive(worker)) return resolve();
              worker.once('exit', () => resolve());
              worker.postMessage({ type: 'close' } satisfies WorkerRequest);
            }),
        ),
      );
    },
  };
}

/** A thread that has ended says nothing more, not even that. */
function isAlive({ threadId }: Worker): boolean {
  return threadId !== -1;
}

/** The worker's next reply, or its death. */
function answer(worker: Worker): Promise<readonly EpisodeEvent[]> {
  return new Promise((resolve, reject) => {
    const settle = (finish: () => void): void => {
      worker.off('message', onMessage).off('error', onError).off('exit', onExit);
      finish();
    };
    const onMessage = (reply: WorkerReply): void =>
      settle(() => {
        if (reply.type === 'failed') reject(errorFrom(reply.error));
        else resolve(reply.type === 'done' ? reply.events : []);
      });
    const onError = (error: unknown): void => settle(() => reject(error));
    const onExit = (code: number): void =>
      settle(() => reject(new Error(`A worker thread ended with code ${code} in the middle of its work.`)));
    worker.on('message', onMessage).on('error', onError).on('exit', onExit);
  });
}

function errorFrom({ boundary, ...details }: Extract<WorkerReply, { type: 'failed' }>['error']): Error {
  return boundary === undefined ? new Error(details.message) : new SkillError(boundary, details);
}
