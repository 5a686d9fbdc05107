import { ModelError } from '@skillrl/core';
import type { Llama, LlamaContext, LlamaGrammarEvaluationState, LlamaModel } from 'node-llama-cpp';

// node-llama-cpp's public evaluation costs 1.4 times as much a token on a small model (locks, generators, maps of all logits) and
// cannot report the raw distribution at a temperature other than 1. The calls below are those its own classes are built on. They are
// not part of its public interface, so its version is pinned, and `lowLevel` looks whether they are there.

/** One context of llama.cpp: what its sequences have evaluated, and the next evaluation. */
export interface LowLevelContext {
  initBatch(tokens: number): void;
  /** @returns where the logits asked for will be found after `decodeBatch`. */
  addToBatch(sequence: number, position: number, ids: Uint32Array, withLogits: Uint32Array): Uint32Array;
  decodeBatch(): Promise<void>;
  sampleToken(logitIndex: number, sampler: Sampler): Promise<number>;
  sampleToken(
    logitIndex: number,
    sampler: Sampler,
    probabilities: false,
    confidence: false,
    logits: readonly [ids: readonly number[], max: false, min: false, selected: true, top: 0],
    totalWeight: true,
  ): Promise<
    readonly [id: number, probabilities: undefined, confidence: undefined, logits: readonly number[], weight: number]
  >;
  /** Forgets the positions from `from` up to, not including, `to`; −1 is the end. */
  removeTokenCellsFromSequence(sequence: number, from: number, to: number): boolean;
  setThreads(threads: number): void;
}

/** Draws tokens. Keeps a random state, so equal seeds repeat only in a new one. */
export interface Sampler {
  applyConfig(config: { temperature: number; seed?: number; grammarEvaluationState?: unknown }): void;
  dispose(): void;
}

export interface LowLevel {
  readonly context: LowLevelContext;
  /** @param temperature - 0 is greedy. No other filter takes part: every token can be drawn. */
  readonly newSampler: (options: {
    temperature: number;
    seed?: number;
    grammar?: LlamaGrammarEvaluationState;
  }) => Sampler;
}

/** @throws {ModelError} `LLAMA_CPP_VERSION` when the installed node-llama-cpp is built differently. */
export function lowLevel(llama: Llama, model: LlamaModel, context: LlamaContext): LowLevel {
  const inner = (context as unknown as { _ctx?: LowLevelContext })._ctx;
  const bindings = (llama as unknown as { _bindings?: { AddonSampler?: new (model: unknown) => Sampler } })._bindings;
  const innerModel = (model as unknown as { _model?: unknown })._model;
  const Addon = bindings?.AddonSampler;
  const calls = ['initBatch', 'addToBatch', 'decodeBatch', 'sampleToken', 'removeTokenCellsFromSequence'] as const;
  if (
    inner === undefined ||
    Addon === undefined ||
    innerModel === undefined ||
    calls.some((call) => !(call in inner))
  ) {
    throw new ModelError({
      code: 'LLAMA_CPP_VERSION',
      message: 'The installed node-llama-cpp is not the version this driver was written for (3.22.1).',
      hint: 'Install node-llama-cpp@3.22.1.',
    });
  }
  return {
    context: inner,
    newSampler({ temperature, seed, grammar }) {
      const sampler = new Addon(innerModel);
      const grammarState = (grammar as unknown as { _state?: unknown } | undefined)?._state;
      sampler.applyConfig({
        temperature,
        ...(seed === undefined ? {} : { seed: Math.min(seed >>> 0, largestSeed) }),
        ...(grammarState === undefined ? {} : { grammarEvaluationState: grammarState }),
      });
      return sampler;
    },
  };
}

/** The number after it means "choose one" to llama.cpp. */
const largestSeed = 0xff_ff_ff_fe;
