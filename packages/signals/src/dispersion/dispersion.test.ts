import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import vectors from '../fixtures/vectors.json' with { type: 'json' };
import { dispersionWeights } from './dispersion-weights.ts';
import { propagatedReferenceReward, propagationFactor } from './propagated-reference-reward.ts';
import { queryDispersion } from './query-dispersion.ts';
import { referenceMatrix } from './reference-matrix.ts';
import { tokenDispersion } from './token-dispersion.ts';
import { aggregateReferenceReward, weightedReferenceReward } from './weighted-reference-reward.ts';

const golden = vectors['5_r3'];

function close(actual: ArrayLike<number | null>, expected: readonly number[], digits = 9): void {
  expect(actual).toHaveLength(expected.length);
  expected.forEach((value, index) => expect(actual[index]).toBeCloseTo(value, digits));
}

/** Rows of equal length, of log-probabilities as a model may give them, with rows left out. */
const rows = fc.integer({ min: 0, max: 12 }).chain((tokens) => {
  const value = fc.oneof(
    { weight: 8, arbitrary: fc.double({ min: -30, max: 0, noNaN: true }) },
    fc.constantFrom(Number.NEGATIVE_INFINITY, Number.NaN, 0),
  );
  return fc.array(
    fc.oneof({ weight: 8, arbitrary: fc.array(value, { minLength: tokens, maxLength: tokens }) }, fc.constant(null)),
    { maxLength: 10 },
  );
});

describe('referenceMatrix', () => {
  it('drops excluded rollouts and rows with a NaN, and holds −Infinity at −20', () => {
    const matrix = referenceMatrix([[-1, Number.NEGATIVE_INFINITY], null, [Number.NaN, -1], [-25, 1e-7]]);
    expect(matrix).toMatchObject({ given: 4, rollouts: [0, 3], tokens: 2 });
    expect([...matrix.values]).toEqual([-1, -20, -20, 0]);
    expect(matrix.dropped).toEqual([
      { rollout: 1, reason: 'excluded' },
      { rollout: 2, reason: 'not-a-number' },
    ]);
  });

  it('refuses rows that are not of one reference', () => {
    expect(() => referenceMatrix([[-1], [-1, -2]])).toThrow(/tokenise the reference once/u);
    expect(() => referenceMatrix([[0.5]])).toThrow(RangeError);
    expect(() => referenceMatrix([[Number.POSITIVE_INFINITY]])).toThrow(RangeError);
    expect(() => referenceMatrix([[null] as never])).toThrow(RangeError);
    expect(() => referenceMatrix([[-1]], { floor: 0 })).toThrow(RangeError);
  });
});

describe('tokenDispersion and dispersionWeights', () => {
  it('equal the golden values', () => {
    const sigma = tokenDispersion(referenceMatrix(golden.logp));
    close(sigma, golden.sigma);
    close(dispersionWeights(sigma, { power: 1 }), golden.w_mean1);
    close(dispersionWeights(sigma, { form: 'top', share: vectors['5_topq'].rho }), vectors['5_topq'].w);
    expect(queryDispersion(referenceMatrix(golden.logp)).largest).toBeCloseTo(golden.max_sigma, 9);
  });

  it('give the golden zeros where nothing varies, and say to drop the query', () => {
    const { logp, w } = vectors['5_zero_var'];
    const matrix = referenceMatrix([...logp, ...logp]);
    expect([...dispersionWeights(tokenDispersion(matrix))]).toEqual(w);
    expect(queryDispersion(matrix)).toEqual({ largest: undefined, reason: 'no-variation' });
  });

  it('take the square by default, and count no token that varies by rounding', () => {
    close(dispersionWeights([1, 2, 0, 5e-4]), [0.8, 3.2, 0, 0]);
    expect([...dispersionWeights([1e-4, 9e-4])]).toEqual([0, 0]);
    close(dispersionWeights([3, 1, 5e-4], { power: 0 }), [1.5, 1.5, 0]);
    expect([...dispersionWeights([])]).toEqual([]);
  });

  it('choose at least one token in the top form, ties with the last one included', () => {
    close(dispersionWeights([1, 2, 3], { form: 'top', share: 0.01 }), [0, 0, 3]);
    close(dispersionWeights([2, 1, 2, 1], { form: 'top', share: 0.25 }), [2, 0, 2, 0]);
    close(dispersionWeights([1, 0, 0, 0], { form: 'top', share: 1 }), [4, 0, 0, 0]);
    // 0.07 of 100 is 7, and not the 8 that 0.07 · 100 = 7.000000000000001 rounds up to.
    const hundred = Array.from({ length: 100 }, (_, token) => 1 + token);
    expect(dispersionWeights(hundred, { form: 'top', share: 0.07 }).filter((weight) => weight > 0)).toHaveLength(7);
  });

  it('have mean 1 or are 0, follow their tokens about, and grow with σ', () => {
    const sigma = fc.oneof(fc.double({ min: 0, max: 10, noNaN: true }), fc.constantFrom(0, 1, 2));
    fc.assert(
      fc.property(
        fc.array(sigma, { minLength: 1 }),
        fc.record({
          form: fc.constantFrom('power' as const, 'top' as const),
          power: fc.double({ min: 0, max: 100, noNaN: true }),
          share: fc.double({ min: 1e-3, max: 1, noNaN: true }),
        }),
        (dispersion, options) => {
          const weights = dispersionWeights(dispersion, options);
          const sum = weights.reduce((total, weight) => total + weight, 0);
          if (dispersion.every((value) => value < 1e-3)) expect(sum).toBe(0);
          else expect(sum / weights.length).toBeCloseTo(1, 9);
          const turned = dispersionWeights(dispersion.toReversed(), options).reverse();
          weights.forEach((weight, token) => expect(turned[token]).toBeCloseTo(weight, 9));
          dispersion.forEach((first, i) =>
            dispersion.forEach((second, j) => {
              if (first < second) expect(weights[i]!).toBeLessThanOrEqual(weights[j]!);
            }),
          );
        },
      ),
    );
  });

  it('refuse what is no deviation and no option', () => {
    expect(() => dispersionWeights([Number.NaN])).toThrow(RangeError);
    expect(() => dispersionWeights([-1])).toThrow(RangeError);
    expect(() => dispersionWeights([1], { power: -1 })).toThrow(RangeError);
    expect(() => dispersionWeights([1], { form: 'top', share: 0 })).toThrow(RangeError);
    expect(() => dispersionWeights([1], { form: 'other' as never })).toThrow(RangeError);
  });
});

