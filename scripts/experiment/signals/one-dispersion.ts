import {
  dispersionFilter,
  dispersionWeights,
  groupAdvantages,
  queryDispersion,
  referenceMatrix,
  tokenDispersion,
} from '@skillrl/signals';

import { check } from './check.ts';
import { drawsFrom, logit, mean, sigmoid, type Draws } from './random.ts';
import type { Study } from './study.ts';

const tokens = 100;
const groupSize = 16;
const draws300 = 300;
/**
 * How a reference token's log-probability varies over rollouts: a reflective one by the quality of the reasoning (deviation 1), every one by an
 * offset that a rollout's tokens share (style, length) and by noise of its own.
 */
const deviation = { shared: 0.12, own: 0.2 };
const reflective = [1, 3, 10] as const;
const rewards = ['sum of log-probabilities', 'weights σ', 'weights σ²', 'ten most dispersed tokens'] as const;

export const oneDispersion: Study = {
  name: 'one-dispersion',
  title: 'One dispersion statistic, two uses',
  claim:
    'The deviation of a reference token’s log-probability over rollouts finds the tokens that reflect the reasoning: weighting by it makes the reward follow quality, and the same number filters queries that carry no signal.',
  source: 'Xu et al. 2025, arXiv:2506.13351 (DRO, R3); the form of the weights is ours',
  run(seeds, tick) {
    const correlations = reflective.map((count, at) =>
      seeds.map((seed, index) => {
        tick((0.5 * (at * seeds.length + index)) / (reflective.length * seeds.length));
        return correlation(count, seed);
      }),
    );
    const trainings = seeds.map((seed, index) => {
      tick(0.5 + (0.5 * index) / seeds.length);
      return {
        sum: train('sum', seed),
        weighted: train('weighted', seed),
        filtered: train('weighted and filtered', seed),
      };
    });
    const at3 = correlations[reflective.indexOf(3)]!;
    type Way = keyof (typeof trainings)[number];
    const of = (way: Way, key: 'rollouts' | 'steps'): number[] => trainings.map((one) => one[way][key]);
    const ratio = (a: Way, b: Way): number[] =>
      of(a, 'rollouts').map((value, index) => value / of(b, 'rollouts')[index]!);
    return {
      checks: [
        check(
          'three reflective tokens: rank correlation with quality, σ² weights − sum',
          at3.map((one) => one[2]! - one[0]!),
          '≥ 0.3',
          (_, { low }) => low >= 0.3,
        ),
        check('rollouts to the target: sum ÷ weighted', ratio('sum', 'weighted'), '≥ 2', (_, { low }) => low >= 2),
        check(
          'rollouts to the target: weighted ÷ weighted and filtered',
          ratio('weighted', 'filtered'),
          '> 1',
          (_, { low }) => low > 1,
        ),
      ],
      tables: [
        {
          title: `Rank correlation of reward and quality; groups of ${groupSize}, ${draws300} draws; means over seeds`,
          columns: ['reflective tokens of 100', ...rewards],
          rows: reflective.map((count, at) => [
            count,
            ...rewards.map((_, way) => mean(correlations[at]!.map((one) => one[way]!)).toFixed(2)),
          ]),
        },
        {
          title:
            'Training a chance of good reasoning from 0.50 to 0.85; 60 queries, 40 of them without signal; means over seeds',
          columns: ['reward', 'steps', 'rollouts, the filter’s own included'],
          rows: (
            [
              ['sum of log-probabilities', 'sum'],
              ['weights σ²', 'weighted'],
              ['weights σ², queries filtered by their largest σ', 'filtered'],
            ] as const
          ).map(([name, way]) => [name, mean(of(way, 'steps')).toFixed(0), mean(of(way, 'rollouts')).toFixed(0)]),
        },
      ],
      plots: [
        {
          title: 'Rank correlation of reward and quality',
          x: 'reflective tokens of 100',
          y: 'rank correlation',
          series: rewards.map((name, way) => ({
            name,
            points: reflective.map((count, at) => [count, mean(correlations[at]!.map((one) => one[way]!))] as const),
          })),
        },
      ],
      notes: [
        'The filter keeps the third of the queries with the largest σ, which is the true share of those with signal; with a wrong share the gain is smaller.',
      ],
    };
  },
};

