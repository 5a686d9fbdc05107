import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import vectors from '../fixtures/vectors.json' with { type: 'json' };
import { auroc } from './auroc.ts';
import { brierScore } from './brier-score.ts';
import { confidenceBin } from './confidence-bin.ts';
import { expectedCalibrationError } from './expected-calibration-error.ts';
import { reliabilityBins } from './reliability-bins.ts';

const golden = vectors['2_metrics'];
const stated = fc.record({
  confidence: fc.option(fc.double({ min: 0, max: 1, noNaN: true })),
  outcome: fc.option(fc.constantFrom(0, 1)),
});
const columns = (rows: readonly { confidence: number | null; outcome: number | null }[]) =>
  [rows.map(({ confidence }) => confidence), rows.map(({ outcome }) => outcome)] as const;

describe('the golden metrics', () => {
  it('equals the file', () => {
    expect(brierScore(golden.c, golden.y)).toBeCloseTo(golden.brier, 10);
    expect(expectedCalibrationError(golden.c, golden.y)).toBeCloseTo(golden.ece10, 10);
    expect(auroc(golden.c, golden.y)).toBeCloseTo(golden.auroc, 10);
    const alike = vectors['2_metrics_all_one'];
    expect(brierScore(alike.c, alike.y)).toBeCloseTo(alike.brier, 10);
    expect(expectedCalibrationError(alike.c, alike.y)).toBeCloseTo(alike.ece10, 10);
    expect(auroc(alike.c, alike.y)).toBe(alike.auroc);
  });

  it('equals the table of the design page', () => {
    const outcomes = [1, 1, 0, 1, 0, 0, 1, 0];
    const confidences = [0.95, 0.91, 0.92, 0.63, 0.57, 0.21, 0.33, 0.12];
    expect(brierScore(confidences, outcomes)).toBeCloseTo(0.228275, 10);
    expect(expectedCalibrationError(confidences, outcomes)).toBeCloseTo(0.34, 10);
    expect(auroc(confidences, outcomes)).toBeCloseTo(0.75, 10);
  });

  it('gives what the official bins give when the edges are taken from there', () => {
    // numpy.digitize(q, linspace(0, 1, 11) with infinite ends), written down independently: 0.3 and 0.6 fall below their edges.
    const edges = Array.from({ length: 9 }, (_, index) => (index + 1) * 0.1);
    const bins = new Map<number, { y: number; q: number; n: number }>();
    golden.c.forEach((q, index) => {
      const bin = edges.filter((edge) => q >= edge).length;
      const held = bins.get(bin) ?? { y: 0, q: 0, n: 0 };
      bins.set(bin, { y: held.y + golden.y[index]!, q: held.q + q, n: held.n + 1 });
    });
    const error = [...bins.values()].reduce((sum, { y, q }) => sum + Math.abs(q - y), 0) / golden.c.length;
    expect(error).toBeCloseTo(golden.ece10_numpy_edges, 10);
    expect(expectedCalibrationError(golden.c, golden.y)).not.toBeCloseTo(error, 3);
  });
});

describe('confidenceBin', () => {
  it('puts every tenth on the lower edge of its bin, and 1 into the last', () => {
    for (let tenth = 0; tenth <= 10; tenth += 1) {
      expect(confidenceBin(tenth / 10, 10)).toBe(Math.min(9, tenth));
    }
    expect(confidenceBin(1 - 0.9, 10)).toBe(1); // 0.09999999999999998
    expect(confidenceBin(0.29, 100)).toBe(29); // 0.29 · 100 = 28.999999999999996
    expect(confidenceBin(0.2999, 10)).toBe(2);
  });
});

