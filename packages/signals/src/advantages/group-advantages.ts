import { checkMagnitude } from '../check-magnitude.ts';
import { centredRewards, checkEpsilon } from './centred-rewards.ts';

export interface GroupAdvantageOptions {
  /**
   * Divide by the group's sample deviation. Default `false`, for rewards that are 0 or 1: there the division makes the one success of a hard
   * task the largest advantage of all. Set it for rewards whose scale is arbitrary, such as `weightedReferenceReward` or a novelty.
   */
  readonly normalise?: boolean;
  /** Added to the deviation, in [0, 1]. Default 1e-4, as in TRL; verl has 1e-6. */
  readonly epsilon?: number;
}

/**
 * Group-relative advantages: each reward minus the mean of its group, on request divided by the group's sample deviation.
 *
 * @param rewards - one per rollout of the same task and policy version, within ±1e100; `null` when a rollout could not be scored.
 * @returns one advantage per rollout, same order. 0 for a rollout without a reward. All 0 when fewer than two have one, and when those are equal
 *   (deviation below 1e-6, or below 1e-12 of the largest reward).
 * @throws {RangeError} when a reward is not such a number (NaN included: say `null`), or epsilon is not in [0, 1].
 *
 * Source: GRPO, Shao et al. 2024, arXiv:2402.03300, outcome supervision; without the division Dr. GRPO, Liu et al. 2025, arXiv:2503.20783.
 * As in TRL 1.13: deviation over n − 1, missing rewards left out. Ours: a group of one has no advantage (verl 0.9 gives it the raw reward), and
 * deviations below 1e-6 count as none (TRL and verl divide rounding errors by epsilon).
 */
export function groupAdvantages(rewards: ArrayLike<number | null>, options: GroupAdvantageOptions = {}): number[] {
  const { normalise = false, epsilon = 1e-4 } = options;
  checkMagnitude('rewards', rewards);
  checkEpsilon(epsilon);
  return centredRewards(rewards, { normalise, epsilon });
}
