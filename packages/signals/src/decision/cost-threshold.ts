import { checkFinite } from '../checks.ts';

/** What the four meetings of act and truth cost, in any one unit; a gain is a negative cost. */
export interface BinaryCosts {
  readonly falsePositive: number;
  readonly falseNegative: number;
  /** Default 0. */
  readonly truePositive?: number;
  /** Default 0. */
  readonly trueNegative?: number;
}

/**
 * The probability from which acting costs less than not acting: act if and only if q ≥ t, with
 * t = (c_fp − c_tn) / ((c_fp − c_tn) + (c_fn − c_tp)).
 *
 * @returns t in [0, 1]; `never` when acting is worse even where the state is positive, `always` when it is better even where it is negative or
 *   when all is equal.
 * @throws {RangeError} when a cost is not finite or larger than 1e300, and when acting is better exactly where the state is negative: then the two
 *   states are exchanged, and one acts below a threshold, not above.
 *
 * Source: C. Elkan 2001, "The foundations of cost-sensitive learning", eq. 2. Ours: words for the two cases without a threshold, where a quotient would be
 * infinite or outside [0, 1].
 */
export function costThreshold(costs: BinaryCosts): number | 'always' | 'never' {
  const { falsePositive, falseNegative, truePositive = 0, trueNegative = 0 } = costs;
  const four = [falsePositive, falseNegative, truePositive, trueNegative];
  checkFinite('costs', four);
  if (four.some((cost) => Math.abs(cost) > 1e300)) {
    throw new RangeError(
      'A cost is larger than 1e300, and differences would overflow: give the costs in a larger unit.',
    );
  }
  const lossIfNegative = falsePositive - trueNegative;
  const gainIfPositive = falseNegative - truePositive;
  if (lossIfNegative < 0 && gainIfPositive < 0) {
    throw new RangeError(
      `Acting pays exactly where the state is negative (${falsePositive} < ${trueNegative}, ${truePositive} > ${falseNegative}): exchange the two states.`,
    );
  }
  if (gainIfPositive < 0) return 'never';
  if (lossIfNegative < 0 || lossIfNegative + gainIfPositive === 0) return 'always';
  return lossIfNegative / (lossIfNegative + gainIfPositive);
}
