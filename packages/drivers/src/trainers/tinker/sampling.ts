import type { SampledSequence, SampleOptions } from '@skillrl/core';

import { sampleReply } from './replies.ts';
import type { Wire } from './wire.ts';

/** What is sampled from: a version in the trainer's memory, with the number of the call; or a checkpoint for samplers, by its path. */
export type SampledFrom =
  | { readonly sampling_session_id: string; readonly seq_id: number }
  | { readonly model_path: string };

/** Continues the prompt at the trainer. */
export async function sampleAt(
  wire: Wire,
  from: SampledFrom,
  prompt: readonly number[],
  { maxTokens, count = 1, temperature = 1, stop = [], seed }: SampleOptions,
): Promise<readonly SampledSequence[]> {
  const params = { max_tokens: maxTokens, temperature, ...(stop.length === 0 ? {} : { stop }) };
  const body = {
    ...from,
    prompt: { chunks: [{ type: 'encoded_text', tokens: prompt }] },
    num_samples: count,
    sampling_params: seed === undefined ? params : { ...params, seed },
  };
  // Nothing but the random state is moved by it.
  const { sequences } = await wire.compute('/asample', body, sampleReply, { repeatable: true });
  return sequences.map(({ tokens, logprobs, stop_reason: finish }) => ({ ids: tokens, logprobs, finish }));
}
