import {
  getLlama,
  LlamaGrammarEvaluationState,
  LlamaLogLevel,
  type Llama,
  type LlamaContextSequence,
  type LlamaGrammar,
  type LlamaModel,
  type Token,
} from 'node-llama-cpp';

import { byteLetters } from '../byte-letters.ts';
import { seededRandom } from '../seeded-random.ts';
import { allocatedContext, shiftContext, type ContextLimits } from './fit-prompt.ts';
import type { RequestOptions } from './request-options.ts';
import { drawToken, logSoftmax, type TokenLogprob } from './sample-token.ts';

/** A token as it was drawn. */
export interface DrawnToken extends TokenLogprob {
  /** All tokens, likeliest first, under the model's own distribution. */
  readonly ranked: readonly TokenLogprob[];
  /** Whether it ends the text. */
  readonly isEnd: boolean;
}

export interface GenerateOptions {
  readonly limits: ContextLimits;
  readonly options: RequestOptions;
  readonly shift: boolean;
  readonly grammar?: LlamaGrammar;
  readonly signal: AbortSignal;
}

/** Contexts longer than this are not offered: the server is for tests. */
const longestContext = 8192;

let loading: Promise<Llama> | undefined;

export function sharedLlama(): Promise<Llama> {
  loading ??= getLlama({
    gpu: false,
    build: 'never',
    progressLogs: false,
    logLevel: LlamaLogLevel.error,
    logger: () => {},
  });
  return loading;
}

/** One loaded model, which answers one request after the other. */
export class Engine {
  readonly contextLength: number;
  readonly #model: LlamaModel;
  readonly #sequence: LlamaContextSequence;
  readonly #bytes: readonly Uint8Array[];
  #free: Promise<void> = Promise.resolve();

  private constructor(model: LlamaModel, sequence: LlamaContextSequence) {
    this.#model = model;
    this.#sequence = sequence;
    this.contextLength = Math.min(model.trainContextSize, longestContext);
    this.#bytes = vocabularyBytes(model);
  }

  static async open(modelPath: string, adapterPath?: string): Promise<Engine> {
    const model = await (await sharedLlama()).loadModel({ modelPath, gpuLayers: 0 });
    const context = await model.createContext({
      contextSize: allocatedContext(Math.min(model.trainContextSize, longestContext)) + 256,
      threads: 1,
      flashAttention: false,
      ...(adapterPath === undefined ? {} : { lora: { adapters: [{ filePath: adapterPath }] } }),
    });
    return new Engine(model, context.getSequence());
  }

  async close(): Promise<void> {
    await this.#model.dispose();
  }

  tokenize(text: string): readonly number[] {
    return this.#model.tokenize(text);
  }

  /** What a token stands for; nothing for control tokens. */
  bytesOf(id: number): Uint8Array {
    return this.#bytes[id] ?? new Uint8Array();
  }

  /** Draws tokens until the text ends, `num_predict` is reached, the context is full and may not shift, or the client has left. */
  async *generate(prompt: readonly number[], request: GenerateOptions): AsyncGenerator<DrawnToken> {
    const done = await this.#acquire();
    try {
      await this.#sequence.clearHistory();
      yield* request.grammar === undefined
        ? this.#freely(prompt, request)
        : this.#within(prompt, request, request.grammar);
    } finally {
      done();
    }
  }

  async *#freely(prompt: readonly number[], request: GenerateOptions): AsyncGenerator<DrawnToken> {
    const { limits, options, shift, signal } = request;
    const random = seededRandom(options.seed < 0 ? Math.floor(Math.random() * 2 ** 32) : options.seed);
    const capacity = allocatedContext(limits.size);
    let ids = prompt;
    let fresh = prompt;
    for (let count = 0; count < mostTokens(options, capacity) && !signal.aborted; count += 1) {
      if (ids.length >= capacity) {
        if (!shift) return;
        ids = shiftContext(ids, limits);
        fresh = ids;
        await this.#sequence.clearHistory();
      }
      const ranked = await this.#evaluate(fresh);
      const id = drawToken(ranked, ids, options, random);
      yield this.#drawn(id, ranked);
      if (this.#model.isEogToken(id as Token)) return;
      ids = [...ids, id];
      fresh = [id];
    }
  }

