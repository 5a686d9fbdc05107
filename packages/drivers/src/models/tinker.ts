import { boundaryError, ModelError, SkillError, TrainerError, type ChatModel } from '@skillrl/core';

import { tinkerSamplers, type TrainerAddress } from '../trainers/tinker/samplers.ts';
import { sampledModel } from './ids/sampled-model.ts';

export interface TinkerModelOptions {
  /** Of a checkpoint for samplers at the trainer, such as `tinker://MODEL/sampler_weights/NAME`. */
  readonly path: string;
  /** Where the trainer answers. A function is asked at every request. */
  readonly trainer: TrainerAddress | (() => TrainerAddress);
  /** Path of a GGUF file with the vocabulary of what is sampled from; its weights stay unread. */
  readonly tokenizer: string;
  /** Most tokens of a prompt with its reply. Default, and never more than: what the file says the model was made for. */
  readonly contextSize?: number;
  /** Most tokens of a reply when the request does not say. Default 512. */
  readonly maxTokens?: number;
  /** How long a trainer that does not answer, or is busy, is asked again, in milliseconds; a restart fits in. Default 120,000. */
  readonly reconnectMs?: number;
  /** How long one reply may take, in milliseconds. Default 600,000. */
  readonly resultMs?: number;
}

/**
 * A version that a trainer keeps to sample from, over the JSON form of the Tinker protocol: the engine that computes the gradients samples, so that
 * the log-probabilities are those of `TrainableModel.forward`. The trainer keeps no attention cache between two requests: each evaluates its whole
 * prompt.
 *
 * @throws {ModelError} as `sampledModel` does.
 * @throws on a request {ModelError} `VERSION_GONE` for a version that the trainer has not kept, `MODEL_UNREACHABLE`, `MODEL_TIMEOUT`,
 * `MODEL_ACCESS_DENIED`, `CONTEXT_OVERFLOW`, `TOKENS_UNKNOWN`, `MODEL_FAILED`.
 */
export function tinkerModel(options: TinkerModelOptions): ChatModel {
  const { path, trainer, reconnectMs = 120_000, resultMs = 600_000 } = options;
  const address = typeof trainer === 'function' ? trainer : () => trainer;
  const samplers = tinkerSamplers({ address, reconnectMs, resultMs });
  const id = path;
  return sampledModel({
    ...options,
    id,
    sample: async ({ prompt, signal: _signal, ...request }) => {
      try {
        return await samplers.sample(path, prompt, request);
      } catch (error) {
        throw explained(id, error);
      }
    },
  });
}

/** What the trainer's codes mean to somebody who asks a model. */
const meanings: Readonly<Record<string, { readonly code: string; readonly hint: string }>> = {
  CHECKPOINT_UNKNOWN: { code: 'VERSION_GONE', hint: 'A version that was removed is gone: choose one that is listed.' },
  TRAINER_UNREACHABLE: { code: 'MODEL_UNREACHABLE', hint: 'Start it: skillrl trainer start.' },
  TRAINER_TIMEOUT: { code: 'MODEL_TIMEOUT', hint: 'Ask for fewer tokens, or let the trainer finish what it does.' },
  TOKEN_WRONG: {
    code: 'MODEL_ACCESS_DENIED',
    hint: 'Give the token the trainer was started with: SKILLRL_TRAINER_TOKEN.',
  },
  CONTEXT_EXCEEDED: { code: 'CONTEXT_OVERFLOW', hint: 'Shorten the prompt.' },
  TOKEN_OUT_OF_RANGE: { code: 'TOKENS_UNKNOWN', hint: 'Give the GGUF file of the very model that is sampled from.' },
};

function explained(id: string, error: unknown): unknown {
  if (!(error instanceof TrainerError)) {
    return error instanceof SkillError ? error : boundaryError('model', `continue a prompt with '${id}'`, error);
  }
  const { code = 'MODEL_FAILED', hint = error.hint } = meanings[error.code] ?? {};
  const message = `'${id}' does not answer: ${error.message}`;
  return new ModelError({ code, message, hint, retryable: error.retryable, cause: error });
}
