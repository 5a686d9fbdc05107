import { findCrossing } from './find-crossing.ts';

/**
 * The shares of its capital that a gambler stakes, one gambler per share, all starting with equal capital: dense near 0, where the best
 * stake lies after many observations, and reaching nearly 1, where it lies after few.
 */
export const stakes: readonly number[] = Array.from({ length: 24 }, (_, index) => ((index + 0.5) / 24) ** 2);

/**
 * Logarithm of the mean capital of all gamblers after a sequence of bets, each starting with 1.
 *
 * A bet pays `payoff ≥ 0` for 1 and is fair or worse (mean payoff ≤ 1 given all before it) when a null hypothesis holds; a gambler with
 * stake f multiplies its capital by 1 − f + f · payoff. So the mean capital is a test supermartingale, an e-process, and exceeds 1 / α at
 * any time with probability at most α (Ville 1939).
 *
 * @param payoffs - finite, ≥ 0, in any order.
 * @param counts - how often each payoff occurred; default once.
 *
 * Source: Waudby-Smith & Ramdas 2024, arXiv:2010.09686, §4 (capital process, a test martingale); the mixture over stakes is
 * that of universal portfolios, Orabona & Jun 2024, arXiv:2110.14099. Ours: 24 fixed stakes, so that the capital does not depend on the
 * order of the observations and their counts are all the state there is.
 */
export function logCapital(payoffs: Float64Array, counts?: Float64Array): number {
  const logs = stakes.map((stake) =>
    counts === undefined ? logProduct(payoffs, stake) : weightedLog(payoffs, counts, stake),
  );
  return logMeanExp(logs);
}

/** Logarithm of the mean of exponentials, without overflow. */
export function logMeanExp(logs: ArrayLike<number>): number {
  let most = Number.NEGATIVE_INFINITY;
  for (let index = 0; index < logs.length; index += 1) most = Math.max(most, logs[index] ?? most);
  let sum = 0;
  for (let index = 0; index < logs.length; index += 1) sum += Math.exp((logs[index] ?? most) - most);
  return most + Math.log(sum / logs.length);
}

/**
 * The largest m that bets on "the mean is above m" refute: every mean up to it has a capital of at least e^logThreshold.
 *
 * @param values - in [0, 1].
 * @param counts - how often each occurred.
 * @returns in [0, mean of the values]: at the mean no gambler has won, as log(1 + x) ≤ x.
 */
export function meanLowerBound(values: Float64Array, counts: Float64Array, logThreshold: number): number {
  let count = 0;
  let sum = 0;
  values.forEach((value, index) => {
    const times = counts[index] ?? 0;
    count += times;
    sum += times * value;
  });
  if (sum === 0) return 0;
  const payoffs = new Float64Array(values.length);
  return findCrossing(
    (mean) => {
      for (let index = 0; index < values.length; index += 1) payoffs[index] = (values[index] ?? 0) / mean;
      return logCapital(payoffs, counts) - logThreshold;
    },
    { from: 0, to: sum / count },
  );
}

function weightedLog(payoffs: Float64Array, counts: Float64Array, stake: number): number {
  let log = 0;
  for (let index = 0; index < payoffs.length; index += 1) {
    const count = counts[index] ?? 0;
    if (count > 0) log += count * Math.log1p(stake * ((payoffs[index] ?? 0) - 1));
  }
  return log;
}

/** A product kept in range by taking its logarithm now and then: a logarithm per payoff would cost ten times as much. */
function logProduct(payoffs: Float64Array, stake: number): number {
  let log = 0;
  let product = 1;
  for (let index = 0; index < payoffs.length; index += 1) {
    product *= 1 + stake * ((payoffs[index] ?? 0) - 1);
    if (product < 1e-100 || product > 1e100) {
      log += Math.log(product);
      product = 1;
    }
  }
  return log + Math.log(product);
}
