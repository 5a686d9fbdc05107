import { checkMagnitude } from '../check-magnitude.ts';
import { centredRewards } from './centred-rewards.ts';

/**
 * Each reward minus the mean of the others of its group: a baseline that the reward itself does not touch, so that the gradient is unbiased.
 *
 * @param rewards - one per rollout of the same task and policy version, within ±1e100; `null` when a rollout could not be scored.
 * @returns one advantage per rollout, same order: n / (n − 1) times the mean-only form of `groupAdvantages`, with the same zeros.
 * @throws {RangeError} when a reward is not such a number.
 *
 * Source: Kool et al. 2019, "Buy 4 REINFORCE Samples, Get a Baseline for Free!"; RLOO, Ahmadian et al. 2024, arXiv:2402.14740.
 * Ours: missing rewards are left out, and a group of one has no advantage.
 */
export function leaveOneOutAdvantages(rewards: ArrayLike<number | null>): number[] {
  checkMagnitude('rewards', rewards);
  const centred = centredRewards(rewards, { normalise: false, epsilon: 0 });
  let count = 0;
  for (let index = 0; index < rewards.length; index += 1) if (rewards[index] !== null) count += 1;
  return count < 2 ? centred : centred.map((advantage) => (advantage * count) / (count - 1));
}