describe('queryDispersion', () => {
  it('says nothing with fewer than four rollouts, dropped ones not counted, nor without a reference', () => {
    const three = [[-1], [-2], [-3]];
    expect(queryDispersion(referenceMatrix(three))).toEqual({ largest: undefined, reason: 'too-few-rollouts' });
    expect(queryDispersion(referenceMatrix([...three, [Number.NaN]])).reason).toBe('too-few-rollouts');
    expect(queryDispersion(referenceMatrix([...three, [-4]])).largest).toBeCloseTo(Math.sqrt(1.25), 12);
    expect(queryDispersion(referenceMatrix(three), { leastRollouts: 3 }).largest).toBeCloseTo(Math.sqrt(2 / 3), 12);
    expect(queryDispersion(referenceMatrix([[], [], [], []])).reason).toBe('empty-reference');
    expect(queryDispersion(referenceMatrix([])).reason).toBe('too-few-rollouts');
  });
});

describe('weightedReferenceReward', () => {
  const matrix = referenceMatrix(golden.logp);
  const weights = dispersionWeights(tokenDispersion(matrix), { power: 1 });

  it('equals the golden values, with and without the masked baseline', () => {
    close(weightedReferenceReward(matrix, weights), golden.r3_mean);
    close(weightedReferenceReward(matrix, weights, { masked: golden.logp_masked }), golden.r3_masked_mean);
    close(aggregateReferenceReward(matrix, { scale: 'sum' }), golden.aggregate_sum);
    close(aggregateReferenceReward(matrix), golden.aggregate_mean);
  });

  it('prefers the other reasoning than the aggregate where the golden file says so', () => {
    const { logp, sigma, w, r3_mean, aggregate } = vectors['5_r3_flip'];
    const flip = referenceMatrix(logp);
    close(tokenDispersion(flip), sigma);
    close(dispersionWeights(tokenDispersion(flip), { power: 1 }), w);
    close(weightedReferenceReward(flip, w), r3_mean);
    close(aggregateReferenceReward(flip, { scale: 'sum' }), aggregate);
  });

  it('is null for dropped rollouts and for an empty reference, and 0 where nothing varies', () => {
    const some = referenceMatrix([[-1, -2], null, [-1, Number.NaN], [-3, -1]]);
    expect(weightedReferenceReward(some, [1, 1])).toEqual([-1.5, null, null, -2]);
    expect(weightedReferenceReward(referenceMatrix([[], []]), [])).toEqual([null, null]);
    expect(weightedReferenceReward(some, [0, 0]).map((reward) => reward && Math.abs(reward))).toEqual([
      0,
      null,
      null,
      0,
    ]);
    expect(weightedReferenceReward(some, [0, 0]).some((reward) => Object.is(reward, -0))).toBe(false);
  });

  it('is finite for any rows, whatever they hold, and the baseline shifts all rewards alike', () => {
    fc.assert(
      fc.property(rows, fc.constantFrom('mean' as const, 'sum' as const), (given, scale) => {
        const matrix = referenceMatrix(given);
        const weights = dispersionWeights(tokenDispersion(matrix));
        const plain = weightedReferenceReward(matrix, weights, { scale });
        const masked = Array.from({ length: matrix.tokens }, (_, token) => -token);
        const shifted = weightedReferenceReward(matrix, weights, { scale, masked });
        const gaps = plain.flatMap((reward, index) => (reward === null ? [] : [shifted[index]! - reward]));
        expect(plain).toHaveLength(given.length);
        expect([...plain, ...shifted].every((reward) => reward === null || Number.isFinite(reward))).toBe(true);
        expect(gaps.every((gap) => Math.abs(gap - gaps[0]!) < 1e-6)).toBe(true);
        const dropped = new Set(matrix.dropped.map(({ rollout }) => rollout));
        plain.forEach((reward, index) => expect(reward === null).toBe(dropped.has(index) || matrix.tokens === 0));
      }),
    );
  });

  it('refuses weights and baselines of another reference', () => {
    expect(() => weightedReferenceReward(matrix, [1])).toThrow(RangeError);
    expect(() => weightedReferenceReward(matrix, [1, 1, 1, -1])).toThrow(RangeError);
    expect(() => weightedReferenceReward(matrix, weights, { masked: [-1] })).toThrow(RangeError);
    expect(() => weightedReferenceReward(matrix, weights, { masked: [-1, -1, -1, Number.NaN] })).toThrow(RangeError);
  });
});

