import { TrainerError, type TrainingSample } from '@skillrl/core';
import { importanceWeights, klEstimate, seededRandom } from '@skillrl/signals';

import type { BatchSample } from './build-batch.ts';
import type { MismatchReport } from './iteration-manifest.ts';
import type { TrainingRecipe } from './recipe.ts';

/**
 * How far the sampler's probabilities are from the trainer's, on the tokens that the sampler drew.
 *
 * @param trainer - log-probabilities of the samples' tokens as the trainer computes them, before the update.
 */
export function probeMismatch(
  samples: readonly Pick<BatchSample, 'sequence'>[],
  trainer: readonly (readonly number[])[],
  { truncateAt }: TrainingRecipe['mismatch'],
): MismatchReport {
  const { sampled, mask, ofTrainer } = flattened(samples, trainer);
  let tokens = 0;
  let difference = 0;
  let largest = 0;
  let truncated = 0;
  for (let token = 0; token < mask.length; token += 1) {
    if (mask[token] === 0) continue;
    const logRatio = ofTrainer[token]! - sampled[token]!;
    tokens += 1;
    difference += Math.abs(logRatio);
    largest = Math.max(largest, Math.exp(Math.min(20, logRatio)));
    if (logRatio > Math.log(truncateAt)) truncated += 1;
  }
  return {
    tokens,
    meanDifference: tokens === 0 ? 0 : difference / tokens,
    kl: klEstimate(sampled, ofTrainer, { mask }).mean ?? 0,
    largestRatio: largest,
    truncatedShare: tokens === 0 ? 0 : truncated / tokens,
  };
}

/**
 * Why the sampler cannot be what the trainer holds; `undefined` while it may be.
 *
 * @param staleness - how many versions older than the trainer's the sampler is.
 */
export function whyRefused(
  { meanDifference, kl }: MismatchReport,
  limits: TrainingRecipe['mismatch'],
  staleness: number,
): string | undefined {
  const mostMeanDifference = limits.mostMeanDifference * (1 + 3 * staleness);
  const mostKl = limits.mostKl * (1 + 3 * staleness);
  if (meanDifference > mostMeanDifference)
    return `Its log-probabilities are ${meanDifference.toFixed(3)} from the sampler's on average, and ${mostMeanDifference} are allowed.`;
  if (kl > mostKl) return `KL(sampler ‖ trainer) is ${kl.toFixed(4)} a token, and ${mostKl} are allowed.`;
  return undefined;
}

/**
 * The batch as the trainer takes it, dealt out to minibatches. The loss compares with the trainer's own probabilities before the update, and
 * each token's weight makes good for the sampler's having been others: π(trainer) / π(sampler), truncated. Within a minibatch
 * weights are a mean over sampled tokens.
 *
 * Source: decoupled correction with truncated importance sampling as in verl 0.9 (`decoupled_token_is`); token mean as in DAPO, arXiv:2503.14476.
 */
export function weighBatch(
  samples: readonly BatchSample[],
  trainer: readonly (readonly number[])[],
  { mismatch, optimizer, advantage }: TrainingRecipe,
  seed: number,
): TrainingSample[][] {
  const isImitated = advantage.credit === 'success';
  return dealt(samples.length, optimizer.minibatches, seed).map((indices) => {
    const total = indices.reduce((sum, index) => sum + samples[index]!.weight * sampledTokens(samples[index]!), 0);
    return indices.map((index): TrainingSample => {
      const { sequence, advantages, weight } = samples[index]!;
      const { ids, mask, logprobs } = sequence;
      const own = trainer[index] ?? [];
      const each = weight / total;
      if (isImitated) return { ids, weights: mask.map((sampled) => sampled * each) };
      const corrections = importanceWeights(own, logprobs, { high: mismatch.truncateAt, mask });
      return {
        ids,
        weights: mask.map((sampled, token) => sampled * each * (corrections[token] ?? 0)),
        logprobs: mask.map((sampled, token) => (sampled === 0 ? 0 : Math.min(0, own[token] ?? 0))),
        advantages,
      };
    });
  });
}

/** Samples for `forward`: only their ids and mask are read. */
export function asForward(samples: readonly Pick<BatchSample, 'sequence'>[]): TrainingSample[] {
  return samples.map(({ sequence }) => ({ ids: sequence.ids, weights: sequence.mask }));
}

/** Log-probabilities of all samples in one row, with the mask. @throws {TrainerError} `LOGPROBS_NOT_FINITE` for a trainer's that are not numbers. */
export function flattened(samples: readonly Pick<BatchSample, 'sequence'>[], trainer: readonly (readonly number[])[]) {
  const mask = samples.flatMap(({ sequence }) => sequence.mask);
  const ofTrainer = samples.flatMap(({ sequence }, index) =>
    sequence.ids.map((_, token) => trainer[index]?.[token] ?? Number.NaN),
  );
  if (ofTrainer.some((value, token) => mask[token] === 1 && !Number.isFinite(value))) {
    throw new TrainerError({
      code: 'LOGPROBS_NOT_FINITE',
      message: 'The trainer gave log-probabilities that are not finite numbers.',
      hint: 'Its weights may be broken: go back to the save before, with a lower learning rate.',
    });
  }
  return { sampled: samples.flatMap(({ sequence }) => sequence.logprobs), mask, ofTrainer };
}

function sampledTokens({ sequence }: Pick<BatchSample, 'sequence'>): number {
  return sequence.mask.reduce<number>((sum, sampled) => sum + sampled, 0);
}

/** The indices below `count`, shuffled and dealt to at most so many hands, none of them empty. */
function dealt(count: number, hands: number, seed: number): number[][] {
  const random = seededRandom(seed);
  const order = Array.from({ length: count }, (_, index) => index);
  for (let place = count - 1; place > 0; place -= 1) {
    const other = Math.floor(random() * (place + 1));
    [order[place], order[other]] = [order[other]!, order[place]!];
  }
  return Array.from({ length: Math.min(hands, count) }, (_, hand) =>
    order.filter((_, place) => place % hands === hand),
  );
}
