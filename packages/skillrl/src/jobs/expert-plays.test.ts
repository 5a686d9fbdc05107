import { builtinPolicyPath, ggufTokenizer } from '@skillrl/drivers';
import type { AlfworldGame } from '@skillrl/environments';
import { describeWith, requirement } from '@skillrl/testing';
import type { IterationPorts } from '@skillrl/training';
import { beforeAll, describe, expect, it } from 'vitest';

import { playTrainingGames, smallSets } from '../../test-support/play-training-games.ts';
import { expertPlays } from './expert-plays.ts';
import { gamesOf } from './train-sets.ts';

type Plays = NonNullable<IterationPorts['demonstrations']>;

let encode: (text: string) => readonly number[];
let lineEnd: number;
beforeAll(async () => {
  ({ encode } = await ggufTokenizer({ modelPath: builtinPolicyPath('warm') }));
  lineEnd = encode('\n')[0]!;
});

/** Commands that are imitated, of each play: what has weight 1 up to a line's end. */
const commandsOf = (plays: Awaited<ReturnType<Plays>>): number[] =>
  plays.map(({ ids, weights }) => ids.filter((id, index) => weights[index] === 1 && id === lineEnd).length);
const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;

describe('plays of the expert', () => {
  let games: readonly AlfworldGame[];
  let plays: Plays;
  beforeAll(async () => {
    games = await gamesOf(smallSets.train);
    plays = expertPlays(games, encode);
  });

  it('are as many as are asked for, the same for the same seed and others for another', async () => {
    const request = { expert: 'uninformed', count: 6, seed: 1 } as const;
    const first = await plays(request);
    expect(first).toHaveLength(6);
    expect(await expertPlays(games, encode)(request)).toEqual(first);
    expect(await plays({ ...request, seed: 2 })).not.toEqual(first);
  });

  it('begin with the very ids that the policy reads at play, and weigh commands alone', async () => {
    const [episodes = []] = await playTrainingGames(1);
    const heads = episodes.map(({ calls }) => JSON.stringify(calls[0]!.newPromptIds));
    for (const { ids, weights } of await plays({ expert: 'uninformed', count: 8, seed: 3 })) {
      const head = heads.find((each) => JSON.stringify(ids).startsWith(each.slice(0, -1)))!;
      const length = (JSON.parse(head) as number[]).length;
      expect(weights).toHaveLength(ids.length);
      expect(weights.slice(0, length)).toEqual(Array<number>(length).fill(0));
      expect(ids.length).toBeLessThanOrEqual(1_024);
      expect(new Set(weights)).toEqual(new Set([0, 1]));
      // What wins the game is its last command, with its line's end.
      expect(ids.at(-1)).toBe(lineEnd);
    }
  });

  it('are refused where nothing can be won', async () => {
    const hopeless = expertPlays([], encode);
    await expect(hopeless({ expert: 'informed', count: 1, seed: 1 })).rejects.toMatchObject({
      code: 'DEMONSTRATIONS_MISSING',
    });
  });
});

const data = requirement('data', { part: 'alfworld' });

describeWith(data, 'plays of the expert on official games', () => {
  it('are half as long, and less, when it knows where things usually are', async () => {
    const games = await gamesOf({ kind: 'official', folder: data.path!, split: 'train', count: 40 });
    const plays = expertPlays(games, encode);
    const [uninformed, informed] = [
      await plays({ expert: 'uninformed', count: 60, seed: 1 }),
      await plays({ expert: 'informed', count: 60, seed: 1 }),
    ];
    expect(mean(commandsOf(informed))).toBeLessThan(0.6 * mean(commandsOf(uninformed)));
  }, 60_000);
});
