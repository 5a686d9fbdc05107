import type { Answer } from '../ollama-wire/http.ts';
import { seededRandom } from '../seeded-random.ts';
import { tinyVocabularySize } from '../tiny-model.ts';
import { sampleSequence } from '../trainer/sample-sequence.ts';
import { makeTwoTokenModel, nextLogprobs, type TwoTokenModel } from '../trainer/two-token-model.ts';

export type LogprobsMode = 'raw_logprobs' | 'processed_logprobs';

interface Settings {
  readonly context: number;
  readonly logprobsMode: LogprobsMode;
  readonly givesTokenIds: boolean;
}

const models = new Map<number, TwoTokenModel>();

/**
 * What vLLM answers to a prompt in token ids.
 *
 * @param seed - of the weights.
 */
export function completeIds(
  model: string,
  body: Readonly<Record<string, unknown>>,
  seed: number,
  { context, logprobsMode, givesTokenIds }: Settings,
): Answer {
  const prompt = body['prompt'] as readonly number[];
  const [asked, temperature] = [Number(body['max_tokens'] ?? 16), Number(body['temperature'] ?? 1)];
  const vocabulary = tinyVocabularySize();
  const tooLong = refuseLength(prompt.length, asked, context);
  if (tooLong !== undefined) return refusal(400, tooLong);
  const maxTokens = Math.min(asked, context - prompt.length);
  if (prompt.some((id) => id >= vocabulary))
    return refusal(400, `Token id ${Math.max(...prompt)} is out of vocabulary`);
  const weights = models.get(seed) ?? makeTwoTokenModel(vocabulary, seed);
  models.set(seed, weights);
  const stop = (body['stop_token_ids'] as readonly number[] | undefined) ?? [];
  const random = seededRandom(Number(body['seed'] ?? 1));
  const { ids, finish } = sampleSequence(weights, prompt, { maxTokens, temperature, stop }, random);
  const distributions = ids.map((_, place) => {
    const raw = nextLogprobs(weights, [...prompt.slice(-2), ...ids.slice(0, place)]);
    return logprobsMode === 'raw_logprobs' ? raw : atTemperature(raw, temperature);
  });
  return ok({
    object: 'text_completion',
    model,
    choices: [
      {
        index: 0,
        text: ids.map((id) => ` token${id}`).join(''),
        finish_reason: finish,
        stop_reason: finish === 'stop' ? ids.at(-1) : null,
        logprobs: typeof body['logprobs'] === 'number' ? logprobsOf(ids, distributions, body['logprobs']) : null,
        ...(givesTokenIds && body['return_token_ids'] === true && { token_ids: ids, prompt_token_ids: prompt }),
      },
    ],
    usage: { prompt_tokens: prompt.length, completion_tokens: ids.length, total_tokens: prompt.length + ids.length },
  });
}

/** A reply that has less room than was asked for is cut, and not refused. */
function refuseLength(prompt: number, maxTokens: number, context: number): string | undefined {
  if (prompt > context)
    return `This model's maximum context length is ${context} tokens. However, your prompt contains ${prompt} input tokens, which exceeds this limit even without any output tokens. Please reduce the length of the input prompt. (parameter=input_tokens, value=${prompt})`;
  if (prompt === context) return 'max_tokens must be at least 1, got 0. (parameter=max_tokens, value=0)';
  if (maxTokens > context)
    return `max_tokens=${maxTokens} cannot be greater than max_model_len=${context}. Please request fewer output tokens. (parameter=max_tokens, value=${maxTokens})`;
  return undefined;
}

function logprobsOf(ids: readonly number[], distributions: readonly Float64Array[], count: number): object {
  const top = distributions.map((values, place) => {
    const listed = [...values.keys()].toSorted((a, b) => values[b]! - values[a]!).slice(0, count);
    return Object.fromEntries([...listed, ids[place]!].map((id) => [` token${id}`, values[id]]));
  });
  return {
    text_offset: ids.map(() => 0),
    tokens: ids.map((id) => ` token${id}`),
    token_logprobs: ids.map((id, place) => distributions[place]![id]),
    top_logprobs: top,
  };
}

function atTemperature(logprobs: Float64Array, temperature: number): Float64Array {
  const logits = logprobs.map((value) => value / Math.max(temperature, 1e-6));
  const largest = Math.max(...logits);
  const normaliser = largest + Math.log(logits.reduce((sum, value) => sum + Math.exp(value - largest), 0));
  return logits.map((value) => value - normaliser);
}

export const json = 'application/json';

export function ok(body: object): Answer {
  return { status: 200, contentType: json, body };
}

export function refusal(status: number, message: string): Answer {
  const type = status === 404 ? 'NotFoundError' : status === 400 ? 'BadRequestError' : 'InternalServerError';
  return { status, contentType: json, body: { error: { message, type, param: null, code: status } } };
}
