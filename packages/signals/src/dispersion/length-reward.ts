import { centredRewards } from '../advantages/centred-rewards.ts';
import { checkMagnitude } from '../check-magnitude.ts';
import { checkCount, checkSameLength } from '../checks.ts';

/**
 * How near the final answer's length is to the reference's: 1 − β · |reference − answer| / reference.
 *
 * @param length - of the final answer, without its reasoning; whole, ≥ 0.
 * @param referenceLength - in the same unit.
 * @param options.slope - β in [0, 1e6]. Default 0.5.
 * @returns at most 1; below 0 for answers of more than (1 + 1/β) times the reference; `undefined` when the reference is empty.
 * @throws {RangeError} when a number is outside its range.
 *
 * Source: DRO, Xu et al. 2025, arXiv:2506.13351v1; β is not given there, 0.5 is ours.
 */
export function lengthReward(
  length: number,
  referenceLength: number,
  options: { readonly slope?: number } = {},
): number | undefined {
  const { slope = 0.5 } = options;
  checkCount('length', length);
  checkCount('referenceLength', referenceLength);
  if (!(slope >= 0 && slope <= 1e6)) throw new RangeError(`slope is ${slope}: give a number in [0, 1e6].`);
  if (referenceLength === 0) return undefined;
  return 1 - (slope * Math.abs(referenceLength - length)) / referenceLength;
}

/**
 * R3 and length as one reward: the z-score of R3 within its group plus a weight times the length reward.
 *
 * @param rewards - one per rollout of a group, within ±1e100; `null` when it could not be scored.
 * @param lengthRewards - one per rollout, within ±1e100; `null` when there is none, as when the reference is empty: then only R3 counts.
 * @param options.lengthWeight - in [0, 1e6]. Default 0.25.
 * @returns one per rollout; `null` where `rewards` is. Equal rewards have z-scores of 0.
 * @throws {RangeError} when lengths differ or a number is outside its range.
 *
 * Source: DRO, arXiv:2506.13351v1, "weighted sum" without the weights; z-score and weight are ours.
 */
export function rewardWithLength(
  rewards: ArrayLike<number | null>,
  lengthRewards: ArrayLike<number | null>,
  options: { readonly lengthWeight?: number } = {},
): (number | null)[] {
  const { lengthWeight = 0.25 } = options;
  checkSameLength('rewards', rewards, 'lengthRewards', lengthRewards);
  checkMagnitude('rewards', rewards);
  checkMagnitude('lengthRewards', lengthRewards);
  if (!(lengthWeight >= 0 && lengthWeight <= 1e6)) {
    throw new RangeError(`lengthWeight is ${lengthWeight}: give a number in [0, 1e6].`);
  }
  const scores = centredRewards(rewards, { normalise: true, epsilon: 0 });
  return scores.map((score, rollout) =>
    rewards[rollout] === null ? null : score + lengthWeight * (lengthRewards[rollout] ?? 0),
  );
}
