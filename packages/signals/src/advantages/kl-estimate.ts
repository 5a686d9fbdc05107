import { boundedLogRatio, checkLogProbabilities, type TokenMask } from './log-ratios.ts';

export interface KlEstimateOptions extends TokenMask {
  /** Default `k3`. */
  readonly estimator?: 'k1' | 'k2' | 'k3';
}

export interface KlEstimate {
  /** One per token; 0 where masked. */
  readonly perToken: Float64Array;
  /** Mean over the tokens that are not masked; `undefined` when there are none. */
  readonly mean: number | undefined;
}

/**
 * Estimates of KL(policy ‖ reference) from tokens that the policy sampled, with d = policy − reference:
 * - `k1` = d: unbiased, of either sign.
 * - `k2` = d² / 2: biased, never negative.
 * - `k3` = e^{−d} − 1 + d: unbiased, never negative.
 *
 * @param policy - log-probability of each token under the policy.
 * @param reference - the same under the reference.
 * @throws {RangeError} when lengths differ or a log-probability that is read is not in [−1e6, 0].
 *
 * Source: J. Schulman 2020, "Approximating KL Divergence"; k3 as in GRPO, arXiv:2402.03300, eq. 4. As in verl 0.9 d is held within ±20 for k3; ours:
 * verl's further bound of ±10 on the result is left out.
 */
export function klEstimate(
  policy: ArrayLike<number>,
  reference: ArrayLike<number>,
  options: KlEstimateOptions = {},
): KlEstimate {
  const { estimator = 'k3', mask } = options;
  if (!Object.hasOwn(estimators, estimator)) throw new RangeError(`estimator is '${estimator}': use k1, k2 or k3.`);
  checkLogProbabilities({ policy, reference }, mask);
  const estimate = estimators[estimator];
  const perToken = new Float64Array(policy.length);
  let tokens = 0;
  let sum = 0;
  for (let token = 0; token < perToken.length; token += 1) {
    if (mask !== undefined && mask[token] === 0) continue;
    const value = estimate(policy[token]! - reference[token]!);
    perToken[token] = value;
    sum += value;
    tokens += 1;
  }
  return { perToken, mean: tokens === 0 ? undefined : sum / tokens };
}

const estimators = {
  k1: (difference: number) => difference,
  k2: (difference: number) => (difference * difference) / 2,
  k3: (difference: number) => {
    const bounded = boundedLogRatio(difference);
    return Math.max(0, Math.expm1(-bounded) + bounded);
  },
} as const;
