import type { Exposures } from './exposures.ts';

/** The doubly robust term of every exposure, with what it could have been. */
export interface ExposureTerms {
  /** Smallest and largest term over both draws and all outcomes, known before the draw: floor ≤ −1 and ceiling ≥ 1. */
  readonly floor: Float64Array;
  readonly ceiling: Float64Array;
  /** The term, twice; where the outcome is unknown the smallest and the largest that the draw allows. */
  readonly least: Float64Array;
  readonly most: Float64Array;
}

/**
 * Doubly robust terms f₁ − f₀ + A (Y − f₁) / p − (1 − A) (Y − f₀) / (1 − p), whose mean, given all that came before the draw of A, is the
 * effect, however good the predictions f₁ and f₀ are and however p was chosen, because A is drawn with p after both.
 *
 * @param exposures - checked by `checkExposures`.
 *
 * Source: Robins, Rotnitzky & Zhao 1994 (augmented inverse propensity); with predictable p and predictions: Waudby-Smith, Wu, Ramdas,
 * Karampatziakis & Mineiro 2024, arXiv:2210.10768.
 */
export function exposureTerms(exposures: Exposures): ExposureTerms {
  const { shown, propensity, outcome } = exposures;
  const { ifShown, ifWithheld } = predictions(exposures);
  const count = shown.length;
  const floor = new Float64Array(count);
  const ceiling = new Float64Array(count);
  const least = new Float64Array(count);
  const most = new Float64Array(count);
  for (let row = 0; row < count; row += 1) {
    const p = propensity[row] ?? 0;
    const f1 = ifShown[row] ?? 0;
    const f0 = ifWithheld[row] ?? 0;
    const shownTerm = (y: number) => f1 - f0 + (y - f1) / p;
    const withheldTerm = (y: number) => f1 - f0 - (y - f0) / (1 - p);
    floor[row] = Math.min(shownTerm(0), withheldTerm(1));
    ceiling[row] = Math.max(shownTerm(1), withheldTerm(0));
    const y = outcome[row];
    const term = shown[row] === 1 ? shownTerm : withheldTerm;
    least[row] = term(y ?? 1 - (shown[row] ?? 0));
    most[row] = term(y ?? shown[row] ?? 0);
  }
  return { floor, ceiling, least, most };
}

/**
 * The outcome to expect of each row by what was known strictly before it was assigned, so that a term, once computed, does not change when
 * a late outcome comes in: given predictions, else arm means, begun at 1/2 with the weight of two outcomes.
 */
function predictions(exposures: Exposures): { ifShown: Float64Array; ifWithheld: Float64Array } {
  const { shown, outcome, assignedAt, knownAt } = exposures;
  const ifShown = Float64Array.from(exposures.predictedShown ?? { length: shown.length });
  const ifWithheld = Float64Array.from(exposures.predictedWithheld ?? { length: shown.length });
  const knownTime = (row: number) => knownAt?.[row] ?? assignedAt?.[row] ?? row;
  const arrivals = Array.from({ length: shown.length }, (_, row) => row).filter((row) => outcome[row] !== null);
  if (knownAt !== undefined) arrivals.sort((first, second) => knownTime(first) - knownTime(second));
  let arrived = 0;
  const sums = Float64Array.of(1, 1);
  const counts = Float64Array.of(2, 2);
  for (let row = 0; row < shown.length; row += 1) {
    const now = assignedAt?.[row] ?? row;
    for (; arrived < arrivals.length; arrived += 1) {
      const next = arrivals[arrived] ?? 0;
      if (!(knownTime(next) < now)) break;
      const arm = shown[next] ?? 0;
      sums[arm] = (sums[arm] ?? 0) + (outcome[next] ?? 0);
      counts[arm] = (counts[arm] ?? 0) + 1;
    }
    if (exposures.predictedShown === undefined) ifShown[row] = (sums[1] ?? 0) / (counts[1] ?? 1);
    if (exposures.predictedWithheld === undefined) ifWithheld[row] = (sums[0] ?? 0) / (counts[0] ?? 1);
  }
  return { ifShown, ifWithheld };
}
