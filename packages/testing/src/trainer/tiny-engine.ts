import { hash } from 'node:crypto';

import {
  TrainerError,
  type AdamOptions,
  type ForwardResult,
  type SampledSequence,
  type SampleOptions,
  type StepResult,
  type TrainingLoss,
  type TrainingSample,
} from '@skillrl/core';

import { seededRandom } from '../seeded-random.ts';
import { adamStep, type AdamMoments } from './adam.ts';
import { sampleSequence } from './sample-sequence.ts';
import { makeTwoTokenModel, runSamples, type TwoTokenModel } from './two-token-model.ts';

/** What training starts from. */
export interface TinyBase {
  readonly name: string;
  readonly vocabulary: number;
  /** Of the numbers its weights are. */
  readonly seed: number;
}

/** Everything that a save holds. */
export interface TinyState {
  readonly base: TinyBase;
  readonly weights: Float64Array;
  readonly moments: AdamMoments;
  readonly step: number;
  /** Sequences drawn without a seed so far: the random state. */
  readonly draws: number;
}

/** Computes for one model: real gradients, on a very small one. What comes in has been checked. */
export class TinyEngine {
  readonly base: TinyBase;
  #model: TwoTokenModel;
  #moments: AdamMoments;
  #gradient: Float64Array | undefined;
  #step = 0;
  #draws = 0;

  constructor(base: TinyBase) {
    this.base = base;
    this.#model = makeTwoTokenModel(base.vocabulary, base.seed);
    const { length } = this.#model.weights;
    this.#moments = { mean: new Float64Array(length), square: new Float64Array(length) };
  }

  get parameters(): number {
    return this.#model.weights.length;
  }

  /** Updates made. */
  get steps(): number {
    return this.#step;
  }

  forward(samples: readonly TrainingSample[], loss: TrainingLoss): ForwardResult {
    return refuseInfinite(runSamples(this.#model, samples, loss));
  }

  forwardBackward(samples: readonly TrainingSample[], loss: TrainingLoss): ForwardResult {
    const gradient = new Float64Array(this.parameters);
    const result = refuseInfinite(runSamples(this.#model, samples, loss, gradient));
    this.#gradient = this.#gradient?.map((value, index) => value + (gradient[index] as number)) ?? gradient;
    return result;
  }

  step(adam: AdamOptions): StepResult {
    if (this.#gradient === undefined) {
      throw new TrainerError({
        code: 'GRADIENT_MISSING',
        message: 'No gradient was gathered since the last step.',
        hint: 'Call forwardBackward first.',
      });
    }
    const gradientNorm = adamStep(this.#model.weights, this.#gradient, this.#moments, this.#step + 1, adam);
    this.#gradient = undefined;
    this.#step += 1;
    return { step: this.#step, gradientNorm };
  }

  sample(prompt: readonly number[], options: SampleOptions): readonly SampledSequence[] {
    const { count = 1, seed } = options;
    const random = seededRandom(seed ?? 7919 * this.base.seed + this.#draws);
    if (seed === undefined) this.#draws += count;
    return Array.from({ length: count }, () => sampleSequence(this.#model, prompt, options, random));
  }

  /** A copy. @throws {TrainerError} `GRADIENT_PENDING` */
  state(): TinyState {
    if (this.#gradient !== undefined) {
      throw new TrainerError({
        code: 'GRADIENT_PENDING',
        message: 'A gradient is gathered, which a save does not hold.',
        hint: 'Call step or load first.',
      });
    }
    const moments = { mean: this.#moments.mean.slice(), square: this.#moments.square.slice() };
    return { base: this.base, weights: this.weights(), moments, step: this.#step, draws: this.#draws };
  }

  /** A copy. */
  weights(): Float64Array {
    return this.#model.weights.slice();
  }

  /** @throws {TrainerError} `CHECKPOINT_OTHER_BASE` */
  restore({ base, weights, moments, step, draws }: TinyState): void {
    if (base.seed !== this.base.seed || base.vocabulary !== this.base.vocabulary) {
      throw new TrainerError({
        code: 'CHECKPOINT_OTHER_BASE',
        message: `The save was trained from '${base.name}', the model from '${this.base.name}'.`,
        hint: 'Open a model of that base.',
      });
    }
    this.#model = { vocabulary: base.vocabulary, weights: weights.slice() };
    this.#moments = { mean: moments.mean.slice(), square: moments.square.slice() };
    this.#gradient = undefined;
    this.#step = step;
    this.#draws = draws;
  }
}

/** SHA-256 of a base's weights, in hex. */
export function baseHash({ vocabulary, seed }: TinyBase): string {
  return hash('sha256', new Uint8Array(makeTwoTokenModel(vocabulary, seed).weights.buffer), 'hex');
}

function refuseInfinite(result: ForwardResult): ForwardResult {
  if (Number.isFinite(result.loss)) return result;
  throw new TrainerError({
    code: 'LOSS_NOT_FINITE',
    message: 'The loss is not finite; nothing was added.',
    hint: 'Look for extreme advantages.',
  });
}
