import { checkCount } from '../checks.ts';
import { binomialTail } from './binomial-tail.ts';

/**
 * Exact test that two arms, played on the same independent tasks, succeed equally often.
 *
 * @param benefits - pairs in which only the first arm succeeded; integer ≥ 0.
 * @param harms - pairs in which only the second arm succeeded; integer ≥ 0. Pairs that agree say nothing here.
 * @returns two-sided p-value in (0, 1]; 1 without discordant pairs.
 * @throws {RangeError} when the counts are not such integers.
 *
 * Source: McNemar 1947 with the exact binomial reference: twice the smaller tail of Binomial(benefits + harms, 1/2), at most 1.
 * Fixed sample size: to look more than once take `pairedSequentialTest`.
 */
export function exactMcNemar(benefits: number, harms: number): number {
  checkCount('benefits', benefits);
  checkCount('harms', harms);
  return Math.min(1, 2 * binomialTail(Math.max(benefits, harms), benefits + harms, 0.5));
}
