import { expect, it } from 'vitest';

import { holm } from './holm.ts';
import { normalQuantile } from './normal.ts';

it("adjusts p-values as R's p.adjust(method = 'holm') does", () => {
  const adjusted = holm([0.01, 0.04, 0.03, 0.005]);
  [0.03, 0.06, 0.06, 0.02].forEach((expected, index) => expect(adjusted[index]).toBeCloseTo(expected, 12));
});

it('knows the quantiles of the normal distribution', () => {
  expect(normalQuantile(0.975)).toBeCloseTo(1.959963985, 8);
  expect(normalQuantile(0.5)).toBeCloseTo(0, 12);
  expect(normalQuantile(0.001)).toBeCloseTo(-3.090232306, 8);
});
