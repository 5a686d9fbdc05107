import { checkCount, checkProbability } from '../checks.ts';
import { incompleteBeta } from './incomplete-beta.ts';

/**
 * Probability of at least so many successes in independent trials.
 *
 * @param successes - integer; 1 below 1, 0 above `trials`.
 * @param trials - integer in [0, 1e8].
 * @param probability - of a success, in [0, 1].
 * @returns in [0, 1]; precision of `incompleteBeta`.
 * @throws {RangeError} when an argument is none of these.
 *
 * Source: DLMF 8.17.5, P(X ≥ k) = I_p(k, n − k + 1).
 */
export function binomialTail(successes: number, trials: number, probability: number): number {
  checkCount('trials', trials);
  checkProbability('probability', probability);
  if (!Number.isSafeInteger(successes)) throw new RangeError(`successes is ${successes}: give an integer.`);
  if (successes <= 0) return 1;
  if (successes > trials) return 0;
  return incompleteBeta(probability, successes, trials - successes + 1);
}
