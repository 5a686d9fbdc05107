import { checkCount } from '../checks.ts';

/**
 * Unbiased estimate of the probability that at least one of k samples of a task succeeds.
 *
 * @param samples - samples drawn of the task, integer ≥ 1.
 * @param successes - how many of them succeeded, integer in [0, samples].
 * @param k - integer in [1, samples].
 * @returns 1 − C(samples − successes, k) / C(samples, k), in [0, 1].
 * @throws {RangeError} when the counts are not such integers.
 *
 * Source: Chen et al. 2021, arXiv:2107.03374, eq. 1, in their product form, which needs no binomial coefficients.
 */
export function passAtK(samples: number, successes: number, k: number): number {
  checkCount('samples', samples, 1);
  checkCount('successes', successes);
  checkCount('k', k, 1);
  if (successes > samples || k > samples) {
    throw new RangeError(
      `successes (${successes}) and k (${k}) are at most the samples drawn (${samples}): draw more or ask for a smaller k.`,
    );
  }
  if (samples - successes < k) return 1;
  // Of the two equal products the shorter one: over the k drawn, or over the successes left out.
  const [few, many] = k < successes ? [k, successes] : [successes, k];
  let allFail = 1;
  for (let index = 0; index < few; index += 1) allFail *= 1 - many / (samples - index);
  return 1 - allFail;
}
