import { spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

import type { TrainableModel, TrainingSample } from '@skillrl/core';
import { builtinPolicyFolder } from '@skillrl/drivers';

import { temporaryFolder } from '../../../packages/testing/src/index.ts';
import { ensurePythonEnvironment } from '../../python-environment.mjs';

/** One update, that is loss, gradient and optimizer step, of one batch. Medians over rounds in which all three take turns. */
export interface BesideTrl {
  readonly sequences: number;
  readonly tokens: number;
  readonly device: string;
  /** Sequences that TRL computes at a time, the fastest of those tried. */
  readonly trlRows: number;
  /** In one Python process: our engine, TRL's GRPOTrainer. */
  readonly oursSeconds: number;
  readonly trlSeconds: number;
  /** Of the paired rounds: TRL's time by ours. Above 1 we are faster. */
  readonly ratio: number;
  /** The same update asked of the running service over HTTP, as training does. */
  readonly serviceSeconds: number;
  /** Largest difference between the two norms of the gradient, relative to TRL's: the same thing is computed. */
  readonly difference: number;
}

interface Update {
  readonly seconds: number;
  readonly grad_norm: number;
}

const trainer = fileURLToPath(new URL('../../../apps/trainer', import.meta.url));

/**
 * Times our engine and TRL's GRPOTrainer side by side.
 *
 * @param model - of the service, at the base `warm`; it is trained by this.
 * @param samples - a batch that training sent. Its weights are made a mean over the sampled tokens, which is all that TRL has.
 * @param rounds - in each of which each side makes one update.
 * @throws where TRL's Python environment cannot be made, or its process fails.
 */
export async function updateBesideTrl(
  model: TrainableModel,
  samples: readonly TrainingSample[],
  rounds: number,
  onProgress: (line: string) => void,
): Promise<BesideTrl> {
  const requirements = join(trainer, 'requirements-long.txt');
  const python = await ensurePythonEnvironment({ name: 'trainer-long', requirements, onProgress });
  const batch = weighedByMean(samples);
  const file = join(temporaryFolder(), 'batch.json');
  writeFileSync(file, JSON.stringify(batch));
  const program = fileURLToPath(new URL('./beside_trl.py', import.meta.url));
  const child = spawn(python, [program, file, builtinPolicyFolder('warm'), '1'], {
    env: { ...process.env, HF_HUB_OFFLINE: '1', OMP_NUM_THREADS: '1' },
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const answer = async (): Promise<unknown> => {
    const { done, value } = await lines.next();
    if (done) throw new Error('The process that runs TRL ended; its trace stands above.');
    return value.startsWith('{') ? JSON.parse(value) : answer();
  };
  const update = async (who: 'ours' | 'trl'): Promise<Update> => {
    child.stdin.write(`${who}\n`);
    return (await answer()) as Update;
  };
  const throughService = async (): Promise<number> => {
    const begun = performance.now();
    await model.forwardBackward(batch, { name: 'ppo', low: 0.8, high: 1.28 });
    await model.step({ learningRate: 1e-6, clipNorm: 1 });
    return (performance.now() - begun) / 1_000;
  };
  try {
    onProgress('an update by TRL, in batches of several sizes');
    const ready = (await answer()) as { readonly device: string; readonly trl_rows: number };
    await throughService();
    const taken: { readonly ours: Update; readonly trl: Update; readonly service: number }[] = [];
    for (let round = 0; round < rounds; round += 1) {
      onProgress(`an update each, ${round + 1} of ${rounds}`);
      taken.push({ ours: await update('ours'), trl: await update('trl'), service: await throughService() });
    }
    return {
      sequences: batch.length,
      tokens: batch.reduce((sum, { ids }) => sum + ids.length, 0),
      device: ready.device,
      trlRows: ready.trl_rows,
      oursSeconds: median(taken.map(({ ours }) => ours.seconds)),
      trlSeconds: median(taken.map(({ trl }) => trl.seconds)),
      ratio: median(taken.map(({ ours, trl }) => trl.seconds / ours.seconds)),
      serviceSeconds: median(taken.map(({ service }) => service)),
      difference: Math.max(...taken.map(({ ours, trl }) => Math.abs(ours.grad_norm / trl.grad_norm - 1))),
    };
  } finally {
    child.kill();
  }
}

function weighedByMean(samples: readonly TrainingSample[]): TrainingSample[] {
  const sampled = samples.reduce((sum, { weights }) => sum + weights.filter((weight) => weight > 0).length, 0);
  return samples.map((sample) => ({ ...sample, weights: sample.weights.map((w) => (w > 0 ? 1 / sampled : 0)) }));
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((one, other) => one - other);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}
