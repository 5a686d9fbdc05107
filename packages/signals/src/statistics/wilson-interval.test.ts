import { describe, expect, it } from 'vitest';

import vectors from '../fixtures/vectors.json' with { type: 'json' };
import { wilsonInterval } from './wilson-interval.ts';

describe('wilsonInterval', () => {
  // Newcombe 1998, table I, method 3 (score without continuity correction).
  it.each([
    [81, 263, 0.2553, 0.3662],
    [15, 148, 0.0624, 0.1605],
    [0, 20, 0, 0.1611],
    [1, 29, 0.0061, 0.1718],
  ])('covers %i of %i as published', (successes, trials, low, high) => {
    const interval = wilsonInterval(successes, trials);
    expect(interval.low).toBeCloseTo(low, 4);
    expect(interval.high).toBeCloseTo(high, 4);
  });

  it.each(vectors['4_wilson'])('equals the golden interval of $s in $n', ({ s, n, ci }) => {
    const { low, high } = wilsonInterval(s, n);
    expect(low).toBeCloseTo(ci[0] ?? -1, 9);
    expect(high).toBeCloseTo(ci[1] ?? -1, 9);
  });

  it('says nothing without trials', () => {
    expect(wilsonInterval(0, 0)).toEqual({ low: 0, high: 1 });
  });

  it('refuses more successes than trials', () => {
    expect(() => wilsonInterval(3, 2)).toThrow(RangeError);
    expect(() => wilsonInterval(1, 2, 0)).toThrow(RangeError);
    expect(() => wilsonInterval(1, 2, Number.NaN)).toThrow(RangeError);
  });
});
