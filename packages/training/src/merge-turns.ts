import { type Episode, type ModelCall, TrainerError } from '@skillrl/core';

/** What a policy read and wrote without a break: one element a token, in the order of the text. */
export interface TokenSequence {
  readonly ids: readonly number[];
  /** 1 on tokens that the policy sampled, 0 on what it was given. */
  readonly mask: readonly (0 | 1)[];
  /** Natural logarithm of the probability with which the sampler drew each token; 0 where the mask is 0. */
  readonly logprobs: readonly number[];
  /** Index of the episode's step that each sampled token led to; −1 where the mask is 0. */
  readonly steps: readonly number[];
  /** Index of the model call that sampled each token; −1 where the mask is 0. */
  readonly calls: readonly number[];
}

/**
 * The model calls of an episode as token sequences. A call continues the sequence before it when its prompt begins with exactly the ids of
 * that sequence; otherwise a new sequence begins with the call's whole prompt. Nothing is tokenised: prompts grow by the ids that the server
 * returned.
 *
 * @returns one sequence or more, each with sampled tokens; none for an episode without calls. Every sampled token stands in exactly one.
 * @throws {TrainerError} `TOKENS_MISSING` when a call has no ids, `TOKENS_INCONSISTENT` when its ids are not those of its prompt,
 * `TOKENIZER_MIXED` when calls were sampled with different tokenizers.
 */
export function mergeTurns(episode: Episode): TokenSequence[] {
  const stepOf = stepsByCall(episode);
  const tokenizer = episode.calls[0]?.tokens?.tokenizer;
  const sequences: Growing[] = [];
  let known: readonly number[] = [];
  for (const [index, call] of episode.calls.entries()) {
    const { newPromptIds, tokens } = whole(call, episode);
    if (tokens.tokenizer !== tokenizer) throw mixed(episode, [tokenizer ?? '', tokens.tokenizer]);
    const prompt = [...known.slice(0, sharedWith(known, call, newPromptIds, episode)), ...newPromptIds];
    let current = sequences.at(-1);
    if (current === undefined || !beginsWith(prompt, current.ids)) {
      current = { ids: [], mask: [], logprobs: [], steps: [], calls: [] };
      sequences.push(current);
    }
    for (const id of prompt.slice(current.ids.length)) add(current, id, { mask: 0, logprob: 0, step: -1, call: -1 });
    const step = stepOf(call.id);
    tokens.completionIds.forEach((id, place) =>
      add(current, id, { mask: 1, logprob: Math.min(0, tokens.logprobs[place] ?? 0), step, call: index }),
    );
    known = current.ids.slice();
  }
  return sequences.filter(({ mask }) => mask.includes(1));
}

interface Growing {
  readonly ids: number[];
  readonly mask: (0 | 1)[];
  readonly logprobs: number[];
  readonly steps: number[];
  readonly calls: number[];
}

function add(
  to: Growing,
  id: number,
  {
    mask,
    logprob,
    step,
    call,
  }: { readonly mask: 0 | 1; readonly logprob: number; readonly step: number; readonly call: number },
): void {
  to.ids.push(id);
  to.mask.push(mask);
  to.logprobs.push(logprob);
  to.steps.push(step);
  to.calls.push(call);
}

function whole(call: ModelCall, episode: Episode): Required<Pick<ModelCall, 'newPromptIds' | 'tokens'>> {
  const { newPromptIds, tokens } = call;
  if (newPromptIds === undefined || tokens === undefined) {
    throw new TrainerError({
      code: 'TOKENS_MISSING',
      message: `Model call ${call.id} of episode ${episode.id} has no token ids, so it cannot be trained on.`,
      hint: `The model '${call.model}' does not return them. Sample from one that does: llama:FILE, builtin:NAME, or an Ollama model.`,
    });
  }
  if (tokens.completionIds.length !== tokens.logprobs.length) {
    throw inconsistent(
      call,
      episode,
      `it has ${tokens.completionIds.length} ids and ${tokens.logprobs.length} log-probabilities`,
    );
  }
  return { newPromptIds, tokens };
}

/** How many of the conversation's ids the prompt begins with: those that the server did not call new. */
function sharedWith(
  known: readonly number[],
  call: ModelCall,
  newPromptIds: readonly number[],
  episode: Episode,
): number {
  // The first token of a text has nothing before it, so it has no probability.
  if (call.promptTokens === 0) throw inconsistent(call, episode, 'its prompt is empty');
  const shared = call.promptTokens - newPromptIds.length;
  if (shared >= 0 && shared <= known.length) return shared;
  throw inconsistent(
    call,
    episode,
    `its prompt has ${call.promptTokens} tokens of which ${newPromptIds.length} are new, and there were ${known.length} before`,
  );
}

function beginsWith(ids: readonly number[], beginning: readonly number[]): boolean {
  return beginning.length <= ids.length && beginning.every((id, index) => ids[index] === id);
}

/** The step a call led to; one that no action names led to the next action, as a stated confidence does. */
function stepsByCall({ calls, steps }: Episode): (callId: string) => number {
  const named = new Map(steps.flatMap(({ callIds, index }) => callIds.map((id) => [id, index] as const)));
  let next = Math.max(0, steps.length - 1);
  const all = new Map<string, number>();
  for (const { id } of calls.toReversed()) {
    next = named.get(id) ?? next;
    all.set(id, next);
  }
  return (callId) => all.get(callId) ?? 0;
}

function inconsistent(call: ModelCall, episode: Episode, what: string): TrainerError {
  return new TrainerError({
    code: 'TOKENS_INCONSISTENT',
    message: `The tokens of model call ${call.id} of episode ${episode.id} do not fit together: ${what}.`,
    hint: 'The server that sampled it may have shared its cache between episodes. Play the episode again.',
  });
}

function mixed(episode: Episode, tokenizers: readonly string[]): TrainerError {
  return new TrainerError({
    code: 'TOKENIZER_MIXED',
    message: `Episode ${episode.id} was sampled with several tokenizers: ${tokenizers.join(' and ')}.`,
    hint: 'Sample all of an iteration from one served version.',
  });
}
