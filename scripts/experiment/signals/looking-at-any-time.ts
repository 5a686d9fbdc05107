import { confidenceSequence, pairedSequentialTest, wilsonInterval } from '@skillrl/signals';

import { check } from './check.ts';
import { drawsFrom, mean } from './random.ts';
import type { Study } from './study.ts';

/** Runs a seed makes; eight seeds make a thousand. */
const runs = 125;
const [pairs, lookEvery] = [1_000, 20];
/** Half of the discordance of two plays of one game (0.22, measured): how often a pair is won, or lost, by chance. */
const chance = 0.11;

interface Measured {
  readonly wrongSequence: number;
  readonly wrongInterval: number;
  readonly falseVerdicts: number;
  readonly foundBenefits: number;
  readonly pairsNeeded: number;
}

export const lookingAtAnyTime: Study = {
  name: 'looking-at-any-time',
  title: 'Statistics that may be looked at at any time',
  claim:
    'Looking again and again at a fixed-sample interval is wrong far more often than it says; a confidence sequence and a sequential test keep their stated error.',
  source: 'Waudby-Smith & Ramdas 2024, arXiv:2010.09686; Grünwald, de Heide & Koolen 2024, arXiv:1906.07801',
  run(seeds, tick) {
    const measured = seeds.map((seed, index) => {
      tick(index / seeds.length);
      return measure(seed);
    });
    const of = (key: keyof Measured): number[] => measured.map((one) => one[key]);
    const atMost =
      (limit: number) =>
      (_: readonly number[], { low }: { low: number }, centre: number) =>
        centre <= limit || low <= limit;
    return {
      checks: [
        check(
          'confidence sequence, 95 %: share of runs in which it ever misses the mean',
          of('wrongSequence'),
          '≤ 0.05',
          (_, __, centre) => centre <= 0.05,
        ),
        check(
          'Wilson’s interval looked at as often: the same',
          of('wrongInterval'),
          '> 0.05: not made for that',
          (_, { low }) => low > 0.05,
        ),
        check(
          'sequential test, no effect: verdicts of benefit or harm',
          of('falseVerdicts'),
          '≤ 0.10: 0.05 a side',
          atMost(0.1),
        ),
        check('sequential test, +10 points: benefits found', of('foundBenefits'), '≥ 0.8', (_, { low }) => low >= 0.8),
      ],
      tables: [
        {
          title: `${runs * seeds.length} runs of ${pairs} outcomes or pairs, looked at every ${lookEvery}`,
          columns: ['method', 'measured'],
          rows: [
            ['confidence sequence: ever wrong', mean(of('wrongSequence')).toFixed(3)],
            ['Wilson’s interval: ever wrong', mean(of('wrongInterval')).toFixed(3)],
            ['sequential test, no effect: verdicts', mean(of('falseVerdicts')).toFixed(3)],
            ['sequential test, +10 points: benefits found', mean(of('foundBenefits')).toFixed(3)],
            ['pairs until then, mean', mean(of('pairsNeeded')).toFixed(0)],
          ],
        },
      ],
      plots: [
        {
          title: 'Width of a 95 % interval for a share of one half',
          x: 'outcomes',
          y: 'width',
          series: [
            {
              name: 'confidence sequence',
              points: widths((successes, trials) => confidenceSequence(bits(successes, trials)).interval),
            },
            { name: 'Wilson, for one look only', points: widths(wilsonInterval) },
          ],
        },
      ],
      notes: ['What looking at any time costs is width: about one and a half times the fixed interval.'],
    };
  },
};

function measure(seed: number): Measured {
  const draws = drawsFrom(seed);
  const count = { wrongSequence: 0, wrongInterval: 0, falseVerdicts: 0, foundBenefits: 0, pairsNeeded: 0 };
  for (let run = 0; run < runs; run += 1) {
    const share = 0.1 + 0.8 * draws.uniform();
    const outcomes = Array.from({ length: pairs }, () => Number(draws.uniform() < share));
    const looks = looksAt(outcomes);
    count.wrongSequence += Number(looks.some(({ sequence }) => misses(sequence, share)));
    count.wrongInterval += Number(looks.some(({ fixed }) => misses(fixed, share)));
    const none = sequential(draws.uniform, chance, chance);
    count.falseVerdicts += Number(none.verdict === 'benefit' || none.verdict === 'harm');
    const some = sequential(draws.uniform, chance + 0.1, chance);
    count.foundBenefits += Number(some.verdict === 'benefit');
    count.pairsNeeded += some.pairs;
  }
  return Object.fromEntries(Object.entries(count).map(([key, value]) => [key, value / runs])) as unknown as Measured;
}

function looksAt(outcomes: readonly number[]) {
  const looks = [];
  let state: ReturnType<typeof confidenceSequence>['state'] | undefined;
  let successes = 0;
  for (let at = lookEvery; at <= outcomes.length; at += lookEvery) {
    const fresh = outcomes.slice(at - lookEvery, at);
    successes += fresh.reduce((sum, outcome) => sum + outcome, 0);
    const sequence = confidenceSequence(fresh, { state });
    state = sequence.state;
    looks.push({ sequence: sequence.interval, fixed: wilsonInterval(successes, at) });
  }
  return looks;
}

/** Plays pairs, one of them won or lost with these chances, until the test stops. */
function sequential(uniform: () => number, won: number, lost: number) {
  const treated: number[] = [];
  const control: number[] = [];
  for (let pair = 0; pair < pairs; pair += 1) {
    const draw = uniform();
    treated.push(Number(draw < won));
    control.push(Number(draw >= won && draw < won + lost));
  }
  return pairedSequentialTest(treated, control, { maximumPairs: pairs });
}

const misses = ({ low, high }: { low: number; high: number }, truth: number): boolean => truth < low || truth > high;
const bits = (successes: number, trials: number): number[] =>
  Array.from({ length: trials }, (_, index) => Number(index < successes));

function widths(interval: (successes: number, trials: number) => { low: number; high: number }) {
  return [20, 50, 100, 200, 400, 700, 1_000].map((trials) => {
    const { low, high } = interval(trials / 2, trials);
    return [trials, high - low] as const;
  });
}
