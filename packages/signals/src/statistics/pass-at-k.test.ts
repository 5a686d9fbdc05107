import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import vectors from '../fixtures/vectors.json' with { type: 'json' };
import { passAtK } from './pass-at-k.ts';

describe('passAtK', () => {
  it.each(vectors['4_passk'])('equals the golden value of $n samples, $c successes, k = $k', ({ n, c, k, v }) => {
    expect(passAtK(n, c, k)).toBeCloseTo(v, 10);
  });

  it('equals a count over all subsets', () => {
    // Of the 10 pairs of 5 samples with 2 successes, 3 hold none.
    expect(passAtK(5, 2, 2)).toBeCloseTo(0.7, 12);
    expect(passAtK(5, 4, 2)).toBe(1);
    expect(passAtK(7, 3, 1)).toBeCloseTo(3 / 7, 12);
  });

  it('is in [0, 1], and rises with successes and with k', () => {
    fc.assert(
      fc.property(fc.nat(400), fc.nat(400), fc.nat(400), (a, b, c) => {
        const samples = a + 2;
        const successes = b % samples;
        const k = 1 + (c % (samples - 1));
        const share = passAtK(samples, successes, k);
        expect(share).toBeGreaterThanOrEqual(0);
        expect(share).toBeLessThanOrEqual(1);
        expect(passAtK(samples, successes + 1, k)).toBeGreaterThanOrEqual(share - 1e-12);
        expect(passAtK(samples, successes, k + 1)).toBeGreaterThanOrEqual(share - 1e-12);
      }),
    );
  });

  it('refuses counts that cannot be', () => {
    expect(() => passAtK(8, 9, 1)).toThrow(RangeError);
    expect(() => passAtK(8, 1, 9)).toThrow(RangeError);
    expect(() => passAtK(8, 1, 0)).toThrow(RangeError);
    expect(() => passAtK(0, 0, 1)).toThrow(RangeError);
  });
});
