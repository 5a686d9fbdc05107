/** Probabilities are kept so far from 0 and 1 before a logarithm is taken. */
export const smallestProbability = 1e-6;

/** ln(q / (1 − q)) of a probability, clamped to [1e-6, 1 − 1e-6] first: between −13.8 and 13.8. */
export function logit(probability: number): number {
  const clamped = Math.min(1 - smallestProbability, Math.max(smallestProbability, probability));
  return Math.log(clamped / (1 - clamped));
}

/** 1 / (1 + e^−x), in [0, 1] for every finite x. */
export function sigmoid(x: number): number {
  if (x >= 0) return 1 / (1 + Math.exp(-x));
  const grown = Math.exp(x);
  return grown / (1 + grown);
}
