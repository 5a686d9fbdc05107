import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import vectors from '../fixtures/vectors.json' with { type: 'json' };
import { brierRule, calibratedValue, honestFrom, logRule, risingFrom } from './scoring-rules.ts';

const probability = fc.double({ min: 0, max: 1, noNaN: true });

describe('calibratedValue', () => {
  it.each(vectors['2_value_calibrated'])('equals the golden value at $p', ({ p, brier_lam1, brier_w2, log_lam1 }) => {
    expect(calibratedValue(brierRule(), p)).toBeCloseTo(brier_lam1, 10);
    expect(calibratedValue(brierRule(2), p)).toBeCloseTo(brier_w2, 10);
    expect(calibratedValue(logRule, p)).toBeCloseTo(log_lam1, 10);
  });

  it('is p² with equal weights', () => {
    fc.assert(
      fc.property(probability, (p) => {
        expect(calibratedValue(brierRule(), p)).toBeCloseTo(p * p, 12);
      }),
    );
  });
});

describe('the scoring rules', () => {
  it('are proper: no statement beats the truth', () => {
    for (const rule of [brierRule(), brierRule(3), logRule]) {
      fc.assert(
        fc.property(probability, probability, (p, q) => {
          const mean = (stated: number) => p * rule(stated, 1) + (1 - p) * rule(stated, 0);
          // Below 1e-6 the logarithmic score is cut short, which costs at most so much.
          expect(mean(p)).toBeGreaterThanOrEqual(mean(q) - 2e-6);
        }),
      );
    }
  });

  it('are finite at the ends', () => {
    for (const outcome of [0, 1]) for (const q of [0, 1]) expect(Number.isFinite(logRule(q, outcome))).toBe(true);
  });
});

describe('risingFrom and honestFrom', () => {
  it('are 0 exactly when the Brier weight is at most the correctness weight', () => {
    for (const [brier, correctness] of [
      [0, 1],
      [0.5, 1],
      [1, 1],
      [2, 2],
      [1, 3],
    ] as const) {
      // prettier-ignore
      expect(risingFrom(brierRule(brier), correctness)).toBe(0);
      expect(honestFrom(brierRule(brier), correctness)).toBe(0);
    }
    expect(risingFrom(brierRule(1.01))).toBeGreaterThan(0);
  });

  it('are (b − λ) / 2b and 1 − λ / b for a Brier weight above it', () => {
    expect(risingFrom(brierRule(1.5))).toBeCloseTo(1 / 6, 12);
    expect(risingFrom(brierRule(2))).toBeCloseTo(0.25, 12);
    expect(honestFrom(brierRule(1.5))).toBeCloseTo(1 / 3, 12);
    expect(honestFrom(brierRule(2))).toBeCloseTo(0.5, 12);
    expect(risingFrom(brierRule(6), 2)).toBeCloseTo(1 / 3, 12);
  });

  it('are 1 / (1 + e) and more for the logarithmic score', () => {
    expect(risingFrom(logRule)).toBeCloseTo(vectors['2_log_crossover'].p_min, 10);
    expect(risingFrom(logRule)).toBeCloseTo(1 / (1 + Math.E), 12);
    const from = honestFrom(logRule);
    expect(from).toBeGreaterThan(0.5);
    expect(calibratedValue(logRule, from)).toBeCloseTo(0, 9);
  });

  it('say where the value rises and where it beats a known wrong answer', () => {
    fc.assert(
      fc.property(fc.double({ min: 0, max: 5, noNaN: true }), probability, probability, (weight, a, b) => {
        const rule = brierRule(weight);
        const [low, high] = [Math.min(a, b), Math.max(a, b)];
        if (low >= risingFrom(rule)) {
          expect(calibratedValue(rule, high)).toBeGreaterThanOrEqual(calibratedValue(rule, low) - 1e-9);
        }
        if (a >= honestFrom(rule)) expect(calibratedValue(rule, a)).toBeGreaterThanOrEqual(-1e-9);
        else expect(calibratedValue(rule, a)).toBeLessThanOrEqual(1e-9);
      }),
    );
  });
});
