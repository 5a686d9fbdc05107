import {
  ModelError,
  type ChatModel,
  type ChatRequest,
  type ChatResponse,
  type ModelCapabilities,
  type SampledSequence,
} from '@skillrl/core';

import { ggufTokenizer, type Tokenizer } from '../byte-tokenizer.ts';
import { checkRequest, type CheckedRequest } from '../checked-request.ts';
import { closedModel } from '../closed-model.ts';
import { readGgufHeader } from '../llama-cpp/gguf-header.ts';
import { addCompletion, emptyPrompt, growByText, type GrowingPrompt } from '../llama-cpp/growing-prompt.ts';
import { RecentMap } from '../recent-map.ts';
import { beforeStop } from '../stop-text.ts';
import { unlessAborted } from '../unless-aborted.ts';
import { stopIds } from './stop-ids.ts';
import type { TokenSampler } from './token-sampler.ts';

export interface SampledModelOptions {
  readonly id: string;
  readonly sample: TokenSampler;
  /** Path of a GGUF file with the vocabulary of what is sampled from; its weights stay unread. */
  readonly tokenizer: string;
  /** Most tokens of a prompt with its reply. Default, and never more than: what the file says the model was made for. */
  readonly contextSize?: number;
  /** Most tokens of a reply when the request does not say. Default 512. */
  readonly maxTokens?: number;
}

/** Conversations whose tokens are kept for those who never release them. One that was forgotten has its whole prompt as new. */
const mostConversations = 4096;

/**
 * A model over a server that continues token ids. Text becomes ids here, once: a prompt grows by what it adds, and what was sampled stays what
 * it is. It continues raw text only.
 *
 * @throws {ModelError} `MODEL_FILE_MISSING`, `MODEL_FILE_INVALID` for the vocabulary's file.
 * @throws on a request {ModelError} `CONTEXT_OVERFLOW`, `TOKENS_UNKNOWN` for ids that the vocabulary does not have, `MODEL_CLOSED`, what the sampler
 * throws; {UnsupportedError} `CAPABILITY_MISSING`.
 */
export function sampledModel(options: SampledModelOptions): ChatModel {
  return new SampledModel(options);
}

class SampledModel implements ChatModel {
  readonly id: string;
  readonly capabilities: ModelCapabilities = { tokens: true, rawPrompt: true, messages: false, jsonSchema: false };
  readonly #options: SampledModelOptions;
  readonly #contextSize: number;
  readonly #prompts = new RecentMap<GrowingPrompt>(mostConversations);
  #tokenizer: Promise<Tokenizer> | undefined;
  #isClosed = false;

  constructor(options: SampledModelOptions) {
    this.#options = options;
    this.id = options.id;
    const header = readGgufHeader(options.tokenizer);
    const made = header.get(`${String(header.get('general.architecture'))}.context_length`);
    this.#contextSize = Math.min(options.contextSize ?? Infinity, made === undefined ? Infinity : Number(made));
  }

  async chat(request: ChatRequest): Promise<ChatResponse> {
    const checked = checkRequest(request, this, this.#options);
    if (this.#isClosed) throw closedModel(this.id);
    const answer = this.#answer(checked);
    return checked.signal === undefined ? answer : unlessAborted(answer, checked.signal);
  }

  release(cacheKey: string): void {
    this.#prompts.delete(cacheKey);
  }

  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    await (await this.#tokenizer?.catch(() => undefined))?.close();
  }

  async #answer(request: CheckedRequest): Promise<ChatResponse> {
    this.#tokenizer ??= ggufTokenizer({ modelPath: this.#options.tokenizer });
    const tokenizer = await this.#tokenizer;
    const { cacheKey, prompt: text } = request;
    const before = (cacheKey === undefined ? undefined : this.#prompts.get(cacheKey)) ?? emptyPrompt;
    const { prompt, newIds } = growByText(before, text as string, (added, atStart) => [
      ...(atStart ? tokenizer.start : []),
      ...tokenizer.encode(added),
    ]);
    const { ids, logprobs, finish } = await this.#sample(prompt.ids, request, tokenizer);
    const whole = textOf(ids, tokenizer);
    if (cacheKey !== undefined) {
      // What continues the text as text does not hold the token that ended it.
      const isEnded = tokenizer.ends.includes(ids.at(-1) ?? -1);
      this.#prompts.set(cacheKey, addCompletion(prompt, isEnded ? ids.slice(0, -1) : ids, whole));
    }
    return {
      text: beforeStop(whole, request.stop) ?? whole,
      finish,
      promptTokens: prompt.ids.length,
      completionTokens: ids.length,
      tokens: { completionIds: ids, logprobs, tokenizer: tokenizer.id },
      newPromptIds: newIds,
    };
  }

  /** Samples up to a token with which a stop text may end, looks whether it did, and goes on where it did not. */
  async #sample(prompt: readonly number[], request: CheckedRequest, tokenizer: Tokenizer): Promise<SampledSequence> {
    const { temperature, stop, signal } = request;
    const room = this.#contextSize - prompt.length;
    if (room < 1) throw overflow(this.id, prompt.length, this.#contextSize);
    const most = Math.min(request.maxTokens, room);
    const ending = [...new Set([...tokenizer.ends, ...stopIds(tokenizer.bytes, stop)])];
    const seed = request.seed ?? Math.floor(Math.random() * 2 ** 31);
    const ids: number[] = [];
    const logprobs: number[] = [];
    for (;;) {
      const drawn = await this.#options.sample({
        prompt: [...prompt, ...ids],
        maxTokens: most - ids.length,
        temperature,
        stop: ending,
        seed: seedAt(seed, ids.length),
        signal,
      });
      signal?.throwIfAborted();
      const unknown = drawn.ids.find((id) => id >= tokenizer.bytes.length);
      if (unknown !== undefined) throw unknownToken(this.id, unknown, tokenizer.bytes.length);
      ids.push(...drawn.ids);
      logprobs.push(...drawn.logprobs);
      const isEnded = tokenizer.ends.includes(ids.at(-1) ?? -1);
      if (isEnded || beforeStop(textOf(ids, tokenizer), stop) !== undefined) return { ids, logprobs, finish: 'stop' };
      if (drawn.finish === 'length' || ids.length >= most) return { ids, logprobs, finish: 'length' };
    }
  }
}

function textOf(ids: readonly number[], { bytes }: Tokenizer): string {
  return Buffer.concat(ids.map((id) => bytes[id] ?? new Uint8Array())).toString('utf8');
}

/** The seed of a part that begins after so many tokens: the same would draw the same numbers again. */
function seedAt(seed: number, drawn: number): number {
  return (seed + Math.imul(drawn, 0x9e_37_79_b9)) & 0x7f_ff_ff_ff;
}

function overflow(id: string, tokens: number, contextSize: number): ModelError {
  return new ModelError({
    code: 'CONTEXT_OVERFLOW',
    message: `The prompt has ${tokens} tokens, and the context of '${id}' holds ${contextSize} with the reply.`,
    hint: 'Shorten the prompt.',
  });
}

function unknownToken(id: string, token: number, vocabulary: number): ModelError {
  return new ModelError({
    code: 'TOKENS_UNKNOWN',
    message: `'${id}' sampled the token ${token}, and the vocabulary that was given has ${vocabulary}.`,
    hint: 'Give the GGUF file of the very model that is sampled from.',
  });
}
