import { checkFinite } from '../checks.ts';

export interface BrierRewardOptions {
  /** Whether the completion kept the format. Default `true`. */
  readonly formatOk?: boolean;
  /** Whether a limit of ours cut the completion off. Default `false`. */
  readonly truncated?: boolean;
  /** λ, what a right answer is worth; ≥ 0. Default 1. */
  readonly correctness?: number;
  /** b, the weight of the Brier score; ≥ 0. Default 1. Above λ the policy gains by giving wrong answers on purpose: see `parseRewardWeights`. */
  readonly brier?: number;
}

/**
 * Reward for being right and for knowing it: R = λ·y − b·(q − y)².
 *
 * @param correct - y: 1 right, 0 wrong, `null` when no verifier could say.
 * @param confidence - q in [0, 1] as the policy stated it; `null` when none was read.
 * @returns in [−b, λ] for an answer in the right format; −(λ + b), so −2 by default, when the format is broken or the confidence is missing, not
 *   finite or outside [0, 1]; `null`, to be left out of the group, for a truncated completion and for an answer that no verifier judged.
 * @throws {RangeError} when `correct` is not 0, 1 or null, or a weight is negative or not finite.
 *
 * Source: RLCR, Damani et al. 2025, arXiv:2507.16806. The official code pays ½·(format + y + 1 − (y − q)²), that is ½·(2 + R), and 0 for a broken
 * format. On the scale of R that gate is −2, below every answer. A gate of 0 on the scale of R would be above every wrong answer with q > 0: the
 * policy would learn to break the format when it is probably wrong.
 * Ours: confidences that are not finite count as broken (the official parser lets `nan` through, and the reward with it).
 */
export function brierReward(
  correct: number | null,
  confidence: number | null,
  options: BrierRewardOptions = {},
): number | null {
  const { formatOk = true, truncated = false, correctness = 1, brier = 1 } = options;
  checkFinite('weights', [correctness, brier]);
  if (correctness < 0 || brier < 0 || !Number.isFinite(correctness + brier)) {
    throw new RangeError(`The weights are ${correctness} and ${brier}: give numbers ≥ 0 that can be added.`);
  }
  if (correct !== null && correct !== 0 && correct !== 1) {
    throw new RangeError(`correct is ${correct}: give 1 for right, 0 for wrong, null when no verifier could say.`);
  }
  if (truncated) return null;
  if (!formatOk || confidence === null || !(confidence >= 0 && confidence <= 1)) return 0 - correctness - brier;
  if (correct === null) return null;
  return correctness * correct - brier * (confidence - correct) ** 2;
}
