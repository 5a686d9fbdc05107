import { expect, it } from 'vitest';

import { seededRandom } from './random.ts';

it('gives equal numbers for equal seeds, others for others', () => {
  const draw = (seed: number) => Array.from({ length: 5 }, seededRandom(seed));
  expect(draw(3)).toEqual(draw(3));
  expect(draw(3)).not.toEqual(draw(4));
});

it('is uniform in every twentieth and does not remember the number before', () => {
  const random = seededRandom(12);
  const count = 200_000;
  const cells = Array.from({ length: 400 }, () => 0);
  let before = Math.floor(random() * 20);
  for (let draw = 0; draw < count; draw += 1) {
    const now = Math.floor(random() * 20);
    const cell = before * 20 + now;
    cells[cell] = (cells[cell] ?? 0) + 1;
    before = now;
  }
  const expected = count / cells.length;
  const chiSquare = cells.reduce((sum, seen) => sum + (seen - expected) ** 2 / expected, 0);
  expect(Math.abs(chiSquare - 399) / Math.sqrt(2 * 399)).toBeLessThan(4);
});

it.each([Number.NaN, 0.5, Number.POSITIVE_INFINITY])('refuses the seed %d', (seed) => {
  expect(() => seededRandom(seed)).toThrow(RangeError);
});
