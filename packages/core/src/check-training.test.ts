import { describe, expect, it } from 'vitest';

import { checkAdam, checkSampling, checkTrainingSamples } from './check-training.ts';
import type { TrainingLoss, TrainingSample } from './trainer.ts';

const limits = { vocabulary: 10, context: 4 };
const right: TrainingSample = { ids: [1, 9, 0], weights: [0, 1, 0.5], logprobs: [0, -1, 0], advantages: [0, -2, 3] };
const ppo: TrainingLoss = { name: 'ppo' };

describe('checkTrainingSamples', () => {
  it('lets a right batch pass, and looks only at what the loss needs', () => {
    checkTrainingSamples([right, right], ppo, limits);
    checkTrainingSamples([{ ...right, logprobs: [Number.NaN] }], { name: 'cross_entropy' }, limits);
  });

  const wrong: readonly (readonly [string, Partial<TrainingSample>])[] = [
    ['DATA_EMPTY', { ids: [1] }],
    ['CONTEXT_EXCEEDED', { ids: [1, 2, 3, 4, 5] }],
    ['TOKEN_OUT_OF_RANGE', { ids: [1, 10, 0] }],
    ['TOKEN_OUT_OF_RANGE', { ids: [1, -1, 0] }],
    ['TOKEN_OUT_OF_RANGE', { ids: [1, 1.5, 0] }],
    ['LENGTH_MISMATCH', { weights: [0, 1] }],
    ['LENGTH_MISMATCH', { logprobs: [0, -1, 0, 0] }],
    ['INPUT_MISSING', { logprobs: undefined }],
    ['INPUT_MISSING', { advantages: undefined }],
    ['VALUE_NOT_FINITE', { logprobs: [0, Number.NaN, 0] }],
    ['VALUE_NOT_FINITE', { logprobs: [0, Number.NEGATIVE_INFINITY, 0] }],
    ['VALUE_NOT_FINITE', { advantages: [0, 1e39, 0] }],
    ['LOGPROB_POSITIVE', { logprobs: [0, 1e-9, 0] }],
    ['WEIGHT_INVALID', { weights: [0, -1, 0] }],
    ['WEIGHT_INVALID', { weights: [1, 1, 0] }],
  ];
  it.each(wrong)('refuses with %s %o', (code, change) => {
    expect(() => checkTrainingSamples([right, { ...right, ...change }], ppo, limits)).toThrow(
      expect.objectContaining({ code, boundary: 'trainer' }) as Error,
    );
  });

  it('refuses an empty batch, and losses that cannot be', () => {
    expect(() => checkTrainingSamples([], ppo, limits)).toThrow('no samples');
    for (const loss of [
      { name: 'ppo', low: 1.2, high: 0.8 },
      { name: 'cispo', low: -1 },
      { name: 'ppo', high: Number.NaN },
      { name: 'dro' },
    ])
      expect(() => checkTrainingSamples([right], loss as TrainingLoss, limits)).toThrow(
        expect.objectContaining({ code: 'LOSS_INVALID' }) as Error,
      );
  });
});

describe('checkAdam', () => {
  it('refuses what makes no finite step', () => {
    checkAdam({ learningRate: 0 });
    checkAdam({ learningRate: 1e-3, beta1: 0, beta2: 0.999, epsilon: 1e-6, weightDecay: 0.1, clipNorm: 1 });
    for (const change of [
      { learningRate: -1 },
      { learningRate: Number.NaN },
      { beta2: 1 },
      { epsilon: 0 },
      { weightDecay: 2 },
      { clipNorm: -1 },
    ])
      expect(() => checkAdam({ learningRate: 1e-3, ...change })).toThrow(
        expect.objectContaining({ code: 'ADAM_INVALID' }) as Error,
      );
  });
});

describe('checkSampling', () => {
  it('refuses what cannot be sampled', () => {
    checkSampling([1], { maxTokens: 3, count: 2, temperature: 0, stop: [0], seed: 0 }, limits);
    const codeOf = (prompt: readonly number[], change: object): void =>
      checkSampling(prompt, { maxTokens: 1, ...change }, limits);
    for (const [code, prompt, change] of [
      ['DATA_EMPTY', [], {}],
      ['TOKEN_OUT_OF_RANGE', [10], {}],
      ['TOKEN_OUT_OF_RANGE', [1], { stop: [10] }],
      ['CONTEXT_EXCEEDED', [1, 2], { maxTokens: 3 }],
      ['SAMPLING_INVALID', [1], { maxTokens: 0 }],
      ['SAMPLING_INVALID', [1], { temperature: -1 }],
      ['SAMPLING_INVALID', [1], { count: 1.5 }],
      ['SAMPLING_INVALID', [1], { seed: -1 }],
    ] as const)
      expect(() => codeOf(prompt, change)).toThrow(expect.objectContaining({ code }) as Error);
  });
});
