import { checkCount } from '../checks.ts';
import { seededRandom } from '../statistics/random.ts';
import { ngrams, type Tokens } from './ngrams.ts';

/**
 * Share of the n-grams of all texts that are different ones.
 *
 * @param texts - token lists, in any order. Texts shorter than n add nothing.
 * @param n - at least 1.
 * @returns in (0, 1]; `undefined` with fewer than two n-grams. It falls as texts get longer or more: compare equal numbers of texts of equal lengths,
 *   or use `distinctNOfPairs` or `expectationAdjustedDistinct`.
 * @throws {RangeError} when n is not a whole number of at least 1.
 *
 * Source: Li et al. 2016, arXiv:1510.03055; pooled over the texts of one prompt as in Shypula et al. 2025, arXiv:2504.12522.
 */
export function distinctN(texts: readonly Tokens[], n: number): number | undefined {
  return distinctShare(texts.map((text) => ngrams(text, n)));
}

export interface PairOptions {
  /** Pairs drawn. Default 300. */
  readonly draws?: number;
  /** Default 42. */
  readonly seed?: number;
}

/**
 * `distinctN` of two texts, on average: comparable between prompts and policies with different numbers of texts.
 *
 * @returns mean over pairs drawn with replacement, so that a text may be paired with itself; in (0, 1]; `undefined` when no drawn pair has two
 *   n-grams. The same for the same texts in any order.
 * @throws {RangeError} when n or `draws` is not a whole number of at least 1.
 *
 * Source: Shypula et al. 2025, arXiv:2504.12522, official code: 300 bootstrap draws of 2 programs, seed 42 (the generator is ours).
 */
export function distinctNOfPairs(texts: readonly Tokens[], n: number, options: PairOptions = {}): number | undefined {
  const { draws = 300, seed = 42 } = options;
  checkCount('draws', draws, 1);
  checkCount('n', n, 1);
  if (texts.length === 0) return undefined;
  const grams = texts
    .map((text) => ngrams(text, n))
    .map((grams) => ({ grams, key: grams.join('') }))
    .toSorted((a, b) => (a.key < b.key ? -1 : 1))
    .map(({ grams }) => grams);
  const random = seededRandom(seed);
  let sum = 0;
  let counted = 0;
  for (let draw = 0; draw < draws; draw += 1) {
    const first = grams[Math.floor(random() * grams.length)]!;
    const second = grams[Math.floor(random() * grams.length)]!;
    const share = distinctShare([first, second]);
    if (share === undefined) continue;
    sum += share;
    counted += 1;
  }
  return counted === 0 ? undefined : sum / counted;
}

function distinctShare(grams: readonly (readonly string[])[]): number | undefined {
  const total = grams.reduce((sum, text) => sum + text.length, 0);
  return total < 2 ? undefined : new Set(grams.flat()).size / total;
}
