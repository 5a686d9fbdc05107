import { checkCount } from '../checks.ts';
import type { Interval } from '../statistics/interval.ts';
import { wilsonInterval } from '../statistics/wilson-interval.ts';
import { confidenceBin, usualBins } from './confidence-bin.ts';
import { pairOutcomes } from './outcome-pairs.ts';

export interface ReliabilityOptions {
  /** Equally wide bins of [0, 1]. Default 10. */
  readonly bins?: number;
}

/** One point of a reliability diagram. */
export interface ReliabilityBin {
  /** Edges of the bin. */
  readonly low: number;
  readonly high: number;
  readonly count: number;
  /** Mean stated confidence; `undefined` in an empty bin. */
  readonly meanConfidence: number | undefined;
  /** Share of success; `undefined` in an empty bin. */
  readonly successRate: number | undefined;
  /** 95 % Wilson interval of the share, for independent outcomes; [0, 1] in an empty bin. */
  readonly interval: Interval;
}

/**
 * What a reliability diagram shows: for each bin of confidence, how sure the policy was and how often it was right.
 *
 * @param confidences - in [0, 1]; `null` where none was stated.
 * @param outcomes - 1 success, 0 failure, `null` unknown. Places where either is `null` are left out.
 * @returns all bins, rising, empty ones too. Bin of q: min(bins − 1, ⌊bins · q + 1e-9⌋).
 * @throws {RangeError} when the lengths differ, a value is outside its range or `bins` is not a count ≥ 1.
 *
 * Source: A. H. Murphy & R. L. Winkler 1977; the interval is ours.
 */
export function reliabilityBins(
  confidences: ArrayLike<number | null>,
  outcomes: ArrayLike<number | null>,
  options: ReliabilityOptions = {},
): ReliabilityBin[] {
  const { bins = usualBins } = options;
  checkCount('bins', bins, 1);
  const pairs = pairOutcomes(confidences, outcomes);
  const counts = new Float64Array(bins);
  const stated = new Float64Array(bins);
  const successes = new Float64Array(bins);
  for (let index = 0; index < pairs.outcomes.length; index += 1) {
    const bin = confidenceBin(pairs.confidences[index]!, bins);
    counts[bin]! += 1;
    stated[bin]! += pairs.confidences[index]!;
    successes[bin]! += pairs.outcomes[index]!;
  }
  return Array.from(counts, (count, bin) => ({
    low: bin / bins,
    high: (bin + 1) / bins,
    count,
    meanConfidence: count === 0 ? undefined : stated[bin]! / count,
    successRate: count === 0 ? undefined : successes[bin]! / count,
    interval: wilsonInterval(successes[bin]!, count),
  }));
}
