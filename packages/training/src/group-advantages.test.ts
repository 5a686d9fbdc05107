import { bandOutside } from '@skillrl/signals';
import { describe, expect, it } from 'vitest';

import { aRollout, type PlaySketch } from '../test-support/rollouts.ts';
import { creditSteps } from './group-advantages.ts';
import { trainingRecipe } from './recipe.ts';
import { scoreGroup } from './rewards.ts';

const { advantage, reward } = trainingRecipe({ name: 'usual' });
const binary = { ...reward, stepCost: 0 };
const scored = (plays: readonly PlaySketch[], options = binary) =>
  scoreGroup(
    plays.map((play, index) => aRollout({ ...play, id: `e${index}` })),
    options,
  );
const group: readonly PlaySketch[] = [{ won: true }, {}, {}, {}];

describe('creditSteps', () => {
  it('gives all steps of a play its advantage in the group: deviation on, negatives halved', () => {
    // (1 − 1/4) / (1/2 + 1e-4) and half of −1/4 over the same.
    const credits = creditSteps(scored(group), advantage, undefined);
    expect(credits[0]).toEqual([expect.closeTo(1.49970006, 8), expect.closeTo(1.49970006, 8)]);
    expect(credits[1]?.[0]).toBeCloseTo(-0.24995001, 8);
  });

  it('credits acting the same whatever was stated, and whatever that earned', () => {
    const stated = group.map((play, index) => ({ ...play, confidence: 0.2 * index }));
    const paid = { ...reward, brier: 1 };
    for (const credit of ['episode', 'step'] as const)
      creditSteps(scored(stated, paid), { ...advantage, credit }, undefined).forEach((own, index) => {
        const without = creditSteps(scored(group, reward), { ...advantage, credit }, undefined)[index]!;
        own!.forEach((value, step) => expect(value).toBeCloseTo(without[step]!, 9));
      });
  });

  it('has a switch for each of them', () => {
    const plain = creditSteps(scored(group), { credit: 'episode', normalise: false, negatives: 1 }, undefined);
    expect(plain.map((credit) => credit?.[0])).toEqual([0.75, -0.25, -0.25, -0.25]);
  });

  it('leaves what cannot be scored out of the baseline', () => {
    const outcome = { status: 'truncated', limit: 'time' } as const;
    const options = { credit: 'episode', normalise: false, negatives: 1 } as const;
    const credits = creditSteps(scored([{ won: true }, { outcome }, {}]), options, undefined);
    expect(credits.map((credit) => credit?.[0])).toEqual([0.5, undefined, -0.5]);
  });

  it('imitates successes, and nothing else, by the credit of success', () => {
    const credits = creditSteps(scored(group), { ...advantage, credit: 'success' }, undefined);
    expect(credits).toEqual([[1, 1], undefined, undefined, undefined]);
  });

  it('compares steps by what followed the same state elsewhere, and both levels add up', () => {
    const plays: readonly PlaySketch[] = [
      { won: true, stateKeys: ['hall', 'end'] },
      { won: false, stateKeys: ['hall', 'end'] },
    ];
    const options = { credit: 'step', normalise: false, negatives: 1 } as const;
    const credits = creditSteps(scored(plays), options, undefined);
    // Episodes: ±1/2. First step, from the same start: returns 0.95 and 0, so ±0.475; second, from the hall: 1 and 0, so ±1/2.
    expect(credits[0]).toEqual([expect.closeTo(0.975, 12), expect.closeTo(1, 12)]);
    expect(credits[1]).toEqual([expect.closeTo(-0.975, 12), expect.closeTo(-1, 12)]);
  });

  it('takes what followed for a reward of the whole episode, step costs included', () => {
    const plays: readonly PlaySketch[] = [
      { won: true, steps: 3, stateKeys: ['a', 'b', 'c'] },
      { won: false, steps: 4, stateKeys: ['d', 'e', 'f', 'g'] },
    ];
    const options = { normalise: false, negatives: 1 } as const;
    const byEpisode = creditSteps(scored(plays, reward), { ...options, credit: 'episode' }, undefined);
    const byStep = creditSteps(scored(plays, reward), { ...options, credit: 'step' }, undefined);
    // Only the start is shared: every other step has the episode's advantage alone.
    expect(byStep.map((credit) => credit?.at(-1))).toEqual(byEpisode.map((credit) => credit?.at(-1)));
    expect(byStep[0]?.[0]).not.toBeCloseTo(byEpisode[0]?.[0] ?? 0, 3);
  });

  it('does not compare states that the environment does not name', () => {
    const options = { credit: 'step', normalise: false, negatives: 1 } as const;
    const credits = creditSteps(scored([{ won: true }, {}]), options, undefined);
    expect(credits.map((credit) => credit?.[1])).toEqual([0.5, -0.5]);
  });

  it('holds the lucky success of a game that is too hard down', () => {
    const history = {
      taskId: 'game',
      records: [{ groupId: 'before', policyVersion: 0, successes: 0, trials: 16, isPilot: false }],
    };
    const band = bandOutside(history, { groupId: 'now', policyVersion: 0 });
    const credits = creditSteps(scored(group), advantage, band);
    expect(credits[0]).toEqual([1, 1]);
    expect(credits[1]?.[0]).toBeCloseTo(-0.24995001, 8);
  });
});
