import type { ChatModel, ChatRequest, ChatResponse, TokenTrace } from '@skillrl/core';
import { ModelError, UnsupportedError } from '@skillrl/core';
import type { ChatResponse as OllamaChat, GenerateResponse as OllamaGenerate, Ollama } from 'ollama';

import { ggufTokenizer, type ByteTokenizer, type Tokenizer } from './byte-tokenizer.ts';
import { checkRequest, type CheckedRequest } from './checked-request.ts';
import { closedModel } from './closed-model.ts';
import { readGgufHeader, textList, type GgufValue } from './llama-cpp/gguf-header.ts';
import { sharedLength } from './llama-cpp/growing-prompt.ts';
import { tokenizerId } from './llama-cpp/vocabulary.ts';
import { connect, ollamaAddress } from './ollama/connect.ts';
import { explainOllamaError } from './ollama/explain-error.ts';
import { readReply, type Reply, type ReplyPart } from './ollama/read-reply.ts';
import { RecentMap } from './recent-map.ts';

export interface OllamaOptions {
  /** Such as `qwen3:4b`. */
  readonly model: string;
  /** Default `http://127.0.0.1:11434`. A user name and password in it are sent, and shown to nobody. */
  readonly host?: string;
  /** Most tokens of a prompt with its reply (`num_ctx`). Default: the server's. */
  readonly contextSize?: number;
  /** Most tokens of a reply when the request does not say. Default 512. */
  readonly maxTokens?: number;
  /** Whether a model that can think aloud does, before it answers. Default `false`. */
  readonly think?: boolean | 'low' | 'medium' | 'high';
  /** How long the server keeps the model loaded, such as `10m`. Default: the server's. */
  readonly keepAlive?: string | number;
  /**
   * The vocabulary of the model served, or a GGUF file that has it. With it replies carry exact token ids: Ollama names tokens by their
   * bytes. Sampling is then shaped by nothing but the temperature, so that at temperature 1 the log-probabilities are those of the sampling
   * distribution. The token with which a model ends its reply is missing: Ollama counts it and does not name it.
   */
  readonly tokenizer?: ByteTokenizer | string;
}

/** Conversations whose tokens are kept for those who never release them. One that was forgotten has its whole prompt as new. */
const mostConversations = 256;

/**
 * A model served by Ollama, through its npm client. Raw text goes to `/api/generate`, messages to `/api/chat`.
 *
 * Nothing is cut silently: a prompt that does not fit is an error.
 *
 * @throws {ConfigError} `OLLAMA_HOST_INVALID`; {ModelError} `MODEL_FILE_MISSING`, `MODEL_FILE_INVALID` for a file in place of the tokenizer.
 * @throws on a request {ModelError} `OLLAMA_UNREACHABLE`, `MODEL_MISSING`, `CONTEXT_OVERFLOW`, `REPLY_INCOMPLETE`, `MODEL_TIMEOUT`,
 * `OLLAMA_FAILED`, `MODEL_CLOSED`, and with a tokenizer `TOKENS_UNKNOWN` when it is not the served model's.
 * @throws on a request {UnsupportedError} `CAPABILITY_MISSING` for what the server or the model cannot do.
 */
