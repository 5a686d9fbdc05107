import type { TrainingLoss, TrainingSample } from '@skillrl/core';

import { WireError } from './wire-error.ts';

interface Datum {
  readonly model_input: { readonly chunks: readonly { readonly tokens: readonly number[] }[] };
  readonly loss_fn_inputs: Readonly<Record<string, { readonly data: readonly number[] }>>;
}

export interface LossBody {
  readonly data: readonly Datum[];
  readonly loss_fn: string;
  readonly loss_fn_config?: { readonly clip_low_threshold: number; readonly clip_high_threshold: number };
}

/** Datums, shifted as they are on the wire, as samples of whole sequences. What a client must have checked is checked again, shortly. */
export function readData({ data, loss_fn: name, loss_fn_config: clip }: LossBody): {
  readonly samples: readonly TrainingSample[];
  readonly loss: TrainingLoss;
} {
  const samples = data.map((datum, index) => {
    const tokens = datum.model_input.chunks.flatMap((chunk) => chunk.tokens);
    const array = (key: string): readonly number[] | undefined => {
      const values = datum.loss_fn_inputs[key]?.data;
      if (values === undefined) return undefined;
      if (values.length !== tokens.length) {
        throw new WireError(
          400,
          'LENGTH_MISMATCH',
          `Datum ${index} has ${tokens.length} tokens, ${values.length} ${key}.`,
        );
      }
      if (values.some((value) => !Number.isFinite(value))) {
        throw new WireError(422, 'BODY_INVALID', `Datum ${index} has no number in ${key}.`);
      }
      return values;
    };
    const targets = array('target_tokens');
    if (targets === undefined) throw new WireError(400, 'INPUT_MISSING', `Datum ${index} has no target_tokens.`);
    if (tokens.slice(1).some((token, place) => token !== targets[place])) {
      throw new WireError(400, 'BODY_INVALID', `The targets of datum ${index} are not its tokens, shifted by one.`);
    }
    const whole = (key: string): readonly number[] | undefined => {
      const values = array(key);
      return values === undefined ? undefined : [0, ...values];
    };
    const weights = whole('weights') ?? [0, ...targets.map(() => 1)];
    return {
      ids: [...tokens.slice(0, 1), ...targets],
      weights,
      logprobs: whole('logprobs'),
      advantages: whole('advantages'),
    };
  });
  return { samples, loss: lossOf(name, clip) };
}

function lossOf(name: string, clip: LossBody['loss_fn_config']): TrainingLoss {
  switch (name) {
    case 'cross_entropy':
    case 'importance_sampling':
      return { name };
    case 'ppo':
    case 'cispo':
      return { name, low: clip?.clip_low_threshold, high: clip?.clip_high_threshold };
    default:
      throw new WireError(400, 'LOSS_UNKNOWN', `There is no loss '${name}'.`);
  }
}
