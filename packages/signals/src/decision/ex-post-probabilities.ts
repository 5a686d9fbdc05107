import { checkSameLength } from '../checks.ts';
import { readDistribution } from './distribution.ts';

/**
 * Utility-weighted posterior: p^u_y = w_y q_y / Σ_k w_k q_k. What a model trained with class weights w would say if it had learned as well as the
 * symmetric one; got here after training, so that the weights cannot weaken the learning.
 *
 * @param probabilities - calibrated posterior of the symmetric model, 1 in all.
 * @param weights - utility weight of each class, above 0 and finite.
 * @returns 1 in all; for two classes logit p^u = logit q + ln(w₁ / w₀).
 * @throws {RangeError} when the lengths differ, a weight is not above 0, or the probabilities do not sum to 1.
 *
 * Source: Autor et al. 2025, arXiv:2511.07699 ("utility-weighted prediction"); the minimiser of the weighted cross-entropy.
 * Computed on logarithms, so that no weight over- or underflows.
 */
export function exPostProbabilities(probabilities: ArrayLike<number>, weights: ArrayLike<number>): number[] {
  return reweighted(probabilities, weights, 1);
}

/**
 * The symmetric posterior behind a utility-weighted one: q_y = (p_y / w_y) / Σ_k (p_k / w_k). The inverse of `exPostProbabilities`.
 *
 * @throws {RangeError} as there. A weight of 0 hides its class for good, so it is refused.
 */
export function symmetricProbabilities(exPost: ArrayLike<number>, weights: ArrayLike<number>): number[] {
  return reweighted(exPost, weights, -1);
}

function reweighted(probabilities: ArrayLike<number>, weights: ArrayLike<number>, power: 1 | -1): number[] {
  checkSameLength('probabilities', probabilities, 'weights', weights);
  checkWeights(weights);
  const logarithms = Array.from(
    readDistribution('probabilities', probabilities),
    (probability, index) => Math.log(probability) + power * Math.log(weights[index]!),
  );
  const top = logarithms.reduce((largest, logarithm) => Math.max(largest, logarithm), -Infinity);
  const shares = logarithms.map((logarithm) => Math.exp(logarithm - top));
  const sum = shares.reduce((total, share) => total + share, 0);
  return shares.map((share) => share / sum);
}

/**
 * Refuses weights that are not above 0.
 *
 * @throws {RangeError} naming the first such place.
 */
export function checkWeights(weights: ArrayLike<number>): void {
  for (let index = 0; index < weights.length; index += 1) {
    if (!(weights[index]! > 0 && weights[index]! < Infinity)) {
      throw new RangeError(`weights[${index}] is ${weights[index]}: give a finite weight above 0.`);
    }
  }
}