export function ollama(options: OllamaOptions): ChatModel {
  const { model } = options;
  const vocabulary = vocabularyOf(options.tokenizer);
  const address = ollamaAddress(options.host);
  const chatModel: ChatModel = {
    id: `ollama:${model}`,
    capabilities: { tokens: vocabulary !== undefined, rawPrompt: true, messages: true, jsonSchema: true },
    async chat(request: ChatRequest): Promise<ChatResponse> {
      const checked = checkRequest(request, chatModel, options);
      if (isClosed) throw closedModel(chatModel.id);
      try {
        return await answer(checked);
      } catch (error) {
        throw checked.signal?.aborted === true
          ? checked.signal.reason
          : explainOllamaError(error, { model, host: address.url });
      }
    },
    release: (cacheKey) => seen.delete(cacheKey),
    async close() {
      if (isClosed) return;
      isClosed = true;
      await vocabulary?.close();
    },
  };
  /** Per conversation, the tokens the last request ended with. */
  const seen = new RecentMap<readonly number[]>(mostConversations);
  let isClosed = false;
  let isVocabularyChecked = false;
  let isTokenizerChecked = false;

  async function answer(request: CheckedRequest): Promise<ChatResponse> {
    const tokenizer = await vocabulary?.open();
    if (tokenizer !== undefined && !isVocabularyChecked) {
      await refuseOtherVocabulary(tokenizer, request.signal);
      isVocabularyChecked = true;
    }
    const promptIds = typeof request.prompt === 'string' ? tokenizer?.encode(request.prompt) : undefined;
    if (promptIds !== undefined && !isTokenizerChecked) {
      const { promptTokens } = await readReply(await stream({ ...request, maxTokens: 1 }, []), []);
      refuseOtherTokenizer(promptIds.length, promptTokens);
      isTokenizerChecked = true;
    }
    // The server drops the tokens of a stop text from its log-probabilities, so with a tokenizer we look for it ourselves.
    const ownStop = tokenizer === undefined ? [] : request.stop;
    const serverStop = tokenizer === undefined ? request.stop : [];
    const reply = await readReply(await stream(request, serverStop), ownStop);
    if (promptIds !== undefined) refuseOtherTokenizer(promptIds.length, reply.promptTokens);

    const tokens = tokenizer === undefined ? undefined : traceOf(reply, tokenizer);
    const completionIds = tokens?.completionIds ?? [];
    const known = request.cacheKey === undefined ? [] : (seen.get(request.cacheKey) ?? []);
    if (promptIds !== undefined && request.cacheKey !== undefined)
      seen.set(request.cacheKey, [...promptIds, ...completionIds]);
    return {
      text: reply.text,
      finish: reply.finish,
      promptTokens: reply.promptTokens ?? promptIds?.length ?? 0,
      completionTokens: tokens?.completionIds.length ?? reply.completionTokens ?? 0,
      tokens,
      newPromptIds: promptIds?.slice(sharedLength(known, promptIds)),
    };
  }

  async function stream(request: CheckedRequest, stop: readonly string[]): Promise<AsyncIterable<ReplyPart>> {
    const client = await connect(address, request.signal);
    const body = requestBody(request, stop, options);
    return typeof request.prompt === 'string'
      ? generateParts(client, { ...body, prompt: request.prompt, raw: true })
      : chatParts(client, { ...body, messages: [...request.prompt], think: options.think ?? false });
  }

  /** A server that lists its model's vocabulary must list this one; one that does not is held to its counts alone. */
  async function refuseOtherVocabulary(tokenizer: ByteTokenizer, signal: AbortSignal | undefined): Promise<void> {
    const client = await connect(address, signal);
    // The client's types do not name `verbose`, and it sends what it is given.
    const request: Parameters<Ollama['show']>[0] & { readonly verbose: true } = { model, verbose: true };
    // What is wrong with the server or the model is told by the request that this one is made for.
    const served = servedTokenizerId(await client.show(request).catch(() => undefined));
    if (served === undefined || served === tokenizer.id) return;
    throw new ModelError({
      code: 'TOKENS_UNKNOWN',
      message: `The tokenizer given is ${tokenizer.id.slice(0, 12)}…, and that of '${model}' is ${served.slice(0, 12)}….`,
      hint: 'Give the tokenizer of the very file that Ollama serves, or none.',
    });
  }

  function refuseOtherTokenizer(expected: number, counted: number | undefined): void {
    if (counted === undefined || counted === expected) return;
    throw new ModelError({
      code: 'TOKENS_UNKNOWN',
      message: `The tokenizer makes ${expected} tokens of a prompt in which '${model}' counts ${counted}.`,
      hint: 'Give the tokenizer of the very file that Ollama serves, or none.',
    });
  }

  return chatModel;
}

interface Vocabulary {
  open(): Promise<ByteTokenizer>;
  /** Closes what was opened here. */
  close(): Promise<void>;
}

/** A file's header is read at once, its vocabulary loaded by the first request. */
function vocabularyOf(tokenizer: OllamaOptions['tokenizer']): Vocabulary | undefined {
  if (tokenizer === undefined) return undefined;
  if (typeof tokenizer !== 'string') return { open: async () => tokenizer, close: async () => {} };
  readGgufHeader(tokenizer);
  let opening: Promise<Tokenizer> | undefined;
  return {
    open: () => (opening ??= ggufTokenizer({ modelPath: tokenizer })),
    close: async () => (await opening?.catch(() => undefined))?.close(),
  };
}

