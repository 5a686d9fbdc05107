import { describe, expect, it } from 'vitest';

import { aState } from '../test-support/rollouts.ts';
import { promoteNothing, promoteOnEvidence } from './promote.ts';
import { trainingRecipe } from './recipe.ts';

const candidate = { version: 'run-v9', model: 'm', sha256: '09' };
const recipe = trainingRecipe({ name: 'gate' });

/** So many pairs, of which some are won by one side only and the rest by both. @param tasks - that they are of, in turn; default: one each. */
const pairs = (count: number, better: number, worse: number, tasks = count) =>
  Array.from({ length: count }, (_, pair) => ({
    taskId: `game ${pair % tasks}`,
    candidate: pair < count - worse ? 1 : 0,
    live: pair < better ? 0 : 1,
  }));

describe('promoteOnEvidence', () => {
  it('plays nothing until ten iterations have passed', async () => {
    const promote = promoteOnEvidence(() => Promise.reject(new Error('It was not due.')));
    expect(await promote(candidate, aState({ sinceDecision: 8 }), recipe)).toMatchObject({
      publish: false,
      verdict: 'not-due',
    });
  });

  it('asks for 500 pairs of this iteration and publishes what they show to be better', async () => {
    const asked: unknown[] = [];
    const promote = promoteOnEvidence(async (request) => {
      asked.push(request);
      return pairs(500, 90, 20);
    });
    const state = aState({ sinceDecision: 9, iteration: 19 });
    const decision = await promote(candidate, state, recipe);
    expect(asked).toEqual([{ candidate, live: state.live, pairs: 500, iteration: 20 }]);
    expect(decision).toMatchObject({ publish: true, verdict: 'benefit', pairs: 500, effect: 0.14 });
    expect(decision.pValue).toBeLessThan(1e-9);
    // 542 pairs show five points (`pairsForDifference`, one-sided).
    expect(decision.smallestVisible).toBeCloseTo(0.052, 3);
  });

  it.each([
    ['no better', pairs(500, 55, 55), ['undecided']],
    ['worse', pairs(500, 20, 90), ['harm']],
    ['not shown to be better by a few pairs', pairs(8, 3, 1), ['undecided']],
    ['a little better, as chance has it', pairs(500, 62, 50), ['undecided']],
    ['not played at all', [], ['undecided']],
  ])('keeps the live version when the new one is %s', async (_, played, verdicts) => {
    const decision = await promoteOnEvidence(async () => played)(candidate, aState({ sinceDecision: 9 }), recipe);
    expect(decision.publish).toBe(false);
    expect(verdicts).toContain(decision.verdict);
    expect(decision.reason).toMatch(/^[A-Z].*\.$/);
  });

  it('is less sure of the same wins when they are of few games', async () => {
    const wins = (tasks: number) =>
      Array.from({ length: 400 }, (_, pair) => ({
        taskId: `game ${pair % tasks}`,
        // Every eighth game is won by the candidate alone, every tenth by the live version alone.
        candidate: pair % 10 === 0 ? 0 : 1,
        live: pair % 8 === 0 && pair % 10 !== 0 ? 0 : 1,
      }));
    const decided = (tasks: number) =>
      promoteOnEvidence(async () => wins(tasks))(candidate, aState({ sinceDecision: 9 }), recipe);
    const [alone, gathered] = [await decided(400), await decided(40)];
    expect(gathered.effect).toBe(alone.effect);
    expect(gathered.pValue).toBeGreaterThan(alone.pValue!);
    expect(gathered.smallestVisible).toBeGreaterThan(2 * alone.smallestVisible!);
    expect(gathered.reason).toContain('400 pairs of 40 tasks');
  });

  it('publishes nothing for runs that only measure', async () => {
    expect(await promoteNothing(candidate, aState(), recipe)).toMatchObject({ publish: false });
  });
});
