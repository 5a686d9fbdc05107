import type { SampledSequence } from '@skillrl/core';

export interface TokenRequest {
  /** Of the whole prompt; at least one. */
  readonly prompt: readonly number[];
  /** Most tokens to sample, ≥ 1. */
  readonly maxTokens: number;
  /** 0 takes the most likely token. */
  readonly temperature: number;
  /** A token of these ends the reply and is its last one. */
  readonly stop: readonly number[];
  /** In [0, 2³¹). Equal seeds and prompts give equal replies where the server can. */
  readonly seed: number;
  readonly signal?: AbortSignal;
}

/**
 * Continues token ids: what a server of a policy does that is asked for no text.
 *
 * Log-probabilities are those of the full distribution at temperature 1, and nothing but the temperature shapes what is drawn from. Every call
 * throws a `ModelError`, or an `UnsupportedError` for what the server cannot do.
 */
export type TokenSampler = (request: TokenRequest) => Promise<SampledSequence>;
