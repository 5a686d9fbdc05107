import { checkCount } from '../checks.ts';
import { ngrams, type Tokens } from './ngrams.ts';

/**
 * Number of distinct n-grams beside the number expected if they were drawn evenly from a vocabulary: N / (V (1 − ((V − 1) / V)^C)). Unlike `distinctN` it
 * does not fall merely because texts are longer.
 *
 * @param texts - token lists, in any order; C n-grams in all, N different ones.
 * @param vocabulary - V: how many different n-grams there could be, at least N.
 * @param n - Default 1.
 * @returns above 0; 1 for even draws, a little more when n-grams repeat less than by chance; `undefined` without n-grams.
 * @throws {RangeError} when V is below N, or n or V is not a whole number of at least 1.
 *
 * Source: EAD, Liu et al. 2022, "Rethinking and Refining the Distinct Metric", arXiv:2202.13587.
 */
export function expectationAdjustedDistinct(texts: readonly Tokens[], vocabulary: number, n = 1): number | undefined {
  checkCount('vocabulary', vocabulary, 1);
  const grams = texts.flatMap((text) => ngrams(text, n));
  const distinct = new Set(grams).size;
  if (distinct === 0) return undefined;
  if (vocabulary < distinct) {
    throw new RangeError(
      `The vocabulary is ${vocabulary}, and the texts hold ${distinct} different ${n}-grams: give the number there could be.`,
    );
  }
  const expected = -vocabulary * Math.expm1(grams.length * Math.log1p(-1 / vocabulary));
  return distinct / expected;
}
