import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { logit } from '../calibration/logit.ts';
import vectors from '../fixtures/vectors.json' with { type: 'json' };
import { readDistribution } from './distribution.ts';
import { exPostProbabilities, symmetricProbabilities } from './ex-post-probabilities.ts';
import { expectedWeightedCrossEntropy, weightedCrossEntropy } from './weighted-cross-entropy.ts';

const { q, w, p_u, roundtrip, argmax_q, argmax_pu, wce_at_q, wce_at_pu } = vectors['1_expost'];

const cases = fc.integer({ min: 1, max: 6 }).chain((classes) =>
  fc.tuple(
    fc
      .array(fc.double({ min: 0.001, max: 1, noNaN: true }), { minLength: classes, maxLength: classes })
      .map((parts) => parts.map((part) => part / parts.reduce((sum, other) => sum + other, 0))),
    fc.array(fc.double({ min: 0.2, max: 5, noNaN: true }), { minLength: classes, maxLength: classes }),
  ),
);

describe('exPostProbabilities and symmetricProbabilities', () => {
  it('equal the golden posterior, and turn it back', () => {
    const weighted = exPostProbabilities(q, w);
    weighted.forEach((probability, index) => expect(probability).toBeCloseTo(p_u[index]!, 10));
    expect(q.indexOf(Math.max(...q))).toBe(argmax_q);
    expect(weighted.indexOf(Math.max(...weighted))).toBe(argmax_pu);
    symmetricProbabilities(weighted, w).forEach((probability, index) =>
      expect(probability).toBeCloseTo(roundtrip[index]!, 12),
    );
  });

  it('equals the golden binary posterior, by its logits too', () => {
    const { logit_q, log_w, p_u: expected } = vectors['1_expost_binary_logit'];
    const [, positive] = exPostProbabilities([0.8, 0.2], [1, 9]);
    expect(positive).toBeCloseTo(expected, 10);
    expect(logit(0.2)).toBeCloseTo(logit_q, 10);
    expect(logit(positive!)).toBeCloseTo(logit_q + log_w, 9);
  });

  it('turns weights of any size', () => {
    expect(exPostProbabilities([1 - 1e-7, 1e-7], [5e-324, 1.7e308])).toEqual([0, 1]);
    expect(exPostProbabilities([1, 0], [5e-324, 1.7e308])).toEqual([1, 0]);
    expect(symmetricProbabilities([0.5, 0.5], [5e-324, 5e-324])).toEqual([0.5, 0.5]);
    expect(exPostProbabilities([1], [3])).toEqual([1]);
  });

  it('refuses weights that hide or invent a class, and what does not fit', () => {
    for (const weight of [0, -1, Number.NaN, Infinity]) {
      expect(() => exPostProbabilities([0.5, 0.5], [1, weight])).toThrow(/weights\[1\]/);
      expect(() => symmetricProbabilities([0.5, 0.5], [1, weight])).toThrow(/weights\[1\]/);
    }
    expect(() => exPostProbabilities([0.5, 0.5], [1])).toThrow(RangeError);
    expect(() => exPostProbabilities([0.5, 0.6], [1, 1])).toThrow(RangeError);
    expect(() => exPostProbabilities([], [])).toThrow(RangeError);
  });

  it('are each other’s inverse and give probabilities', () => {
    fc.assert(
      fc.property(cases, ([probabilities, weights]) => {
        const weighted = exPostProbabilities(probabilities, weights);
        expect(weighted.reduce((sum, probability) => sum + probability, 0)).toBeCloseTo(1, 12);
        symmetricProbabilities(weighted, weights).forEach((probability, index) =>
          expect(probability).toBeCloseTo(probabilities[index]!, 10),
        );
      }),
    );
  });
});

describe('readDistribution', () => {
  it('makes the sum 1 to the last digit', () => {
    expect([...readDistribution('p', [0.5, 0.500_000_5])].reduce((sum, p) => sum + p, 0)).toBeCloseTo(1, 15);
    expect(() => readDistribution('p', [0.5, 0.500_002])).toThrow(/p sums to 1\.00000/);
  });
});

describe('weightedCrossEntropy', () => {
  it('equals the golden losses', () => {
    expect(expectedWeightedCrossEntropy(q, q, w)).toBeCloseTo(wce_at_q, 8);
    expect(expectedWeightedCrossEntropy(exPostProbabilities(q, w), q, w)).toBeCloseTo(wce_at_pu, 9);
  });

  it('is least at the ex-post probabilities', () => {
    fc.assert(
      fc.property(cases, fc.integer({ min: 0, max: 5 }), ([truth, weights], place) => {
        const best = exPostProbabilities(truth, weights);
        const least = expectedWeightedCrossEntropy(best, truth, weights);
        const other = best.map((probability, index) => 0.9 * probability + (index === place % best.length ? 0.1 : 0));
        expect(expectedWeightedCrossEntropy(other, truth, weights)).toBeGreaterThanOrEqual(least - 1e-9);
      }),
    );
  });

  it('is the mean over examples', () => {
    const rows = [
      [0.5, 0.5],
      [0.25, 0.75],
    ];
    expect(weightedCrossEntropy(rows, [0, 1], [2, 1])).toBeCloseTo((2 * Math.log(2) - Math.log(0.75)) / 2, 12);
    expect(weightedCrossEntropy([], [], [1, 1])).toBeUndefined();
    expect(weightedCrossEntropy([[1, 0]], [1], [1, 1])).toBeCloseTo(-Math.log(1e-6), 12);
    expect(Object.is(weightedCrossEntropy([[1, 0]], [0], [1, 1]), 0)).toBe(true);
  });

  it('refuses labels without a class, rows that do not fit, and weights that overflow', () => {
    expect(() => weightedCrossEntropy([[1, 0]], [2], [1, 1])).toThrow(RangeError);
    expect(() => weightedCrossEntropy([[1, 0]], [], [1, 1])).toThrow(RangeError);
    expect(() => weightedCrossEntropy([[1]], [0], [1, 1])).toThrow(RangeError);
    expect(() => weightedCrossEntropy([[1, 0]], [1], [1, 1.7e308])).toThrow(/overflows/);
  });
});
