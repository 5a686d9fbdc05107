import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import vectors from '../fixtures/vectors.json' with { type: 'json' };
import { brierReward } from './brier-reward.ts';
import { parseConfidence } from './parse-confidence.ts';

/** What the official code of RLCR pays with weights ½, ½, ½, written down from its three reward functions. */
function officialReward(formatOk: boolean, y: number, q: number): number {
  if (!formatOk) return 0;
  const [format, accuracy, brier] = [1, y, 1 - (y - q) ** 2];
  return 0.5 * format + 0.5 * accuracy + 0.5 * brier;
}

const confidence = fc.double({ min: 0, max: 1, noNaN: true });
const outcome = fc.constantFrom(0, 1);

describe('brierReward', () => {
  it.each(vectors['2_rlcr'])('equals the golden reward of y = $y, q = $q', ({ y, q, R, code_reward_0p5 }) => {
    expect(brierReward(y, q)).toBeCloseTo(R, 12);
    expect(0.5 * (2 + brierReward(y, q)!)).toBeCloseTo(code_reward_0p5, 12);
  });

  it('equals the official code on its scale, the format gate included', () => {
    fc.assert(
      fc.property(outcome, confidence, fc.boolean(), (y, q, formatOk) => {
        expect(0.5 * (2 + brierReward(y, q, { formatOk })!)).toBeCloseTo(officialReward(formatOk, y, q), 12);
      }),
    );
  });

  it('never pays for breaking the format', () => {
    const broken = brierReward(0, 1, { formatOk: false })!;
    expect(broken).toBe(-2);
    fc.assert(fc.property(outcome, confidence, (y, q) => brierReward(y, q)! >= broken + 1));
  });

  it.each([null, Number.NaN, Infinity, -0.1, 1.1, 95])('takes the confidence %s for a broken format', (q) => {
    expect(brierReward(1, q)).toBe(-2);
    expect(brierReward(null, q)).toBe(-2);
  });

  it('gives no reward row to a truncated completion or an answer that nobody judged', () => {
    expect(brierReward(1, 0.9, { truncated: true })).toBeNull();
    expect(brierReward(0, null, { truncated: true, formatOk: false })).toBeNull();
    expect(brierReward(null, 0.9)).toBeNull();
  });

  it('weighs, in a range that the weights give', () => {
    expect(brierReward(1, 0.5, { correctness: 2, brier: 0.5 })).toBe(2 - 0.125);
    expect(brierReward(0, 0.5, { correctness: 2, brier: 0.5, formatOk: false })).toBe(-2.5);
    expect(brierReward(0, 0, { brier: 0 })).toBe(0);
    expect(Object.is(brierReward(0, 0), 0)).toBe(true);
    fc.assert(
      fc.property(
        outcome,
        confidence,
        fc.double({ min: 0, max: 1e6 }),
        fc.double({ min: 0, max: 1e6 }),
        (y, q, λ, b) => {
          fc.pre(!Number.isNaN(λ) && !Number.isNaN(b));
          const reward = brierReward(y, q, { correctness: λ, brier: b })!;
          expect(reward).toBeGreaterThanOrEqual(-b);
          expect(reward).toBeLessThanOrEqual(λ);
        },
      ),
    );
  });

  it('is on average highest for the true probability', () => {
    fc.assert(
      fc.property(confidence, confidence, (p, q) => {
        const mean = (stated: number) => p * brierReward(1, stated)! + (1 - p) * brierReward(0, stated)!;
        expect(mean(p)).toBeGreaterThanOrEqual(mean(q) - 1e-12);
      }),
    );
  });

  it('refuses partial outcomes and weights that are negative or not finite', () => {
    expect(() => brierReward(0.5, 0.5)).toThrow(RangeError);
    expect(() => brierReward(Number.NaN, 0.5)).toThrow(RangeError);
    expect(() => brierReward(1, 0.5, { brier: -1 })).toThrow(RangeError);
    expect(() => brierReward(1, 0.5, { correctness: Infinity })).toThrow(RangeError);
    expect(() => brierReward(1, 0.5, { correctness: 1.7e308, brier: 1.7e308 })).toThrow(RangeError);
  });
});

describe('a group of four', () => {
  const outcomes = [1, 0, 0, 0];
  const confidences = [0.9, 0.2, 0.1, 0.5];
  const rewards = outcomes.map((y, index) => brierReward(y, confidences[index]!)!);

  it('has the worked rewards and centred advantages', () => {
    [0.99, -0.04, -0.01, -0.25].forEach((reward, index) => expect(rewards[index]).toBeCloseTo(reward, 12));
    const mean = rewards.reduce((sum, reward) => sum + reward, 0) / 4;
    expect(mean).toBeCloseTo(0.1725, 12);
    [0.8175, -0.2125, -0.1825, -0.4225].forEach((advantage, index) =>
      expect(rewards[index]! - mean).toBeCloseTo(advantage, 12),
    );
  });

  it('would weigh the Brier score 4.3 times the outcome if each were divided by its own deviation', () => {
    const deviation = (values: readonly number[]) => {
      const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
      return Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (values.length - 1));
    };
    const brier = outcomes.map((y, index) => -((y - confidences[index]!) ** 2));
    expect(deviation(brier)).toBeCloseTo(0.1158663023, 9);
    expect(deviation(outcomes) / deviation(brier)).toBeCloseTo(4.3153, 4);
  });
});

describe('parseConfidence', () => {
  it.each([
    ['0.85', 0.85],
    [' 0.85\n', 0.85],
    ['1', 1],
    ['0', 0],
    ['1.', 1],
    ['.5', 0.5],
    ['1e-3', 0.001],
    ['95', undefined],
    ['95%', undefined],
    ['1.0001', undefined],
    ['nan', undefined],
    ['NaN', undefined],
    ['inf', undefined],
    ['Infinity', undefined],
    ['1e999', undefined],
    ['-0.1', undefined],
    ['+0.5', undefined],
    ['about 0.8', undefined],
    ['0.8 or so', undefined],
    ['0,8', undefined],
    ['0x1', undefined],
    ['0_9', undefined],
    ['', undefined],
    ['.', undefined],
  ])('reads %j strictly as %s', (text, value) => {
    expect(parseConfidence(text)).toBe(value);
  });

  it.each([
    ['0.85', 0.85],
    ['95', 0.95],
    ['95%', 0.95],
    ['0.5 %', 0.005],
    ['100', 1],
    ['1', 1],
    ['about 0.8, I think', 0.8],
    ['9/10', 0.9],
    ['9 / 10', 0.9],
    ['3/0', undefined],
    ['0/0', undefined],
    ['101', undefined],
    ['150%', undefined],
    ['-0.5', undefined],
    ['−5', undefined],
    ['nan', undefined],
    ['1e999', undefined],
    ['high', undefined],
    ['', undefined],
  ])('reads %j leniently as %s', (text, value) => {
    expect(parseConfidence(text, 'lenient')).toBe(value);
  });

  it('reads every probability that was written, in both ways', () => {
    fc.assert(
      fc.property(confidence, (q) => {
        expect(parseConfidence(String(q))).toBe(q + 0);
        expect(parseConfidence(String(q), 'lenient')).toBe(q + 0);
      }),
    );
  });

  it('gives a probability or nothing for any text', () => {
    fc.assert(
      fc.property(fc.string(), fc.constantFrom('strict', 'lenient'), (text, reading) => {
        const value = parseConfidence(text, reading as 'strict') ?? 0;
        return value >= 0 && value <= 1;
      }),
    );
  });
});
