import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import vectors from '../fixtures/vectors.json' with { type: 'json' };
import { clippedPolicyLoss } from './clipped-policy-loss.ts';
import { importanceWeights, sequenceImportanceWeights } from './importance-weights.ts';
import { klEstimate } from './kl-estimate.ts';

const logProbability = fc.oneof(fc.constantFrom(0, -1e6), fc.double({ min: -40, max: 0, noNaN: true }));
const tokens = fc.array(fc.tuple(logProbability, logProbability, fc.constantFrom(0, 1)), { maxLength: 50 });

function columns(rows: readonly (readonly [number, number, number])[]): [number[], number[], number[]] {
  return [rows.map(([first]) => first), rows.map(([, second]) => second), rows.map(([, , mask]) => mask)];
}

describe('importance weights', () => {
  it.each(vectors.x_tis)('equal the golden values of $mode', ({ old, samp, mode, cap, w }) => {
    const [level, how] = mode.split('_') as ['token' | 'sequence', 'truncate' | 'mask'];
    const options = { mode: how, high: cap };
    const weights =
      level === 'token'
        ? importanceWeights(old, samp, options)
        : sequenceImportanceWeights(old, samp, [old.length], options);
    expect(weights).toHaveLength(w.length);
    w.forEach((expected, index) => expect(weights[index]).toBeCloseTo(expected, 9));
  });

  it("equal TRL's formulas at both levels, with a lower bound and a mask", () => {
    const low = 0.5;
    const high = 2;
    fc.assert(
      fc.property(fc.array(tokens, { maxLength: 6 }), fc.constantFrom('truncate', 'mask'), (sequences, mode) => {
        const [trainer, sampler, mask] = columns(sequences.flat());
        const bound = (ratio: number) =>
          mode === 'truncate' ? Math.min(high, Math.max(low, ratio)) : ratio < low || ratio > high ? 0 : ratio;
        const byToken = importanceWeights(trainer, sampler, { mode, low, high, mask });
        byToken.forEach((weight, token) => {
          if (mask[token] === 0) expect(weight).toBe(0);
          else expect(weight).toBeCloseTo(bound(Math.exp(trainer[token]! - sampler[token]!)), 9);
        });
        const lengths = sequences.map((rows) => rows.length);
        const bySequence = sequenceImportanceWeights(trainer, sampler, lengths, { mode, low, high, mask });
        sequences.forEach((rows, sequence) => {
          const sum = rows.reduce((total, [first, second, on]) => total + (first - second) * on, 0);
          const near = [low, high].some((edge) => Math.abs(Math.exp(sum) - edge) < 1e-9);
          if (!near) expect(bySequence[sequence]).toBeCloseTo(bound(Math.exp(sum)), 9);
        });
      }),
    );
  });

  it('stay finite for a sampler that was certain of something else, and do not read masked tokens', () => {
    expect([...importanceWeights([0, -1e6], [-1e6, 0], { high: 1e300 })]).toEqual([Math.exp(20), Math.exp(-20)]);
    expect([...importanceWeights([Number.NaN, -1], [0, -1], { mask: [0, 1] })]).toEqual([0, 1]);
    expect([...sequenceImportanceWeights([], [], [0])]).toEqual([1]);
    expect(importanceWeights([], [])).toHaveLength(0);
  });

  it('refuse what does not fit together', () => {
    expect(() => importanceWeights([0], [0, 0])).toThrow(RangeError);
    expect(() => importanceWeights([1], [0])).toThrow(RangeError);
    expect(() => importanceWeights([Number.NEGATIVE_INFINITY], [0])).toThrow(RangeError);
    expect(() => importanceWeights([null] as never, [0])).toThrow(RangeError);
    expect(() => importanceWeights([0], [0], { mask: [2] })).toThrow(RangeError);
    expect(() => importanceWeights([0], [0], { low: 3, high: 2 })).toThrow(RangeError);
    expect(() => importanceWeights([0], [0], { high: Number.POSITIVE_INFINITY })).toThrow(RangeError);
    expect(() => sequenceImportanceWeights([0, 0], [0, 0], [1])).toThrow(RangeError);
  });
});

