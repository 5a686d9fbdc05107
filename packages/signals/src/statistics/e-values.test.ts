import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { eBenjaminiHochberg } from './e-benjamini-hochberg.ts';
import { averageEValues, eValueOfPValue, multiplyEValues, pValueOfEValue } from './e-values.ts';
import { pairedSequentialTest } from './paired-sequential-test.ts';
import { seededRandom } from './random.ts';

describe('e-values', () => {
  it('are averaged and multiplied', () => {
    expect(averageEValues([0, 4, 8])).toBeCloseTo(4, 12);
    expect(averageEValues([1e300, 1e300])).toBeCloseTo(1e300, -290);
    expect(multiplyEValues([2, 0.5, 6])).toBeCloseTo(6, 12);
    expect(multiplyEValues([])).toBe(1);
    expect(multiplyEValues([1e300, 1e300])).toBe(1e300);
    expect(multiplyEValues([1e300, 0])).toBe(0);
    expect(multiplyEValues([1e-200, 1e-200, 1e300, 1e100])).toBeCloseTo(1, 9);
  });

  it('stand for p-values, and p-values for them', () => {
    expect(pValueOfEValue(20)).toBeCloseTo(0.05, 12);
    expect(pValueOfEValue(0.3)).toBe(1);
    expect(pValueOfEValue(0)).toBe(1);
    expect(eValueOfPValue(0.01)).toBeCloseTo(5, 12);
    expect(eValueOfPValue(1)).toBe(0.5);
    expect(eValueOfPValue(0)).toBe(1e300);
  });

  it('of a uniform p-value have a mean of 1', () => {
    // The integral of 1 / (2 √p) from 0 to 1, with steps that are small where it is steep.
    let mean = 0;
    for (let step = 0; step < 1_000; step += 1) {
      const [from, to] = [(step / 1_000) ** 2, ((step + 1) / 1_000) ** 2];
      mean += (to - from) * eValueOfPValue((from + to) / 2);
    }
    expect(mean).toBeCloseTo(1, 2);
  });

  it('are refused when negative or not finite', () => {
    expect(() => averageEValues([])).toThrow(RangeError);
    expect(() => averageEValues([1, -0.1])).toThrow(/eValues\[1\] is -0.1/);
    expect(() => multiplyEValues([Number.POSITIVE_INFINITY])).toThrow(RangeError);
    expect(() => pValueOfEValue(Number.NaN)).toThrow(RangeError);
    expect(() => eValueOfPValue(1.5)).toThrow(RangeError);
  });
});

describe('eBenjaminiHochberg', () => {
  it('rejects the k largest that reach K / (k · level)', () => {
    // K = 4, level 0.1: thresholds 40, 20, 13.33, 10 for k = 1 … 4. The third largest, 15, reaches its own; the fourth, 9, does not.
    expect(eBenjaminiHochberg([9, 15, 16, 18], 0.1)).toEqual([false, true, true, true]);
    expect(eBenjaminiHochberg([9, 15, 12, 18], 0.1)).toEqual([false, false, false, false]);
    expect(eBenjaminiHochberg([41, 0, 0, 0], 0.1)).toEqual([true, false, false, false]);
    expect(eBenjaminiHochberg([10, 10, 10, 10], 0.1)).toEqual([true, true, true, true]);
    expect(eBenjaminiHochberg([20])).toEqual([true]);
    expect(eBenjaminiHochberg([])).toEqual([]);
    expect(() => eBenjaminiHochberg([-1])).toThrow(RangeError);
    expect(() => eBenjaminiHochberg([1], 1)).toThrow(RangeError);
  });

  it('equals the definition, does not mind the order, and rejects more when e-values rise', () => {
    fc.assert(
      fc.property(
        fc.array(fc.double({ min: 0, max: 400, noNaN: true }), { maxLength: 30 }),
        fc.nat(29),
        (eValues, raised) => {
          const rejected = eBenjaminiHochberg(eValues, 0.1);
          const count = eValues.length;
          let size = 0;
          for (let k = 1; k <= count; k += 1) if (eValues.filter((e) => k * e * 0.1 >= count).length >= k) size = k;
          expect(rejected).toEqual(eValues.map((e) => size > 0 && size * e * 0.1 >= count));
          expect(eBenjaminiHochberg(eValues.toReversed(), 0.1)).toEqual(rejected.toReversed());
          const more = eBenjaminiHochberg(
            eValues.map((e, index) => (index === raised ? e * 2 : e)),
            0.1,
          );
          expect(rejected.every((was, index) => !was || more[index])).toBe(true);
        },
      ),
    );
  });

  it('holds the share of false discoveries when all entries share their control plays', () => {
    const runs = 150;
    let share = 0;
    let found = 0;
    for (let run = 0; run < runs; run += 1) {
      const random = seededRandom(run);
      const control = Array.from({ length: 200 }, () => (random() < 0.4 ? 1 : 0));
      const eValues = Array.from({ length: 20 }, (_, entry) => {
        const rate = entry < 5 ? 0.7 : 0.4;
        const treated = control.map(() => (random() < rate ? 1 : 0));
        return pairedSequentialTest(treated, control, { error: 1e-6 }).eValues.benefit;
      });
      const rejected = eBenjaminiHochberg(eValues, 0.1);
      const falsely = rejected.filter((is, entry) => is && entry >= 5).length;
      const all = rejected.filter(Boolean).length;
      share += all === 0 ? 0 : falsely / all / runs;
      found += (all - falsely) / 5 / runs;
    }
    expect(share).toBeLessThan(0.1);
    expect(found).toBeGreaterThan(0.8);
  });
});
