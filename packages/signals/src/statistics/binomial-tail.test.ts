import { describe, expect, it } from 'vitest';

import { binomialTail } from './binomial-tail.ts';
import { exactMcNemar } from './exact-mc-nemar.ts';
import { upperRateBound } from './upper-rate-bound.ts';

const relative = (value: number, expected: number) => Math.abs(value / expected - 1);

// scipy 1.17.1: scipy.stats.binom.sf(successes − 1, trials, probability).
describe('binomialTail', () => {
  it.each([
    [0, 10, 0.3, 1],
    [7, 10, 0.5, 0.171875],
    [60, 100, 0.5, 0.028443966820490444],
    [501_000, 1_000_000, 0.5, 0.0228041499326948],
    [3, 3, 0.1, 0.0010000000000000002],
    [1, 1_000, 1e-6, 0.0009995006661255913],
    [90, 100, 0.2, 2.3657271218708844e-51],
  ])('of %i or more in %i at %d is %d', (successes, trials, probability, expected) => {
    expect(relative(binomialTail(successes, trials, probability), expected)).toBeLessThan(trials > 1e5 ? 1e-8 : 1e-11);
  });

  it('knows the ends', () => {
    expect(binomialTail(-3, 5, 0.2)).toBe(1);
    expect(binomialTail(6, 5, 0.2)).toBe(0);
    expect(binomialTail(1, 5, 0)).toBe(0);
    expect(binomialTail(5, 5, 1)).toBe(1);
    expect(binomialTail(0, 0, 0.5)).toBe(1);
    expect(() => binomialTail(1, 5, 1.2)).toThrow(RangeError);
    expect(() => binomialTail(0.5, 5, 0.2)).toThrow(RangeError);
  });
});

// statsmodels 0.15.0: proportion_confint(events, trials, alpha=0.1, method='beta')[1]; the first four are the counts of the red team.
describe('upperRateBound', () => {
  it.each([
    [0, 200, 0.014867039231272057],
    [0, 300, 0.009936081944457711],
    [2, 630, 0.009959306894725054],
    [9, 310, 0.05011442993747041],
    [5, 20, 0.4555824040017488],
  ])('with %i of %i is %d', (events, trials, expected) => {
    expect(relative(upperRateBound(events, trials), expected)).toBeLessThan(1e-10);
  });

  it('says nothing without trials, and refuses more events than trials', () => {
    expect(upperRateBound(0, 0)).toBe(1);
    expect(upperRateBound(7, 7)).toBe(1);
    expect(() => upperRateBound(3, 2)).toThrow(RangeError);
    expect(() => upperRateBound(1, 2, 1)).toThrow(RangeError);
  });
});

// statsmodels 0.15.0: mcnemar([[5, benefits], [harms, 9]], exact=True).pvalue.
describe('exactMcNemar', () => {
  it.each([
    [10, 2, 0.03857421875],
    [3, 3, 1],
    [1, 0, 1],
    [0, 7, 0.015625],
    [40, 61, 0.046044066929342785],
    [300, 250, 0.036578745549102676],
  ])('of %i against %i is %d', (benefits, harms, expected) => {
    expect(relative(exactMcNemar(benefits, harms), expected)).toBeLessThan(1e-10);
    expect(exactMcNemar(harms, benefits)).toBe(exactMcNemar(benefits, harms));
  });

  it('is 1 without discordant pairs, and works for a million', () => {
    expect(exactMcNemar(0, 0)).toBe(1);
    expect(exactMcNemar(501_000, 499_000)).toBeCloseTo(2 * 0.0228041499326948, 8);
    expect(() => exactMcNemar(-1, 3)).toThrow(RangeError);
  });
});
