import { describe, expect, it } from 'vitest';

import { aGame, aState, played } from '../test-support/rollouts.ts';
import { accountOfSignals } from './account-of-signals.ts';
import { buildBatch } from './build-batch.ts';
import { historyKey } from './difficulty.ts';
import { trainingRecipe, type RecipeSwitches } from './recipe.ts';

const recipe = (switches: Omit<RecipeSwitches, 'name'>) =>
  trainingRecipe({ name: 'account', groups: 1, groupSize: 4, memory: 'none', ...switches });
const plays = [{ won: true, confidence: 0.8 }, { confidence: 0.8 }, { confidence: 0.2 }, {}];

describe('accountOfSignals', () => {
  it('counts what the batch raises and lowers, and what was stated', () => {
    const paid = recipe({ reward: { brier: 1 }, advantage: { statements: 1 } });
    const { plan, state, rollouts } = played(paid, [aGame('a')], { a: plays });
    // Two sampled tokens a play. (0.8 − 1)², (0.8 − 0)², 0.2², and 2 for the one that stated nothing.
    expect(accountOfSignals(buildBatch(plan, state, rollouts))).toEqual({
      tokens: { raised: 3, lowered: 5, untouched: 0 },
      statements: {
        made: 3,
        missing: 1,
        meanStated: expect.closeTo(0.6, 12),
        meanReward: expect.closeTo(-(0.04 + 0.64 + 0.04 + 2) / 4, 12),
      },
      suspects: 0,
      heldDown: 0,
    });
  });

  it('counts nothing of a group that is left out as trained on', () => {
    const { plan, state, rollouts } = played(recipe({}), [aGame('a')], { a: [{}, {}, {}, {}] });
    expect(accountOfSignals(buildBatch(plan, state, rollouts))).toMatchObject({
      tokens: { raised: 0, lowered: 0, untouched: 0 },
      statements: { made: 0, missing: 4, meanReward: 0 },
    });
  });

  it('counts the successes of a game that is too hard which are held down, and as suspect', () => {
    const before = [{ groupId: 'before', policyVersion: 0, successes: 0, trials: 16, isPilot: false }];
    const known = aState({ histories: { [historyKey('a', 'none')]: before } });
    const guarded = recipe({ gate: { tooHard: 'guard' } });
    const { plan, state, rollouts } = played(guarded, [aGame('a')], { a: plays }, known);
    expect(accountOfSignals(buildBatch(plan, state, rollouts))).toMatchObject({ suspects: 1, heldDown: 1 });
  });

  it('is nothing where nothing is played', () => {
    const { plan, state } = played(recipe({}), [aGame('a')], {});
    expect(accountOfSignals(buildBatch({ ...plan, groups: [] }, state, []))).toBeUndefined();
  });
});
