import type { SampledSequence, SampleOptions } from '@skillrl/core';

import { nextLogprobs, type TwoTokenModel } from './two-token-model.ts';

/** Draws one sequence after the prompt; `random` gives numbers in [0, 1). */
export function sampleSequence(
  model: TwoTokenModel,
  prompt: readonly number[],
  { maxTokens, temperature = 1, stop = [] }: SampleOptions,
  random: () => number,
): SampledSequence {
  const ids: number[] = [];
  const logprobs: number[] = [];
  while (ids.length < maxTokens) {
    const next = nextLogprobs(model, [...prompt.slice(-2), ...ids.slice(-2)]);
    const id = temperature === 0 ? next.indexOf(Math.max(...next)) : draw(next, temperature, random());
    ids.push(id);
    logprobs.push(next[id] as number);
    if (stop.includes(id)) return { ids, logprobs, finish: 'stop' };
  }
  return { ids, logprobs, finish: 'length' };
}

/** The token at which the summed probabilities pass `point` of the whole. */
function draw(logprobs: Float64Array, temperature: number, point: number): number {
  const largest = Math.max(...logprobs);
  const masses = logprobs.map((logprob) => Math.exp((logprob - largest) / temperature));
  let rest = point * masses.reduce((sum, mass) => sum + mass, 0);
  for (const [id, mass] of masses.entries()) {
    rest -= mass;
    if (rest < 0) return id;
  }
  return masses.lastIndexOf(Math.max(...masses));
}