/** Log-probabilities of the reference under rollouts of these qualities, a row each. */
function logprobsUnder(qualities: readonly number[], reflectiveCount: number, draws: Draws): number[][] {
  return qualities.map((quality) => {
    const offset = deviation.shared * draws.normal();
    return Array.from(
      { length: tokens },
      (_, token) => -8 + offset + deviation.own * draws.normal() + (token < reflectiveCount ? quality : 0),
    );
  });
}

function weightedSums(matrix: readonly (readonly number[])[], weights: ArrayLike<number>): number[] {
  return matrix.map((row) => row.reduce((sum, value, token) => sum + value * weights[token]!, 0));
}

const ones = Array.from({ length: tokens }, () => 1);

function correlation(count: number, seed: number): number[] {
  const draws = drawsFrom(seed);
  const totals = rewards.map(() => 0);
  for (let draw = 0; draw < draws300; draw += 1) {
    const qualities = Array.from({ length: groupSize }, () => draws.normal());
    const matrix = logprobsUnder(qualities, count, draws);
    const dispersion = tokenDispersion(referenceMatrix(matrix));
    const ways = [
      ones,
      dispersionWeights(dispersion, { power: 1 }),
      dispersionWeights(dispersion, { power: 2 }),
      dispersionWeights(dispersion, { form: 'top', share: 0.1 }),
    ];
    ways.forEach((weights, way) => (totals[way]! += rankCorrelation(weightedSums(matrix, weights), qualities)));
  }
  return totals.map((total) => total / draws300);
}

type Training = 'sum' | 'weighted' | 'weighted and filtered';
const [queries, withSignal, perStep, target, rate] = [60, 20, 8, 0.85, 0.25];

function train(way: Training, seed: number): { steps: number; rollouts: number } {
  const draws = drawsFrom(seed);
  let chance = logit(0.5);
  let rollouts = 0;
  const reflectiveOf = (query: number): number => (query < withSignal ? 3 : 0);
  const roll = (query: number) => {
    const good = Array.from({ length: groupSize }, () => draws.uniform() < sigmoid(chance));
    rollouts += groupSize;
    return {
      good,
      matrix: logprobsUnder(
        good.map((one) => (one ? 1 : -1)),
        reflectiveOf(query),
        draws,
      ),
    };
  };
  const all = Array.from({ length: queries }, (_, query) => query);
  const kept = way === 'weighted and filtered' ? filtered(all, (query) => roll(query).matrix) : all;
  for (let step = 1; step <= 2_000; step += 1) {
    let slope = 0;
    for (let one = 0; one < perStep; one += 1) {
      const { good, matrix } = roll(kept[draws.index(kept.length)]!);
      const weights = way === 'sum' ? ones : dispersionWeights(tokenDispersion(referenceMatrix(matrix)), { power: 2 });
      const advantages = groupAdvantages(weightedSums(matrix, weights), { normalise: true });
      good.forEach((isGood, index) => (slope += advantages[index]! * (Number(isGood) - sigmoid(chance))));
    }
    chance += (rate * slope) / (perStep * groupSize);
    if (sigmoid(chance) >= target) return { steps: step, rollouts };
  }
  return { steps: 2_000, rollouts };
}

/** The queries whose references vary most, as many as there are with a signal. */
function filtered(all: readonly number[], matrixOf: (query: number) => number[][]): number[] {
  const ranked = all.map((query) => ({
    id: String(query),
    dispersion: queryDispersion(referenceMatrix(matrixOf(query))),
  }));
  return dispersionFilter(ranked, { keepShare: withSignal / queries }).kept.map(Number);
}

/** Spearman's, for values without ties. */
function rankCorrelation(a: readonly number[], b: readonly number[]): number {
  const [first, second] = [ranks(a), ranks(b)];
  const squares = first.reduce((sum, rank, index) => sum + (rank - second[index]!) ** 2, 0);
  return 1 - (6 * squares) / (a.length * (a.length ** 2 - 1));
}

function ranks(values: readonly number[]): number[] {
  const order = values.map((_, index) => index).toSorted((a, b) => values[a]! - values[b]!);
  const rank = Array.from({ length: values.length }, () => 0);
  order.forEach((index, at) => (rank[index] = at));
  return rank;
}
