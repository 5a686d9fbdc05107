import fc from 'fast-check';
import { expect, it } from 'vitest';

import { findCrossing } from './find-crossing.ts';

it('finds where a falling function crosses, from the positive side and one tolerance short at most', () => {
  const bisection = Math.ceil(Math.log2(2 / 1e-9));
  fc.assert(
    fc.property(fc.double({ min: -0.99, max: 0.99, noNaN: true }), fc.integer({ min: 1, max: 9 }), (root, power) => {
      let steps = 0;
      const excess = (place: number) => {
        steps += 1;
        return Math.sign(root - place) * Math.abs(root - place) ** power;
      };
      const found = findCrossing(excess, { from: -1, to: 1, tolerance: 1e-9 });
      expect(found).toBeLessThanOrEqual(root);
      expect(root - found).toBeLessThanOrEqual(1e-9 + Number.EPSILON);
      // One more to look at the end, one for rounding.
      expect(steps).toBeLessThanOrEqual(bisection + 3);
    }),
    { examples: [[0.03572307340581546, 1]] },
  );
});

it('copes with an infinite start, and takes few steps where the function is smooth', () => {
  let steps = 0;
  const found = findCrossing(
    (place) => {
      steps += 1;
      return 1 / place - 4;
    },
    { from: 0, to: 1 },
  );
  expect(found).toBeCloseTo(0.25, 10);
  expect(steps).toBeLessThan(20);
});

it('gives an end when there is no crossing, and the place when there is no range', () => {
  expect(findCrossing(() => -1, { from: 0, to: 1 })).toBe(0);
  expect(findCrossing(() => 1, { from: 0, to: 1 })).toBe(1);
  expect(findCrossing(() => 1, { from: 2, to: 2 })).toBe(2);
});
