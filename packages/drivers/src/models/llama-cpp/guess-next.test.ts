import { describe, expect, it } from 'vitest';

import { guessNext } from './guess-next.ts';

describe('guessNext', () => {
  it('prefers what came after the same two tokens', () => {
    expect(guessNext([1, 2, 7, 5, 2, 8, 1, 2])).toBe(7);
  });

  it('else takes what came last after the same token', () => {
    expect(guessNext([3, 2, 7, 4, 2, 8, 1, 2])).toBe(8);
  });

  it('repeats the token when it knows nothing', () => {
    expect(guessNext([5])).toBe(5);
    expect(guessNext([1, 2, 3])).toBe(3);
  });
});
