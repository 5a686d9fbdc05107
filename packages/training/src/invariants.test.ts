// The invariants of the pipeline from rollouts to batch, bank and alarms.
import { decide } from '@skillrl/signals';
import { memoryTrainer } from '@skillrl/testing';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { lab } from '../test-support/lab.ts';
import { aGame, aState, played, type PlaySketch } from '../test-support/rollouts.ts';
import { runLab } from '../test-support/run.ts';
import { buildBatch, type TrainingBatch } from './build-batch.ts';
import { historyKey } from './difficulty.ts';
import { trainingRecipe } from './recipe.ts';
import { scoreReferences } from './score-references.ts';
import { watchDiversity } from './watch-diversity.ts';

const recipe = trainingRecipe({ name: 'invariants', groups: 2, groupSize: 4, memory: 'none' });
const mixed: readonly PlaySketch[] = [{ won: true }, {}, { won: true, steps: 4 }, {}];

describe('the pipeline', () => {
  it('(i) makes the same records and rewards whatever a mistake costs: costs act in the decision alone', () => {
    const table = (cost: number) => ({
      id: `cost ${cost}`,
      actions: ['abstain', 'commit'],
      utilities: [
        [0, 0],
        [1, -cost],
      ],
    });
    const batchAt = (cost: number): TrainingBatch => {
      const { plan, state, rollouts } = played(recipe, [aGame('a')], { a: mixed });
      const costed = rollouts.map(({ spec, episode }) => ({
        spec,
        episode: { ...episode, tags: { ...episode.tags, utilities: JSON.stringify(table(cost)) } },
      }));
      return buildBatch(plan, state, costed);
    };
    const [mild, dear] = [table(1), table(9)].map((costs) => decide(costs, [0.7, 0.3]).action);
    expect([mild, dear]).toEqual(['commit', 'abstain']);
    const trainedOn = ({ samples, groups, account }: TrainingBatch) => ({
      samples,
      account,
      rewards: groups.map(({ scored, record }) => [record, scored.map(({ reward }) => reward)]),
    });
    expect(trainedOn(batchAt(1))).toEqual(trainedOn(batchAt(9)));
    expect(() => trainingRecipe({ name: 'wrong', reward: { utilities: [[1, -9]] } as object })).toThrow('utilities');
  });

  it('(ii) has no recipe in which the Brier score outweighs being right', () => {
    fc.assert(
      fc.property(fc.double({ min: 0, max: 3, noNaN: true }), (brier) => {
        const make = () => trainingRecipe({ name: 'brier', reward: { brier } });
        if (brier <= 1) expect(make().reward.brier).toBe(brier);
        else expect(make).toThrow(expect.objectContaining({ code: 'SCHEMA_MISMATCH' }));
      }),
    );
  });

  it('(iii) judges a group by other groups only, whether or not its own result was recorded already', () => {
    const known = { groupId: 'before', policyVersion: 0, successes: 3, trials: 8, isPilot: false };
    const decisionWith = (own: readonly (typeof known)[], successes: number, trials: number) => {
      const earlier = { ...known, successes, trials };
      const histories = { [historyKey('a', 'none')]: [earlier, ...own], [historyKey('b', 'none')]: [known] };
      const state = aState({ histories });
      const { plan, rollouts } = played(recipe, [aGame('a'), aGame('b')], { a: mixed, b: mixed }, aState());
      const group = buildBatch(plan, state, rollouts).groups.find(({ planned }) => planned.task.id === 'a');
      return { decision: group?.decision, weight: group?.record.weight };
    };
    const counts = fc
      .integer({ min: 0, max: 16 })
      .chain((trials) => fc.tuple(fc.integer({ min: 0, max: trials }), fc.constant(trials)));
    fc.assert(
      fc.property(counts, fc.integer({ min: 0, max: 4 }), ([successes, trials], own) => {
        const recorded = { ...known, groupId: 'run/iteration-1/a/none', successes: own, trials: 4 };
        expect(decisionWith([recorded], successes, trials)).toEqual(decisionWith([], successes, trials));
      }),
    );
  });

  it('(iv) reads token weights, rewards and the filter of queries from one forward pass', async () => {
    const model = await memoryTrainer({ vocabulary: 16 }).open({ base: 'tiny' });
    let passes = 0;
    const counting: Pick<typeof model, 'forward'> = {
      forward: (samples, loss) => {
        passes += 1;
        return model.forward(samples, loss);
      },
    };
    const query = {
      id: 'q',
      contexts: [
        [1, 2],
        [1, 3],
        [1, 4],
        [1, 5],
      ],
      reference: [6, 7],
    };
    const { matrix, weights, rewards, dispersion } = await scoreReferences(counting, query);
    expect(passes).toBe(1);
    expect([weights.length, rewards.length]).toEqual([matrix.tokens, matrix.given]);
    expect(dispersion.largest).toBeGreaterThan(0);
  });

  it('(v) keeps no success in memory that is not verified, of training, and beyond suspicion', async () => {
    const world = lab();
    await runLab(
      world,
      trainingRecipe({ name: 'bank', groups: 4, optimizer: { learningRate: 0.1 } }),
      4,
      await world.ports(),
    );
    const demonstrations = await Array.fromAsync(
      (await world.entries.view('lab')).list({ kinds: ['demonstration'], statuses: ['trial', 'active', 'stable'] }),
    );
    expect(demonstrations.length).toBeGreaterThan(0);
    for (const { episodeId } of demonstrations.flatMap(({ evidence }) => evidence)) {
      const episode = await world.episodes.episode(episodeId);
      expect(episode).toMatchObject({ purpose: 'train', outcome: { status: 'success', verified: true } });
    }
  });

  it('(vi) alarms about diversity by what is good and differs, and in divergent domains only', () => {
    const judged = (domainKind: 'convergent' | 'divergent', actions: readonly (readonly string[])[], won = true) => {
      const task = aGame('a', { domainKind });
      const plays = actions.map((own) => ({ won, actions: own }));
      const { plan, state, rollouts } = played(recipe, [task], { a: plays });
      return buildBatch(plan, state, rollouts).groups;
    };
    const varied = [
      ['a', 'x'],
      ['b', 'x'],
      ['c', 'x'],
      ['d', 'x'],
    ];
    const alike = Array.from({ length: 4 }, () => ['a', 'x']);
    for (const domainKind of ['convergent', 'divergent'] as const) {
      const [start] = watchDiversity(judged(domainKind, varied), undefined);
      expect(start).toMatchObject({ domainKind, effectivePairs: 1, alarm: false });
      const before = { [domainKind]: [{ count: 4, validCount: 4, effectivePairs: 1 }] };
      const [after] = watchDiversity(judged(domainKind, alike), before);
      expect(after).toMatchObject({ effectivePairs: 0, fall: 1, alarm: domainKind === 'divergent' });
      // Noise is no diversity: plays that differ and fail count for nothing.
      const [noisy] = watchDiversity(judged(domainKind, varied, false), before);
      expect(noisy).toMatchObject({ effectivePairs: 0, alarm: domainKind === 'divergent' });
    }
  });

  it('(vii) lets no number into a batch that is not finite', () => {
    const play = fc.record(
      {
        won: fc.boolean(),
        steps: fc.integer({ min: 1, max: 12 }),
        confidence: fc.constantFrom(0, 1, Number.NaN, Infinity),
        outcome: fc.constantFrom(null, { status: 'truncated', limit: 'x' } as const),
      },
      { requiredKeys: ['won', 'steps'] },
    );
    const switches = fc.record({
      credit: fc.constantFrom('episode', 'step', 'success'),
      normalise: fc.boolean(),
    });
    fc.assert(
      fc.property(
        fc.array(play, { minLength: 4, maxLength: 4 }),
        switches,
        fc.constantFrom(0, 1),
        (plays, advantage, brier) => {
          const any = trainingRecipe({ ...recipe, advantage, reward: { brier } });
          const { plan, state, rollouts } = played(any, [aGame('a')], { a: plays });
          const { samples, groups } = buildBatch(plan, state, rollouts);
          const numbers = [
            ...samples.flatMap(({ advantages, weight, sequence }) => [weight, ...advantages, ...sequence.logprobs]),
            ...groups.flatMap(({ record }) => [record.weight, record.meanReward ?? 0]),
          ];
          expect(numbers.every(Number.isFinite)).toBe(true);
        },
      ),
    );
  });
});
