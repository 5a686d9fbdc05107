import { expect, it } from 'vitest';

import { holm } from './holm.ts';

it("adjusts p-values as R's p.adjust(method = 'holm') does", () => {
  const adjusted = holm([0.01, 0.04, 0.03, 0.005]);
  [0.03, 0.06, 0.06, 0.02].forEach((expected, index) => expect(adjusted[index]).toBeCloseTo(expected, 12));
});

it('keeps the order, caps at 1, and has nothing to adjust in none', () => {
  expect(holm([])).toEqual([]);
  expect(holm([0.9, 0.8])).toEqual([1, 1]);
  expect(holm([0, 1])).toEqual([0, 1]);
});

it.each([Number.NaN, -0.1, 1.1])('refuses %d', (pValue) => {
  expect(() => holm([0.5, pValue])).toThrow(/pValues\[1\]/);
});
