import { describe, expect, it } from 'vitest';

import { aGame, aState, played } from '../test-support/rollouts.ts';
import { buildBatch } from './build-batch.ts';
import { historyKey } from './difficulty.ts';
import { trainingRecipe } from './recipe.ts';

const recipe = trainingRecipe({
  name: 'batch',
  groups: 2,
  groupSize: 4,
  memory: 'none',
  reward: { stepCost: 0 },
  advantage: { normalise: false, negatives: 1 },
});
const games = [aGame('a'), aGame('b')];
const mixed = [{ won: true }, {}, {}, {}];
const entry = { entryId: 'e1', entryVersion: 1, propensity: 0.5 };

describe('buildBatch', () => {
  it('gives every sampled token of a kept group the advantage of its play', () => {
    const { plan, state, rollouts } = played(recipe, [aGame('a')], { a: mixed });
    const { samples, account } = buildBatch(plan, state, rollouts);
    expect(samples.map(({ sequence }) => sequence.ids)).toEqual(Array.from({ length: 4 }, () => [1, 2, 10, 3, 11]));
    expect(samples.map(({ advantages }) => advantages)).toEqual([
      [0, 0, 0.75, 0, 0.75],
      ...Array.from({ length: 3 }, () => [0, 0, -0.25, 0, -0.25]),
    ]);
    // Nothing is known of the game yet.
    expect(samples.map(({ weight }) => weight)).toEqual([0.5, 0.5, 0.5, 0.5]);
    expect(account).toMatchObject({ planned: 4, played: 4, successRate: 0.25, meanSteps: 2, medianLength: 2 });
  });

  it('keeps whole groups and drops whole groups, with the reasons', () => {
    const { plan, state, rollouts } = played(recipe, games, { a: mixed, b: [{}, {}, {}, {}] });
    const { samples, groups } = buildBatch(plan, state, rollouts);
    expect(new Set(samples.map(({ groupId }) => groupId))).toEqual(new Set(['run/iteration-1/a/none']));
    const dropped = groups.map(({ record }) => record).find(({ taskId }) => taskId === 'b');
    expect(dropped).toMatchObject({ weight: 0, successes: 0, trials: 4 });
    expect(dropped?.reasons.map(({ code }) => code)).toContain('no-signal');
  });

  it('leaves what errored out of the baseline, and flags what was cut off', () => {
    const broken = [
      { won: true },
      {},
      { outcome: { status: 'errored', error: { code: 'X', message: 'x' } } as const },
      { outcome: { status: 'truncated', limit: 'time' } as const },
    ];
    const { plan, state, rollouts } = played(recipe, [aGame('a')], { a: broken });
    const { samples, account, groups } = buildBatch(plan, state, rollouts);
    expect(samples.map(({ advantages }) => advantages[2])).toEqual([0.5, -0.5]);
    expect(account).toMatchObject({ played: 4, errored: 1, truncated: 1, successRate: 0.5 });
    expect(groups[0]?.record).toMatchObject({ successes: 1, trials: 2 });
  });

  it('drops a group that is not known well enough to be neither too hard nor too easy, by other groups only', () => {
    const known = (successes: number) => [
      { groupId: 'before', policyVersion: 0, successes, trials: 16, isPilot: false },
    ];
    const reasons = (successes: number) => {
      const state = aState({ histories: { [historyKey('a', 'none')]: known(successes) } });
      const { plan, rollouts } = played(recipe, [aGame('a')], { a: mixed }, state);
      return buildBatch(plan, state, rollouts).groups[0]?.record.reasons.map(({ code }) => code);
    };
    expect(reasons(0)).toEqual(['too-hard']);
    expect(reasons(8)).toEqual([]);
    expect(reasons(16)).toEqual(['too-easy']);
  });

  it('drops a game whose reference no reasoning makes a difference to', () => {
    const { plan, state, rollouts } = played(recipe, [aGame('a')], { a: mixed });
    const filtered = { ...plan, games: { ...plan.games, lowDispersion: ['a'] } };
    expect(buildBatch(filtered, state, rollouts).groups[0]?.record.reasons.map(({ code }) => code)).toContain(
      'low-dispersion',
    );
  });

  it('takes advantages within each half, so that entries are not taken for actions', () => {
    const half = trainingRecipe({ ...recipe, memory: 'half', groupSize: 8 });
    const { plan, state, rollouts } = played(half, [aGame('a')], {
      'a none': [{ won: true }, {}, {}, {}].map((play) => ({ ...play, withheld: [entry] })),
      'a entries': [{ won: true }, { won: true }, { won: true }, {}].map((play) => ({ ...play, shown: [entry] })),
    });
    const { samples, credits, account } = buildBatch(plan, state, rollouts);
    expect(samples.map(({ advantages }) => advantages[2])).toEqual([
      0.75, -0.25, -0.25, -0.25, 0.25, 0.25, 0.25, -0.75,
    ]);
    expect(credits).toEqual([
      { taskId: 'a', exposures: [entry], with: 0.75, without: 0.25, credit: 0.5, trials: { with: 4, without: 4 } },
    ]);
    expect(account.successRates).toEqual({ none: 0.25, entries: 0.75 });
  });

  it('credits no entries where none were seen, and drops a half whose plays saw different ones', () => {
    const half = trainingRecipe({ ...recipe, memory: 'half', groupSize: 4 });
    const build = (entriesOfSecond: readonly (typeof entry)[]) => {
      const { plan, state, rollouts } = played(half, [aGame('a')], {
        'a none': [{ won: true }, {}],
        'a entries': [{ won: true, shown: [] }, { shown: entriesOfSecond }],
      });
      return buildBatch(plan, state, rollouts);
    };
    expect(build([]).credits).toEqual([]);
    const different = build([entry]);
    expect(different.credits).toEqual([]);
    expect(different.groups[1]?.record).toMatchObject({ side: 'entries', weight: 0 });
    expect(different.groups[1]?.record.reasons.at(-1)?.code).toBe('mixed-entries');
  });

  it('drops what was sampled too many versions ago', () => {
    const build = (unserved: number) => {
      const state = aState({ unserved });
      const { plan, rollouts } = played(recipe, [aGame('a')], { a: mixed }, state);
      return buildBatch(plan, state, rollouts);
    };
    expect(build(1)).toMatchObject({ staleness: 1, samples: { length: 4 } });
    expect(build(2)).toMatchObject({ staleness: 2, samples: { length: 0 } });
    expect(build(2).groups[0]?.record.reasons.at(-1)?.code).toBe('stale');
  });

  it('imitates the successes of a group, also where all succeeded', () => {
    const imitating = trainingRecipe({ ...recipe, advantage: { credit: 'success' } });
    const { plan, state, rollouts } = played(imitating, games, {
      a: [{ won: true }, { won: true }, { won: true }, { won: true }],
      b: [{}, {}, {}, {}],
    });
    const { samples, groups } = buildBatch(plan, state, rollouts);
    expect(samples).toHaveLength(4);
    expect(groups.find(({ planned }) => planned.task.id === 'b')?.record.reasons.map(({ code }) => code)).toContain(
      'no-success',
    );
  });

  it('refuses rollouts of several policies', () => {
    const { plan, state, rollouts } = played(recipe, [aGame('a')], { a: [{ won: true }, { policy: 'v1' }] });
    expect(() => buildBatch(plan, state, rollouts)).toThrow(expect.objectContaining({ code: 'POLICY_MIXED' }));
  });
});
