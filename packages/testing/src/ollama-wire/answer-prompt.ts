import type { Engine } from './engine.ts';
import { fitPrompt } from './fit-prompt.ts';
import { grammarOf } from './format.ts';
import { WireError } from './http.ts';
import type { StoredModel } from './model-store.ts';
import { replyParts, type ReplyEnd, type ReplyPart } from './reply.ts';
import { requestOptions, type RequestOptions } from './request-options.ts';
import type { Runners } from './runners.ts';

/** A model made ready for one request. */
export interface Ready {
  readonly engine: Engine;
  readonly options: RequestOptions;
  readonly contextSize: number;
  readonly loadNs: number;
}

/** Loads the model with the context that the request asks for. @throws {WireError} for an option of the wrong type. */
export async function makeReady(runners: Runners, model: StoredModel, asked: unknown): Promise<Ready> {
  const begin = process.hrtime.bigint();
  const options = requestOptions(model.parameters, asked as Readonly<Record<string, unknown>> | undefined);
  const { engine, contextSize } = await runners.load(model, options.num_ctx);
  return { engine, options, contextSize, loadNs: Number(process.hrtime.bigint() - begin) };
}

export interface PromptRequest {
  /** The request's body, for `format`, `logprobs`, `top_logprobs`, `truncate` and `shift`. */
  readonly body: Readonly<Record<string, unknown>>;
  readonly signal: AbortSignal;
}

export interface Answered {
  readonly promptIds: readonly number[];
  readonly parts: AsyncGenerator<ReplyPart, ReplyEnd>;
}

/** Continues a prompt. @throws {WireError} before anything is drawn. */
export async function answerPrompt(
  { engine, options, contextSize }: Ready,
  prompt: string,
  { body, signal }: PromptRequest,
): Promise<Answered> {
  const topLogprobs = topLogprobsOf(body);
  const grammar = await grammarOf(body['format']);
  const limits = { size: contextSize, keep: options.num_keep };
  const shift = body['shift'] !== false;
  const promptIds = fitPrompt(engine.tokenize(prompt), limits, { truncate: body['truncate'] !== false, shift });
  const drawn = engine.generate(promptIds, { limits, options, shift, grammar, signal });
  return {
    promptIds,
    parts: replyParts(engine, drawn, { stop: options.stop, promptTokens: promptIds.length, topLogprobs }),
  };
}

function topLogprobsOf(body: Readonly<Record<string, unknown>>): number {
  const top = Number(body['top_logprobs'] ?? 0);
  if (top < 0 || top > 20) throw new WireError(400, 'top_logprobs must be between 0 and 20');
  return top;
}

/** The counts and durations of a reply's last line; without them when it was broken off. */
export function finalFields(end: ReplyEnd, loadNs: number): Record<string, unknown> {
  if (end.reason === undefined) return {};
  return {
    done_reason: end.reason,
    total_duration: loadNs + end.promptNs + end.completionNs,
    load_duration: loadNs,
    prompt_eval_count: end.promptTokens,
    prompt_eval_duration: end.promptNs,
    eval_count: end.completionIds.length,
    eval_duration: end.completionNs,
  };
}
