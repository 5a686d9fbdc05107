/** So many bins unless told otherwise. */
export const usualBins = 10;

/**
 * The bin of a confidence: min(bins − 1, ⌊bins · q + 1e-9⌋). A bin holds its lower edge, the last one both.
 *
 * The 1e-9 keeps a tenth that was computed on its edge: 1 − 0.9 is 0.09999999999999998 and belongs into [0.1, 0.2). The official code of RLCR
 * (numpy.digitize over linspace(0, 1, 11), whose edges are 0.30000000000000004, 0.6000000000000001 and 0.7000000000000001) puts 0.3, 0.6 and 0.7
 * into the bin below.
 */
export function confidenceBin(confidence: number, bins: number): number {
  return Math.min(bins - 1, Math.floor(confidence * bins + 1e-9));
}
