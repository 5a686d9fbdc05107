import type { Episode } from '@skillrl/core';
import { builtinPolicyPath, ggufTokenizer } from '@skillrl/drivers';
import { mergeTurns } from '@skillrl/training';
import { beforeAll, describe, expect, it } from 'vitest';

import { playTrainingGames } from '../../test-support/play-training-games.ts';

describe('rollouts to train on, of the built-in policy', () => {
  let episodes: Episode[];
  beforeAll(async () => {
    [episodes = []] = await playTrainingGames(4);
  });

  it('end within the limit that is part of the task, won or lost', () => {
    expect(episodes).toHaveLength(16);
    expect(episodes.every(({ task }) => task.maxSteps === 50)).toBe(true);
    expect(episodes.filter(({ steps }) => steps.length > 50)).toEqual([]);
    for (const { outcome, steps } of episodes) {
      expect(outcome?.status).toMatch(/success|failure/);
      if (outcome?.status === 'failure')
        expect([steps.length, outcome]).toMatchObject([50, { score: 0, verified: true }]);
    }
  });

  it('begin with the chance of success, which the policy sampled and which is in the trace', () => {
    const first = episodes.map(({ calls }) => calls[0]!);
    const stated = first.filter(({ confidence }) => confidence !== undefined);
    expect(stated.length).toBeGreaterThan(8);
    for (const { completion, confidence, tokens, completionTokens, parent } of stated) {
      expect(completion).toBe(`sure ${10 * confidence!}`);
      // `sure`, the number, the end of the line.
      expect([parent, completionTokens, tokens!.completionIds.length]).toEqual([undefined, 3, 3]);
    }
    // Sampled at temperature 1, not the most likely one each time.
    expect(new Set(stated.map(({ confidence }) => confidence)).size).toBeGreaterThan(2);
  });

  it('count as sampled what the model wrote and nothing else', async () => {
    const tokenizer = await ggufTokenizer({ modelPath: builtinPolicyPath('warm') });
    const [lineEnd] = tokenizer.encode('\n');
    for (const { calls } of episodes) {
      for (const [index, call] of calls.entries()) {
        const { newPromptIds = [], newMessages, tokens, parent } = call;
        expect(tokens!.tokenizer).toBe(tokenizer.id);
        // The line end that stands between a completion's text and what follows was sampled, if the completion was not cut off.
        const isSampled = parent !== undefined && calls[index - 1]!.tokens!.completionIds.at(-1) === lineEnd;
        expect([...(isSampled ? [lineEnd] : []), ...newPromptIds]).toEqual(tokenizer.encode(newMessages[0]!.content));
        expect(tokens!.completionIds).toHaveLength(call.completionTokens);
        expect(tokens!.logprobs.every((logprob) => logprob <= 1e-6 && Number.isFinite(logprob))).toBe(true);
      }
    }
  });

  it('are put together to one text, begun anew only where a thread broke, and lose no sampled token', () => {
    for (const episode of episodes) {
      const sequences = mergeTurns(episode);
      expect(sequences).toHaveLength(episode.calls.filter(({ parent }) => parent === undefined).length);
      const sampled = sequences.flatMap(({ ids, mask }) => ids.filter((_, index) => mask[index] === 1));
      expect(sampled).toEqual(episode.calls.flatMap(({ tokens }) => tokens!.completionIds));
      const last = episode.calls.at(-1)!;
      expect(sequences.at(-1)!.ids).toHaveLength(last.promptTokens + last.completionTokens);
    }
  });
});

it('plays another version in the same threads, and the halves of a group', async () => {
  const serving = { revision: 0, temperature: 1, isHalf: false };
  const [warm = [], base = [], halves = [], again = []] = await playTrainingGames(1, [
    { ...serving, model: 'builtin:warm' },
    { ...serving, model: 'builtin:base' },
    { ...serving, model: 'builtin:warm', isHalf: true },
    { ...serving, model: 'builtin:warm' },
  ]);
  const version = (episodes: readonly Episode[]): string => episodes[0]!.policy.version;
  expect(new Set([version(warm), version(base)]).size).toBe(2);
  expect(actions(again)).toEqual(actions(warm));
  expect(actions(base)).not.toEqual(actions(warm));
  // Without entries both halves are shown the same, and sample the same.
  for (const side of ['none', 'entries'])
    expect(actions(halves.filter(({ tags }) => tags['arm'] === side))).toEqual(actions(warm));
  expect(halves.every(({ calls }) => calls[0]?.recall !== undefined)).toBe(true);
}, 60_000);

function actions(episodes: readonly Episode[]): Record<string, string[]> {
  return Object.fromEntries(
    episodes
      .toSorted((a, b) => (a.task.id < b.task.id ? -1 : 1))
      .map(({ task, steps }) => [task.id, steps.map(({ action }) => action)]),
  );
}
