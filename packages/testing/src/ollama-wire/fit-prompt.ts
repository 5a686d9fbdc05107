import { WireError } from './http.ts';

export interface ContextLimits {
  /** As asked for, and no longer than the model was made for. */
  readonly size: number;
  /** How much of the beginning survives a cut. */
  readonly keep: number;
}

/** llama.cpp rounds a context up to whole blocks of 256. */
export function allocatedContext(size: number): number {
  return Math.ceil(size / 256) * 256;
}

/**
 * A prompt cut to the context as Ollama cuts it: without a word, unless the request forbids cutting or shifting.
 *
 * @throws {WireError} with the words of the server, or of its child.
 */
export function fitPrompt(
  ids: readonly number[],
  { size, keep }: ContextLimits,
  { truncate = true, shift = true }: { readonly truncate?: boolean; readonly shift?: boolean },
): readonly number[] {
  if (!truncate) {
    if (ids.length <= allocatedContext(size)) return ids;
    throw new WireError(400, exceedsContext(ids.length, allocatedContext(size)));
  }
  if (ids.length <= size) return ids;
  if (!shift) {
    throw new WireError(
      400,
      'the prompt is longer than the context length currently available to the model; shorten the prompt, adjust the context length in settings, or use a model with a longer context length',
    );
  }
  const kept = Math.min(keep, size);
  const tail = Math.floor((size - kept) / 2);
  return [...ids.slice(0, kept), ...ids.slice(ids.length - tail)];
}

/** Makes room when a reply runs into the end of the context: half of what comes after the beginning goes. */
export function shiftContext(ids: readonly number[], { keep }: ContextLimits): readonly number[] {
  const gone = Math.floor((ids.length - keep) / 2);
  return [...ids.slice(0, keep), ...ids.slice(keep + gone)];
}

/** The messages of a conversation that fit: those of the system, the last one, and as many before it as there is room for. */
export function fitMessages<Message extends { readonly role: string }>(
  messages: readonly Message[],
  size: number,
  countTokens: (messages: readonly Message[]) => number,
): readonly Message[] {
  for (let from = 0; from < messages.length - 1; from += 1) {
    const kept = [...messages.slice(0, from).filter(({ role }) => role === 'system'), ...messages.slice(from)];
    if (countTokens(kept) <= size) return kept;
  }
  const last = messages.at(-1);
  return [...messages.slice(0, -1).filter(({ role }) => role === 'system'), ...(last === undefined ? [] : [last])];
}

function exceedsContext(tokens: number, size: number): string {
  const message = `request (${tokens} tokens) exceeds the available context size (${size} tokens), try increasing it`;
  return JSON.stringify({
    error: { code: 400, message, type: 'exceed_context_size_error', n_prompt_tokens: tokens, n_ctx: size },
  });
}
