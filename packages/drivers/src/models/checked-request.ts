import { InputError, UnsupportedError, type ChatModel, type ChatRequest } from '@skillrl/core';

/** A request that can be carried out, with its defaults filled in. */
export interface CheckedRequest extends ChatRequest {
  readonly maxTokens: number;
  readonly temperature: number;
  readonly stop: readonly string[];
}

export const defaultMaxTokens = 512;
export const defaultTemperature = 0.7;

/**
 * Looks whether the model can do what is asked.
 *
 * @throws {InputError} `REQUEST_INVALID` for a value that cannot be.
 * @throws {UnsupportedError} `CAPABILITY_MISSING` for what the model's capabilities rule out.
 * @throws the signal's reason when the caller has given up already.
 */
export function checkRequest(
  request: ChatRequest,
  { id, capabilities }: Pick<ChatModel, 'id' | 'capabilities'>,
  defaults: { readonly maxTokens?: number } = {},
): CheckedRequest {
  request.signal?.throwIfAborted();
  const maxTokens = request.maxTokens ?? defaults.maxTokens ?? defaultMaxTokens;
  const temperature = request.temperature ?? defaultTemperature;
  const stop = request.stop ?? [];

  if (request.prompt.length === 0) throw invalid('the prompt is empty');
  if (!Number.isInteger(maxTokens) || maxTokens < 1)
    throw invalid(`maxTokens is ${maxTokens}, and must be a whole number ≥ 1`);
  if (!(temperature >= 0 && Number.isFinite(temperature)))
    throw invalid(`temperature is ${temperature}, and must be ≥ 0`);
  if (stop.includes('')) throw invalid('a stop text is empty');
  if (request.seed !== undefined && !Number.isInteger(request.seed))
    throw invalid(`seed is ${request.seed}, and must be a whole number`);

  if (typeof request.prompt === 'string' && !capabilities.rawPrompt) {
    throw unsupported(id, 'continue raw text', 'Send a list of messages.');
  }
  if (typeof request.prompt !== 'string' && !capabilities.messages) {
    throw unsupported(id, 'take a list of messages', 'It has no chat template: send the text to be continued.');
  }
  if (request.jsonSchema !== undefined && !capabilities.jsonSchema) {
    throw unsupported(id, 'keep to a JSON schema', 'Use a model that can, such as ollama:qwen3:4b.');
  }
  return { ...request, maxTokens, temperature, stop };
}

function invalid(why: string): InputError {
  return new InputError({
    code: 'REQUEST_INVALID',
    message: `The request to the model cannot be carried out: ${why}.`,
  });
}

function unsupported(id: string, what: string, hint: string): UnsupportedError {
  return new UnsupportedError('model', {
    code: 'CAPABILITY_MISSING',
    message: `The model '${id}' cannot ${what}.`,
    hint,
  });
}
