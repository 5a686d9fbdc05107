import { ModelError } from '@skillrl/core';

/** What a request after `close` is refused with. */
export function closedModel(id: string): ModelError {
  return new ModelError({
    code: 'MODEL_CLOSED',
    message: `The model '${id}' was closed.`,
    hint: 'Close it when nothing uses it any more.',
  });
}
