import { randomUUID } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';

import { readGraph, type Graph, type GraphShape } from './graph.ts';
import type { UnitRows } from './unit-rows.ts';

export interface BuildGraphOptions extends GraphShape {
  /** Where the worker leaves the graph for this thread to read; it is removed afterwards. */
  readonly folder: string;
  readonly signal: AbortSignal;
}

/** What the worker is started with. */
export interface BuildSetup extends GraphShape {
  readonly dimensions: number;
  readonly capacity: number;
  /** Two numbers: whether the worker shall stop, and whether it is at work. See `endWorker`. */
  readonly state: Int32Array<SharedArrayBuffer>;
}

/** Vectors to add under the next labels, or the file to write when there are no more. */
export type BuildRequest = { readonly vectors: Float32Array<ArrayBuffer> } | { readonly path: string };

/** Sent when a request is done. */
export type BuildReply = 'done';

/**
 * Builds a graph's native part in a worker thread, from copies of its unlinked rows, some at a time, and attaches it. The graph must be held;
 * what changes meanwhile it keeps for its release. Rows that come late are left unlinked rather than waited for for ever.
 */
export async function buildGraph(
  graph: Graph,
  units: UnitRows,
  { folder, signal, ...shape }: BuildGraphOptions,
): Promise<void> {
  const { dimensions } = units;
  const path = join(folder, `skillrl-graph-${randomUUID()}`);
  const atFirst = graph.unlinked.size;
  const state = new Int32Array(new SharedArrayBuffer(8));
  const setup: BuildSetup = { ...shape, dimensions, capacity: Math.ceil(atFirst * 1.25) + 1024, state };
  try {
    await converse(setup, signal, () => {
      const isEnough = graph.unlinked.size <= fewLeft || graph.labels >= 4 * atFirst;
      if (graph.labels > 0 && isEnough) return { request: { path }, isLast: true };
      return { request: { vectors: take(graph, units) }, isLast: false };
    });
    const native = await readGraph(path, dimensions);
    signal.throwIfAborted();
    graph.attach(native);
  } finally {
    await rm(path, { force: true });
  }
}

/** Rows of one request: about a third of a second's work. */
const perRequest = 1024;
/** So many rows at the end are not worth another request. */
const fewLeft = 64;

/** Gives the next rows labels and copies the vectors of the new ones. */
function take(graph: Graph, units: UnitRows): Float32Array<ArrayBuffer> {
  const { dimensions } = units;
  const vectors = new Float32Array(Math.min(perRequest, graph.unlinked.size) * dimensions);
  let at = 0;
  for (const row of graph.unlinked) {
    if (at === vectors.length) break;
    if (!graph.place(row)) continue;
    vectors.set(units.view(row), at);
    at += dimensions;
  }
  return at === vectors.length ? vectors : vectors.slice(0, at);
}

/** Sends requests one after another, the next when one is done, and ends the worker after the last. */
async function converse(
  setup: BuildSetup,
  signal: AbortSignal,
  next: () => { readonly request: BuildRequest; readonly isLast: boolean },
): Promise<void> {
  signal.throwIfAborted();
  const file = import.meta.url.endsWith('.ts') ? './build-graph-worker.ts' : './build-graph-worker.js';
  const worker = new Worker(new URL(file, import.meta.url), { workerData: setup });
  // A program may end while it builds.
  worker.unref();
  const stop = (): void => endWorker(worker, setup.state);
  signal.addEventListener('abort', stop);
  process.once('exit', stop);
  try {
    await new Promise<void>((resolve, reject) => {
      let isLast = false;
      const send = (): void => {
        const step = next();
        isLast = step.isLast;
        worker.postMessage(step.request, 'vectors' in step.request ? [step.request.vectors.buffer] : []);
      };
      worker.on('message', () => {
        if (isLast) resolve();
        else send();
      });
      worker.on('error', reject);
      worker.on('exit', (code) => reject(new Error(`The worker that built the graph ended with ${code}.`)));
      send();
    });
  } finally {
    signal.removeEventListener('abort', stop);
    process.removeListener('exit', stop);
    stop();
  }
}

/** Places in the state that both threads see. */
export const [stopPlace, busyPlace] = [0, 1];

/**
 * Ends the worker between two vectors. A thread that is ended while the native code reads an array takes the whole process with it: its
 * error can no longer be thrown. So this waits until the worker has put down its vector, a fraction of a millisecond.
 */
function endWorker(worker: Worker, state: Int32Array<SharedArrayBuffer>): void {
  Atomics.store(state, stopPlace, 1);
  Atomics.wait(state, busyPlace, 1, longestWaitMs);
  void worker.terminate();
}

/** Writing a large graph takes longer than this, and may be ended. */
const longestWaitMs = 200;
