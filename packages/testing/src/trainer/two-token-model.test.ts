import type { TrainingLoss, TrainingSample } from '@skillrl/core';
import { describe, expect, it } from 'vitest';

import { seededRandom } from '../seeded-random.ts';
import { makeTwoTokenModel, nextLogprobs, runSamples } from './two-token-model.ts';

const vocabulary = 5;
const losses: readonly TrainingLoss[] = [
  { name: 'cross_entropy' },
  { name: 'importance_sampling' },
  { name: 'ppo' },
  { name: 'cispo' },
  { name: 'ppo', low: 0.5, high: 3 },
];

function someSamples(seed: number): readonly TrainingSample[] {
  const random = seededRandom(seed);
  const list = (length: number, value: () => number): number[] => Array.from({ length }, value);
  return [2, 3, 7].map((length) => ({
    ids: list(length, () => Math.floor(random() * vocabulary)),
    weights: [0, ...list(length - 1, () => (random() < 0.3 ? 0 : 2 * random()))],
    logprobs: list(length, () => -3 * random()),
    advantages: list(length, () => 2 * random() - 1),
  }));
}

describe('runSamples', () => {
  it.each(losses)('adds the gradient that finite differences give: %o', (loss) => {
    const samples = someSamples(3);
    const model = makeTwoTokenModel(vocabulary, 1);
    const gradient = new Float64Array(model.weights.length);
    runSamples(model, samples, loss, gradient);
    // The factor of cispo is a constant to its gradient: the loss whose slope it is has the factors of here.
    const frozen = loss.name === 'cispo' ? frozenFactors(model, samples, loss) : undefined;
    const lossAt = (weights: Float64Array): number =>
      frozen === undefined
        ? runSamples({ vocabulary, weights }, samples, loss).loss
        : runSamples({ vocabulary, weights }, frozen, { name: 'cross_entropy' }).loss;
    const width = 1e-6;
    for (const index of gradient.keys()) {
      const [up, down] = [1, -1].map((sign) => {
        const weights = model.weights.slice();
        weights[index]! += sign * width;
        return lossAt(weights);
      }) as [number, number];
      expect(gradient[index]).toBeCloseTo((up - down) / (2 * width), 6);
    }
    expect(gradient.some((value) => Math.abs(value) > 0.01)).toBe(true);
  });

  it('agrees with a value worked by hand', () => {
    // Two tokens; ln 3 more for token 1 whatever came before: π(1) = 3/4.
    const weights = new Float64Array(2 * (1 + 4));
    weights[1] = Math.log(3);
    const sample = { ids: [0, 1, 0], weights: [0, 2, 1], logprobs: [0, Math.log(0.5), 0], advantages: [0, 1, -1] };
    const of = (loss: TrainingLoss): number => runSamples({ vocabulary: 2, weights }, [sample], loss).loss;
    expect(of({ name: 'cross_entropy' })).toBeCloseTo(-2 * Math.log(0.75) - Math.log(0.25), 12);
    // Ratios 1.5 and 0.25.
    expect(of({ name: 'importance_sampling' })).toBeCloseTo(-2 * 1.5 + 0.25, 12);
    expect(of({ name: 'ppo' })).toBeCloseTo(-2 * 1.2 + 0.8, 12);
    expect(of({ name: 'cispo' })).toBeCloseTo(-2 * 1.2 * Math.log(0.75) + 0.8 * Math.log(0.25), 12);
  });

  it('reads no further back than two tokens, and as far as that', () => {
    const model = makeTwoTokenModel(vocabulary, 2);
    expect(nextLogprobs(model, [4, 1, 2])).toEqual(nextLogprobs(model, [3, 1, 2]));
    expect(nextLogprobs(model, [1, 2])).not.toEqual(nextLogprobs(model, [3, 2]));
    const mass = nextLogprobs(model, [0]).reduce((sum, logprob) => sum + Math.exp(logprob), 0);
    expect(mass).toBeCloseTo(1, 12);
  });
});

/** `−factor · log π` as a cross-entropy with weights that may be negative. */
function frozenFactors(
  model: Parameters<typeof runSamples>[0],
  samples: readonly TrainingSample[],
  { low = 0.8, high = 1.2 }: { readonly low?: number; readonly high?: number },
): readonly TrainingSample[] {
  const { logprobs } = runSamples(model, samples, { name: 'cross_entropy' });
  return samples.map(({ ids, weights, logprobs: old = [], advantages = [] }, row) => ({
    ids,
    weights: weights.map((weight, place) => {
      const ratio = Math.exp((logprobs[row]?.[place] ?? 0) - (old[place] ?? 0));
      return weight * Math.min(high, Math.max(low, ratio)) * (advantages[place] ?? 0);
    }),
  }));
}
