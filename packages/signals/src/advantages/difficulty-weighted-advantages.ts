import { checkMagnitude } from '../check-magnitude.ts';
import { checkFinite, checkProbability } from '../checks.ts';
import type { OutsideBand } from '../gates/outside-band.ts';

export interface DifficultyWeightOptions {
  /** Weight of an easy task's success, ≥ 0. Default 0.4. */
  readonly lowest?: number;
  /** Weight of a hard task's success, ≥ `lowest`. Default 1.5. */
  readonly highest?: number;
  /** Pass rate in [0, 1] at which the weight is half-way. Default 0.75. */
  readonly middle?: number;
  /** How sharply it falls there, in [0, 1,000]. Default 10. */
  readonly slope?: number;
}

/**
 * Logistic weight of a task by its difficulty: w(ρ) = A + (B − A) / (1 + e^{k (ρ − ρ₀)}).
 *
 * @param passRate - ρ in [0, 1].
 * @returns in [lowest, highest], falling with the pass rate.
 * @throws {RangeError} when a number is outside its range.
 *
 * Source: GRPO-LEAD, Zhang & Zuo 2025, arXiv:2504.09696 (A = 0.4, B = 1.5, ρ₀ = 0.75, k = 10).
 */
export function difficultyWeight(passRate: number, options: DifficultyWeightOptions = {}): number {
  const { lowest = 0.4, highest = 1.5, middle = 0.75, slope = 10 } = options;
  checkProbability('passRate', passRate);
  checkProbability('middle', middle);
  checkMagnitude('lowest and highest', [lowest, highest]);
  if (!(lowest >= 0 && highest >= lowest)) {
    throw new RangeError(`lowest and highest are ${lowest} and ${highest}: give 0 ≤ lowest ≤ highest.`);
  }
  if (!(slope >= 0 && slope <= 1_000)) throw new RangeError(`slope is ${slope}: give a number in [0, 1,000].`);
  return lowest + (highest - lowest) / (1 + Math.exp(slope * (passRate - middle)));
}

/**
 * Advantages weighted by difficulty: a success counts more on a harder task, a failure more on an easier one. Only inside the band.
 *
 * @param advantages - of one group, within ±1e100.
 * @param band - what earlier rollouts say of the task. The advantages come back unchanged unless its label is `train`: on a task that is too hard
 *   the weight would amplify the rare, suspect success (2.474 × 1.498 at one of eight).
 * @returns A · w(ρ) for A > 0, A · w(1 − ρ) for A < 0.
 * @throws {RangeError} when a number is outside its range.
 *
 * Source: GRPO-LEAD, arXiv:2504.09696. Ours: ρ is the pass rate of earlier rollouts, not of the group itself, and outside the band nothing changes.
 */
export function difficultyWeightedAdvantages(
  advantages: ArrayLike<number>,
  band: OutsideBand,
  options: DifficultyWeightOptions = {},
): number[] {
  checkFinite('advantages', advantages);
  checkMagnitude('advantages', advantages);
  const unchanged = Array.from(advantages);
  if (band.label !== 'train' || band.passRate === undefined) return unchanged;
  const success = difficultyWeight(band.passRate, options);
  const failure = difficultyWeight(1 - band.passRate, options);
  return unchanged.map((advantage) => advantage * (advantage > 0 ? success : failure));
}
