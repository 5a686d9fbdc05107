import { describe, expect, it } from 'vitest';

import { aGame, aState } from '../test-support/rollouts.ts';
import { historyKey } from './difficulty.ts';
import type { IterationPlan } from './iteration-plan.ts';
import type { IterationState } from './iteration-state.ts';
import { planIteration } from './plan-iteration.ts';
import { trainingRecipe } from './recipe.ts';

const games = { train: Array.from({ length: 12 }, (_, index) => aGame(`g${index}`)), canary: [aGame('canary')] };
const recipe = trainingRecipe({ name: 'plan', groups: 5 });
const tasksOf = ({ groups }: IterationPlan): string[] => [...new Set(groups.map(({ task }) => task.id))];
const after = (plan: IterationPlan, state: IterationState): IterationState => ({
  ...state,
  iteration: plan.iteration,
  cursor: plan.cursor,
});

describe('planIteration', () => {
  it('plans groups of eight, half of each with entries, and every play with a draw of its own', () => {
    const plan = planIteration(recipe, games, aState());
    expect(plan).toMatchObject({ iteration: 1, suite: 'run/iteration-1' });
    expect(plan.groups.map(({ side, rollouts }) => [side, rollouts.length])).toEqual(
      Array.from({ length: 5 }, () => [
        ['none', 4],
        ['entries', 4],
      ]).flat(),
    );
    const all = plan.groups.flatMap(({ rollouts }) => rollouts);
    expect(new Set(all.map(({ id }) => id)).size).toBe(40);
    expect(new Set(all.map(({ seed }) => seed)).size).toBe(40);
    const alone = planIteration(trainingRecipe({ ...recipe, memory: 'none' }), games, aState());
    expect(alone.groups.map(({ side, rollouts }) => [side, rollouts.length])).toEqual(
      Array.from({ length: 5 }, () => ['none', 8]),
    );
  });

  it('says the same again from the same state, and draws anew in the next iteration and with another seed', () => {
    const first = planIteration(recipe, games, aState());
    expect(planIteration(recipe, games, aState())).toEqual(first);
    const seeds = (plan: IterationPlan) => plan.groups.flatMap(({ rollouts }) => rollouts.map(({ seed }) => seed));
    const next = planIteration(recipe, games, after(first, aState()));
    expect(seeds(next).filter((seed) => seeds(first).includes(seed))).toEqual([]);
    expect(seeds(planIteration(trainingRecipe({ ...recipe, seed: 2 }), games, aState()))).not.toEqual(seeds(first));
  });

  it('walks through all games before any comes again, never twice in one iteration', () => {
    let state = aState();
    const walked: string[] = [];
    for (let iteration = 0; iteration < 12; iteration += 1) {
      const plan = planIteration(recipe, games, state);
      expect(tasksOf(plan)).toHaveLength(5);
      walked.push(...tasksOf(plan));
      state = after(plan, state);
    }
    expect(new Set(walked.slice(0, 12)).size).toBe(12);
    const counts = [...Map.groupBy(walked, (id) => id).values()].map(({ length }) => length);
    // A game that would come twice in one iteration loses a turn.
    expect(Math.max(...counts) - Math.min(...counts)).toBeLessThanOrEqual(2);
    expect(state.cursor.epoch).toBeGreaterThanOrEqual(5);
  });

  it('passes games over that are too easy or too hard on every side, and says why', () => {
    const known = (successes: number) => [{ groupId: 'x', policyVersion: 0, successes, trials: 16, isPilot: false }];
    const of = (id: string, none: number, entries: number) => ({
      [historyKey(id, 'none')]: known(none),
      [historyKey(id, 'entries')]: known(entries),
    });
    const ordinary = games.train.slice(3).map(({ id }) => of(id, 8, 8));
    const histories = Object.assign({}, of('g0', 0, 0), of('g1', 16, 0), of('g2', 0, 8), ...ordinary);
    const strict = trainingRecipe({ ...recipe, groups: 10, gate: { reviewShare: 0 } });
    const plan = planIteration(strict, games, aState({ histories }));
    expect(tasksOf(plan).toSorted()).toEqual(
      games.train
        .slice(2)
        .map(({ id }) => id)
        .toSorted(),
    );
    expect(plan.passedOver.toSorted((a, b) => (a.taskId < b.taskId ? -1 : 1))).toEqual([
      { taskId: 'g0', reason: 'none: solved in 0 %, too hard; entries: solved in 0 %, too hard.' },
      { taskId: 'g1', reason: 'none: solved in 100 %, too easy; entries: solved in 0 %, too hard.' },
    ]);
    const all = planIteration(
      trainingRecipe({ ...strict, gate: { byDifficulty: false } }),
      games,
      aState({ histories }),
    );
    expect(all.passedOver).toEqual([]);
  });

  it('passes over games whose reference no reasoning makes a difference to', () => {
    const filtered = { ...games, lowDispersion: ['g3'] };
    const plan = planIteration(trainingRecipe({ ...recipe, groups: 12 }), filtered, aState());
    expect(tasksOf(plan)).toHaveLength(11);
    expect(tasksOf(plan)).not.toContain('g3');
  });

  it('plays games that were passed over when too few are left: only plays tell that they changed', () => {
    const known = [{ groupId: 'x', policyVersion: 0, successes: 16, trials: 16, isPilot: false }];
    const histories = Object.fromEntries(
      games.train.flatMap(({ id }) => [
        [historyKey(id, 'none'), known],
        [historyKey(id, 'entries'), known],
      ]),
    );
    const plan = planIteration(trainingRecipe({ ...recipe, gate: { reviewShare: 0 } }), games, aState({ histories }));
    expect(tasksOf(plan)).toHaveLength(5);
    expect(plan.passedOver).toHaveLength(7);
  });

  it('plays nothing for a recipe that imitates an expert', () => {
    const plan = planIteration(
      trainingRecipe({ name: 'sft', source: 'demonstrations', memory: 'none' }),
      games,
      aState(),
    );
    expect(plan).toMatchObject({ groups: [], cursor: { epoch: 0, position: 0 } });
  });

  it.each([
    ['GAMES_MISSING', { train: [], canary: [] }],
    ['STEP_LIMIT_MISSING', { train: [aGame('endless', { maxSteps: undefined })], canary: [] }],
    ['GAMES_SHARED', { train: [aGame('a')], canary: [aGame('a')] }],
  ])('refuses with %s what cannot be trained on', (code, wrong) => {
    expect(() => planIteration(recipe, wrong, aState())).toThrow(expect.objectContaining({ code }));
  });
});
