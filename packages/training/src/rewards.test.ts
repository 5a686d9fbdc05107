import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { aGame, aRollout, type PlaySketch } from '../test-support/rollouts.ts';
import { trainingRecipe } from './recipe.ts';
import { noveltyNote, scoreGroup } from './rewards.ts';

const usual = trainingRecipe({ name: 'usual' }).reward;
const rewardsOf = (plays: readonly PlaySketch[], options = usual, task = aGame('game')) =>
  scoreGroup(
    plays.map((play, index) => aRollout({ ...play, id: `e${index}`, task })),
    options,
  ).map(({ reward }) => reward);

describe('scoreGroup', () => {
  it('pays for winning, less for every step, out of the ten that the game has', () => {
    const rewards = rewardsOf([{ won: true }, { won: true, steps: 10 }, { steps: 10 }, { steps: 5 }]);
    for (const [index, expected] of [0.94, 0.7, -0.3, -0.15].entries())
      expect(rewards[index]).toBeCloseTo(expected, 12);
  });

  it('scores nothing that errored, was cut off by us, or that nobody reliable judged', () => {
    const unknown: readonly PlaySketch[] = [
      { outcome: { status: 'errored', error: { code: 'X', message: 'x' } } },
      { outcome: { status: 'truncated', limit: 'tokens' } },
      { outcome: null },
      { outcome: { status: 'success', score: 1, source: 'model', verified: false } },
    ];
    expect(rewardsOf(unknown)).toEqual([null, null, null, null]);
    expect(rewardsOf(unknown, { ...usual, brier: 1 })).toEqual([null, null, null, null]);
  });

  it('takes the Brier score of the stated chance off, where it is switched on, and most where none was stated', () => {
    const plays = [{ won: true, confidence: 0.9 }, { confidence: 0.9 }, { confidence: 0 }, { won: true }, {}];
    const rewards = rewardsOf(plays, { stepCost: 0, brier: 1, novelty: 0 });
    for (const [index, expected] of [0.99, -0.81, 0, -2, -2].entries())
      expect(rewards[index]).toBeCloseTo(expected, 12);
  });

  it('charges a refused action its step and no more', () => {
    const [plain, refused] = rewardsOf([
      { won: true, steps: 3 },
      { won: true, steps: 3, actions: ['nonsense', 'nonsense', 'take'] },
    ]);
    expect(refused).toBe(plain);
  });

  it('pays for being unlike the others in divergent domains only, whatever the recipe says', () => {
    const plays: readonly PlaySketch[] = [
      { won: true, actions: ['a', 'b'] },
      { won: true, actions: ['a', 'b'] },
      { won: true, actions: ['c', 'd'] },
    ];
    const options = { stepCost: 0, brier: 0, novelty: 1 };
    expect(rewardsOf(plays, options)).toEqual([1, 1, 1]);
    expect(rewardsOf(plays, options, aGame('poem', { domainKind: 'divergent' }))).toEqual([0.75, 0.75, 1]);
    const note = (novelty: number) => noveltyNote([aRollout()], { ...usual, novelty });
    expect(note(0)).toContain('switches it off');
    expect(note(1)).toContain('convergent');
  });

  it('never gives a number that is not finite', () => {
    const play = fc.record(
      {
        won: fc.boolean(),
        steps: fc.integer({ min: 0, max: 12 }),
        confidence: fc.constantFrom(0, 0.5, 1, Number.NaN, Infinity, -1, 2),
      },
      { requiredKeys: ['won', 'steps'] },
    );
    const options = fc.record({
      stepCost: fc.constantFrom(0, 0.3),
      brier: fc.constantFrom(0, 0.5, 1),
      novelty: fc.constantFrom(0, 0.5, 1),
    });
    const limit = fc.constantFrom(undefined, 1, 10);
    fc.assert(
      fc.property(fc.array(play, { maxLength: 5 }), options, limit, (plays, chosen, maxSteps) => {
        for (const reward of rewardsOf(plays, chosen, aGame('game', { maxSteps })))
          if (reward !== null) expect(Number.isFinite(reward)).toBe(true);
      }),
    );
  });
});
