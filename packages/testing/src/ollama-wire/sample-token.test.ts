import { describe, expect, it } from 'vitest';

import { drawToken, logSoftmax } from './sample-token.ts';

const plain = { temperature: 1, top_k: 0, top_p: 1, min_p: 0, repeat_penalty: 1, repeat_last_n: 64 };
const tokens = logSoftmax(new Map([0.1, 0.5, 0.1, 0.3].map((probability, id) => [id, Math.log(probability) + 5])));

describe('logSoftmax', () => {
  it('gives log-probabilities, likeliest first', () => {
    expect(tokens.map(({ id }) => id)).toEqual([1, 3, 0, 2]);
    expect(tokens.map(({ logprob }) => Math.exp(logprob))).toEqual(
      [0.5, 0.3, 0.1, 0.1].map((value) => expect.closeTo(value, 9) as number),
    );
  });
});

describe('drawToken', () => {
  const draws = (options: Partial<typeof plain>, recent: number[] = []): Set<number> =>
    new Set(
      Array.from({ length: 100 }, (_, index) => drawToken(tokens, recent, { ...plain, ...options }, () => index / 100)),
    );

  it('draws by probability', () => {
    expect(drawToken(tokens, [], plain, () => 0.49)).toBe(1);
    expect(drawToken(tokens, [], plain, () => 0.51)).toBe(3);
    expect(drawToken(tokens, [], plain, () => 0.999)).toBe(2);
  });

  it('keeps what the filters keep', () => {
    expect(draws({})).toEqual(new Set([0, 1, 2, 3]));
    expect(draws({ top_k: 2 })).toEqual(new Set([1, 3]));
    expect(draws({ top_p: 0.75 })).toEqual(new Set([1, 3]));
    expect(draws({ min_p: 0.5 })).toEqual(new Set([1, 3]));
    expect(draws({ temperature: 0 })).toEqual(new Set([1]));
    expect(draws({ temperature: 0.01 })).toEqual(new Set([1]));
  });

  it('makes what was said less likely', () => {
    expect(draws({ temperature: 0, repeat_penalty: 3 }, [1])).toEqual(new Set([3]));
  });
});
