import { confidenceBin, usualBins } from './confidence-bin.ts';

export interface BetaBinomialFit {
  /** Posterior mean of each bin, in (0, 1). */
  readonly probabilities: readonly number[];
  /** How many imagined outcomes at the base rate each bin was given. */
  readonly priorOutcomes: number;
}

/** Strengths of the prior that are tried. */
const strengths = [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024];

/**
 * Share of success in each of ten bins of confidence, drawn toward the base rate: little in a full bin, wholly in an empty one.
 *
 * How strongly is read from the outcomes: bins that all succeed alike are drawn together, bins that differ are left apart.
 *
 * @param confidences - in [0, 1].
 * @param outcomes - each 0 or 1.
 * @returns (sᵢ + m·r) / (nᵢ + m) for bin i, with base rate r = (s + 1) / (n + 2) and m imagined outcomes.
 *
 * Source: the beta-binomial model; m is the one of 1, 2, 4 … 1024 with the highest marginal likelihood (empirical Bayes, as in Casella 1985), the smaller
 * of two equally likely ones. Ours: the grid, the ten bins, and the base rate as centre.
 */
export function fitBetaBinomial(confidences: ArrayLike<number>, outcomes: ArrayLike<number>): BetaBinomialFit {
  const counts = new Float64Array(usualBins);
  const successes = new Float64Array(usualBins);
  for (let index = 0; index < outcomes.length; index += 1) {
    const bin = confidenceBin(confidences[index]!, usualBins);
    counts[bin]! += 1;
    successes[bin]! += outcomes[index]!;
  }
  const total = successes.reduce((sum, count) => sum + count, 0);
  const baseRate = (total + 1) / (outcomes.length + 2);

  let priorOutcomes = strengths[0]!;
  let best = -Infinity;
  for (const strength of strengths) {
    let likelihood = 0;
    for (let bin = 0; bin < usualBins; bin += 1) {
      likelihood += logMarginal(successes[bin]!, counts[bin]!, strength * baseRate, strength * (1 - baseRate));
    }
    if (likelihood <= best) continue;
    best = likelihood;
    priorOutcomes = strength;
  }
  const probabilities = Array.from(
    counts,
    (count, bin) => (successes[bin]! + priorOutcomes * baseRate) / (count + priorOutcomes),
  );
  return { probabilities, priorOutcomes };
}

/** ln B(α + s, β + n − s) − ln B(α, β), as a sum over the outcomes: exact, and needs no gamma function. */
export function logMarginal(successes: number, count: number, alpha: number, beta: number): number {
  let sum = 0;
  for (let index = 0; index < successes; index += 1) sum += Math.log(alpha + index);
  for (let index = 0; index < count - successes; index += 1) sum += Math.log(beta + index);
  for (let index = 0; index < count; index += 1) sum -= Math.log(alpha + beta + index);
  return sum;
}
