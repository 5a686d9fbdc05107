import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { normalQuantile } from './normal.ts';
import { seededRandom } from './random.ts';
import { type MeasuredEffect, shrinkEffects } from './shrink-effects.ts';

const estimates = [0.12, 0.05, -0.02, 0.3, 0.08, 0.01, 0.15, -0.1];
const errors = [0.05, 0.08, 0.04, 0.1, 0.06, 0.03, 0.09, 0.07];
const measured = estimates.map((estimate, index) => ({ estimate, standardError: errors[index] ?? 1 }));

describe('shrinkEffects', () => {
  it('finds the mean and scatter that statsmodels finds', () => {
    // statsmodels 0.15.0: combine_effects(estimates, errors ** 2, method_re='iterated'), its tau2 and mean_effect_re.
    const { mean, deviation } = shrinkEffects(measured);
    expect(mean).toBeCloseTo(0.05900103933716744, 9);
    expect(deviation ** 2).toBeCloseTo(0.008037694213120578, 9);
  });

  it('shrinks as the formulas written down independently in numpy', () => {
    const { effects } = shrinkEffects(measured);
    const shrunk = [0.10966313566653715, 0.052850012459828975, -0.010631898034681092, 0.20456534370492124];
    const standardErrors = [0.04675848139616252, 0.06774074271147124, 0.038525299222129855, 0.09390950523403513];
    shrunk.forEach((expected, index) => expect(effects[index]?.estimate).toBeCloseTo(expected, 9));
    standardErrors.forEach((expected, index) => expect(effects[index]?.standardError).toBeCloseTo(expected, 9));
    expect(effects[3]?.shrinkage).toBeCloseTo(0.3959961322348687, 9);
  });

  it.each([
    ['normally', (share: number) => 0.1 * normalQuantile(share)],
    ['not at all', () => 0],
    ['in two groups', (share: number) => (share < 0.2 ? 0.25 : -0.0625)],
  ])(
    'covers on average as often as stated when true effects scatter %s, and errs less than what was measured',
    (_, trueEffect) => {
      let covered = 0;
      let shrunkError = 0;
      let measuredError = 0;
      const runs = 200;
      for (let run = 0; run < runs; run += 1) {
        const random = seededRandom(run);
        const draw = () => Math.min(1 - 1e-9, Math.max(1e-9, random()));
        const truths = Array.from({ length: 12 }, () => trueEffect(draw()));
        const effects = truths.map((truth) => {
          const standardError = 0.05 + 0.1 * random();
          return { estimate: truth + standardError * normalQuantile(draw()), standardError };
        });
        shrinkEffects(effects).effects.forEach(({ estimate, interval }, index) => {
          const truth = truths[index] ?? 0;
          if (interval.low <= truth && truth <= interval.high) covered += 1;
          shrunkError += (estimate - truth) ** 2;
          measuredError += ((effects[index]?.estimate ?? 0) - truth) ** 2;
        });
      }
      expect(covered / runs / 12).toBeGreaterThan(0.93);
      expect(shrunkError).toBeLessThan(0.95 * measuredError);
    },
  );

  it('moves nothing when there are too few to learn from, and has nothing to say of none', () => {
    expect(shrinkEffects([])).toEqual({ mean: undefined, deviation: 0, effects: [] });
    const { effects } = shrinkEffects(measured.slice(0, 3));
    effects.forEach(({ estimate, standardError, shrinkage }, index) => {
      expect(estimate).toBeCloseTo(estimates[index] ?? 0, 12);
      expect(standardError).toBeCloseTo(errors[index] ?? 0, 12);
      expect(shrinkage).toBe(0);
    });
  });

  it('moves equal effects nowhere and keeps each between the mean and what was measured', () => {
    const equal = shrinkEffects(Array.from({ length: 6 }, () => ({ estimate: 0.1, standardError: 0.05 })));
    equal.effects.forEach(({ estimate }) => expect(estimate).toBeCloseTo(0.1, 12));
    expect(equal.deviation).toBe(0);
    const effect: fc.Arbitrary<MeasuredEffect> = fc.record({
      estimate: fc.double({ min: -1e9, max: 1e9, noNaN: true }),
      standardError: fc.double({ min: 1e-9, max: 1e9, noNaN: true }),
    });
    fc.assert(
      fc.property(fc.array(effect, { minLength: 1, maxLength: 20 }), (effects) => {
        const result = shrinkEffects(effects);
        const mean = result.mean ?? Number.NaN;
        result.effects.forEach(({ estimate, standardError, interval, shrinkage }, index) => {
          const own = effects[index]?.estimate ?? 0;
          const slack = 1e-9 * (1 + Math.abs(own) + Math.abs(mean));
          expect(estimate).toBeGreaterThanOrEqual(Math.min(own, mean) - slack);
          expect(estimate).toBeLessThanOrEqual(Math.max(own, mean) + slack);
          expect(shrinkage).toBeGreaterThanOrEqual(0);
          expect(shrinkage).toBeLessThan(1);
          expect(Number.isFinite(standardError) && Number.isFinite(interval.low + interval.high)).toBe(true);
        });
      }),
    );
  });

  it('refuses effects without spread and numbers out of range', () => {
    expect(() => shrinkEffects([{ estimate: 0.1, standardError: 0 }])).toThrow(/standardError is 0/);
    expect(() => shrinkEffects([{ estimate: Number.NaN, standardError: 1 }])).toThrow(RangeError);
    expect(() => shrinkEffects(measured, { level: 1.5 })).toThrow(RangeError);
  });
});
