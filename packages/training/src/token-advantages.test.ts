import { aModelCall, anEpisode } from '@skillrl/testing';
import { describe, expect, it } from 'vitest';

import { mergeTurns } from './merge-turns.ts';
import { tokenAdvantages } from './token-advantages.ts';

/** A first step that took so many calls of one token, and a second that took one. */
function episodeOf(callsOfFirstStep: 1 | 2) {
  const count = callsOfFirstStep + 1;
  const calls = Array.from({ length: count }, (_, index) =>
    aModelCall({
      id: `c${index}`,
      newPromptIds: [1],
      promptTokens: 1 + 2 * index,
      completionTokens: 1,
      tokens: { completionIds: [10 + index], logprobs: [-0.5], tokenizer: 'ids' },
      ...(index === 0 && { confidence: 0.7 }),
    }),
  );
  const ids = calls.map(({ id }) => id);
  const steps = [
    { action: 'look', callIds: ids.slice(0, callsOfFirstStep) },
    { action: 'take', callIds: ids.slice(callsOfFirstStep) },
  ];
  return anEpisode({ calls, steps });
}

const advantagesOf = (episode: ReturnType<typeof episodeOf>, statement: number | undefined): number[] => {
  const [sequence] = mergeTurns(episode);
  return tokenAdvantages(episode, sequence!, { steps: [2, 3], statement });
};

describe('tokenAdvantages', () => {
  it('credits what was stated apart for that alone, and actions for acting alone', () => {
    expect(advantagesOf(episodeOf(2), -1)).toEqual([0, -1, 0, 2, 0, 3]);
  });

  it('credits a call that stated and acted for both', () => {
    expect(advantagesOf(episodeOf(1), -1)).toEqual([0, 1, 0, 3]);
  });

  it('takes a statement for a part of its step where it earns nothing', () => {
    expect(advantagesOf(episodeOf(2), undefined)).toEqual([0, 2, 0, 2, 0, 3]);
  });
});
