import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { binomialTail } from './binomial-tail.ts';
import {
  designEffect,
  pairsForDifference,
  pairsUntilEvidence,
  smallestVisibleDifference,
} from './pairs-for-difference.ts';
import { seededRandom } from './random.ts';
import { exposuresForEffect, halfWidthOfMean, unitsForMean } from './units-for-mean.ts';

// The rows of the protocol's table of sample sizes: 80 % power, two-sided 5 %, discordance 0.22.
describe('the table of sample sizes', () => {
  it('+5 points on generated houses: 200 houses × 4 tasks', () => {
    const independent = pairsForDifference(0.05);
    expect(independent).toBe(689);
    // 800 pairs carry it up to a correlation of about 0.05 between tasks of one house.
    expect(independent * designEffect(4, 0.05)).toBeLessThan(800);
    expect(independent * designEffect(4, 0.06)).toBeGreaterThan(800);
  });

  it('+5 points on 134 official games × 6 plays', () => {
    expect(pairsForDifference(0.05) * designEffect(6, 0.03)).toBeLessThan(134 * 6);
  });

  it('a collapse of 15 points: 74 pairs (75 when rounded up)', () => {
    expect(pairsForDifference(-0.15)).toBe(75);
  });

  it('+0.6 points: 48,000 pairs (the table says 53,000)', () => {
    expect(pairsForDifference(0.006)).toBe(47_964);
  });

  it('pairs until an e-value of 20, for one who knows the effect: 530, 130, 55, 30', () => {
    expect(pairsUntilEvidence(0.05)).toBe(523);
    expect(pairsUntilEvidence(0.1)).toBe(128);
    expect(pairsUntilEvidence(0.15)).toBe(54);
    expect(pairsUntilEvidence(0.19)).toBe(31);
  });

  it('± 5.5 points with 8 seeds and ± 16 with 3, when seeds deviate by 6.5', () => {
    expect(halfWidthOfMean(8, 6.5)).toBeCloseTo(5.43, 2);
    expect(halfWidthOfMean(3, 6.5)).toBeCloseTo(16.15, 2);
  });

  it('twice fewer rollouts: 7 pairs of seeds, when the logarithm of the ratio deviates by 0.54', () => {
    expect(unitsForMean(Math.log(2), 0.52)).toBe(7);
  });

  it('10 points with 5 % withheld: 3,700 exposures, with 50 %: 700', () => {
    expect(exposuresForEffect(0.1, 0.05)).toBe(3_636);
    expect(exposuresForEffect(0.1, 0.5)).toBe(691);
  });
});

describe('pairsForDifference', () => {
  it('gives the power that it states', () => {
    // Exact power of the test of discordant pairs, over all counts: no formula in common.
    const pairs = pairsForDifference(0.08);
    let power = 0;
    for (let discordant = 0; discordant <= pairs; discordant += 1) {
      const chance = binomialTail(discordant, pairs, 0.22) - binomialTail(discordant + 1, pairs, 0.22);
      // Smallest number of benefits with (b − h)² > 1.96² · discordant.
      const critical = Math.floor((discordant + 1.959964 * Math.sqrt(discordant)) / 2) + 1;
      power += chance * binomialTail(critical, discordant, (0.22 + 0.08) / 2 / 0.22);
    }
    expect(power).toBeGreaterThan(0.78);
    expect(power).toBeLessThan(0.82);
  });

  it('is undone by smallestVisibleDifference', () => {
    fc.assert(
      fc.property(
        fc.double({ min: 0.001, max: 0.2, noNaN: true }),
        fc.double({ min: 0.2, max: 1, noNaN: true }),
        (effect, discordance) => {
          const pairs = pairsForDifference(effect, { discordance });
          const visible = smallestVisibleDifference(pairs, { discordance }) ?? 2;
          expect(visible).toBeLessThanOrEqual(effect + 1e-9);
          expect(smallestVisibleDifference(Math.max(1, pairs - 1), { discordance }) ?? 2).toBeGreaterThanOrEqual(
            effect - 1e-9,
          );
        },
      ),
    );
    expect(smallestVisibleDifference(3)).toBeUndefined();
    expect(smallestVisibleDifference(100, { error: 0.9, power: 0.1 })).toBe(0);
  });

  it('refuses effects beyond the discordance, and shares that are none', () => {
    expect(() => pairsForDifference(0.3)).toThrow(/effect is 0.3/);
    expect(() => pairsForDifference(0)).toThrow(RangeError);
    expect(() => pairsForDifference(0.1, { discordance: 1.2 })).toThrow(RangeError);
    expect(() => pairsForDifference(0.1, { power: 1 })).toThrow(RangeError);
    expect(() => smallestVisibleDifference(0)).toThrow(RangeError);
    expect(() => designEffect(0, 0.1)).toThrow(RangeError);
    expect(() => designEffect(4, 1.1)).toThrow(RangeError);
  });
});

describe('pairsUntilEvidence', () => {
  it('is what a gambler who knows the effect needs', () => {
    let total = 0;
    const runs = 300;
    for (let run = 0; run < runs; run += 1) {
      const random = seededRandom(run);
      let log = 0;
      for (; log < Math.log(20); total += 1) {
        const drawn = random();
        log += drawn < 0.16 ? Math.log1p(0.1 / 0.22) : drawn < 0.22 ? Math.log1p(-0.1 / 0.22) : 0;
      }
    }
    // A little more, as the last pair overshoots.
    expect(total / runs).toBeGreaterThan(118);
    expect(total / runs).toBeLessThan(150);
  });

  it('counts pairs that are all won, and refuses harms and e-values that show nothing', () => {
    expect(pairsUntilEvidence(1, { discordance: 1 })).toBe(Math.ceil(Math.log2(20)));
    expect(() => pairsUntilEvidence(-0.1)).toThrow(/give its size/);
    expect(() => pairsUntilEvidence(0.1, { eValue: 1 })).toThrow(RangeError);
  });
});

describe('unitsForMean', () => {
  // statsmodels 0.15.0: TTestPower().solve_power(effect / deviation, alpha=0.05, power=0.8), rounded up.
  it.each([
    [0.15, 0.065, 4],
    [Math.log(2), 0.54, 7],
    [1, 1, 10],
    [0.3, 1, 90],
    [0.05, 0.5, 787],
    [2, 1, 5],
  ])('for %d with deviation %d is at most one above %i', (effect, deviation, exact) => {
    expect(unitsForMean(effect, deviation) - exact).toBeGreaterThanOrEqual(0);
    expect(unitsForMean(effect, deviation) - exact).toBeLessThanOrEqual(1);
    expect(unitsForMean(-effect, deviation)).toBe(unitsForMean(effect, deviation));
  });

  it('is at least two, and refuses effects that are none', () => {
    expect(unitsForMean(1e6, 1e-3)).toBeGreaterThanOrEqual(2);
    expect(() => unitsForMean(0, 1)).toThrow(RangeError);
    expect(() => unitsForMean(1, 0)).toThrow(RangeError);
    expect(() => halfWidthOfMean(1, 1)).toThrow(RangeError);
    expect(() => exposuresForEffect(0.1, 0)).toThrow(RangeError);
    expect(() => exposuresForEffect(0.1, 0.5, { variance: 0.3 })).toThrow(RangeError);
  });
});
