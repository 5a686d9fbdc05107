import { boundaryError, ConfigError, type ChatModel, type ChatRequest, type ChatResponse } from '@skillrl/core';

import { checkRequest, defaultMaxTokens, defaultTemperature } from './checked-request.ts';

/** What LangChain calls a chat model, as far as it is needed here. */
export interface LangchainModel {
  invoke(messages: [role: string, content: string][], options?: LangchainCallOptions): Promise<unknown>;
  withStructuredOutput?(
    schema: Record<string, unknown>,
    config: { readonly name: string; readonly method: 'jsonSchema'; readonly includeRaw: true },
  ): { invoke(messages: [role: string, content: string][], options?: LangchainCallOptions): Promise<unknown> };
  readonly profile?: { readonly structuredOutput?: boolean };
}

export interface LangchainCallOptions {
  readonly signal?: AbortSignal;
  readonly stop?: string[];
}

/** What a request says about sampling. LangChain's models take it when they are made. */
export interface Sampling {
  readonly temperature: number;
  readonly maxTokens: number;
  readonly seed?: number;
}

export interface LangchainChatModelOptions {
  /** Default: the class's and the model's name, such as `langchain:ChatOllama:qwen3:4b`. */
  readonly id?: string;
  /** Needed for a model that is made already: what a request says about temperature, length and seed is not heard. */
  readonly sampling?: 'own';
  /** Whether it keeps to a JSON schema. Default: what its `profile` says of structured output, else no. */
  readonly jsonSchema?: boolean;
}

/**
 * Any chat model of LangChain as a `ChatModel`: messages only, no token ids. A reply is cut before stop texts where the server did not stop, and
 * an abort is one also where LangChain gives an empty reply for it. Tokens are those that LangChain reports, 0 where it does not.
 *
 * @param model - makes a model that samples so; or one model, with `sampling: 'own'`.
 * @throws {ConfigError} `MODEL_SAMPLING_FIXED`. @throws on a request {ModelError} `MODEL_FAILED`.
 * @example
 * langchainChatModel(({ temperature, maxTokens }) => new ChatOpenAI({ model: 'gpt-5-mini', temperature, maxTokens }))
 */
export function langchainChatModel(
  model: LangchainModel | ((sampling: Sampling) => LangchainModel),
  options: LangchainChatModelOptions = {},
): ChatModel {
  const make = typeof model === 'function' ? model : () => model;
  if (typeof model !== 'function' && options.sampling !== 'own') {
    throw new ConfigError({
      code: 'MODEL_SAMPLING_FIXED',
      message: 'A LangChain model that is made already cannot be told temperature, length or seed.',
      hint: "Give a function that makes it, ({ temperature, maxTokens }) => new ChatOpenAI({ … }), or say sampling: 'own'.",
    });
  }
  const first = make({ temperature: defaultTemperature, maxTokens: defaultMaxTokens });
  const jsonSchema = options.jsonSchema ?? first.profile?.structuredOutput ?? false;
  const chatModel: ChatModel = {
    id: options.id ?? nameOf(first),
    capabilities: { tokens: false, rawPrompt: false, messages: true, jsonSchema },
    async chat(request: ChatRequest): Promise<ChatResponse> {
      const { temperature, maxTokens, seed, stop, signal, ...checked } = checkRequest(request, chatModel);
      const messages = (checked.prompt as Exclude<ChatRequest['prompt'], string>).map(
        // A tool's answer without the call that asked for it is no message of LangChain's.
        ({ role, content }): [string, string] => [role === 'tool' ? 'user' : role, content],
      );
      try {
        const one = make({ temperature, maxTokens, ...(seed !== undefined && { seed: seed & 0x7f_ff_ff_ff }) });
        const call = { signal, ...(stop.length > 0 && { stop: [...stop] }) };
        const reply =
          checked.jsonSchema === undefined
            ? await one.invoke(messages, call)
            : rawOf(await structured(one, checked.jsonSchema).invoke(messages, call));
        signal?.throwIfAborted();
        return responseOf(reply, stop);
      } catch (error) {
        throw signal?.aborted === true ? signal.reason : boundaryError('model', `ask '${chatModel.id}'`, error);
      }
    },
  };
  return chatModel;
}

function structured(model: LangchainModel, schema: Readonly<Record<string, unknown>>) {
  if (model.withStructuredOutput === undefined) throw new TypeError('it has no withStructuredOutput');
  return model.withStructuredOutput({ ...schema }, { name: 'reply', method: 'jsonSchema', includeRaw: true });
}

function rawOf(reply: unknown): unknown {
  return isRecord(reply) && 'raw' in reply ? reply['raw'] : reply;
}

function responseOf(reply: unknown, stop: readonly string[]): ChatResponse {
  if (!isRecord(reply)) throw new TypeError('the reply is no message');
  const { content, response_metadata: metadata, usage_metadata: usage } = reply;
  const whole = typeof reply['text'] === 'string' ? reply['text'] : content;
  if (typeof whole !== 'string') throw new TypeError('the reply has no text');
  const stops = stop.map((end) => whole.indexOf(end)).filter((place) => place !== -1);
  const text = stops.length === 0 ? whole : whole.slice(0, Math.min(...stops));
  const isCutOff = stops.length === 0 && isRecord(metadata) && lengthReasons.has(reasonOf(metadata));
  const count = (field: string): number => (isRecord(usage) && Number(usage[field])) || 0;
  return {
    text,
    finish: isCutOff ? 'length' : 'stop',
    promptTokens: count('input_tokens'),
    completionTokens: count('output_tokens'),
  };
}

/** How the servers behind LangChain's classes say that a reply was long enough. */
const lengthReasons: ReadonlySet<unknown> = new Set(['length', 'max_tokens', 'MAX_TOKENS', 'max_output_tokens']);

function reasonOf(metadata: Readonly<Record<string, unknown>>): unknown {
  const { incomplete_details: incomplete } = metadata;
  return (
    metadata['finish_reason'] ??
    metadata['stop_reason'] ??
    metadata['done_reason'] ??
    metadata['finishReason'] ??
    (isRecord(incomplete) ? incomplete['reason'] : undefined)
  );
}

function nameOf(model: LangchainModel): string {
  const { model: name, modelName, constructor } = model as unknown as Record<string, unknown>;
  const known = [name, modelName].find((one): one is string => typeof one === 'string' && one !== '');
  const className = typeof constructor === 'function' ? constructor.name : 'model';
  return known === undefined ? `langchain:${className}` : `langchain:${className}:${known}`;
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}
