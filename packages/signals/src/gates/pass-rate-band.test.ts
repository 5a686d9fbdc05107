import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import vectors from '../fixtures/vectors.json' with { type: 'json' };
import { wilsonInterval } from '../statistics/wilson-interval.ts';
import { passRateBand } from './pass-rate-band.ts';
import { signalProbability } from './signal-probability.ts';

describe('passRateBand', () => {
  it.each(vectors['4_band'])('gives $s of $n the golden label $label', ({ s, n, label }) => {
    // The golden file spells labels with underscores.
    expect(passRateBand(s, n).label).toBe(label.replaceAll('_', '-'));
  });

  it.each(vectors['4_wilson'])('gives $s of $n the golden interval', ({ s, n, ci }) => {
    const { interval } = passRateBand(s, n);
    expect(interval.low).toBeCloseTo(ci[0]!, 6);
    expect(interval.high).toBeCloseTo(ci[1]!, 6);
  });

  it('has the Wilson interval of whole counts at any level', () => {
    const counts = fc.nat(500).chain((trials) => fc.tuple(fc.nat(trials), fc.constant(trials)));
    fc.assert(
      fc.property(counts, fc.double({ min: 0.01, max: 0.999, noNaN: true }), ([successes, trials], level) => {
        const expected = wilsonInterval(successes, trials, level);
        const { interval } = passRateBand(successes, trials, { level });
        expect(interval.low).toBeCloseTo(expected.low, 12);
        expect(interval.high).toBeCloseTo(expected.high, 12);
      }),
    );
  });

  it('does not change its label when counts decay together, as long as there are enough', () => {
    for (let versions = 0; versions <= 200; versions += 1) {
      const weight = 0.9 ** (versions / 10);
      expect(passRateBand(125 * weight, 1_000 * weight).label).toBe('train');
      expect(passRateBand(750 * weight, 1_000 * weight).label).toBe('train');
      expect(passRateBand(124 * weight, 1_000 * weight).label).toBe('too-hard');
      expect(passRateBand(751 * weight, 1_000 * weight).label).toBe('too-easy');
    }
    expect(passRateBand(8 * 0.9, 8 * 0.9).label).toBe('unknown');
    // What rounding may make of 1/8 and of 8.
    expect(passRateBand(0.1249999999999 * 16, 16).label).toBe('train');
    expect(passRateBand(0.7500000000001 * 16, 16).label).toBe('train');
    expect(passRateBand(4, 7.9999999999999).label).toBe('train');
  });

  it('has no rate without trials, nor with evidence that has faded away', () => {
    expect(passRateBand(0, 0)).toEqual({
      label: 'unknown',
      passRate: undefined,
      interval: { low: 0, high: 1 },
      trials: 0,
    });
    expect(passRateBand(1e-310, 1e-300).passRate).toBeUndefined();
  });

  it('keeps rate and interval in [0, 1], the rate inside the interval', () => {
    fc.assert(
      fc.property(
        fc.double({ min: 0, max: 1, noNaN: true }),
        fc.double({ min: 0, max: 1e15, noNaN: true }),
        (share, trials) => {
          const { passRate, interval } = passRateBand(share * trials, trials);
          expect(interval.low).toBeGreaterThanOrEqual(0);
          expect(interval.high).toBeLessThanOrEqual(1);
          if (passRate === undefined) return;
          expect(interval.low).toBeLessThanOrEqual(passRate + 1e-9);
          expect(interval.high).toBeGreaterThanOrEqual(passRate - 1e-9);
        },
      ),
    );
  });

  it.each([
    [3, 2, {}],
    [-1, 2, {}],
    [Number.NaN, 2, {}],
    [1, Number.POSITIVE_INFINITY, {}],
    [1, 2, { low: 0.8, high: 0.2 }],
    [1, 2, { high: 2 }],
    [1, 2, { leastTrials: 0 }],
    [1, 2, { level: 1 }],
  ])('refuses %s of %s with %o', (successes, trials, options) => {
    expect(() => passRateBand(successes, trials, options)).toThrow(RangeError);
  });
});

describe('signalProbability', () => {
  it.each(vectors['4_signal_prob'])('equals the golden value at $p', ({ p, G, P }) => {
    expect(signalProbability(p, G)).toBeCloseTo(P, 9);
  });

  it('is 0 where groups are always of one mind, and keeps its digits near there', () => {
    expect(signalProbability(0, 8)).toBe(0);
    expect(signalProbability(1, 8)).toBe(0);
    expect(signalProbability(0.3, 1)).toBeCloseTo(0, 15);
    expect(signalProbability(1e-18, 8)).toBeCloseTo(8e-18, 30);
    expect(() => signalProbability(0.5, 0)).toThrow(RangeError);
  });
});