describe('clippedPolicyLoss', () => {
  it.each(vectors.x_ppo)(
    'equals the golden losses for A = $A, low $el, high $eh',
    ({ new: updated, old, A, el, eh, loss }) => {
      const { losses } = clippedPolicyLoss(updated, old, A, { low: el, high: eh });
      loss.forEach((expected, token) => expect(losses[token]).toBeCloseTo(expected, 9));
    },
  );

  /** verl 0.9's `compute_policy_loss_vanilla`, from its formula. */
  function asVerl(updated: number, old: number, advantage: number, low: number, high: number, dual: number): number {
    const ratio = Math.exp(Math.min(20, Math.max(-20, updated - old)));
    const first = -advantage * ratio;
    const second = -advantage * Math.min(Math.max(ratio, 1 - low), 1 + high);
    const clipped = Math.max(first, second);
    return advantage < 0 ? Math.min(-advantage * dual, clipped) : clipped;
  }

  it("equals verl's formula with three bounds, token by token, and its mean", () => {
    const advantage = fc.double({ min: -5, max: 5, noNaN: true });
    fc.assert(
      fc.property(tokens, fc.array(advantage, { minLength: 50, maxLength: 50 }), (rows, all) => {
        const [updated, old, mask] = columns(rows);
        const advantages = Float64Array.from(all.slice(0, rows.length));
        const result = clippedPolicyLoss(updated, old, advantages, { low: 0.2, high: 0.28, dual: 3, mask });
        let sum = 0;
        let count = 0;
        rows.forEach((_, token) => {
          const expected =
            mask[token] === 0 ? 0 : asVerl(updated[token]!, old[token]!, advantages[token]!, 0.2, 0.28, 3);
          expect(result.losses[token]! - expected).toBeCloseTo(0, 9);
          sum += expected;
          count += mask[token]!;
        });
        if (count === 0) expect(result.mean).toBeUndefined();
        else expect(result.mean! - sum / count).toBeCloseTo(0, 6);
      }),
    );
  });

  it('counts what is clipped and what the third bound holds', () => {
    // Ratios e^1, e^-1, 1, e^3.
    const updated = [-1, -2, -1, -1];
    const old = [-2, -1, -1, -4];
    expect(clippedPolicyLoss(updated, old, 1)).toMatchObject({ clippedShare: 0.5, dualShare: 0 });
    const negative = clippedPolicyLoss(updated, old, -1, { dual: 3 });
    expect(negative).toMatchObject({ clippedShare: 0.25, dualShare: 0.25 });
    expect(negative.losses[3]).toBe(3);
    expect(clippedPolicyLoss([], [], 1)).toMatchObject({ mean: undefined, clippedShare: undefined });
  });

  it('refuses what does not fit together', () => {
    expect(() => clippedPolicyLoss([0], [0], [1, 2])).toThrow(RangeError);
    expect(() => clippedPolicyLoss([0], [0], Number.NaN)).toThrow(RangeError);
    expect(() => clippedPolicyLoss([0], [0], 1, { low: 2 })).toThrow(RangeError);
    expect(() => clippedPolicyLoss([0], [0], 1, { dual: 1 })).toThrow(RangeError);
  });
});

describe('klEstimate', () => {
  it("equals Schulman's three estimators", () => {
    const policy = [-1, -0.5, -3];
    const reference = [-1.5, -0.5, -1];
    const difference = [0.5, 0, -2];
    const of = (estimator: 'k1' | 'k2' | 'k3') => [...klEstimate(policy, reference, { estimator }).perToken];
    expect(of('k1')).toEqual(difference);
    expect(of('k2')).toEqual([0.125, 0, 2]);
    const k3 = of('k3');
    difference.forEach((d, token) => expect(k3[token]).toBeCloseTo(Math.exp(-d) - 1 + d, 12));
    expect(klEstimate(policy, reference, { estimator: 'k1' }).mean).toBeCloseTo(-0.5, 12);
  });

  it('has the true divergence as the mean of k1 and of k3', () => {
    // Exact expectation over a distribution of three tokens instead of samples.
    const policy = [0.5, 0.3, 0.2];
    const reference = [0.2, 0.2, 0.6];
    const truth = policy.reduce((sum, p, token) => sum + p * Math.log(p / reference[token]!), 0);
    for (const estimator of ['k1', 'k3'] as const) {
      const { perToken } = klEstimate(policy.map(Math.log), reference.map(Math.log), { estimator });
      expect(policy.reduce((sum, p, token) => sum + p * perToken[token]!, 0)).toBeCloseTo(truth, 12);
    }
  });

  it('is never negative but for k1, is 0 for equal policies, and stays finite', () => {
    fc.assert(
      fc.property(tokens, fc.constantFrom('k1', 'k2', 'k3'), (rows, estimator) => {
        const [policy, reference, mask] = columns(rows);
        const { perToken, mean } = klEstimate(policy, reference, { estimator, mask });
        expect(perToken.every((value) => Number.isFinite(value) && (estimator === 'k1' || value >= 0))).toBe(true);
        expect(mean === undefined).toBe(!mask.includes(1));
        expect(klEstimate(policy, policy, { estimator }).perToken.every((value) => value === 0)).toBe(true);
      }),
    );
  });

  it('refuses an estimator that there is not', () => {
    expect(() => klEstimate([0], [0], { estimator: 'k4' as never })).toThrow(RangeError);
    expect(() => klEstimate([0], [0], { estimator: 'toString' as never })).toThrow(RangeError);
  });
});
