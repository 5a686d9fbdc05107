/** One message of a conversation. */
export interface ChatMessage {
  readonly role: 'system' | 'user' | 'assistant' | 'tool';
  readonly content: string;
}

/** The tokens of one completion, from the server that sampled them, never re-tokenised. */
export interface TokenTrace {
  /** Ids of the sampled tokens, in order. */
  readonly completionIds: readonly number[];
  /** Natural logarithm of each sampled token's probability under the model's raw distribution; same length as `completionIds`. */
  readonly logprobs: readonly number[];
  /** Names the vocabulary the ids belong to: a content hash of the tokenizer. */
  readonly tokenizer: string;
}

export interface ModelCapabilities {
  /** Returns `TokenTrace`s and `promptIds`. Collecting rollouts for RL needs it. */
  readonly tokens: boolean;
  /** Continues raw text without a chat template (`prompt: string`). */
  readonly rawPrompt: boolean;
  /** Understands a list of messages (`prompt: ChatMessage[]`). */
  readonly messages: boolean;
  /** Constrains the reply to a JSON schema. */
  readonly jsonSchema: boolean;
}

export interface ChatRequest {
  /** A conversation, or raw text to continue as it stands. */
  readonly prompt: readonly ChatMessage[] | string;
  /** Most tokens to sample, ≥ 1. Default: the driver's, stated in its options. */
  readonly maxTokens?: number;
  /** 0 is greedy. Default 0.7. */
  readonly temperature?: number;
  /** Sampling stops before any of these texts; the reply does not contain it. */
  readonly stop?: readonly string[];
  /** Equal seeds and prompts give equal replies where the server can. */
  readonly seed?: number;
  /** JSON schema the reply must satisfy; needs the capability `jsonSchema`. */
  readonly jsonSchema?: Readonly<Record<string, unknown>>;
  /** Requests with one key share a growing prompt, such as an episode's id: a driver may keep its attention cache. */
  readonly cacheKey?: string;
  readonly signal?: AbortSignal;
}

export interface ChatResponse {
  readonly text: string;
  /** `stop`: the model ended or a stop text came; `length`: `maxTokens` or the context was used up. */
  readonly finish: 'stop' | 'length';
  readonly promptTokens: number;
  readonly completionTokens: number;
  readonly tokens?: TokenTrace;
  /** Ids of the prompt's tokens that the previous request with this `cacheKey` had not seen. */
  readonly newPromptIds?: readonly number[];
}

/** A language model behind one call. A driver throws `ModelError`; what it cannot do it refuses with `UnsupportedError`. */
export interface ChatModel {
  /** The string that chose it, such as `ollama:qwen3:4b`, with what makes a version unique where it is known. */
  readonly id: string;
  readonly capabilities: ModelCapabilities;
  chat(request: ChatRequest): Promise<ChatResponse>;
  /** Forgets what is kept for a `cacheKey`. */
  release?(cacheKey: string): void;
  close?(): Promise<void>;
}