describe('propagation', () => {
  it.each(vectors['5_prop'])('leaves the golden factor at distance $d of a token of $p', ({ p, d, gamma, P }) => {
    expect(propagationFactor(p, d, gamma)).toBeCloseTo(P, 9);
  });

  it('equals the product of the factors, written out', () => {
    const logp = fc.array(fc.double({ min: -15, max: 0, noNaN: true }), { minLength: 40, maxLength: 40 });
    fc.assert(
      fc.property(
        fc.array(logp, { minLength: 1, maxLength: 4 }),
        fc.uniqueArray(fc.nat(39), { maxLength: 6 }),
        fc.double({ min: 0, max: 3, noNaN: true }),
        (given, reflective, decay) => {
          const matrix = referenceMatrix(given);
          const weights = given[0]!.map((_, token) => token % 3);
          const rewards = propagatedReferenceReward(matrix, weights, reflective, { decay, scale: 'sum' });
          given.forEach((row, rollout) => {
            const expected = row.reduce((sum, value, token) => {
              const factors = reflective
                .filter((giver) => giver < token)
                .map((giver) => {
                  const p = Math.exp(row[giver]!);
                  return p + (1 - p) * (1 - Math.exp(-decay * (token - giver)));
                });
              return sum + weights[token]! * (value + factors.reduce((total, factor) => total + Math.log(factor), 0));
            }, 0);
            expect(rewards[rollout]).toBeCloseTo(expected, 6);
          });
        },
      ),
      { numRuns: 50 },
    );
  });

  it('is R3 itself without reflective tokens, and never above it', () => {
    const matrix = referenceMatrix(golden.logp);
    const weights = dispersionWeights(tokenDispersion(matrix));
    const plain = weightedReferenceReward(matrix, weights);
    close(propagatedReferenceReward(matrix, weights, []), plain as number[], 12);
    propagatedReferenceReward(matrix, [1, 1, 1, 1], [1]).forEach((reward, rollout) =>
      expect(reward!).toBeLessThanOrEqual(aggregateReferenceReward(matrix)[rollout]!),
    );
  });

  it('stays finite when nothing fades and the token was impossible', () => {
    const matrix = referenceMatrix([[Number.NEGATIVE_INFINITY, 0, 0]]);
    expect(propagatedReferenceReward(matrix, [1, 1, 1], [0], { decay: 0, scale: 'sum' })).toEqual([-60]);
    expect(propagatedReferenceReward(matrix, [1, 1, 1], [0], { decay: 100, scale: 'sum' })[0]).toBeCloseTo(-20, 12);
  });

  it('refuses tokens that there are not', () => {
    const matrix = referenceMatrix([[-1, -1]]);
    expect(() => propagatedReferenceReward(matrix, [1, 1], [2])).toThrow(RangeError);
    expect(() => propagatedReferenceReward(matrix, [1, 1], [0, 0])).toThrow(RangeError);
    expect(() => propagatedReferenceReward(matrix, [1, 1], [0], { decay: -1 })).toThrow(RangeError);
    expect(() => propagationFactor(2, 1)).toThrow(RangeError);
  });
});