/** The name of the vocabulary that `show` lists; `undefined` when it lists none. */
function servedTokenizerId(shown: Awaited<ReturnType<Ollama['show']>> | undefined): string | undefined {
  const info = (shown as { readonly model_info?: object } | undefined)?.model_info ?? {};
  const header = new Map(Object.entries(info as Record<string, GgufValue>));
  return textList(header, 'tokenizer.ggml.tokens').length === 0 ? undefined : tokenizerId(header);
}

type GenerateRequest = Parameters<Ollama['generate']>[0];
type ChatRequestOfOllama = Parameters<Ollama['chat']>[0];
type CommonBody = Pick<GenerateRequest, 'model' | 'format' | 'options' | 'keep_alive' | 'logprobs'> & {
  readonly truncate: false;
  readonly shift: false;
};

function requestBody(request: CheckedRequest, stop: readonly string[], options: OllamaOptions): CommonBody {
  const { seed, temperature, maxTokens } = request;
  return {
    model: options.model,
    // The defaults cut a long prompt, and shift the beginning out of a long reply, without a word.
    truncate: false,
    shift: false,
    ...(request.jsonSchema === undefined ? {} : { format: request.jsonSchema }),
    ...(options.keepAlive === undefined ? {} : { keep_alive: options.keepAlive }),
    ...(options.tokenizer === undefined ? {} : { logprobs: true }),
    options: {
      // num_predict 0 would mean without end; `checkRequest` keeps it ≥ 1.
      num_predict: maxTokens,
      temperature,
      ...(stop.length === 0 ? {} : { stop: [...stop] }),
      // Negative seeds, and 2³² − 1, mean "choose one".
      ...(seed === undefined ? {} : { seed: seed & 0x7f_ff_ff_ff }),
      ...(options.contextSize === undefined ? {} : { num_ctx: options.contextSize }),
      ...(options.tokenizer === undefined ? {} : { top_k: 0, top_p: 1, min_p: 0, repeat_penalty: 1 }),
    },
  };
}

async function* generateParts(client: Ollama, request: GenerateRequest): AsyncIterable<ReplyPart> {
  const lines = await client.generate({ ...request, stream: true });
  try {
    for await (const line of lines) yield replyPart(line, line.response);
  } finally {
    lines.abort();
  }
}

async function* chatParts(client: Ollama, request: ChatRequestOfOllama): AsyncIterable<ReplyPart> {
  const lines = await client.chat({ ...request, stream: true });
  try {
    for await (const line of lines) yield replyPart(line, line.message?.content);
  } finally {
    lines.abort();
  }
}

function replyPart(line: OllamaGenerate | OllamaChat, text = ''): ReplyPart {
  return {
    text,
    done: line.done,
    doneReason: line.done_reason,
    promptTokens: line.prompt_eval_count,
    completionTokens: line.eval_count,
    logprobs: line.logprobs,
  };
}

/**
 * @throws {UnsupportedError} `CAPABILITY_MISSING` for a server that names no tokens.
 * @throws {ModelError} `TOKENS_UNKNOWN` for bytes that are no token, or several, and when some tokens are not named.
 */
function traceOf(reply: Reply, tokenizer: ByteTokenizer): TokenTrace {
  const named = reply.logprobs.length;
  if (named === 0 && reply.text !== '') {
    throw new UnsupportedError('model', {
      code: 'CAPABILITY_MISSING',
      message: 'This Ollama gives no log-probabilities, and without them no token ids.',
      hint: 'Update Ollama, or give no tokenizer.',
    });
  }
  // The token that ends a reply is counted and not named.
  if (reply.completionTokens !== undefined && named < reply.completionTokens - 1) {
    throw new ModelError({
      code: 'TOKENS_UNKNOWN',
      message: `Ollama counts ${reply.completionTokens} tokens in its reply, and names ${named}.`,
    });
  }
  const completionIds = reply.logprobs.map(({ bytes = [] }) => {
    const id = tokenizer.idOf(bytes);
    if (id !== undefined) return id;
    throw new ModelError({
      code: 'TOKENS_UNKNOWN',
      message: `No single token of the tokenizer stands for the bytes [${bytes.join(', ')}] that Ollama reports.`,
      hint: 'Give the tokenizer of the very file that Ollama serves, or none.',
    });
  });
  return { completionIds, logprobs: reply.logprobs.map(({ logprob }) => logprob), tokenizer: tokenizer.id };
}
