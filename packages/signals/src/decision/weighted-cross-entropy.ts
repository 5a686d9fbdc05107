import { smallestProbability } from '../calibration/logit.ts';
import { checkSameLength } from '../checks.ts';
import { readDistribution } from './distribution.ts';
import { checkWeights } from './ex-post-probabilities.ts';

/**
 * Weighted cross-entropy of predictions: −(1/n) Σ_i w_{y_i} ln p_i(y_i). To judge by, never to train with.
 *
 * @param predictions - one row of class probabilities for each example, 1 in all.
 * @param labels - index of the true class of each row.
 * @param weights - one for each class, above 0 and finite.
 * @returns ≥ 0, in nats; probabilities below 1e-6 count as 1e-6. `undefined` without examples.
 * @throws {RangeError} when lengths do not fit, a label names no class, or a row does not sum to 1.
 *
 * Source: Autor et al. 2025, arXiv:2511.07699, the machine's weighted loss.
 */
export function weightedCrossEntropy(
  predictions: readonly ArrayLike<number>[],
  labels: ArrayLike<number>,
  weights: ArrayLike<number>,
): number | undefined {
  checkSameLength('predictions', predictions, 'labels', labels);
  checkWeights(weights);
  let mean = 0;
  predictions.forEach((row, index) => {
    const label = labels[index]!;
    const prediction = rowOf(`predictions[${index}]`, row, weights);
    if (!Number.isInteger(label) || label < 0 || label >= row.length) {
      throw new RangeError(`labels[${index}] is ${label}: give the index of one of the ${row.length} classes.`);
    }
    mean += (surprise(prediction[label]!) / predictions.length) * weights[label]!;
  });
  return predictions.length === 0 ? undefined : finite(mean);
}

/**
 * Weighted cross-entropy to expect from one prediction: −Σ_y w_y q_y ln p_y. Least at p = `exPostProbabilities(q, w)`.
 *
 * @param prediction - class probabilities p, 1 in all.
 * @param truth - class probabilities q that the labels are drawn from, 1 in all.
 * @throws {RangeError} as `weightedCrossEntropy`.
 */
export function expectedWeightedCrossEntropy(
  prediction: ArrayLike<number>,
  truth: ArrayLike<number>,
  weights: ArrayLike<number>,
): number {
  checkWeights(weights);
  const predicted = rowOf('prediction', prediction, weights);
  const drawn = rowOf('truth', truth, weights);
  return finite(drawn.reduce((sum, share, index) => sum + share * surprise(predicted[index]!) * weights[index]!, 0));
}

function rowOf(name: string, row: ArrayLike<number>, weights: ArrayLike<number>): Float64Array {
  checkSameLength(name, row, 'weights', weights);
  return readDistribution(name, row);
}

/** Within [0, 13.8]; at most 0 is never −0. */
function surprise(probability: number): number {
  return Math.abs(Math.log(Math.max(smallestProbability, probability)));
}

function finite(loss: number): number {
  if (!Number.isFinite(loss))
    throw new RangeError('The weights are so large that the loss overflows: divide them by their mean.');
  return loss;
}
