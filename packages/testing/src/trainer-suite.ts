import { describe } from 'vitest';

import { testBatches } from './trainer-suite/batches.ts';
import { testGradients } from './trainer-suite/gradients.ts';
import { testSampling } from './trainer-suite/sampling.ts';
import { testSaves } from './trainer-suite/saves.ts';
import { type TrainerLack, type TrainerSuiteOptions, trainerBench } from './trainer-suite/bench.ts';

export type { TrainerLack, TrainerSuiteOptions };

/** What every `Trainer` must do. Call it inside a `describe` of the driver. Sampling is tried where the trainer offers it. */
export function testTrainer(options: TrainerSuiteOptions): void {
  const bench = trainerBench(options);
  describe('batches', () => testBatches(bench));
  describe('gradients', () => testGradients(bench));
  describe('saves and exports', () => testSaves(bench));
  describe('sampling', () => testSampling(bench));
}
