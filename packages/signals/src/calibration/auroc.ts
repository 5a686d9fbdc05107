import { pairOutcomes } from './outcome-pairs.ts';

/**
 * Area under the receiver operating curve: how probably a success was stated with more confidence than a failure. ½ is no knowledge.
 *
 * @param confidences - in [0, 1]; `null` where none was stated.
 * @param outcomes - 1 success, 0 failure, `null` unknown. Places where either is `null` are left out.
 * @returns in [0, 1]; equal confidences count half, so that equal confidences throughout give ½. `undefined` when all outcomes are of one
 *   kind or none is left: there is then no pair to compare.
 * @throws {RangeError} when the lengths differ or a value is outside its range.
 *
 * Source: the Mann–Whitney statistic over n₁·n₀ (Hanley & McNeil 1982), equal to scikit-learn's `roc_auc_score`.
 */
export function auroc(confidences: ArrayLike<number | null>, outcomes: ArrayLike<number | null>): number | undefined {
  const pairs = pairOutcomes(confidences, outcomes);
  const ofSuccess = pairs.confidences.filter((_, index) => pairs.outcomes[index] === 1).toSorted();
  const ofFailure = pairs.confidences.filter((_, index) => pairs.outcomes[index] === 0).toSorted();
  if (ofSuccess.length === 0 || ofFailure.length === 0) return undefined;

  let won = 0;
  let below = 0;
  let upTo = 0;
  for (const confidence of ofSuccess) {
    while (below < ofFailure.length && ofFailure[below]! < confidence) below += 1;
    while (upTo < ofFailure.length && ofFailure[upTo]! <= confidence) upTo += 1;
    won += (below + upTo) / 2;
  }
  return won / (ofSuccess.length * ofFailure.length);
}
