import type { TrainableModel, TrainableModelOptions, Trainer, TrainingLoss, TrainingSample } from '@skillrl/core';
import { afterEach, expect } from 'vitest';

import { seededRandom } from '../seeded-random.ts';

export type TrainerLack =
  | 'accumulation'
  | 'clipping'
  | 'export'
  | 'reopening'
  | 'base-names'
  | 'step-counts'
  | 'removal';

export interface TrainerSuiteOptions {
  /** A trainer that is not open anywhere else; all of one suite reach the same models and saves. */
  readonly create: () => Trainer | Promise<Trainer>;
  /** A base to train, with a vocabulary of at least 40 and a context of at most 4096. */
  readonly base: string;
  /** Another base, where there is one. */
  readonly otherBase?: string;
  /** What to train of it, such that two models begin alike. Default: all parameters. */
  readonly form?: TrainableModelOptions['form'];
  /** A rate with which some twenty steps memorise two short sequences. Default 0.05. */
  readonly learningRate?: number;
  /**
   * What the trainer refuses with `CAPABILITY_MISSING`: `accumulation` of several calls before a step, `clipping`, `export`, `removal`. What it cannot do
   * without saying so: `reopening`, telling right `base-names` from wrong ones, and `step-counts` that go on after a load.
   */
  readonly lacks?: readonly TrainerLack[];
  /** How far log-probabilities of two ways of computing the same may lie apart. Default 1e-4. */
  readonly tolerance?: number;
}

/** What the parts of the suite work with. */
export interface TrainerBench extends Required<Pick<TrainerSuiteOptions, 'learningRate' | 'tolerance'>> {
  readonly options: TrainerSuiteOptions;
  trainer(): Promise<Trainer>;
  /** A fresh model of the base; closed after the test. */
  model(): Promise<TrainableModel>;
  /** One step of one batch. */
  train(model: TrainableModel, samples: readonly TrainingSample[], loss?: TrainingLoss, rate?: number): Promise<number>;
  /** Whether the trainer has it. */
  has(part: TrainerLack): boolean;
  expectNear(one: readonly (readonly number[])[], other: readonly (readonly number[])[]): void;
}

export function trainerBench(options: TrainerSuiteOptions): TrainerBench {
  const { learningRate = 0.05, tolerance = 1e-4 } = options;
  const open: { close(): Promise<void> }[] = [];
  afterEach(async () => {
    for (const each of open.splice(0).toReversed()) await each.close();
  });
  const trainer = async (): Promise<Trainer> => {
    const made = await options.create();
    open.push(made);
    return made;
  };
  return {
    options,
    learningRate,
    tolerance,
    trainer,
    async model() {
      const made = await (await trainer()).open({ base: options.base, form: options.form });
      open.push(made);
      return made;
    },
    async train(model, samples, loss = crossEntropy, rate = learningRate) {
      await model.forwardBackward(samples, loss);
      return (await model.step({ learningRate: rate })).gradientNorm;
    },
    has: (part) => options.lacks?.includes(part) !== true,
    expectNear(one, other) {
      expect(one.map((row) => row.length)).toEqual(other.map((row) => row.length));
      const gaps = one.flatMap((row, index) =>
        row.map((value, place) => Math.abs(value - (other[index]?.[place] ?? 0))),
      );
      expect(Math.max(...gaps)).toBeLessThanOrEqual(tolerance);
    },
  };
}

/** How a trainer refuses what it lacks. */
export const missing = { name: 'UnsupportedError', code: 'CAPABILITY_MISSING' } as const;

export const crossEntropy = { name: 'cross_entropy' } as const;

/** A sequence of ids below 40, every token but the first of weight 1, as if sampled with 1/e each and of advantage `advantage`. */
export function aSample(seed: number, length = 8, advantage = 1): Required<TrainingSample> {
  const random = seededRandom(seed);
  const each = (value: number): number[] => Array.from({ length }, (_, place) => (place === 0 ? 0 : value));
  const ids = Array.from({ length }, () => Math.floor(random() * 40));
  return { ids, weights: each(1), logprobs: each(-1), advantages: each(advantage) };
}

export function sumOf(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0);
}
