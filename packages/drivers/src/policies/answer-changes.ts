import { InputError } from '@skillrl/core';

import { readGgufHeader } from '../models/llama-cpp/gguf-header.ts';
import { tokenizerId } from '../models/llama-cpp/vocabulary.ts';
import { tokenScorer } from '../models/token-scorer.ts';

/** How differently two models continue the same texts. */
export interface AnswerChange {
  readonly texts: number;
  /** Places at which the next token was compared. */
  readonly tokens: number;
  /** Mean of |log a(token) − log b(token)| over the tokens of the texts, in nats. */
  readonly meanLogprobDifference: number;
  readonly largestLogprobDifference: number;
  /** Mean of Σ a·log(a/b) over the whole vocabulary, in nats a token. */
  readonly divergence: number;
  /** Share of places at which both find the same token likeliest. */
  readonly agreement: number;
}

/**
 * Compares what two GGUF models say comes next at every place of some texts. They are evaluated by llama.cpp in this process.
 *
 * @throws {InputError} `POLICIES_DIFFER` when their vocabularies are not one; {ModelError} for files that cannot be loaded.
 */
export async function answerChanges(pathA: string, pathB: string, texts: readonly string[]): Promise<AnswerChange> {
  if (tokenizerId(readGgufHeader(pathA)) !== tokenizerId(readGgufHeader(pathB))) {
    throw new InputError({
      code: 'POLICIES_DIFFER',
      message: 'The two policies cannot be compared: they have different vocabularies.',
      hint: 'Compare versions that were trained from one base.',
    });
  }
  await using a = await tokenScorer(pathA);
  await using b = await tokenScorer(pathB);
  const differences: number[] = [];
  let divergence = 0;
  let agreed = 0;
  for (const text of texts) {
    const ids = a.tokenize(text);
    const [one, other] = [await a.distributions(ids), await b.distributions(ids)];
    for (let place = 0; place + 1 < ids.length; place += 1) {
      const [p, q] = [one[place]!, other[place]!];
      const next = ids[place + 1]!;
      differences.push(Math.abs((p[next] ?? 0) - (q[next] ?? 0)));
      divergence += p.reduce((sum, logprob, id) => sum + Math.exp(logprob) * (logprob - (q[id] ?? 0)), 0);
      if (likeliest(p) === likeliest(q)) agreed += 1;
    }
  }
  const tokens = differences.length;
  return {
    texts: texts.length,
    tokens,
    meanLogprobDifference: differences.reduce((sum, value) => sum + value, 0) / tokens,
    largestLogprobDifference: Math.max(...differences),
    divergence: Math.max(0, divergence / tokens),
    agreement: agreed / tokens,
  };
}

function likeliest(logprobs: Float64Array): number {
  return logprobs.reduce((best, value, id) => (value > (logprobs[best] ?? 0) ? id : best), 0);
}
