import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import vectors from '../fixtures/vectors.json' with { type: 'json' };
import { distinctN, distinctNOfPairs } from './distinct-n.ts';
import { expectationAdjustedDistinct } from './expectation-adjusted-distinct.ts';
import { ngramJaccardDistance } from './ngram-jaccard-distance.ts';
import { ngrams, splitWords } from './ngrams.ts';

const golden = vectors['3_lexical'];
const corpus = golden.corpus.map(splitWords);
const texts = fc.array(fc.array(fc.constantFrom('a', 'b', 'c', '', '1:a'), { maxLength: 8 }), { maxLength: 8 });

describe('distinctN', () => {
  it('equals the golden values', () => {
    expect(distinctN(corpus, 1)).toBeCloseTo(golden.distinct1, 9);
    expect(distinctN(corpus, 2)).toBeCloseTo(golden.distinct2, 9);
  });

  it('does not exist with fewer than two n-grams', () => {
    expect(distinctN([], 1)).toBeUndefined();
    expect(distinctN([['a']], 1)).toBeUndefined();
    expect(distinctN([['a'], []], 1)).toBeUndefined();
    expect(distinctN([['a', 'b']], 3)).toBeUndefined();
    expect(distinctN([['a', 'a']], 1)).toBe(0.5);
    expect(() => distinctN(corpus, 0)).toThrow(RangeError);
  });

  it('takes n-grams for equal only when all their tokens are', () => {
    expect(ngrams(['a b', 'c'], 2)).not.toEqual(ngrams(['a', 'b c'], 2));
    expect(ngrams(['1:a', ''], 2)).not.toEqual(ngrams(['', '1:a'], 2));
    expect(ngrams(['a', 'b'], 3)).toEqual([]);
  });

  it('equals a count by lists of tokens, in any order of the texts', () => {
    fc.assert(
      fc.property(texts, fc.integer({ min: 1, max: 4 }), (all, n) => {
        const grams = all.flatMap((text) =>
          text.slice(n - 1).map((_, start) => JSON.stringify(text.slice(start, start + n))),
        );
        const expected = grams.length < 2 ? undefined : new Set(grams).size / grams.length;
        expect(distinctN(all, n)).toBe(expected);
        expect(distinctN(all.toReversed(), n)).toBe(expected);
      }),
    );
  });
});

describe('distinctNOfPairs', () => {
  it('comes near the mean over all pairs, each text with itself included', () => {
    const pairs = corpus.flatMap((first) => corpus.map((second) => distinctN([first, second], 1)!));
    const mean = pairs.reduce((sum, value) => sum + value, 0) / pairs.length;
    expect(distinctNOfPairs(corpus, 1, { draws: 100_000 })).toBeCloseTo(mean, 2);
  });

  it('does not fall because there are more texts, as distinctN does', () => {
    const words = (count: number) => Array.from({ length: count }, (_, text) => [`w${text % 4}`, `v${text % 3}`]);
    expect(distinctN(words(48), 1)!).toBeLessThan(distinctN(words(12), 1)! / 3);
    expect(Math.abs(distinctNOfPairs(words(48), 1)! - distinctNOfPairs(words(12), 1)!)).toBeLessThan(0.05);
  });

  it('gives one number for one seed, in any order', () => {
    const value = distinctNOfPairs(corpus, 1);
    expect(distinctNOfPairs(corpus.toReversed(), 1)).toBe(value);
    expect(distinctNOfPairs(corpus, 1, { seed: 43 })).not.toBe(value);
    expect(distinctNOfPairs([], 1)).toBeUndefined();
    expect(distinctNOfPairs([['a']], 2)).toBeUndefined();
    expect(distinctNOfPairs([['a']], 1)).toBe(0.5);
    expect(() => distinctNOfPairs(corpus, 1, { draws: 0 })).toThrow(RangeError);
  });
});

describe('expectationAdjustedDistinct', () => {
  it('equals the golden value', () => {
    expect(expectationAdjustedDistinct(corpus, vectors['3_ead'].vocab)).toBeCloseTo(vectors['3_ead'].ead1, 9);
  });

  it('is 1 when there is one word to choose from, and keeps its digits for a large vocabulary', () => {
    expect(expectationAdjustedDistinct([['a', 'a', 'a']], 1)).toBe(1);
    // With V → ∞ nothing is expected to repeat: it tends to distinct-1.
    expect(expectationAdjustedDistinct([['a', 'a', 'b']], 1e15)).toBeCloseTo(2 / 3, 12);
    expect(expectationAdjustedDistinct([], 10)).toBeUndefined();
    expect(() => expectationAdjustedDistinct([['a', 'b']], 1)).toThrow(/hold 2 different/u);
    expect(() => expectationAdjustedDistinct([['a']], 0.5)).toThrow(RangeError);
  });

  it('does not fall with length for words drawn evenly, where distinctN does', () => {
    let state = 1;
    const draw = (count: number) =>
      Array.from({ length: count }, () => `w${(state = (state * 48_271) % 2_147_483_647) % 500}`);
    const short = [draw(100)];
    const long = [draw(3_000)];
    expect(distinctN(long, 1)! / distinctN(short, 1)!).toBeLessThan(0.25);
    expect(expectationAdjustedDistinct(long, 500)! / expectationAdjustedDistinct(short, 500)!).toBeCloseTo(1, 1);
  });
});

describe('ngramJaccardDistance', () => {
  it('equals the golden values', () => {
    expect(ngramJaccardDistance(corpus, 1)).toBeCloseTo(golden.jaccard1, 9);
    expect(ngramJaccardDistance(corpus, 2)).toBeCloseTo(golden.jaccard2, 9);
  });

  it('leaves out texts shorter than n', () => {
    expect(ngramJaccardDistance([['a', 'b'], ['a', 'b'], ['a']], 2)).toBe(0);
    expect(ngramJaccardDistance([['a', 'b'], ['a']], 2)).toBeUndefined();
    expect(ngramJaccardDistance([], 1)).toBeUndefined();
  });

  it('is in [0, 1] and does not depend on the order', () => {
    fc.assert(
      fc.property(texts, fc.integer({ min: 1, max: 3 }), (all, n) => {
        const distance = ngramJaccardDistance(all, n);
        if (distance === undefined) return;
        expect(distance).toBeGreaterThanOrEqual(0);
        expect(distance).toBeLessThanOrEqual(1);
        expect(ngramJaccardDistance(all.toReversed(), n)).toBeCloseTo(distance, 12);
      }),
    );
  });
});
