import type { ForwardResult, TrainingLoss, TrainingSample } from '@skillrl/core';

import { seededRandom } from '../seeded-random.ts';
import { tokenLoss } from './token-loss.ts';

/**
 * The smallest language model with something to learn: logits = bias + last[token before] + earlier[token before that].
 *
 * `weights` holds the bias (`vocabulary`), then two matrices (`vocabulary` × `vocabulary`, a row a token of the prompt).
 */
export interface TwoTokenModel {
  readonly vocabulary: number;
  readonly weights: Float64Array;
}

/** A model with weights in [−1, 1), the same for the same seed. */
export function makeTwoTokenModel(vocabulary: number, seed: number): TwoTokenModel {
  const random = seededRandom(seed);
  const weights = Float64Array.from({ length: vocabulary * (1 + 2 * vocabulary) }, () => 2 * random() - 1);
  return { vocabulary, weights };
}

/** Log-probabilities of every token after `ids`, of which only the last two count. */
export function nextLogprobs({ vocabulary, weights }: TwoTokenModel, ids: readonly number[]): Float64Array {
  const logits = weights.slice(0, vocabulary);
  for (const start of rowStarts(vocabulary, ids)) {
    for (let token = 0; token < vocabulary; token += 1) logits[token]! += weights[start + token] as number;
  }
  const largest = Math.max(...logits);
  const sum = logits.reduce((total, logit) => total + Math.exp(logit - largest), 0);
  const normaliser = largest + Math.log(sum);
  return logits.map((logit) => logit - normaliser);
}

/**
 * Log-probabilities and the sum of weight × loss.
 *
 * @param gradient - where the gradient of that sum is added; as long as the weights.
 */
export function runSamples(
  model: TwoTokenModel,
  samples: readonly TrainingSample[],
  loss: TrainingLoss,
  gradient?: Float64Array,
): ForwardResult {
  let total = 0;
  const logprobs = samples.map(({ ids, weights, logprobs: old, advantages }) =>
    ids.map((target, place) => {
      if (place === 0) return 0;
      const before = ids.slice(Math.max(0, place - 2), place);
      const next = nextLogprobs(model, before);
      const logprob = next[target] as number;
      const weight = weights[place] as number;
      if (weight === 0) return logprob;
      const { value, slope } = tokenLoss(loss, logprob, old?.[place] ?? 0, advantages?.[place] ?? 0);
      total += weight * value;
      if (gradient !== undefined) addGradient(gradient, model.vocabulary, before, target, next, weight * slope);
      return logprob;
    }),
  );
  return { logprobs, loss: total };
}

/** d log π(target) / d logit(token) = [token = target] − π(token), times `factor`, to the bias and both rows. */
function addGradient(
  gradient: Float64Array,
  vocabulary: number,
  before: readonly number[],
  target: number,
  next: Float64Array,
  factor: number,
): void {
  if (factor === 0) return;
  const starts = [0, ...rowStarts(vocabulary, before)];
  for (let token = 0; token < vocabulary; token += 1) {
    const slope = factor * ((token === target ? 1 : 0) - Math.exp(next[token] as number));
    for (const start of starts) gradient[start + token]! += slope;
  }
}

/** Where the rows of the last token and of the one before it begin. */
function rowStarts(vocabulary: number, ids: readonly number[]): readonly number[] {
  const [last, earlier] = [ids.at(-1), ids.at(-2)];
  return [
    ...(last === undefined ? [] : [vocabulary * (1 + last)]),
    ...(earlier === undefined ? [] : [vocabulary * (1 + vocabulary + earlier)]),
  ];
}
