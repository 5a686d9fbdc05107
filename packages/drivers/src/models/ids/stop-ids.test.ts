import { describe, expect, it } from 'vitest';

import { stopIds } from './stop-ids.ts';

const tokens = ['a', 'b', 'ab', 'b\n', '\nb', '\n', undefined, 'é', 'c'].map((text) =>
  text === undefined ? undefined : Buffer.from(text),
);

describe('stopIds', () => {
  it.each([
    ['no stop text', [], []],
    ['one letter: every token that has it', ['\n'], [3, 4, 5]],
    // `ab` after `b`… cannot end `ba`; `a` can, and `ab` holds its last letter at its beginning.
    ['two letters: tokens that hold them, or begin with the second', ['ba'], [0, 2]],
    ['three letters: the last two at the beginning of a token, too', ['ab\n'], [3, 4, 5]],
    ['several texts', ['c', '\n'], [3, 4, 5, 8]],
    ['a letter of two bytes', ['é'], [7]],
    ['what no token can end', ['zz'], []],
  ])('%s', (_, stop, expected) => {
    expect(stopIds(tokens, stop)).toEqual(expected);
  });

  it('misses no end, wherever the tokens of a text are parted', () => {
    const stop = 'ab\nb';
    for (const text of [
      [0, 1, 5, 1],
      [2, 4],
      [0, 3, 1],
      [2, 5, 1],
    ]) {
      expect(text.map((id) => tokens[id]!.toString()).join('')).toBe(stop);
      expect(stopIds(tokens, [stop])).toContain(text.at(-1));
    }
  });
});
