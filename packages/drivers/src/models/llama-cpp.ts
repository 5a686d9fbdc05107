import { basename } from 'node:path';

import {
  boundaryError,
  ModelError,
  type ChatModel,
  type ChatRequest,
  type ChatResponse,
  type ModelCapabilities,
} from '@skillrl/core';
import type { LlamaModel, Token } from 'node-llama-cpp';

import { checkRequest, type CheckedRequest } from './checked-request.ts';
import { closedModel } from './closed-model.ts';
import { fingerprint } from './llama-cpp/fingerprint.ts';
import { readGgufHeader } from './llama-cpp/gguf-header.ts';
import { openModel, type OpenedModel } from './llama-cpp/open-model.ts';
import { PromptMemory } from './llama-cpp/prompt-memory.ts';
import { sample } from './llama-cpp/sample.ts';
import { SequencePool } from './llama-cpp/sequence-pool.ts';
import { hasEndToken, tokenizerId } from './llama-cpp/vocabulary.ts';
import { OneAtATime } from './one-at-a-time.ts';
import { beforeStop } from './stop-text.ts';

export interface LlamaCppOptions {
  /** Path of a GGUF file. */
  readonly modelPath: string;
  /** Most tokens of a prompt with its reply. Default 1,024; never more than the model was made for. */
  readonly contextSize?: number;
  /** Threads of the processor for one evaluation. Default 1: a small model is not faster with more. */
  readonly threads?: number;
  /** How many prompts keep their attention cache at once; the one used longest ago gives way. Default 8. */
  readonly sequences?: number;
  /** Most tokens of a reply when the request does not say. Default 512. */
  readonly maxTokens?: number;
  /** Name of the model in records. Default `llama:FILE@HASH`. */
  readonly id?: string;
}

/**
 * A model in this process, on llama.cpp: token ids, log-probabilities of the raw distribution, and prompts that grow without being
 * evaluated or tokenised again. Requests are carried out one after the other; equal seeds and equal prompt tokens give equal replies,
 * whether the prompt was cached or not.
 *
 * Nothing but the temperature shapes the sampling distribution, so at temperature 1 it is the reported one.
 *
 * @throws {ModelError} `MODEL_FILE_MISSING`, `MODEL_FILE_INVALID`, `LLAMA_CPP_MISSING`, `MODEL_FAILED`; a request throws
 * `CONTEXT_OVERFLOW` when its prompt does not fit.
 */
export async function llamaCpp(options: LlamaCppOptions): Promise<ChatModel> {
  const model = new LlamaCppModel(options);
  await model.open();
  return model;
}

/** The same, loaded by its first request. What the file's header tells is known, and wrong files are refused, at once. */
export function lazyLlamaCpp(options: LlamaCppOptions): ChatModel {
  return new LlamaCppModel(options);
}

const batchSize = 512;
const rememberedPrompts = 4096;

class LlamaCppModel implements ChatModel {
  readonly id: string;
  readonly capabilities: ModelCapabilities;
  readonly #options: LlamaCppOptions & Required<Pick<LlamaCppOptions, 'contextSize' | 'threads' | 'sequences'>>;
  readonly #tokenizer: string;
  readonly #hasEndToken: boolean;
  readonly #queue = new OneAtATime();
  readonly #prompts = new PromptMemory(rememberedPrompts);
  readonly #sequences: SequencePool;
  #opened: Promise<OpenedModel> | undefined;
  #isClosed = false;

  constructor(options: LlamaCppOptions) {
    const { modelPath, contextSize = 1024, threads = 1, sequences = 8 } = options;
    const header = readGgufHeader(modelPath);
    const trained = Number(header.get(`${String(header.get('general.architecture'))}.context_length`) ?? contextSize);
    this.#options = { ...options, contextSize: Math.min(contextSize, trained), threads, sequences };
    this.#sequences = new SequencePool(sequences);
    this.#tokenizer = tokenizerId(header);
    this.#hasEndToken = hasEndToken(header);
    this.id = options.id ?? `llama:${basename(modelPath)}@${fingerprint(modelPath)}`;
    this.capabilities = {
      tokens: true,
      rawPrompt: true,
      messages: header.has('tokenizer.chat_template'),
      jsonSchema: true,
    };
  }

