import { logit, sigmoid } from './logit.ts';

export interface PlattFit {
  readonly slope: number;
  readonly intercept: number;
}

/**
 * Logistic regression of the outcome on logit q, toward softened targets, so that it stays finite when every outcome is alike.
 *
 * @param confidences - in [0, 1]; clamped to [1e-6, 1 − 1e-6].
 * @param outcomes - each 0 or 1.
 * @returns slope 0 when all confidences are equal; slope 0 and intercept 0 without outcomes.
 *
 * Source: J. Platt 1999, with targets (n₁ + 1) / (n₁ + 2) and 1 / (n₀ + 2); Newton's method with halved steps after Lin, Lin & Weng 2007.
 * Ours: the regressor is logit q, centred. Equal to scikit-learn's sigmoid calibration of logit q.
 */
export function fitPlatt(confidences: ArrayLike<number>, outcomes: ArrayLike<number>): PlattFit {
  const count = outcomes.length;
  if (count === 0) return { slope: 0, intercept: 0 };
  const scores = Float64Array.from(confidences, logit);
  const centre = scores.reduce((sum, score) => sum + score, 0) / count;
  for (let index = 0; index < count; index += 1) scores[index]! -= centre;
  // The mean of equal scores may differ from them in the last digit, and a slope would be fitted to that digit.
  if (scores.every((score) => Math.abs(score) < 1e-9)) scores.fill(0);
  const targets = softTargets(outcomes);

  let slope = 0;
  let intercept = 0;
  let loss = lossAt(scores, targets, slope, intercept);
  for (let step = 0; step < 100; step += 1) {
    const { towardSlope, towardIntercept, size } = newtonStep(scores, targets, slope, intercept);
    let share = 1;
    let next = lossAt(scores, targets, slope + towardSlope, intercept + towardIntercept);
    while (next > loss && share > 1e-10) {
      share /= 2;
      next = lossAt(scores, targets, slope + share * towardSlope, intercept + share * towardIntercept);
    }
    if (next > loss) break;
    slope += share * towardSlope;
    intercept += share * towardIntercept;
    loss = next;
    if (size < 1e-12) break;
  }
  return { slope, intercept: intercept - slope * centre };
}

function softTargets(outcomes: ArrayLike<number>): Float64Array {
  let successes = 0;
  for (let index = 0; index < outcomes.length; index += 1) successes += outcomes[index]!;
  const ofSuccess = (successes + 1) / (successes + 2);
  const ofFailure = 1 / (outcomes.length - successes + 2);
  return Float64Array.from(outcomes, (outcome) => (outcome === 1 ? ofSuccess : ofFailure));
}

/** Mean cross-entropy, in the form that does not overflow. */
function lossAt(scores: Float64Array, targets: Float64Array, slope: number, intercept: number): number {
  let loss = 0;
  for (let index = 0; index < scores.length; index += 1) {
    const x = slope * scores[index]! + intercept;
    loss += Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x))) - targets[index]! * x;
  }
  return loss / scores.length;
}

function newtonStep(
  scores: Float64Array,
  targets: Float64Array,
  slope: number,
  intercept: number,
): { towardSlope: number; towardIntercept: number; size: number } {
  let gradientSlope = 0;
  let gradientIntercept = 0;
  let [ofSlope, across, ofIntercept] = [1e-12, 0, 1e-12];
  for (let index = 0; index < scores.length; index += 1) {
    const score = scores[index]!;
    const probability = sigmoid(slope * score + intercept);
    const excess = probability - targets[index]!;
    const curvature = probability * (1 - probability);
    gradientSlope += excess * score;
    gradientIntercept += excess;
    ofSlope += curvature * score * score;
    across += curvature * score;
    ofIntercept += curvature;
  }
  const determinant = ofSlope * ofIntercept - across * across;
  const towardSlope = (across * gradientIntercept - ofIntercept * gradientSlope) / determinant;
  const towardIntercept = (across * gradientSlope - ofSlope * gradientIntercept) / determinant;
  return { towardSlope, towardIntercept, size: Math.abs(towardSlope) + Math.abs(towardIntercept) };
}
