import { boundaryError } from '@skillrl/core';
import type { Token } from 'node-llama-cpp';

import { readGgufHeader } from './llama-cpp/gguf-header.ts';
import { sharedLlama } from './llama-cpp/shared-llama.ts';

/** What a GGUF model says of texts that are there already. */
export interface TokenScorer extends AsyncDisposable {
  tokenize(text: string): readonly number[];
  /**
   * After each token the natural logarithm of the probability of every next one, by id, at temperature 1.
   *
   * @param ids - at most as many as the model's context holds.
   */
  distributions(ids: readonly number[]): Promise<readonly Float64Array[]>;
  /** log π(token | tokens before) of each token but the first, which has nothing before it; one shorter than `ids`. */
  logprobs(ids: readonly number[]): Promise<readonly number[]>;
}

/**
 * Opens a model in this process to measure it, not to sample: every place of a text gives the whole distribution, which takes its time.
 *
 * @throws {ModelError} `MODEL_FILE_MISSING`, `MODEL_FILE_INVALID`, `LLAMA_CPP_MISSING`, `MODEL_FAILED`
 */
export async function tokenScorer(modelPath: string): Promise<TokenScorer> {
  readGgufHeader(modelPath);
  const { llama } = await sharedLlama();
  try {
    const model = await llama.loadModel({ modelPath, gpuLayers: 0 });
    const contextSize = Math.min(model.trainContextSize, 4096);
    const context = await model.createContext({ contextSize, threads: 1, flashAttention: false });
    const sequence = context.getSequence();
    const distributions = async (ids: readonly number[]): Promise<readonly Float64Array[]> => {
      await sequence.clearHistory();
      const options = { generateNext: { logits: true, options: { temperature: 0 } } } as const;
      const evaluated = await sequence.controlledEvaluate(ids.map((id) => [id as Token, options]));
      return evaluated.map((result) => logSoftmax(result?.next.logits ?? new Map()));
    };
    return {
      tokenize: (text) => model.tokenize(text),
      distributions,
      async logprobs(ids) {
        const found = await distributions(ids.slice(0, -1));
        return found.map((logprobs, place) => logprobs[ids[place + 1] ?? -1] ?? Number.NaN);
      },
      async [Symbol.asyncDispose]() {
        await context.dispose();
        await model.dispose();
      },
    };
  } catch (error) {
    throw boundaryError('model', `load the model '${modelPath}'`, error);
  }
}

function logSoftmax(logits: ReadonlyMap<number, number>): Float64Array {
  const values = new Float64Array(logits.size);
  for (const [id, logit] of logits) values[id] = logit;
  const largest = values.reduce((most, value) => Math.max(most, value), -Infinity);
  const logSum = largest + Math.log(values.reduce((sum, value) => sum + Math.exp(value - largest), 0));
  return values.map((value) => value - logSum);
}
