import { ModelError, UnsupportedError, type ChatModel, type SampledSequence } from '@skillrl/core';
import { z } from 'zod';

import { sampledModel } from './ids/sampled-model.ts';
import type { TokenRequest } from './ids/token-sampler.ts';
import { openAiClient, type OpenAiClient, type OpenAiClientOptions } from './openai/client.ts';

export interface VllmModelOptions extends Omit<OpenAiClientOptions, 'baseUrl'> {
  /** Of vLLM's OpenAI interface, up to and with `/v1`. Default `http://127.0.0.1:8000/v1`. */
  readonly baseUrl?: string;
  /** Path of a GGUF file with the vocabulary of what is served; its weights stay unread. */
  readonly tokenizer: string;
  /** Most tokens of a prompt with its reply. Default, and never more than: what the file says the model was made for. */
  readonly contextSize?: number;
  /** Most tokens of a reply when the request does not say. Default 512. */
  readonly maxTokens?: number;
}

export const vllmUrl = 'http://127.0.0.1:8000/v1';

/**
 * A model behind vLLM, asked by token ids: `/completions` takes the prompt as ids and gives back those it sampled with their log-probabilities.
 * vLLM keeps the attention cache of a growing prompt by itself (prefix caching).
 *
 * vLLM must run with `--logprobs-mode raw_logprobs`, its default since 0.10: then they are those of temperature 1 whatever is drawn from.
 *
 * Source: vLLM, `entrypoints/openai/completion/protocol.py` (`prompt`, `stop_token_ids`, `return_token_ids`, which came with 0.10.2) and
 * `config/model.py` (`logprobs_mode`). Run against vLLM 0.32.0 on a CPU.
 *
 * @throws {ConfigError} `MODEL_URL_INVALID`, `API_KEY_INVALID`; {ModelError} as `sampledModel` does.
 * @throws on a request {ModelError} as `openaiCompatible` does, `TOKENS_UNKNOWN` when another prompt was continued; {UnsupportedError}
 * `TOKENS_UNSUPPORTED` for a server that gives no token ids.
 */
export function vllmModel(options: VllmModelOptions): ChatModel {
  const client = openAiClient({ ...options, baseUrl: options.baseUrl ?? vllmUrl });
  return sampledModel({
    ...options,
    id: `vllm:${options.model}@${client.baseUrl}`,
    sample: (request) => sampleAtVllm(client, request),
  });
}

const choiceSchema = z.object({
  finish_reason: z.string().nullish(),
  token_ids: z.array(z.int().nonnegative()).nullish(),
  prompt_token_ids: z.array(z.int().nonnegative()).nullish(),
  logprobs: z
    .object({
      token_logprobs: z.array(z.number().nullable()),
      top_logprobs: z.array(z.record(z.string(), z.number()).nullable()).nullish(),
    })
    .nullish(),
});
const replySchema = z.object({ choices: z.array(choiceSchema).min(1) });

/** Sampled by nothing but the temperature, whatever defaults the server takes from its model's files. */
const unshaped = {
  n: 1,
  top_p: 1,
  top_k: 0,
  min_p: 0,
  repetition_penalty: 1,
  presence_penalty: 0,
  frequency_penalty: 0,
};

/** @throws as `vllmModel` does on a request. */
export async function sampleAtVllm(client: OpenAiClient, request: TokenRequest): Promise<SampledSequence> {
  const { prompt, maxTokens, temperature, stop, seed, signal } = request;
  const body = {
    prompt,
    max_tokens: maxTokens,
    temperature,
    seed,
    ...unshaped,
    // What ends a text stands in the list: vLLM may know other ends than the vocabulary's file.
    ignore_eos: true,
    stop_token_ids: stop,
    logprobs: 0,
    return_token_ids: true,
  };
  return readReply(await client.post('/completions', body, signal), prompt, client.baseUrl);
}

