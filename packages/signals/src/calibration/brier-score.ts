import { pairOutcomes } from './outcome-pairs.ts';

/**
 * Brier score: mean squared distance of confidence and outcome. 0 is perfect; always saying ½ gives ¼.
 *
 * @param confidences - in [0, 1]; `null` where none was stated.
 * @param outcomes - 1 success, 0 failure, `null` unknown. Places where either is `null` are left out.
 * @returns in [0, 1]; `undefined` when nothing is left.
 * @throws {RangeError} when the lengths differ or a value is outside its range.
 *
 * Source: G. W. Brier 1950, in the one-class form (half of his two-class sum), as scikit-learn's `brier_score_loss`.
 */
export function brierScore(
  confidences: ArrayLike<number | null>,
  outcomes: ArrayLike<number | null>,
): number | undefined {
  const pairs = pairOutcomes(confidences, outcomes);
  return pairs.outcomes.length === 0 ? undefined : meanSquare(pairs.confidences, pairs.outcomes);
}

function meanSquare(confidences: Float64Array, outcomes: Float64Array): number {
  let sum = 0;
  for (let index = 0; index < outcomes.length; index += 1) sum += (confidences[index]! - outcomes[index]!) ** 2;
  return sum / outcomes.length;
}
