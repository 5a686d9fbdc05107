import { reliabilityBins, type ReliabilityOptions } from './reliability-bins.ts';

/**
 * Expected calibration error: the distance of mean confidence and success rate in each bin, weighted by how many outcomes the bin holds.
 *
 * It depends on the bins and is biased upward in small samples; read it beside the Brier score.
 *
 * @param confidences - in [0, 1]; `null` where none was stated.
 * @param outcomes - 1 success, 0 failure, `null` unknown. Places where either is `null` are left out.
 * @returns in [0, 1]; `undefined` when nothing is left. Bin of q: min(bins − 1, ⌊bins · q + 1e-9⌋).
 * @throws {RangeError} when the lengths differ, a value is outside its range or `bins` is not a count ≥ 1.
 *
 * Source: Naeini, Cooper & Hauskrecht 2015; Guo et al. 2017, arXiv:1706.04599, eq. 3. Ours: a bin holds its lower edge, not its upper one.
 */
export function expectedCalibrationError(
  confidences: ArrayLike<number | null>,
  outcomes: ArrayLike<number | null>,
  options: ReliabilityOptions = {},
): number | undefined {
  let total = 0;
  let distance = 0;
  for (const { count, meanConfidence, successRate } of reliabilityBins(confidences, outcomes, options)) {
    if (meanConfidence === undefined || successRate === undefined) continue;
    total += count;
    distance += count * Math.abs(meanConfidence - successRate);
  }
  return total === 0 ? undefined : distance / total;
}
