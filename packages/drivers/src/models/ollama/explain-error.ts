import { isAbort, ModelError, SkillError } from '@skillrl/core';

export interface OllamaPlace {
  readonly model: string;
  readonly host: string;
}

/** What went wrong between us and Ollama, and what to do about it; an abort is returned as it is. */
export function explainOllamaError(error: unknown, { model, host }: OllamaPlace): unknown {
  if (error instanceof SkillError || isAbort(error)) return error;
  const reason = error instanceof Error ? error.message : String(error);
  const status = statusOf(error);

  if (error instanceof TypeError && status === undefined) {
    return new ModelError({
      code: 'OLLAMA_UNREACHABLE',
      message: `Nothing answers at ${host} (${causeOf(error)}).`,
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
  return new ModelError({
    code: 'OLLAMA_FAILED',
    message: `Ollama at ${host} could not answer with '${model}': ${reason}`,
    retryable: status === undefined || status === 429 || status >= 500,
    cause: error,
  });
}

function statusOf(error: unknown): number | undefined {
  const status = (error as { readonly status_code?: unknown } | undefined)?.status_code;
  return typeof status === 'number' ? status : undefined;
}

/** fetch says only "fetch failed"; its cause knows more. */
function causeOf(error: Error): string {
  const cause = error.cause as { readonly code?: string; readonly message?: string } | undefined;
  return cause?.code ?? cause?.message ?? error.message;
}