describe('brierScore, expectedCalibrationError, auroc, reliabilityBins', () => {
  it('say nothing without outcomes', () => {
    expect(brierScore([], [])).toBeUndefined();
    expect(expectedCalibrationError([null, 0.5], [1, null])).toBeUndefined();
    expect(auroc([], [])).toBeUndefined();
    expect(reliabilityBins([], [])).toHaveLength(10);
    expect(reliabilityBins([], [])[3]).toEqual({
      low: 0.3,
      high: 0.4,
      count: 0,
      meanConfidence: undefined,
      successRate: undefined,
      interval: { low: 0, high: 1 },
    });
  });

  it('leave out what is null', () => {
    expect(brierScore([0.5, null, 1], [1, 1, null])).toBe(0.25);
  });

  it('have no area under the curve for one class', () => {
    expect(auroc([0.2, 0.9], [1, 1])).toBeUndefined();
    expect(auroc([0.2, 0.9], [0, 0])).toBeUndefined();
    expect(auroc([0.2, 0.9], [0, 1])).toBe(1);
    expect(auroc([0.9, 0.2], [0, 1])).toBe(0);
  });

  it('refuse what is no probability, no outcome, or has no partner', () => {
    expect(() => brierScore([Number.NaN], [1])).toThrow(RangeError);
    expect(() => brierScore([1.01], [1])).toThrow(/confidences\[0\] is 1.01/);
    expect(() => auroc([0.5], [0.5])).toThrow(/outcomes\[0\] is 0.5/);
    expect(() => expectedCalibrationError([0.5], [])).toThrow(RangeError);
    expect(() => reliabilityBins([0.5], [1], { bins: 0 })).toThrow(RangeError);
  });

  it('stay in their range, do not depend on order, and bins hold every outcome', () => {
    fc.assert(
      fc.property(fc.array(stated, { maxLength: 60 }), (rows) => {
        const [confidences, outcomes] = columns(rows);
        const [reversedConfidences, reversedOutcomes] = columns(rows.toReversed());
        for (const metric of [brierScore, expectedCalibrationError, auroc]) {
          const value = metric(confidences, outcomes);
          if (value === undefined) continue;
          expect(value).toBeGreaterThanOrEqual(0);
          expect(value).toBeLessThanOrEqual(1);
          expect(metric(reversedConfidences, reversedOutcomes)).toBeCloseTo(value, 12);
        }
        const known = rows.filter(({ confidence, outcome }) => confidence !== null && outcome !== null).length;
        const bins = reliabilityBins(confidences, outcomes);
        expect(bins.reduce((sum, { count }) => sum + count, 0)).toBe(known);
        for (const { low, high, meanConfidence } of bins) {
          if (meanConfidence === undefined) continue;
          expect(meanConfidence).toBeGreaterThanOrEqual(low - 1e-9);
          expect(meanConfidence).toBeLessThanOrEqual(high + 1e-9);
        }
      }),
    );
  });

  it('auroc counts pairs as one would by hand', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.integer({ min: 0, max: 5 }), fc.constantFrom(0, 1)), { maxLength: 30 }),
        (rows) => {
          const wins = rows.flatMap(([a, isSuccess]) =>
            rows.filter(([, other]) => isSuccess === 1 && other === 0).map(([b]) => (a > b ? 1 : a === b ? 0.5 : 0)),
          );
          const value = auroc(
            rows.map(([confidence]) => confidence / 5),
            rows.map(([, outcome]) => outcome),
          );
          if (wins.length === 0) expect(value).toBeUndefined();
          else expect(value).toBeCloseTo(wins.reduce<number>((sum, win) => sum + win, 0) / wins.length, 12);
        },
      ),
    );
  });

  it('read a million outcomes', () => {
    const confidences = Float64Array.from({ length: 1_000_000 }, (_, index) => (index % 1000) / 1000);
    const outcomes = Uint8Array.from(confidences, (confidence, index) =>
      (index * 7919) % 1000 < confidence * 1000 ? 1 : 0,
    );
    expect(expectedCalibrationError(confidences, outcomes)).toBeLessThan(0.6);
    expect(auroc(confidences, outcomes)).toBeGreaterThan(0.4);
  });
});
