import type { ModelCall } from '@skillrl/core';
import { aModelCall, anEpisode } from '@skillrl/testing';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { mergeTurns } from './merge-turns.ts';

/** A call as a server with a prompt cache tells it: `prompt` beside what the conversation before it held. */
function call(before: readonly number[], prompt: readonly number[], completionIds: readonly number[]): ModelCall {
  let shared = 0;
  while (shared < Math.min(before.length, prompt.length) && before[shared] === prompt[shared]) shared += 1;
  return aModelCall({
    newPromptIds: prompt.slice(shared),
    promptTokens: prompt.length,
    completionTokens: completionIds.length,
    tokens: { completionIds, logprobs: completionIds.map((id) => -id / 100), tokenizer: 'words' },
  });
}

function episodeOf(turns: readonly { prompt: readonly number[]; completion: readonly number[] }[]) {
  let before: readonly number[] = [];
  const calls = turns.map(({ prompt, completion }) => {
    const made = call(before, prompt, completion);
    before = [...prompt, ...completion];
    return made;
  });
  return anEpisode({ calls, steps: calls.map((_, index) => ({ action: `act ${index}` })) });
}

describe('mergeTurns', () => {
  it('joins turns whose prompts continue the text, with a mask on what was sampled', () => {
    const [sequence, ...others] = mergeTurns(
      episodeOf([
        { prompt: [1, 2], completion: [30, 31] },
        { prompt: [1, 2, 30, 31, 3], completion: [32] },
      ]),
    );
    expect(others).toEqual([]);
    expect(sequence).toEqual({
      ids: [1, 2, 30, 31, 3, 32],
      mask: [0, 0, 1, 1, 0, 1],
      logprobs: [0, 0, -0.3, -0.31, 0, -0.32],
      steps: [-1, -1, 0, 0, -1, 1],
      calls: [-1, -1, 0, 0, -1, 1],
    });
  });

  it('begins a new sequence where the window moved, and where the text was read otherwise than it was sampled', () => {
    const moved = mergeTurns(
      episodeOf([
        { prompt: [1, 2, 3], completion: [30] },
        { prompt: [1, 3, 30, 4], completion: [31] },
      ]),
    );
    expect(moved.map(({ ids }) => ids)).toEqual([
      [1, 2, 3, 30],
      [1, 3, 30, 4, 31],
    ]);
    expect(moved.map(({ mask }) => mask)).toEqual([
      [0, 0, 0, 1],
      [0, 0, 0, 0, 1],
    ]);
    const retokenised = mergeTurns(
      episodeOf([
        { prompt: [1], completion: [30, 31] },
        { prompt: [1, 40, 2], completion: [32] },
      ]),
    );
    expect(retokenised).toHaveLength(2);
  });

  it('takes a call without an action of its own for a part of the next one', () => {
    const calls = [call([], [1], [30]), call([1, 30], [1, 30, 2], [31])];
    const [sequence] = mergeTurns(anEpisode({ calls, steps: [{ action: 'go', callIds: [calls[1]!.id] }] }));
    expect(sequence?.steps).toEqual([-1, 0, -1, 0]);
  });

  it('gives nothing for an episode without calls', () => {
    expect(mergeTurns(anEpisode())).toEqual([]);
  });

  it.each([
    ['TOKENS_MISSING', { tokens: undefined }],
    ['TOKENS_MISSING', { newPromptIds: undefined }],
    ['TOKENS_INCONSISTENT', { promptTokens: 7 }],
    ['TOKENS_INCONSISTENT', { promptTokens: 0 }],
    ['TOKENS_INCONSISTENT', { tokens: { completionIds: [1, 2], logprobs: [-1], tokenizer: 'words' } }],
    ['TOKENIZER_MIXED', { tokens: { completionIds: [1], logprobs: [-1], tokenizer: 'others' } }],
  ])('refuses with %s what cannot be trained on: %j', (code, change) => {
    const calls = [call([], [1, 2], [30]), { ...call([1, 2, 30], [1, 2, 30, 3], [31]), ...change }];
    expect(() => mergeTurns(anEpisode({ calls }))).toThrow(expect.objectContaining({ code }));
  });

  it('keeps every sampled token once, behind exactly the prompt that it was sampled after', () => {
    const turn = fc.record({
      // From which of the ids before the prompt goes on (past the end: from all of them), and what it adds.
      keep: fc.integer({ min: 0, max: 14 }),
      added: fc.array(fc.integer({ min: 0, max: 3 }), { minLength: 1, maxLength: 3 }),
      completion: fc.array(fc.integer({ min: 0, max: 3 }), { maxLength: 3 }),
    });
    let splits = 0;
    fc.assert(
      fc.property(fc.array(turn, { minLength: 1, maxLength: 6 }), (turns) => {
        let before: number[] = [];
        const told = turns.map(({ keep, added, completion }) => {
          const prompt = [...before.slice(0, keep), ...added];
          before = [...prompt, ...completion];
          return { prompt, completion };
        });
        const sequences = mergeTurns(episodeOf(told));
        const expected = told.flatMap(({ prompt, completion }) =>
          completion.map((id, index) => ({ before: [...prompt, ...completion.slice(0, index)], id })),
        );
        const found = sequences.flatMap(({ ids, mask }) =>
          ids.flatMap((id, place) => (mask[place] === 1 ? [{ before: ids.slice(0, place), id }] : [])),
        );
        expect(found).toEqual(expected);
        for (const { ids, mask, logprobs, steps } of sequences) {
          expect([mask.length, logprobs.length, steps.length]).toEqual([ids.length, ids.length, ids.length]);
          mask.forEach((sampled, place) => expect(steps[place]! >= 0).toBe(sampled === 1));
        }
        splits += sequences.length > 1 ? 1 : 0;
      }),
      { numRuns: 500 },
    );
    expect(splits).toBeGreaterThan(50);
  });
});
