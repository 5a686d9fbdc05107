import { ModelError } from '@skillrl/core';
import type { LlamaGrammarEvaluationState } from 'node-llama-cpp';

import { guessNext } from './guess-next.ts';
import { sharedLength } from './growing-prompt.ts';
import type { LowLevel, LowLevelContext, Sampler } from './low-level.ts';
import type { Sequence } from './sequence-pool.ts';

export interface SampleOptions {
  readonly maxTokens: number;
  /** 0 is greedy. */
  readonly temperature: number;
  readonly seed: number;
  readonly grammar?: LlamaGrammarEvaluationState;
  /** Whether what was sampled so far is complete. */
  readonly isComplete: (ids: readonly number[]) => boolean;
  /** Most tokens a sequence may hold, among them one guess. */
  readonly contextSize: number;
  /** Most tokens one evaluation takes. */
  readonly batchSize: number;
  readonly signal?: AbortSignal;
}

export interface Sampled {
  readonly ids: readonly number[];
  /** Natural logarithms of the probabilities under the raw distribution: before temperature and grammar. */
  readonly logprobs: readonly number[];
  readonly finish: 'stop' | 'length';
}

/**
 * Continues a prompt, evaluating only those of its tokens that the sequence does not hold yet.
 *
 * A token is never evaluated alone but with a guess at the next one. llama.cpp multiplies a single F16 column by another routine than
 * two or more, which rounds differently: in pairs, log-probabilities are equal to the last bit whether the prompt was cached
 * or not, and a pair takes less time than a single (docs/decisions/2026-11-23-tokens-in-pairs.md).
 *
 * @param prompt - not empty, shorter than `contextSize`.
 * @throws what the signal gives as its reason, between two tokens; {ModelError} `LOGITS_INVALID` when what the model computes are no numbers.
 */
export async function sample(
  { context, newSampler }: LowLevel,
  sequence: Sequence,
  prompt: readonly number[],
  options: SampleOptions,
): Promise<Sampled> {
  const { maxTokens, temperature, seed, grammar, isComplete, contextSize, batchSize, signal } = options;
  const sampler = newSampler({ temperature, seed, grammar });
  const greedy = newSampler({ temperature: 0 });
  const ids = [...prompt];
  const logprobs: number[] = [];
  const sampled = (): readonly number[] => ids.slice(prompt.length);

  try {
    let guess: Evaluated | undefined;
    for (;;) {
      signal?.throwIfAborted();
      const guessed: Evaluated | undefined = guess?.id === ids.at(-1) ? guess : undefined;
      const here: Evaluated = guessed ?? (await evaluate(context, sequence, ids, { batchSize, signal }));
      const [id, logprob] = await draw(
        context,
        here.logits,
        sampler,
        greedy,
        temperature === 0 && grammar === undefined,
      );
      ids.push(id);
      logprobs.push(logprob);
      if (isComplete(sampled())) return { ids: sampled(), logprobs, finish: 'stop' };
      if (logprobs.length >= maxTokens || ids.length >= contextSize)
        return { ids: sampled(), logprobs, finish: 'length' };
      guess = here.guess;
    }
  } finally {
    sampler.dispose();
    greedy.dispose();
  }
}

/** A token that was evaluated: where its logits are, and the token after it that was evaluated on the chance that it comes. */
interface Evaluated {
  readonly id: number;
  readonly logits: number;
  readonly guess?: Evaluated;
}

/** Brings the sequence to hold the ids and a guess at the next one. */
async function evaluate(
  context: LowLevelContext,
  sequence: Sequence,
  ids: readonly number[],
  { batchSize, signal }: Pick<SampleOptions, 'batchSize' | 'signal'>,
): Promise<Evaluated> {
  // The last token's logits are wanted, so it is evaluated again even when the sequence holds it.
  const kept = Math.min(sharedLength(sequence.ids, ids), ids.length - 1);
  context.removeTokenCellsFromSequence(sequence.index, kept, -1);
  const guess = guessNext(ids);
  const wanted = [...ids, guess];

  let position = kept;
  for (;;) {
    const left = wanted.length - position;
    // A remainder of one token would be evaluated alone.
    const count = left <= batchSize ? left : left === batchSize + 1 ? batchSize - 1 : batchSize;
    const isLast = count === left;
    const batch = Uint32Array.from(wanted.slice(position, position + count));
    context.initBatch(count);
    const logits = context.addToBatch(
      sequence.index,
      position,
      batch,
      Uint32Array.from(isLast ? [count - 2, count - 1] : []),
    );
    // Until it is done, nobody can say what the sequence holds.
    sequence.ids = [];
    await context.decodeBatch();
    position += count;
    sequence.ids = wanted.slice(0, position);
    if (isLast) {
      const [own = 0, next = 0] = logits;
      return { id: ids.at(-1) ?? 0, logits: own, guess: { id: guess, logits: next } };
    }
    signal?.throwIfAborted();
  }
}

const noFilter = [] as const;

/** Draws a token and reads its log-probability off the logits as the model gave them. */
async function draw(
  context: LowLevelContext,
  logitIndex: number,
  sampler: Sampler,
  greedy: Sampler,
  isGreedy: boolean,
): Promise<[id: number, logprob: number]> {
  const drawn = isGreedy ? undefined : await context.sampleToken(logitIndex, sampler);
  const wanted = drawn === undefined ? noFilter : [drawn];
  const [best, , , pairs, weight] = await context.sampleToken(
    logitIndex,
    greedy,
    false,
    false,
    [wanted, false, false, true, 0],
    true,
  );
  const id = drawn ?? best;
  // `weight` is Σ exp(logit − largest logit), and the greedy sampler's pick has the largest.
  const logprob = logitOf(pairs, id) - logitOf(pairs, best) - Math.log(weight);
  if (Number.isFinite(logprob)) return [id, logprob];
  throw new ModelError({
    code: 'LOGITS_INVALID',
    message: `The model answers with no numbers: the log-probability of its token ${id} is ${logprob}. The weights in its file are damaged.`,
    hint: 'Bring the file back. One that was published: skillrl policy publish VERSION makes it anew, skillrl policy rollback goes back.',
  });
}

/** @param pairs - id, logit, id, logit, … */
function logitOf(pairs: readonly number[], id: number): number {
  for (let index = 0; index < pairs.length; index += 2) {
    if (pairs[index] === id) return pairs[index + 1] ?? Number.NaN;
  }
  return Number.NaN;
}
