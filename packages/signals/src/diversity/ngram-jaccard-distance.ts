import { ngrams, type Tokens } from './ngrams.ts';

/**
 * How little two texts have in common, on average: mean over pairs of 1 − |A ∩ B| / |A ∪ B| of their sets of n-grams.
 *
 * @param texts - token lists, in any order. Texts shorter than n are left out.
 * @returns in [0, 1]; `undefined` with fewer than two texts.
 * @throws {RangeError} when n is not a whole number of at least 1.
 *
 * Source: Shypula et al. 2025, arXiv:2504.12522, official code.
 */
export function ngramJaccardDistance(texts: readonly Tokens[], n: number): number | undefined {
  const sets = texts.map((text) => new Set(ngrams(text, n))).filter(({ size }) => size > 0);
  if (sets.length < 2) return undefined;
  let sum = 0;
  for (const [index, first] of sets.entries()) {
    for (const second of sets.slice(index + 1)) {
      const common = commonCount(first, second);
      sum += 1 - common / (first.size + second.size - common);
    }
  }
  return sum / ((sets.length * (sets.length - 1)) / 2);
}

function commonCount(first: ReadonlySet<string>, second: ReadonlySet<string>): number {
  let count = 0;
  for (const gram of first) if (second.has(gram)) count += 1;
  return count;
}
