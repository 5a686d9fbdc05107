import { checkCount, checkProbability } from '../checks.ts';
import type { ReferenceMatrix } from './reference-matrix.ts';
import { checkWeights, rewardsOf, type ReferenceRewardOptions } from './weighted-reference-reward.ts';

export interface PropagationOptions extends Pick<ReferenceRewardOptions, 'scale'> {
  /** γ in [0, 100]: how fast the hint that an appended token gives away fades, per token. Default 0.5. */
  readonly decay?: number;
}

/**
 * What an appended reference token leaves of the certainty of a later one: P = p + (1 − p)(1 − e^{−γ d}).
 *
 * @param probability - p in [0, 1], of the appended token itself: an unlikely one gives away what the reasoning did not find.
 * @param distance - d ≥ 0, tokens from it to the later one.
 * @param decay - γ in [0, 100].
 * @returns in [p, 1], rising with the distance.
 * @throws {RangeError} when a number is outside its range.
 *
 * Source: DRO, Xu et al. 2025, arXiv:2506.13351v1.
 */
export function propagationFactor(probability: number, distance: number, decay = 0.5): number {
  checkProbability('probability', probability);
  checkCount('distance', distance);
  checkDecay(decay);
  return 1 - (1 - probability) * Math.exp(-decay * distance);
}

/**
 * R3 without certainty that is only propagated: the reference's tokens are given one after the other, and a reflective token that the reasoning did not
 * find makes those behind it likely all the same. Each token's probability is multiplied by what the reflective tokens before it leave of it.
 *
 * @param weights - one per token, from `dispersionWeights`.
 * @param reflective - indices of the tokens that give something away, such as those with a weight in the top form; any order, each once.
 * @returns one per given rollout: Σ_j w_j log(π_ij Π_{k<j} P_ik(j)) over reflective k, by default divided by the number of tokens; `null` as in
 *   `weightedReferenceReward`.
 * @throws {RangeError} when a weight, an index or an option is outside its range.
 *
 * Source: DRO, arXiv:2506.13351v1. Ours: factors within 1e-12 of 1 are left out, which bounds the work by about 28 / γ tokens for each of them.
 */
export function propagatedReferenceReward(
  matrix: ReferenceMatrix,
  weights: ArrayLike<number>,
  reflective: readonly number[],
  options: PropagationOptions = {},
): (number | null)[] {
  const { decay = 0.5 } = options;
  const { tokens, values } = matrix;
  checkDecay(decay);
  checkWeights(weights, tokens);
  checkReflective(reflective, tokens);
  const reach = decay === 0 ? tokens : Math.min(tokens, Math.ceil(Math.log(1e12) / decay));
  return rewardsOf(matrix, options, (place) => {
    let sum = 0;
    for (let token = 0; token < tokens; token += 1) sum += weights[token]! * values[place + token]!;
    for (const giver of reflective) {
      const missing = -Math.expm1(values[place + giver]!); // 1 − p
      const end = Math.min(tokens, giver + reach + 1);
      for (let token = giver + 1; token < end; token += 1) {
        if (weights[token] !== 0)
          sum += weights[token]! * logFactor(missing, decay * (token - giver), values[place + giver]!);
      }
    }
    return sum;
  });
}

/** log(1 − (1 − p) e^{−γd}); at γ = 0 that is log p, which 1 − (1 − p) would lose the digits of. */
function logFactor(missing: number, faded: number, logProbability: number): number {
  return faded === 0 ? logProbability : Math.max(logProbability, Math.log1p(-missing * Math.exp(-faded)));
}

function checkDecay(decay: number): void {
  if (!(decay >= 0 && decay <= 100)) throw new RangeError(`decay is ${decay}: give a number in [0, 100].`);
}

function checkReflective(reflective: readonly number[], tokens: number): void {
  for (const [index, token] of reflective.entries()) {
    checkCount(`reflective[${index}]`, token);
    if (token >= tokens) {
      throw new RangeError(
        `reflective[${index}] is ${token}, and the reference has ${tokens} tokens: give indices below that.`,
      );
    }
  }
  if (new Set(reflective).size !== reflective.length)
    throw new RangeError('A reflective token is named twice: name each once.');
}
