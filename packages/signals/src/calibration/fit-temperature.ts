import { checkFinite, checkSameLength } from '../checks.ts';
import { logit } from './logit.ts';

/** Smallest and largest temperature that a fit may give. */
export const temperatureLimits = { low: 0.01, high: 100 };

/**
 * Temperature of logits: the T for which softmax(z / T) gives the labels the highest likelihood.
 *
 * @param logits - one row of class scores for each example, equally long, finite.
 * @param labels - index of the true class of each row.
 * @returns T in [0.01, 100]: at the lower limit when the highest score is always right, at the upper one when scores mislead, and 1 when
 *   it makes no difference (no rows, or equal scores in every row).
 * @throws {RangeError} for rows of unequal length, scores that are not finite, and labels that name no class.
 *
 * Source: Guo et al. 2017, arXiv:1706.04599, §4.2. The likelihood is concave in 1 / T, so its one root is found by bisection.
 * Ours: the limits.
 */
export function fitTemperature(logits: readonly ArrayLike<number>[], labels: ArrayLike<number>): number {
  checkSameLength('logits', logits, 'labels', labels);
  const classes = logits[0]?.length ?? 0;
  logits.forEach((row, index) => {
    checkFinite(`logits[${index}]`, row);
    const label = labels[index]!;
    if (row.length !== classes) {
      throw new RangeError(`logits[${index}] has ${row.length} scores and logits[0] has ${classes}: give one a class.`);
    }
    if (!Number.isInteger(label) || label < 0 || label >= classes) {
      throw new RangeError(`labels[${index}] is ${label}: give the index of one of the ${classes} classes.`);
    }
  });
  return rootInLogarithm((inverse) => {
    let slope = 0;
    for (let index = 0; index < logits.length; index += 1) {
      slope += expectedExcess(logits[index]!, labels[index]!, inverse);
    }
    return slope;
  });
}

/**
 * Temperature of stated confidences: the T for which σ(logit q / T) gives the outcomes the highest likelihood.
 *
 * @param confidences - in [0, 1]; clamped to [1e-6, 1 − 1e-6].
 * @param outcomes - each 0 or 1.
 * @returns as `fitTemperature` with rows [0, logit q].
 */
export function fitConfidenceTemperature(confidences: ArrayLike<number>, outcomes: ArrayLike<number>): number {
  const scores = Float64Array.from(confidences, logit);
  const row = new Float64Array(2);
  return rootInLogarithm((inverse) => {
    let slope = 0;
    for (let index = 0; index < scores.length; index += 1) {
      row[1] = scores[index]!;
      slope += expectedExcess(row, outcomes[index]!, inverse);
    }
    return slope;
  });
}

/** Derivative of one row's negative log-likelihood in 1 / T: the expected score less the true class's. */
function expectedExcess(row: ArrayLike<number>, label: number, inverse: number): number {
  let top = -Infinity;
  for (let index = 0; index < row.length; index += 1) top = Math.max(top, row[index]!);
  let weight = 0;
  let excess = 0;
  for (let index = 0; index < row.length; index += 1) {
    const share = Math.exp((row[index]! - top) * inverse);
    if (share === 0) continue; // 0 times a difference that overflows would be NaN
    weight += share;
    excess += share * (row[index]! - row[label]!);
  }
  return excess / weight;
}

/** The temperature at which a slope that rises in 1 / T crosses 0. */
function rootInLogarithm(slope: (inverse: number) => number): number {
  let low = Math.log(1 / temperatureLimits.high);
  let high = Math.log(1 / temperatureLimits.low);
  const slopeAtLow = slope(Math.exp(low));
  const slopeAtHigh = slope(Math.exp(high));
  if (slopeAtLow === 0 && slopeAtHigh === 0) return 1;
  if (slopeAtLow >= 0) return temperatureLimits.high;
  if (slopeAtHigh <= 0) return temperatureLimits.low;
  for (let halving = 0; halving < 50; halving += 1) {
    const middle = (low + high) / 2;
    if (slope(Math.exp(middle)) > 0) high = middle;
    else low = middle;
  }
  return Math.exp(-(low + high) / 2);
}
