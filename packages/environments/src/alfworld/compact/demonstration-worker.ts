import { parentPort, workerData } from 'node:worker_threads';
import { generateDemonstrations } from './generate-demonstrations.ts';
import type { GenerateOptions } from './generate-demonstrations.ts';

/** Runs in a worker thread: sends demonstrations as batches of JSON lines, then `undefined`. */
if (parentPort) {
  const port = parentPort;
  let batch: string[] = [];
  for (const demonstration of generateDemonstrations(workerData as GenerateOptions)) {
    batch.push(JSON.stringify(demonstration));
    if (batch.length === 100) {
      port.postMessage(batch);
      batch = [];
    }
  }
  port.postMessage(batch);
  port.postMessage(undefined);
}
