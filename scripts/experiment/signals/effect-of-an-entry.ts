import { exposureEffect } from '@skillrl/signals';

import { check } from './check.ts';
import { drawsFrom, mean } from './random.ts';
import type { Study } from './study.ts';

/** Runs a seed makes. */
const runs = 60;
const exposures = 400;
const looks = [25, 50, 100, 200, 300, 400, 460];
const truth = 0.2;
const success = { withheld: 0.4, shown: 0.4 + truth };
/** Share of outcomes that never come. */
const lost = 0.05;

interface Measured {
  readonly wrongEver: number;
  readonly robust: number;
  readonly inverse: number;
  readonly naive: number;
  readonly robustSpread: number;
  readonly inverseSpread: number;
}

export const effectOfAnEntry: Study = {
  name: 'effect-of-an-entry',
  title: 'The effect of an entry, from what was shown and withheld',
  claim:
    'With propensities that adapt to what was seen, late outcomes and some that never come, the interval covers the true effect at every look, and the doubly robust estimate is steadier than the inverse-propensity one; a plain difference of means is biased.',
  source: 'Waudby-Smith et al. 2024, arXiv:2210.10768; Robins, Rotnitzky & Zhao 1994',
  run(seeds, tick) {
    const measured = seeds.map((seed, index) => {
      tick(index / seeds.length);
      return measure(seed);
    });
    const of = (key: keyof Measured): number[] => measured.map((one) => one[key]);
    return {
      checks: [
        check(
          'share of runs in which the 95 % interval ever misses the effect',
          of('wrongEver'),
          '≤ 0.05',
          (_, __, centre) => centre <= 0.05,
        ),
        check(
          'bias of the doubly robust estimate',
          of('robust').map((value) => value - truth),
          'interval holds 0',
          (_, { low, high }) => low <= 0 && high >= 0,
        ),
        check(
          'bias of the plain difference of means',
          of('naive').map((value) => value - truth),
          'interval leaves 0 out',
          (_, { low, high }) => low > 0 || high < 0,
        ),
        check(
          'standard deviation: inverse propensity ÷ doubly robust',
          of('inverseSpread').map((value, index) => value / of('robustSpread')[index]!),
          '> 1',
          (_, { low }) => low > 1,
        ),
      ],
      tables: [
        {
          title: `${runs * seeds.length} runs of ${exposures} exposures, true effect ${truth}, ${100 * lost} % of outcomes lost, successes known after 2 exposures and failures after 10 to 30`,
          columns: ['estimate', 'mean', 'standard deviation'],
          rows: [
            ['doubly robust', mean(of('robust')).toFixed(3), mean(of('robustSpread')).toFixed(3)],
            ['inverse propensity', mean(of('inverse')).toFixed(3), mean(of('inverseSpread')).toFixed(3)],
            ['difference of means', mean(of('naive')).toFixed(3), ''],
          ],
        },
      ],
      plots: [
        {
          title: 'Interval of the effect in one run',
          x: 'exposures',
          y: 'effect',
          series: courseOf(seeds[0]!),
        },
      ],
      notes: [
        'An unknown outcome counts as the worst and as the best there can be, so that the interval needs no assumption on why it is missing.',
      ],
    };
  },
};

interface Log {
  readonly shown: number[];
  readonly propensity: number[];
  readonly outcome: (number | null)[];
  readonly knownAt: number[];
}

/** Exposures one after another; what looks better so far is shown more often, at least a tenth either way. */
function simulate(uniform: () => number): Log {
  const log: Log = { shown: [], propensity: [], outcome: [], knownAt: [] };
  const [sums, counts] = [
    [1, 1],
    [2, 2],
  ] as [number[], number[]];
  const due = new Map<number, [number, number][]>();
  for (let row = 0; row < exposures; row += 1) {
    for (const [arm, outcome] of due.get(row) ?? []) {
      sums[arm]! += outcome;
      counts[arm]! += 1;
    }
    const lead = sums[1]! / counts[1]! - sums[0]! / counts[0]!;
    const propensity = Math.min(0.9, Math.max(0.1, 0.5 + 2 * lead));
    const arm = uniform() < propensity ? 1 : 0;
    const outcome = uniform() < (arm === 1 ? success.shown : success.withheld) ? 1 : 0;
    const delay = outcome === 1 ? 2 : 10 + Math.floor(20 * uniform());
    const isLost = uniform() < lost;
    log.shown.push(arm);
    log.propensity.push(propensity);
    log.outcome.push(isLost ? null : outcome);
    log.knownAt.push(row + delay);
    if (!isLost) due.set(row + delay + 1, [...(due.get(row + delay + 1) ?? []), [arm, outcome]]);
  }
  return log;
}

/** What had been assigned, and was known, before a moment. */
function seenAt({ shown, propensity, outcome, knownAt }: Log, now: number) {
  return {
    shown: shown.slice(0, now),
    propensity: propensity.slice(0, now),
    outcome: outcome.slice(0, now).map((value, row) => (knownAt[row]! < now ? value : null)),
    knownAt: knownAt.slice(0, now),
  };
}

function measure(seed: number): Measured {
  const { uniform } = drawsFrom(seed);
  const [robust, inverse, naive]: [number[], number[], number[]] = [[], [], []];
  let wrongEver = 0;
  for (let run = 0; run < runs; run += 1) {
    const log = simulate(uniform);
    const isWrong = looks.some((now) => {
      const { interval } = exposureEffect(seenAt(log, now));
      return truth < interval.low || truth > interval.high;
    });
    wrongEver += Number(isWrong) / runs;
    const whole = exposureEffect(log);
    robust.push(whole.doublyRobust ?? 0);
    inverse.push(whole.inversePropensity ?? 0);
    naive.push(meanOf(log, 1) - meanOf(log, 0));
  }
  return {
    wrongEver,
    robust: mean(robust),
    inverse: mean(inverse),
    naive: mean(naive),
    robustSpread: spread(robust),
    inverseSpread: spread(inverse),
  };
}

function meanOf({ shown, outcome }: Log, arm: number): number {
  const known = outcome.filter((value, row): value is number => value !== null && shown[row] === arm);
  return known.length === 0 ? 0.5 : mean(known);
}

function spread(values: readonly number[]): number {
  const centre = mean(values);
  return Math.sqrt(values.reduce((sum, value) => sum + (value - centre) ** 2, 0) / (values.length - 1));
}

function courseOf(seed: number) {
  const log = simulate(drawsFrom(seed).uniform);
  const course = looks.map((now) => [Math.min(now, exposures), exposureEffect(seenAt(log, now)).interval] as const);
  return [
    { name: 'upper end', points: course.map(([at, { high }]) => [at, high] as const) },
    { name: 'lower end', points: course.map(([at, { low }]) => [at, low] as const) },
    { name: 'true effect', points: course.map(([at]) => [at, truth] as const) },
  ];
}
