import { checkSameLength } from '../checks.ts';
import { referenceMatrix, type ReferenceMatrix } from './reference-matrix.ts';

export interface ReferenceRewardOptions {
  /** `mean`: per token of the reference. `sum`: the paper's scale, on which long references count more. Default `mean`. */
  readonly scale?: 'mean' | 'sum';
  /**
   * Log-probabilities of the reference with the reasoning masked, one per token: subtracted, so that the reward says what the reasoning adds. The same
   * for all rollouts of a query, so it leaves advantages as they are; it matters where rewards of different queries are compared. Default: none.
   */
  readonly masked?: ArrayLike<number>;
}

/**
 * Reasoning reflection reward (R3): how likely the reference is after each rollout's reasoning, by the tokens that depend on it.
 *
 * @param weights - one per token, from `dispersionWeights`. All 0: every reward is 0, and the query is to be dropped.
 * @returns one per given rollout: Σ_j w_j (l_ij − masked_j), by default divided by the number of tokens; `null` for a rollout that was dropped, and for
 *   all when the reference is empty.
 * @throws {RangeError} when lengths differ, or a weight or masked log-probability is no such number.
 *
 * Source: DRO, Xu et al. 2025, arXiv:2506.13351v1.
 */
export function weightedReferenceReward(
  matrix: ReferenceMatrix,
  weights: ArrayLike<number>,
  options: ReferenceRewardOptions = {},
): (number | null)[] {
  const { masked } = options;
  const baseline = masked === undefined ? undefined : readMasked(masked, matrix.tokens);
  checkWeights(weights, matrix.tokens);
  return rewardsOf(matrix, options, (place) => {
    let sum = 0;
    for (let token = 0; token < matrix.tokens; token += 1) {
      sum += weights[token]! * (matrix.values[place + token]! - (baseline?.[token] ?? 0));
    }
    return sum;
  });
}

/**
 * The baseline that R3 is measured against: how likely the reference is, all tokens alike.
 *
 * @returns one per given rollout: Σ_j l_ij, by default divided by the number of tokens; `null` as in `weightedReferenceReward`.
 *
 * Source: DRO, arXiv:2506.13351v1, "aggregate"; the same as in VeriFree, arXiv:2505.21493, up to the exponential.
 */
export function aggregateReferenceReward(
  matrix: ReferenceMatrix,
  options: ReferenceRewardOptions = {},
): (number | null)[] {
  return weightedReferenceReward(matrix, new Float64Array(matrix.tokens).fill(1), options);
}

/** Applies `total` to the start of each row; what was dropped gets null. */
export function rewardsOf(
  { given, rollouts, tokens }: ReferenceMatrix,
  { scale = 'mean' }: Pick<ReferenceRewardOptions, 'scale'>,
  total: (place: number) => number,
): (number | null)[] {
  if (scale !== 'mean' && scale !== 'sum') throw new RangeError(`scale is '${String(scale)}': use mean or sum.`);
  const rewards: (number | null)[] = Array.from({ length: given }, () => null);
  if (tokens === 0) return rewards;
  for (const [row, rollout] of rollouts.entries())
    rewards[rollout] = total(row * tokens) / (scale === 'mean' ? tokens : 1);
  return rewards;
}

/** @throws {RangeError} when there is not one weight per token, or one is negative or not finite. */
export function checkWeights(weights: ArrayLike<number>, tokens: number): void {
  checkSameLength('weights', weights, 'a row of the matrix', { length: tokens });
  for (let token = 0; token < tokens; token += 1) {
    const weight = weights[token];
    if (typeof weight !== 'number' || !(weight >= 0 && weight <= 1e12)) {
      throw new RangeError(`weights[${token}] is ${weight}: give a number in [0, 1e12], as dispersionWeights does.`);
    }
  }
}

function readMasked(masked: ArrayLike<number>, tokens: number): Float64Array {
  checkSameLength('masked', masked, 'a row of the matrix', { length: tokens });
  const { values, dropped } = referenceMatrix([masked]);
  if (dropped.length > 0)
    throw new RangeError('masked holds a NaN: score the reference with masked reasoning again, or leave it out.');
  return values;
}
