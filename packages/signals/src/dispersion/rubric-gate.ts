import { checkMagnitude } from '../check-magnitude.ts';
import { checkSameLength } from '../checks.ts';

/**
 * Holds rollouts whose answer breaks a rubric below those whose answer keeps it.
 *
 * @param rewards - one per rollout, within ±1e100; `null` when it could not be scored.
 * @param feasible - one per rollout: 1 the answer keeps the rubric, 0 it breaks it, `null` not judged.
 * @param options.margin - how far below, in the unit of the rewards, ≥ 0. Default 1.
 * @returns rewards of the same order, `null` where either is. All feasible: unchanged. Mixed: an infeasible one gets
 *   min(its own, least feasible) − margin. `undefined` when none that was scored is feasible: the group is to be dropped.
 * @throws {RangeError} when lengths differ or a value is outside its range.
 *
 * Source: the gate is DRO's, arXiv:2506.13351v3 (hard accept or reject at the level of the rollout group); its form is ours.
 */
export function rubricGate(
  rewards: ArrayLike<number | null>,
  feasible: ArrayLike<number | null>,
  options: { readonly margin?: number } = {},
): (number | null)[] | undefined {
  const { margin = 1 } = options;
  checkSameLength('rewards', rewards, 'feasible', feasible);
  checkMagnitude('rewards', rewards);
  checkMagnitude('margin', [margin]);
  if (margin < 0) throw new RangeError(`margin is ${margin}: give a number of at least 0.`);
  let least: number | undefined;
  for (let rollout = 0; rollout < rewards.length; rollout += 1) {
    const reward = rewards[rollout] ?? null;
    const verdict = feasible[rollout];
    if (verdict !== null && verdict !== 0 && verdict !== 1) {
      throw new RangeError(`feasible[${rollout}] is ${verdict}: give 1, 0 or null.`);
    }
    if (verdict === 1 && reward !== null) least = least === undefined ? reward : Math.min(least, reward);
  }
  if (least === undefined) return undefined;
  const bound = least;
  return Array.from({ length: rewards.length }, (_, rollout) => {
    const reward = rewards[rollout] ?? null;
    const verdict = feasible[rollout];
    if (reward === null || verdict === null) return null;
    return verdict === 1 ? reward : Math.min(reward, bound) - margin;
  });
}
