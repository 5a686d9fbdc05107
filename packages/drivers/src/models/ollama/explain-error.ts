import { isAbort, ModelError, SkillError, UnsupportedError } from '@skillrl/core';

import { fetchFailure } from '../../http/fetch-failure.ts';
import { statusOf } from './connect.ts';

export interface OllamaPlace {
  readonly model: string;
  /** Without user name and password. */
  readonly host: string;
}

/** What went wrong between us and Ollama, and what to do about it; an abort is returned as it is. */
export function explainOllamaError(error: unknown, { model, host }: OllamaPlace): unknown {
  if (error instanceof SkillError || isAbort(error)) return error;
  const reason = error instanceof Error ? error.message : String(error);
  const status = statusOf(error);

  const failure = fetchFailure(error);

  if (failure?.kind === 'too-slow') {
    return new ModelError({
      code: 'MODEL_TIMEOUT',
      message: `Ollama at ${host} said nothing for minutes when it was asked for '${model}' (${failure.reason}).`,
      hint: `Look what it does with 'ollama ps': the model may be too large for the machine.`,
      retryable: true,
      cause: error,
    });
  }
  if (failure?.kind === 'broken-off' || /did not receive done/i.test(reason)) {
    return new ModelError({
      code: 'REPLY_INCOMPLETE',
      message: `Ollama at ${host} broke the reply of '${model}' off (${failure?.reason ?? reason}).`,
      hint: 'It was stopped, or it cut off a model that repeats itself: try again, or another seed.',
      retryable: true,
      cause: error,
    });
  }
  if (failure !== undefined) {
    return new ModelError({
      code: 'OLLAMA_UNREACHABLE',
      message: `Nothing answers at ${host} (${failure.reason}).`,
      hint: `Start it with 'ollama serve', or say where it listens: 'ollama:${model}@http://host:11434'.`,
      retryable: true,
      cause: error,
    });
  }
  if (status === 404) {
    return new ModelError({
      code: 'MODEL_MISSING',
      message: `Ollama at ${host} has no model '${model}'.`,
      hint: `Get it with 'ollama pull ${model}'; 'ollama list' shows what is there.`,
      cause: error,
    });
  }
  if (/exceeds? (?:the )?available context|exceed_context_size|longer than the context/i.test(reason)) {
    const [, needed, size] = /request \((\d+) tokens\).*?\((\d+) tokens\)/.exec(reason) ?? [];
    return new ModelError({
      code: 'CONTEXT_OVERFLOW',
      message:
        needed === undefined
          ? `The prompt is longer than the context of '${model}'.`
          : `The prompt has ${needed} tokens, and the context of '${model}' holds ${size}.`,
      hint: 'Shorten the prompt, or give the model a larger contextSize if it was made for one.',
      cause: error,
    });
  }
  if (/does not support/i.test(reason)) {
    return new UnsupportedError('model', {
      code: 'CAPABILITY_MISSING',
      message: `Ollama at ${host} cannot do that with '${model}': ${reason}`,
      hint: `'ollama show ${model}' lists what the model can do.`,
      cause: error,
    });
  }
  return new ModelError({
    code: 'OLLAMA_FAILED',
    message: `Ollama at ${host} could not answer with '${model}': ${reason}`,
    retryable: status === undefined || status === 429 || status >= 500,
    cause: error,
  });
}
