import { parentPort, workerData } from 'node:worker_threads';

import { busyPlace, stopPlace, type BuildReply, type BuildRequest, type BuildSetup } from './build-graph.ts';
import { graphSeed } from './graph.ts';
import { loadHnswlib } from './load-hnswlib.ts';

// Builds a graph in a worker thread; build-graph.ts is the other side.
const { dimensions, capacity, m, efConstruction, state } = workerData as BuildSetup;
const graph = new (loadHnswlib().HierarchicalNSW)('ip', dimensions);
graph.initIndex({ maxElements: capacity, m, efConstruction, randomSeed: graphSeed });

parentPort?.on('message', (request: BuildRequest) => {
  if (isStopped()) return;
  Atomics.store(state, busyPlace, 1);
  if ('path' in request) graph.writeIndexSync(request.path);
  else addAll(request.vectors);
  Atomics.store(state, busyPlace, 0);
  Atomics.notify(state, busyPlace);
  if (isStopped()) return;
  parentPort?.postMessage('done' satisfies BuildReply);
});

function addAll(vectors: Float32Array): void {
  const count = vectors.length / dimensions;
  const size = graph.getCurrentCount();
  if (size + count > graph.getMaxElements()) graph.resizeIndex(Math.ceil((size + count) * 1.5));
  for (let at = 0; at < count; at += 1) {
    if (isStopped()) return;
    graph.addPoint(Array.from(vectors.subarray(at * dimensions, (at + 1) * dimensions)), size + at);
  }
}

function isStopped(): boolean {
  return Atomics.load(state, stopPlace) === 1;
}
