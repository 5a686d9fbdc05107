import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { equivalenceTest } from './equivalence-test.ts';
import { normalQuantile } from './normal.ts';
import { seededRandom } from './random.ts';

describe('equivalenceTest', () => {
  // statsmodels 0.15.0: ttost_paired(x, 0, −0.05, 0.05)[0] and DescrStatsW(x).tconfint_mean(0.1).
  it.each([
    [
      [0.03, -0.02, 0.01, 0.04, -0.01, 0.02, 0, 0.015, -0.03, 0.025, 0.01, 0.005],
      9.823506646384604e-6,
      -0.0027112843969730686,
      0.018544617730306398,
      true,
    ],
    [[0.1, 0.06, 0.02, 0.08, 0.11, 0.03], 0.8417320504857275, 0.03647827984015935, 0.09685505349317398, false],
  ])('equals statsmodels for %j', (differences, pValue, low, high, equivalent) => {
    const result = equivalenceTest(differences);
    expect(result.pValue / pValue).toBeCloseTo(1, 9);
    expect(result.interval.low).toBeCloseTo(low, 12);
    expect(result.interval.high).toBeCloseTo(high, 12);
    expect(result.equivalent).toBe(equivalent);
  });

  it('says equivalent exactly when the interval lies inside the margin, and mirrors', () => {
    fc.assert(
      fc.property(
        fc.array(fc.double({ min: -0.2, max: 0.2, noNaN: true }), { minLength: 2, maxLength: 40 }),
        (differences) => {
          const { equivalent, pValue, interval } = equivalenceTest(differences);
          expect(pValue).toBeGreaterThanOrEqual(0);
          expect(pValue).toBeLessThanOrEqual(1);
          if (Math.abs(pValue - 0.05) > 1e-9) expect(equivalent).toBe(interval.low > -0.05 && interval.high < 0.05);
          expect(equivalenceTest(differences.map((difference) => -difference)).pValue).toBeCloseTo(pValue, 9);
        },
      ),
    );
  });

  it('says equivalent in at most 5 % of runs when the difference is at the margin', () => {
    let wrong = 0;
    const runs = 1_000;
    for (let run = 0; run < runs; run += 1) {
      const random = seededRandom(run);
      const differences = Array.from({ length: 15 }, () => 0.05 + 0.04 * normalQuantile(Math.max(1e-9, random())));
      if (equivalenceTest(differences).equivalent) wrong += 1;
    }
    expect(wrong / runs).toBeLessThan(0.07);
    expect(wrong / runs).toBeGreaterThan(0.03);
  });

  it('lets the mean decide when nothing scatters', () => {
    expect(equivalenceTest([0, 0, 0])).toMatchObject({ equivalent: true, pValue: 0, mean: 0 });
    expect(equivalenceTest([0.25, 0.25])).toMatchObject({ equivalent: false, pValue: 1 });
  });

  it('refuses too few, not finite, and margins and errors that are none', () => {
    expect(() => equivalenceTest([0.1])).toThrow(/at least two/);
    expect(() => equivalenceTest([0.1, Number.NaN])).toThrow(RangeError);
    expect(() => equivalenceTest([0, 1e200])).toThrow(RangeError);
    expect(() => equivalenceTest([0, 0], { margin: 0 })).toThrow(RangeError);
    expect(() => equivalenceTest([0, 0], { error: 0.5 })).toThrow(RangeError);
  });
});
