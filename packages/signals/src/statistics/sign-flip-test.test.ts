import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { exactMcNemar } from './exact-mc-nemar.ts';
import { signFlipTest } from './sign-flip-test.ts';

/** By looking at every way to flip. */
function byEnumeration(differences: readonly number[]): number {
  const observed = differences.reduce((sum, difference) => sum + difference, 0);
  let asLarge = 0;
  for (let flips = 0; flips < 2 ** differences.length; flips += 1) {
    const sum = differences.reduce(
      (all, difference, unit) => all + ((flips >> unit) & 1 ? -difference : difference),
      0,
    );
    if (sum >= observed) asLarge += 1;
  }
  return asLarge / 2 ** differences.length;
}

describe('signFlipTest', () => {
  it('counts every way to flip', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: -4, max: 4 }), { maxLength: 10 }), (differences) => {
        expect(signFlipTest(differences)).toBeCloseTo(byEnumeration(differences), 12);
      }),
    );
  });

  it.each([
    [20, 8],
    [62, 50],
    [300, 200],
  ])('is one side of the exact McNemar test for %i better and %i worse pairs that are units', (better, worse) => {
    const differences = [...Array<number>(better).fill(1), ...Array<number>(worse).fill(-1), 0, 0];
    expect(signFlipTest(differences) / (exactMcNemar(better, worse) / 2)).toBeCloseTo(1, 10);
  });

  it('is less sure of the same difference when it is of few units', () => {
    const spread = [...Array<number>(24).fill(1), ...Array<number>(12).fill(-1)];
    const gathered = [...Array<number>(6).fill(4), ...Array<number>(3).fill(-4)];
    expect(signFlipTest(spread)).toBeLessThan(0.04);
    expect(signFlipTest(gathered)).toBeGreaterThan(0.2);
  });

  it('is 1 without a difference, and refuses what is no integer', () => {
    expect([signFlipTest([]), signFlipTest([0, 0])]).toEqual([1, 1]);
    for (const differences of [[0.5], [Number.NaN], [2e6]]) expect(() => signFlipTest(differences)).toThrow(RangeError);
  });
});