/**
 * Looks whether log-probabilities are those of temperature 1 when another is drawn at: the likeliest token's is then the same at both.
 *
 * @throws {UnsupportedError} `LOGPROBS_SHAPED`
 */
export async function refuseShapedLogprobs(client: OpenAiClient, prompt: readonly number[]): Promise<void> {
  const [plain, hot] = [await likeliest(client, prompt, 1), await likeliest(client, prompt, 2)];
  if (Math.abs(plain - hot) < 0.02) return;
  throw new UnsupportedError('model', {
    code: 'LOGPROBS_SHAPED',
    message: `${client.baseUrl} gives the likeliest token ${plain} at temperature 1 and ${hot} at temperature 2: not the log-probabilities of the model itself.`,
    hint: 'Start vLLM with --logprobs-mode raw_logprobs.',
  });
}

async function likeliest(client: OpenAiClient, prompt: readonly number[], temperature: number): Promise<number> {
  const body = { prompt, max_tokens: 1, temperature, seed: 1, ...unshaped, ignore_eos: true, logprobs: 1 };
  const parsed = replySchema.safeParse(await client.post('/completions', body, undefined));
  const [first] = parsed.data?.choices[0]?.logprobs?.top_logprobs ?? [];
  if (first == null) throw tokensNotGiven(client.baseUrl, 'log-probabilities');
  return Math.max(...Object.values(first));
}

function readReply(body: unknown, prompt: readonly number[], baseUrl: string): SampledSequence {
  const parsed = replySchema.safeParse(body);
  const [choice] = parsed.data?.choices ?? [];
  if (choice === undefined) throw invalidReply(baseUrl, JSON.stringify(body)?.slice(0, 200) ?? '');
  const { token_ids: ids, prompt_token_ids: continued, logprobs: given, finish_reason: reason } = choice;
  if (ids == null || given == null) throw tokensNotGiven(baseUrl, ids == null ? 'token ids' : 'log-probabilities');
  if (continued != null && !isSame(continued, prompt)) throw otherPrompt(baseUrl, continued.length, prompt.length);
  const logprobs = given.token_logprobs;
  if (ids.length === 0 || ids.length !== logprobs.length)
    throw invalidReply(baseUrl, `${ids.length} token ids and ${logprobs.length} log-probabilities`);
  const wrong = logprobs.find((value) => !isLogprob(value));
  if (wrong !== undefined) throw invalidReply(baseUrl, `a log-probability of ${wrong}`);
  if (reason !== 'stop' && reason !== 'length') throw invalidReply(baseUrl, `the end '${reason}'`);
  return { ids, logprobs: logprobs as number[], finish: reason };
}

/** vLLM writes −9999 for what is no finite number; what was sampled is never that unlikely. */
function isLogprob(value: number | null): value is number {
  return value !== null && value <= 0 && value > -9999;
}

function isSame(a: readonly number[], b: readonly number[]): boolean {
  return a.length === b.length && a.every((id, place) => id === b[place]);
}

function tokensNotGiven(baseUrl: string, what: string): UnsupportedError {
  return new UnsupportedError('model', {
    code: 'TOKENS_UNSUPPORTED',
    message: `${baseUrl} gives no ${what}, so nothing can be trained on what it samples.`,
    hint: 'vLLM gives them from 0.10.2 on; other servers are used as openai:MODEL@URL.',
  });
}

function otherPrompt(baseUrl: string, found: number, sent: number): ModelError {
  return new ModelError({
    code: 'TOKENS_UNKNOWN',
    message: `${baseUrl} continued another prompt, of ${found} tokens, than the ${sent} it was sent.`,
    hint: 'Start it without what changes prompts, such as truncation.',
  });
}

function invalidReply(baseUrl: string, what: string): ModelError {
  return new ModelError({
    code: 'REPLY_INVALID',
    message: `The answer of ${baseUrl} is not one of vLLM: ${what}.`,
    hint: 'The base URL ends in /v1.',
  });
}
