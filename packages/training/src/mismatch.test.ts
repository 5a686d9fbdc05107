import { describe, expect, it } from 'vitest';

import type { BatchSample } from './build-batch.ts';
import { probeMismatch, weighBatch, whyRefused } from './mismatch.ts';
import { trainingRecipe } from './recipe.ts';

const sample = (logprobs: readonly number[], weight = 1): BatchSample => ({
  episodeId: 'e',
  groupId: 'g',
  weight,
  advantages: [0, ...logprobs.map(() => 1)],
  sequence: {
    ids: [1, ...logprobs.map((_, index) => 2 + index)],
    mask: [0, ...logprobs.map((): 1 => 1)],
    logprobs: [0, ...logprobs],
    steps: [-1, ...logprobs.map(() => 0)],
    calls: [-1, ...logprobs.map(() => 0)],
  },
});
const recipe = trainingRecipe({ name: 'mismatch', optimizer: { minibatches: 1 } });

describe('probeMismatch', () => {
  it('measures the difference of log-probabilities, k3 and the largest ratio over sampled tokens', () => {
    // d = sampler − trainer = −0.2, 0, −1: k3 = e^0.2 − 1 − 0.2, 0, e − 1 − 1.
    const report = probeMismatch([sample([-1.2, -0.5, -3])], [[0, -1, -0.5, -2]], recipe.mismatch);
    expect(report).toEqual({
      tokens: 3,
      meanDifference: expect.closeTo(0.4, 12),
      kl: expect.closeTo((Math.exp(0.2) - 1.2 + Math.E - 2) / 3, 12),
      largestRatio: expect.closeTo(Math.E, 12),
      truncatedShare: expect.closeTo(1 / 3, 12),
    });
    expect(whyRefused(report, recipe.mismatch, 0)).toContain('0.400');
    expect(whyRefused({ ...report, meanDifference: 0.1 }, recipe.mismatch, 0)).toContain('KL');
    expect(whyRefused({ ...report, meanDifference: 0.1, kl: 0.01 }, recipe.mismatch, 0)).toBeUndefined();
    expect(whyRefused({ ...report, meanDifference: 0.4, kl: 0.04 }, recipe.mismatch, 1)).toBeUndefined();
  });

  it('refuses a trainer whose log-probabilities are not numbers', () => {
    const broken = (): unknown => probeMismatch([sample([-1])], [[0, Number.NaN]], recipe.mismatch);
    expect(broken).toThrow(expect.objectContaining({ code: 'LOGPROBS_NOT_FINITE' }));
  });
});

describe('weighBatch', () => {
  it('weighs a mean over sampled tokens, each corrected for the sampler, truncated', () => {
    // The vector of the signals' design page: ratios e^0.2, 1 and e, cut at 2.
    const only = weighBatch([sample([-1.2, -0.5, -3])], [[0, -1, -0.5, -2]], recipe, 1)[0]?.[0];
    for (const [index, expected] of [0, 1.2214027582 / 3, 1 / 3, 2 / 3].entries())
      expect(only?.weights[index]).toBeCloseTo(expected, 9);
    expect(only?.logprobs).toEqual([0, -1, -0.5, -2]);
    expect(only?.advantages).toEqual([0, 1, 1, 1]);
  });

  it('lets a group of half the weight count half, and minibatches hold all samples once', () => {
    const samples = [sample([-1, -1]), sample([-1], 0.5), sample([-1, -1, -1]), sample([-1])];
    const trainer = samples.map(({ sequence }) => sequence.logprobs);
    const [whole] = weighBatch(samples, trainer, recipe, 1);
    const total = 2 + 0.5 + 3 + 1;
    const weights = whole?.map(({ weights: own }) => own[1]).toSorted();
    expect(weights).toEqual([0.5 / total, 1 / total, 1 / total, 1 / total]);

    const two = weighBatch(samples, trainer, trainingRecipe({ name: 'two', optimizer: { minibatches: 2 } }), 1);
    expect(two.map(({ length }) => length)).toEqual([2, 2]);
    for (const minibatch of two)
      expect(minibatch.flatMap(({ weights: own }) => own).reduce((sum, one) => sum + one, 0)).toBeCloseTo(1, 12);
    const many = weighBatch(samples, trainer, trainingRecipe({ name: 'many', optimizer: { minibatches: 9 } }), 1);
    expect(many.map(({ length }) => length)).toEqual([1, 1, 1, 1]);
  });

  it('imitates without probabilities and advantages', () => {
    const imitating = trainingRecipe({ name: 'imitating', advantage: { credit: 'success' } });
    const only = weighBatch([sample([-1, -1])], [[0, -3, -3]], imitating, 1)[0]?.[0];
    expect(only).toEqual({ ids: [1, 2, 3], weights: [0, 0.5, 0.5] });
  });
});