  open(): Promise<OpenedModel> {
    this.#opened ??= openModel({ ...this.#options, batchSize });
    return this.#opened;
  }

  async chat(request: ChatRequest): Promise<ChatResponse> {
    const checked = checkRequest(request, this, this.#options);
    this.#refuseClosed();
    return this.#queue.run(async () => {
      const opened = await this.open();
      try {
        return await this.#answer(opened, checked);
      } catch (error) {
        throw checked.signal?.aborted === true
          ? error
          : boundaryError('model', `continue a prompt with '${this.id}'`, error);
      }
    }, checked.signal);
  }

  release(cacheKey: string): void {
    this.#prompts.forget(cacheKey);
    this.#sequences.release(cacheKey);
  }

  /** Waits for the requests that were handed over. A second call does nothing. */
  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    await this.#queue.run(async () => {
      // A model that could not be loaded has told so to the request that asked for it.
      const opened = await this.#opened?.catch(() => undefined);
      await opened?.close();
    });
  }

  async #answer({ model, low, chatWrapper, grammar }: OpenedModel, request: CheckedRequest): Promise<ChatResponse> {
    const { prompt, newIds, turnEnds } = this.#prompts.grow(request, model, chatWrapper);
    this.#refuseOverflow(prompt.ids.length);
    // A line break that ends a turn in some templates may also stand inside JSON, which the library's grammars end with four.
    const stop = request.jsonSchema === undefined ? [...request.stop, ...turnEnds] : [...request.stop, '\n\n\n\n'];
    const textOf = (ids: readonly number[]): string => model.detokenize(ids as Token[], false, prompt.ids as Token[]);

    const { ids, logprobs, finish } = await sample(low, this.#sequences.lend(request.cacheKey), prompt.ids, {
      ...request,
      seed: request.seed ?? Math.floor(Math.random() * 2 ** 32),
      grammar: request.jsonSchema === undefined ? undefined : await grammar(request.jsonSchema),
      isComplete: (sampled) =>
        this.#isEnd(model, sampled.at(-1)) || (stop.length > 0 && beforeStop(textOf(sampled), stop) !== undefined),
      contextSize: this.#options.contextSize,
      batchSize,
    });

    const whole = textOf(ids);
    if (request.cacheKey !== undefined) {
      // What continues the text as text does not hold the token that ended it.
      const isEnded = prompt.text !== undefined && this.#isEnd(model, ids.at(-1));
      this.#prompts.remember(request.cacheKey, prompt, isEnded ? ids.slice(0, -1) : ids, whole);
    }
    return {
      text: beforeStop(whole, stop) ?? whole,
      finish,
      promptTokens: prompt.ids.length,
      completionTokens: ids.length,
      tokens: { completionIds: ids, logprobs, tokenizer: this.#tokenizer },
      newPromptIds: newIds,
    };
  }

  #isEnd(model: LlamaModel, id: number | undefined): boolean {
    return this.#hasEndToken && model.isEogToken(id as Token | undefined);
  }

  #refuseClosed(): void {
    if (this.#isClosed) throw closedModel(this.id);
  }

  #refuseOverflow(promptTokens: number): void {
    const { contextSize } = this.#options;
    if (promptTokens < contextSize) return;
    throw new ModelError({
      code: 'CONTEXT_OVERFLOW',
      message: `The prompt has ${promptTokens} tokens, and the context of '${this.id}' holds ${contextSize} with the reply.`,
      hint: 'Shorten the prompt, or give the model a larger contextSize if it was made for one.',
    });
  }
}
