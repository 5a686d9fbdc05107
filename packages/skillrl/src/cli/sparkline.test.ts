import { expect, it } from 'vitest';

import { sparkline } from './sparkline.ts';

it('draws the lowest value at the bottom and the highest at the top, gaps as blanks, and the last ones alone when there are many', () => {
  expect(sparkline([0, 1, undefined, 0.5])).toBe('▁█ ▅');
  expect(sparkline([3, 3])).toBe('▁▁');
  expect(sparkline([])).toBe('');
  expect(sparkline([9, 0, 1], 2)).toBe('▁█');
});
