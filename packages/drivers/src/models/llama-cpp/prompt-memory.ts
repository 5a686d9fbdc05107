import type { ChatWrapper, LlamaModel } from 'node-llama-cpp';

import type { ChatRequest } from '@skillrl/core';

import {
  addCompletion,
  emptyPrompt,
  growByIds,
  growByText,
  type GrowingPrompt,
  type Growth,
} from './growing-prompt.ts';
import { RecentMap } from '../recent-map.ts';
import { renderChat } from './render-chat.ts';
import { startOf } from './vocabulary.ts';

/** The conversations a model has seen, as tokens, by their key. */
export class PromptMemory {
  readonly #prompts: RecentMap<GrowingPrompt>;

  /** @param size - how many conversations are kept; the one used longest ago gives way. */
  constructor(size: number) {
    this.#prompts = new RecentMap(size);
  }

  /** The request's prompt as tokens, continuing what its key has seen; and the texts that end the reply besides the request's own. */
  grow(
    request: ChatRequest,
    model: LlamaModel,
    wrapper: ChatWrapper | undefined,
  ): Growth & { readonly turnEnds: readonly string[] } {
    const { prompt, cacheKey } = request;
    const before = (cacheKey === undefined ? undefined : this.#prompts.get(cacheKey)) ?? emptyPrompt;
    if (typeof prompt !== 'string') {
      // Without a template the capabilities rule messages out.
      if (wrapper === undefined) throw new RangeError('The model has no chat template.');
      const { ids, turnEnds } = renderChat(wrapper, model, prompt);
      return { ...growByIds(before, ids), turnEnds };
    }
    const growth = growByText(before, prompt, (text, atStart) => [
      ...(atStart ? startOf(model) : []),
      ...model.tokenize(text),
    ]);
    return { ...growth, turnEnds: [] };
  }

  /** @param text - what the sampled ids say, a stop text included. */
  remember(cacheKey: string, prompt: GrowingPrompt, completionIds: readonly number[], text: string): void {
    this.#prompts.set(cacheKey, addCompletion(prompt, completionIds, text));
  }

  forget(cacheKey: string): void {
    this.#prompts.delete(cacheKey);
  }
}
