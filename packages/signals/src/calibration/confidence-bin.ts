/** So many bins unless told otherwise. */
export const usualBins = 10;

/**
 * The bin of a confidence: min(bins − 1, ⌊bins · q + 1e-9⌋). A bin holds its lower edge, the last one both.
 *
 * The 1e-9 puts 0.3 into [0.3, 0.4) although 0.3 · 10 is 3.0000000000000004 on one machine's edge and 2.9999999999999996 on another's.
 * The official code of RLCR (numpy.digitize over linspace(0, 1, 11)) puts 0.3 into the bin below and 0.5 into the one above; ours does not
 * depend on how an edge is rounded.
 */
export function confidenceBin(confidence: number, bins: number): number {
  return Math.min(bins - 1, Math.floor(confidence * bins + 1e-9));
}
