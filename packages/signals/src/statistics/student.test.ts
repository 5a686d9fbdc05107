import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { studentCdf, studentQuantile } from './student.ts';

const relative = (value: number, expected: number) => Math.abs(value / expected - 1);

// scipy 1.17.1: scipy.stats.t.cdf(t, degrees) and .ppf(probability, degrees).
describe('studentCdf', () => {
  it.each([
    [-40, 3, 1.7190340394579253e-5],
    [-2, 1, 0.14758361765043326],
    [0.3, 7, 0.6135549747989328],
    [2.5, 4.5, 0.9700471567488997],
    [-1e-8, 10, 0.49999999610891616],
    [-5, 1e6, 2.8669989354453723e-7],
    [-1e10, 1, 3.183098861837907e-11],
    [-3, 30, 0.0026949820328259727],
  ])('of %d with %d degrees is %d', (t, degrees, expected) => {
    expect(relative(studentCdf(t, degrees), expected)).toBeLessThan(degrees > 1e5 ? 1e-8 : 1e-12);
  });

  it('has an answer for the largest numbers', () => {
    expect(studentCdf(-1e200, 2)).toBe(0);
    expect(studentCdf(1e200, 2)).toBe(1);
  });

  it('refuses what is not a number and too few degrees', () => {
    expect(() => studentCdf(Number.NaN, 3)).toThrow(RangeError);
    expect(() => studentCdf(1, 0.5)).toThrow(RangeError);
  });
});

describe('studentQuantile', () => {
  it.each([
    [0.975, 1, 12.706204736174694],
    [0.975, 7, 2.364624251592784],
    [0.975, 2, 4.302652729749462],
    [0.8, 11, 0.8755299780738819],
    [1e-10, 3, -2225.769284683093],
    [0.6, 1e6, 0.25334717053784184],
    [0.999, 1.5, 52.18443000899263],
    [1e-30, 1, -3.183098861837907e29],
  ])('of %d with %d degrees is %d', (probability, degrees, expected) => {
    expect(relative(studentQuantile(probability, degrees), expected)).toBeLessThan(degrees > 1e5 ? 1e-8 : 1e-11);
  });

  it('undoes studentCdf, is 0 at a half and finite at the ends', () => {
    fc.assert(
      fc.property(
        fc.double({ min: 1e-6, max: 0.999, noNaN: true }),
        fc.integer({ min: 1, max: 200 }),
        (share, degrees) => {
          expect(studentCdf(studentQuantile(share, degrees), degrees)).toBeCloseTo(share, 10);
        },
      ),
      { numRuns: 50 },
    );
    expect(studentQuantile(0.5, 3)).toBe(0);
    expect(Number.isFinite(studentQuantile(1e-100, 1))).toBe(true);
    expect(Number.isFinite(studentQuantile(1 - 2 ** -53, 1))).toBe(true);
  });

  it.each([0, 1, Number.NaN])('refuses probability %d', (probability) => {
    expect(() => studentQuantile(probability, 3)).toThrow(RangeError);
  });
});
