import { checkSameLength } from '../checks.ts';

/** Confidences and what became of them, those that lack either left out. */
export interface OutcomePairs {
  /** Each in [0, 1]. */
  readonly confidences: Float64Array;
  /** Each 0 or 1, in the same order. */
  readonly outcomes: Float64Array;
}

/**
 * Reads two parallel lists, leaving out the places where either is `null`.
 *
 * @throws {RangeError} when the lengths differ, a confidence is outside [0, 1] or an outcome is neither 0 nor 1.
 */
export function pairOutcomes(confidences: ArrayLike<number | null>, outcomes: ArrayLike<number | null>): OutcomePairs {
  checkSameLength('confidences', confidences, 'outcomes', outcomes);
  const keptConfidences = new Float64Array(confidences.length);
  const keptOutcomes = new Float64Array(confidences.length);
  let kept = 0;
  for (let index = 0; index < confidences.length; index += 1) {
    const confidence = confidences[index]!;
    const outcome = outcomes[index]!;
    if (confidence !== null && !(confidence >= 0 && confidence <= 1)) {
      throw new RangeError(
        `confidences[${index}] is ${confidence}: give a probability in [0, 1], or null where none was stated.`,
      );
    }
    if (outcome !== null && outcome !== 0 && outcome !== 1) {
      throw new RangeError(
        `outcomes[${index}] is ${outcome}: give 1 for a success, 0 for a failure, null where it is not known.`,
      );
    }
    if (confidence === null || outcome === null) continue;
    keptConfidences[kept] = confidence;
    keptOutcomes[kept] = outcome;
    kept += 1;
  }
  return { confidences: keptConfidences.subarray(0, kept), outcomes: keptOutcomes.subarray(0, kept) };
}
