import { TrainerError, type ForwardResult, type TrainingLoss, type TrainingSample } from '@skillrl/core';

import type { TinkerDialect } from './dialect.ts';
import type { PassReply } from './replies.ts';

/** What `forward` and `forward_backward` send. */
export interface LossInput {
  readonly data: readonly object[];
  readonly loss_fn: TrainingLoss['name'];
  readonly loss_fn_config?: { readonly clip_low_threshold: number; readonly clip_high_threshold: number };
}

/**
 * Samples as the server must get them, so that it minimises Σ weight × loss.
 *
 * `mean-of-sequence-means` divides the losses of a sequence by its weights' sum W and by the number of sequences S. Policy losses are linear in
 * a positive factor of the advantages, which are sent times W·S. Cross-entropy has none, and is sent as cispo with its ratio clipped to 1: the
 * loss and gradient of −A·log π.
 */
export function lossInput(
  samples: readonly TrainingSample[],
  loss: TrainingLoss,
  { reduction }: TinkerDialect,
): LossInput {
  const isMean = reduction === 'mean-of-sequence-means';
  const data = samples.map((sample) => {
    const { ids, weights, logprobs, advantages } = sample;
    const factor = isMean ? scaleOf(sample, samples.length) : 1;
    const praised = loss.name === 'cross_entropy' ? (isMean ? ids.map(() => 1) : undefined) : advantages;
    const old = loss.name === 'cross_entropy' ? (isMean ? ids.map(() => 0) : undefined) : logprobs;
    return {
      model_input: { chunks: [{ type: 'encoded_text', tokens: ids.slice(0, -1) }] },
      loss_fn_inputs: {
        target_tokens: { data: ids.slice(1) },
        weights: { data: weights.slice(1) },
        ...(old === undefined ? {} : { logprobs: { data: old.slice(1) } }),
        ...(praised === undefined ? {} : { advantages: { data: praised.slice(1).map((value) => value * factor) } }),
      },
    };
  });
  if (loss.name === 'cross_entropy' && isMean) return { data, loss_fn: 'cispo', loss_fn_config: clip(1, 1) };
  if (loss.name === 'ppo' || loss.name === 'cispo') {
    return { data, loss_fn: loss.name, loss_fn_config: clip(loss.low ?? 0.8, loss.high ?? 1.2) };
  }
  return { data, loss_fn: loss.name };
}

/** The same in one call or several, none of more bytes than the server takes, but for a sample that is larger by itself; in order. */
export function inCalls(input: LossInput, mostBytes: number): LossInput[] {
  const calls: object[][] = [];
  let room = 0;
  for (const datum of input.data) {
    const bytes = JSON.stringify(datum).length + 1;
    if (calls.length === 0 || bytes > room) {
      calls.push([]);
      room = mostBytes;
    }
    room -= bytes;
    calls.at(-1)!.push(datum);
  }
  return calls.map((data) => ({ ...input, data }));
}

/** @throws {TrainerError} `REPLY_INVALID` when the answer is not one of these samples. */
export function forwardResult(
  samples: readonly TrainingSample[],
  { loss_fn_outputs: outputs }: PassReply,
  { reduction }: TinkerDialect,
): ForwardResult {
  const isWhole =
    outputs.length === samples.length &&
    outputs.every(({ logprobs, elementwise_loss: losses }, row) => {
      const length = (samples[row]?.ids.length ?? 0) - 1;
      return logprobs.data.length === length && losses.data.length === length;
    });
  if (!isWhole) {
    throw new TrainerError({
      code: 'REPLY_INVALID',
      message: 'The trainer answered with another number of sequences or tokens than it was sent.',
      hint: 'Does the dialect fit the server, and its version?',
    });
  }
  const losses = outputs.map(({ elementwise_loss: { data } }, row) => {
    const sum = data.reduce((total, value) => total + value, 0);
    const factor = reduction === 'sum' ? 1 : scaleOf(samples[row] as TrainingSample, samples.length);
    return factor === 0 ? 0 : sum / factor;
  });
  return {
    logprobs: outputs.map(({ logprobs }) => [0, ...logprobs.data]),
    loss: losses.reduce((total, value) => total + value, 0),
  };
}

/** W·S. */
function scaleOf({ weights }: TrainingSample, samples: number): number {
  return weights.reduce((sum, weight) => sum + weight, 0) * samples;
}

function clip(low: number, high: number): NonNullable<LossInput['loss_fn_config']> {
  return { clip_low_threshold: low, clip_high_threshold: high };
}
