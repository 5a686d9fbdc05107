import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { incompleteBeta } from './incomplete-beta.ts';
import { logGamma } from './log-gamma.ts';

// scipy 1.17.1: scipy.special.gammaln(x).
describe('logGamma', () => {
  it.each([
    [1e-10, 23.025850929882733],
    [0.5, 0.5723649429247],
    [1, 0],
    [1.5, -0.12078223763524526],
    [2, 0],
    [3.7, 1.428072326665388],
    [9.99, 12.779315214350195],
    [10, 12.801827480081469],
    [55.5, 166.32150615984037],
    [1e6, 12815504.569147611],
    [1e15, 3.3538776394910668e16],
  ])('of %d is %d', (x, expected) => {
    expect(Math.abs(logGamma(x) - expected)).toBeLessThan(2e-14 * Math.max(1, Math.abs(expected)));
  });

  it.each([0, -1, Number.NaN, Number.POSITIVE_INFINITY])('refuses %d', (x) => {
    expect(() => logGamma(x)).toThrow(RangeError);
  });
});

// scipy 1.17.1: scipy.special.betainc(a, b, x).
describe('incompleteBeta', () => {
  it.each([
    [0.3, 2, 5, 0.5798250000000003, 1e-13],
    [0.01, 0.5, 0.5, 0.06376856085851985, 1e-13],
    [0.999, 10, 0.2, 0.5705438144191421, 1e-12],
    [0.5, 500, 500, 0.5, 1e-12],
    [0.52, 5_000, 5_000, 0.9999685290836797, 1e-12],
    [0.4, 30, 70, 0.9822224303035403, 1e-12],
    [1e-5, 1, 1e6, 0.9999546023401924, 1e-12],
    [0.5005, 500_000, 500_000, 0.8413447460685569, 1e-8],
    [0.2, 1e-3, 3, 0.9995103749029407, 1e-12],
  ])('at %d with %d and %d is %d', (x, a, b, expected, error) => {
    expect(Math.abs(incompleteBeta(x, a, b) / expected - 1)).toBeLessThan(error);
  });

  it('is a distribution function: in [0, 1], mirrored, rising', () => {
    const parameter = fc.double({ min: 0.1, max: 1e4, noNaN: true });
    // Of these 1 − x is exact.
    const place = fc.nat(1_024).map((share) => share / 1_024);
    fc.assert(
      fc.property(place, parameter, parameter, (x, a, b) => {
        const below = incompleteBeta(x, a, b);
        expect(below).toBeGreaterThanOrEqual(0);
        expect(below).toBeLessThanOrEqual(1);
        expect(below + incompleteBeta(1 - x, b, a)).toBeCloseTo(1, 9);
        expect(incompleteBeta(Math.min(1, x + 0.01), a, b)).toBeGreaterThanOrEqual(below - 1e-12);
      }),
    );
  });

  it('refuses what is no place and no parameter', () => {
    expect(() => incompleteBeta(1.1, 1, 1)).toThrow(RangeError);
    expect(() => incompleteBeta(0.5, 0, 1)).toThrow(RangeError);
    expect(() => incompleteBeta(0.5, 1, Number.NaN)).toThrow(RangeError);
  });
});
