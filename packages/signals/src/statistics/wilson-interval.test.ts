import { describe, expect, it } from 'vitest';

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

  // The signals' golden file, key 4_wilson.
  it.each([
    [0, 8, 0, 0.3244075649],
    [1, 8, 0.0224174915, 0.4708881822],
    [4, 8, 0.2152160622, 0.7847839378],
    [8, 8, 0.6755924351, 1],
    [2, 64, 0.0086121383, 0.1069729177],
  ])('equals the golden interval of %i of %i', (successes, trials, low, high) => {
    const interval = wilsonInterval(successes, trials);
    expect(interval.low).toBeCloseTo(low, 6);
    expect(interval.high).toBeCloseTo(high, 6);
  });

  it('says nothing without trials', () => {
    expect(wilsonInterval(0, 0)).toEqual({ low: 0, high: 1 });
  });

  it('refuses more successes than trials', () => {
    expect(() => wilsonInterval(3, 2)).toThrow(RangeError);
  });
});
