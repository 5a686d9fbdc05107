import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { normalCdf, normalQuantile } from './normal.ts';

const relative = (value: number, expected: number) => Math.abs(value / expected - 1);

// scipy 1.17.1: scipy.stats.norm.cdf(z) and .ppf(p).
describe('normalCdf', () => {
  it.each([
    [-37, 5.7255712225239266e-300],
    [-10, 7.61985302416047e-24],
    [-5, 2.866515718791933e-7],
    [-3.0001, 0.0013494549132607172],
    [-2.9999, 0.001350341282954925],
    [-1.96, 0.024997895148220435],
    [-1e-9, 0.49999999960105773],
    [0.5, 0.6914624612740131],
    [3.5, 0.9997673709209645],
    [8, 0.9999999999999993],
  ])('of %d is %d', (z, expected) => {
    expect(relative(normalCdf(z), expected)).toBeLessThan(z < -20 ? 1e-12 : 1e-13);
  });

  it('rises, stays in [0, 1] and is symmetric', () => {
    fc.assert(
      fc.property(fc.double({ min: -50, max: 50, noNaN: true }), (z) => {
        const below = normalCdf(z);
        expect(below).toBeGreaterThanOrEqual(0);
        expect(below).toBeLessThanOrEqual(1);
        expect(below + normalCdf(-z)).toBeCloseTo(1, 12);
        expect(normalCdf(z + 0.01)).toBeGreaterThanOrEqual(below);
      }),
    );
  });

  it('has an answer for the largest numbers and none for what is not a number', () => {
    expect(normalCdf(-Number.MAX_VALUE)).toBe(0);
    expect(normalCdf(Number.MAX_VALUE)).toBe(1);
    expect(() => normalCdf(Number.NaN)).toThrow(RangeError);
  });
});

describe('normalQuantile', () => {
  it.each([
    [1e-300, -37.0470962993612],
    [1e-20, -9.262340089798409],
    [1e-5, -4.264890793922825],
    [0.02, -2.053748910631823],
    [0.3, -0.5244005127080409],
    [0.975, 1.959963984540054],
    [0.999999, 4.753424308817087],
  ])('of %d is %d', (probability, expected) => {
    expect(relative(normalQuantile(probability), expected)).toBeLessThan(1e-12);
  });

  it('is finite down to the smallest number and 0 at a half', () => {
    expect(Number.isFinite(normalQuantile(5e-324))).toBe(true);
    expect(Number.isFinite(normalQuantile(1 - 2 ** -53))).toBe(true);
    expect(normalQuantile(0.5)).toBe(0);
  });

  it('undoes normalCdf', () => {
    fc.assert(
      fc.property(fc.double({ min: -8, max: 5, noNaN: true }), (z) => {
        expect(normalQuantile(normalCdf(z))).toBeCloseTo(z, 9);
      }),
    );
  });

  it.each([0, 1, -0.1, Number.NaN])('refuses %d', (probability) => {
    expect(() => normalQuantile(probability)).toThrow(RangeError);
  });
});
