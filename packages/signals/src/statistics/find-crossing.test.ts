import fc from 'fast-check';
import { expect, it } from 'vitest';

import { findCrossing } from './find-crossing.ts';

it('finds where a falling function crosses, from the positive side', () => {
  fc.assert(
    fc.property(fc.double({ min: -0.99, max: 0.99, noNaN: true }), fc.integer({ min: 1, max: 9 }), (root, power) => {
      const excess = (place: number) => Math.sign(root - place) * Math.abs(root - place) ** power;
      const found = findCrossing(excess, { from: -1, to: 1, tolerance: 1e-9 });
      expect(found).toBeLessThanOrEqual(root);
      expect(root - found).toBeLessThan(2e-9);
    }),
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
