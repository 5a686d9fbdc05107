import { checkCount } from '../checks.ts';
import { boundedLogRatio, checkLogProbabilities, type TokenMask } from './log-ratios.ts';

export interface ImportanceWeightOptions extends TokenMask {
  /** What happens to a ratio outside [low, high]: `truncate` moves it to the nearer bound, `mask` makes its weight 0. Default `truncate`. */
  readonly mode?: 'truncate' | 'mask';
  /** > 0. Default 2 for tokens (verl), 3 for sequences (TRL). */
  readonly high?: number;
  /** In [0, high]. Default 0: no lower bound. */
  readonly low?: number;
}

/**
 * One weight per token that corrects for the sampler's probabilities having drifted from the trainer's: e^{trainer − sampler}, bounded.
 *
 * @param trainer - log-probability of each token under the policy at the start of the update, as the trainer computes it.
 * @param sampler - the same as the sampler recorded it.
 * @returns in [0, high]; 0 for masked tokens.
 * @throws {RangeError} when lengths differ, a log-probability that is read is not in [−1e6, 0], or the bounds are not 0 ≤ low ≤ high.
 *
 * Source: truncated importance sampling, Yao et al. 2025, "Your Efficient RL Framework Secretly Brings You Off-Policy RL Training"; modes as TRL 1.13's
 * `token_truncate` and `token_mask`; log-ratios held within ±20 as in verl 0.9. Ours: masked tokens get 0 (TRL gives them 1 and masks the loss).
 */
export function importanceWeights(
  trainer: ArrayLike<number>,
  sampler: ArrayLike<number>,
  options: ImportanceWeightOptions = {},
): Float64Array {
  const { mode = 'truncate', high = 2, low = 0, mask } = options;
  checkLogProbabilities({ trainer, sampler }, mask);
  checkBounds(mode, low, high);
  const weights = new Float64Array(trainer.length);
  for (let token = 0; token < weights.length; token += 1) {
    if (mask !== undefined && mask[token] === 0) continue;
    weights[token] = bound(Math.exp(boundedLogRatio(trainer[token]! - sampler[token]!)), mode, low, high);
  }
  return weights;
}

/**
 * One weight per sequence: the product of its tokens' ratios, bounded.
 *
 * @param trainer - log-probabilities of the tokens of all sequences, one sequence after the other.
 * @param sampler - the same as the sampler recorded it.
 * @param lengths - tokens of each sequence; their sum is the number of tokens.
 * @returns one weight per sequence, in [0, high]. Masked tokens take no part; a sequence without others has ratio 1.
 * @throws {RangeError} as `importanceWeights`, and when the lengths do not add up.
 *
 * Source: TRL 1.13, `sequence_truncate` and `sequence_mask` (its default, with high = 3); the summed log-ratio held within ±20 as in verl 0.9.
 */
export function sequenceImportanceWeights(
  trainer: ArrayLike<number>,
  sampler: ArrayLike<number>,
  lengths: ArrayLike<number>,
  options: ImportanceWeightOptions = {},
): Float64Array {
  const { mode = 'truncate', high = 3, low = 0, mask } = options;
  checkLogProbabilities({ trainer, sampler }, mask);
  checkBounds(mode, low, high);
  checkLengths(lengths, trainer.length);
  const weights = new Float64Array(lengths.length);
  let token = 0;
  for (let sequence = 0; sequence < weights.length; sequence += 1) {
    let logRatio = 0;
    for (const end = token + lengths[sequence]!; token < end; token += 1) {
      if (mask === undefined || mask[token] === 1) logRatio += trainer[token]! - sampler[token]!;
    }
    weights[sequence] = bound(Math.exp(boundedLogRatio(logRatio)), mode, low, high);
  }
  return weights;
}

function bound(ratio: number, mode: 'truncate' | 'mask', low: number, high: number): number {
  if (mode === 'truncate') return Math.min(high, Math.max(low, ratio));
  return ratio < low || ratio > high ? 0 : ratio;
}

function checkBounds(mode: string, low: number, high: number): void {
  if (mode !== 'truncate' && mode !== 'mask') {
    throw new RangeError(`mode is '${mode}': use truncate or mask.`);
  }
  if (!(low >= 0 && high > 0 && high >= low && Number.isFinite(high))) {
    throw new RangeError(
      `The bounds of importance weights are ${low} and ${high}: give 0 ≤ low ≤ high, with high > 0.`,
    );
  }
}

function checkLengths(lengths: ArrayLike<number>, tokens: number): void {
  let sum = 0;
  for (let sequence = 0; sequence < lengths.length; sequence += 1) {
    checkCount(`lengths[${sequence}]`, lengths[sequence]!);
    sum += lengths[sequence]!;
  }
  if (sum !== tokens) {
    throw new RangeError(
      `The lengths add up to ${sum}, and there are ${tokens} tokens: give the length of each sequence.`,
    );
  }
}
