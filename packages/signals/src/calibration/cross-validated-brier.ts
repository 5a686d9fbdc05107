import { applyCalibrator } from './apply-calibrator.ts';
import type { CalibratorParameters } from './calibrator.ts';
import type { OutcomePairs } from './outcome-pairs.ts';

const folds = 5;

/**
 * Brier score of a way to calibrate on outcomes that it was not fitted on.
 *
 * @param pairs - at least five.
 * @param fit - fits on four fifths; is scored on the fifth.
 * @returns mean squared distance over all outcomes, in [0, 1].
 *
 * Ours: outcomes are sorted by confidence, then outcome, and dealt to five folds in turn, so that every fold sees every confidence and the
 * score does not depend on the order given.
 */
export function crossValidatedBrier(pairs: OutcomePairs, fit: (fold: OutcomePairs) => CalibratorParameters): number {
  const { confidences, outcomes } = pairs;
  const order = Uint32Array.from({ length: outcomes.length }, (_, index) => index);
  order.sort((a, b) => confidences[a]! - confidences[b]! || outcomes[a]! - outcomes[b]!);
  let sum = 0;
  for (let fold = 0; fold < folds; fold += 1) {
    const fitted = order.filter((_, rank) => rank % folds !== fold);
    const parameters = fit({
      confidences: Float64Array.from(fitted, (index) => confidences[index]!),
      outcomes: Float64Array.from(fitted, (index) => outcomes[index]!),
    });
    for (let rank = fold; rank < order.length; rank += folds) {
      const index = order[rank]!;
      sum += (applyCalibrator(parameters, confidences[index]!) - outcomes[index]!) ** 2;
    }
  }
  return sum / outcomes.length;
}