  /** The library draws within a grammar; a second pass then reads the distributions as they were before the grammar. */
  async *#within(
    prompt: readonly number[],
    { options, limits, signal }: GenerateOptions,
    grammar: LlamaGrammar,
  ): AsyncGenerator<DrawnToken> {
    const state = new LlamaGrammarEvaluationState({ model: this.#model, grammar });
    const drawn: number[] = [];
    const room = Math.min(mostTokens(options, limits.size), allocatedContext(limits.size) - prompt.length);
    const tokens = this.#sequence.evaluate([...prompt] as Token[], {
      grammarEvaluationState: state,
      temperature: options.temperature,
      topK: options.top_k,
      topP: options.top_p,
      minP: options.min_p,
      yieldEogToken: true,
      ...(options.seed < 0 ? {} : { seed: options.seed }),
    });
    for await (const id of tokens) {
      drawn.push(id);
      if (drawn.length >= room || signal.aborted || this.#isJsonEnd(drawn)) break;
    }
    // In its place stands the token that ends a text, as llama.cpp's own grammars have it.
    if (this.#isJsonEnd(drawn)) {
      while (drawn.length > 0 && this.#textOf(drawn.slice(-1)).trim() === '') drawn.pop();
      drawn.push(this.#model.tokens.eos ?? 0);
    }
    await this.#sequence.clearHistory();
    let fresh = prompt;
    for (const id of drawn) {
      yield this.#drawn(id, await this.#evaluate(fresh));
      fresh = [id];
    }
  }

  /** The library's grammars end JSON with four line breaks. */
  #isJsonEnd(drawn: readonly number[]): boolean {
    return (
      drawn.length > 0 && (this.#model.isEogToken(drawn.at(-1) as Token) || this.#textOf(drawn).endsWith('\n\n\n\n'))
    );
  }

  #textOf(ids: readonly number[]): string {
    return this.#model.detokenize(ids as Token[]);
  }

  /** All tokens after these, likeliest first. */
  async #evaluate(ids: readonly number[]): Promise<readonly TokenLogprob[]> {
    const last = ids.at(-1) as Token;
    const results = await this.#sequence.controlledEvaluate([
      ...(ids.slice(0, -1) as Token[]),
      [last, { generateNext: { logits: true, options: { temperature: 0 } } }],
    ]);
    return logSoftmax(results.at(-1)?.next.logits ?? new Map());
  }

  #drawn(id: number, ranked: readonly TokenLogprob[]): DrawnToken {
    const logprob = ranked.find((token) => token.id === id)?.logprob ?? Number.NEGATIVE_INFINITY;
    return { id, logprob, ranked, isEnd: this.#model.isEogToken(id as Token) };
  }

  async #acquire(): Promise<() => void> {
    const before = this.#free;
    let done = (): void => {};
    this.#free = new Promise((resolve) => (done = resolve));
    await before;
    return done;
  }
}

/** 0 is dropped on its way to the child, which then knows no end; a negative number is a multiple of the context. */
function mostTokens({ num_predict }: RequestOptions, contextSize: number): number {
  return num_predict === 0 ? Number.POSITIVE_INFINITY : num_predict < 0 ? 10 * contextSize : num_predict;
}

function vocabularyBytes(model: LlamaModel): readonly Uint8Array[] {
  const { model: kind, tokens, token_type: types } = model.fileInfo.metadata.tokenizer.ggml;
  const byteOf = new Map(byteLetters.map((letter, byte) => [letter, byte]));
  const encoder = new TextEncoder();
  return tokens.map((token, id) => {
    const isNormal = types === undefined || types[id] === 1 || types[id] === 4 || types[id] === 6;
    if (!isNormal) return new Uint8Array();
    if (kind !== 'gpt2') return encoder.encode(token.replaceAll('▁', ' '));
    return Uint8Array.from(Array.from(token, (letter) => byteOf.get(letter) ?? [...encoder.encode(letter)]).flat());
  });
}
