import { ModelError, UnsupportedError, type SkillError } from '@skillrl/core';

export interface OpenAiPlace {
  readonly model: string;
  /** Without user name and password. */
  readonly baseUrl: string;
}

/** The error of a response that is none of ours. `text` is its body, already without secrets. */
export function explainResponse(status: number, text: string, { model, baseUrl }: OpenAiPlace): SkillError {
  const reason = reasonIn(text);
  if (status === 401 || status === 403) {
    return new ModelError({
      code: 'MODEL_ACCESS_DENIED',
      message: `${baseUrl} refuses access to '${model}' (${status}): ${reason}`,
      hint: 'Check the API key and what it may use.',
    });
  }
  if (status === 404) {
    return new ModelError({
      code: 'MODEL_MISSING',
      message: `${baseUrl} has no model '${model}', or no such address (404): ${reason}`,
      hint: 'The base URL usually ends in /v1; GET /v1/models lists the models.',
    });
  }
  if (
    status === 400 &&
    /context.{0,20}(?:length|size|window)|too many tokens|max_tokens must be at least 1, got 0/i.test(reason)
  ) {
    return new ModelError({
      code: 'CONTEXT_OVERFLOW',
      message: `The prompt is longer than the context of '${model}': ${reason}`,
      hint: 'Shorten the prompt, or use a model with a longer context.',
    });
  }
  if (status !== 429 && /\bunsupported\b|\b(?:not|n't) support(?:ed)?\b/i.test(reason)) {
    return new UnsupportedError('model', {
      code: 'CAPABILITY_MISSING',
      message: `${baseUrl} cannot do that with '${model}' (${status}): ${reason}`,
      hint: 'Ask for less, or use a server or a model that can.',
    });
  }
  return new ModelError({
    code: 'MODEL_FAILED',
    message: `${baseUrl} could not answer with '${model}' (${status}): ${reason}`,
    retryable: status === 429 || status >= 500,
  });
}

function reasonIn(text: string): string {
  try {
    const { error } = JSON.parse(text) as { error?: { message?: string } | string };
    const message = typeof error === 'string' ? error : error?.message;
    return message ?? text.slice(0, 300);
  } catch {
    return text.slice(0, 300) || 'no reason given';
  }
}
