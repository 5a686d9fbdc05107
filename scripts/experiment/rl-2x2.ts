import { unitsForMean } from '@skillrl/signals';
import { baselines, baselineSwitches, trainingRecipe } from '@skillrl/training';

import { table } from '../../packages/skillrl/src/cli/output.ts';
import { firstReached } from './rl/first-reached.ts';
import { overSeeds } from './rl/over-seeds.ts';
import { runStudy, type StudyRun, withoutCanary } from './rl/study.ts';

export const description =
  'memory × signals: rollouts until 10 points more of the held-out games are won, every rollout counted';

/** Above the frozen policy. */
const wanted = 0.1;

const plainWithMemory = { ...baselineSwitches['grpo-plain'], name: 'grpo-plain-memory', memory: 'half' } as const;
const arms = {
  plain: withoutCanary(baselines['grpo-plain']),
  'plain+memory': withoutCanary(trainingRecipe(plainWithMemory)),
  signals: withoutCanary(baselines.grpo),
  'signals+memory': withoutCanary(baselines['grpo-memory']),
};

export const experiment = (args: readonly string[]): Promise<void> =>
  runStudy(
    args,
    {
      name: 'rl-2x2',
      description,
      question: 'How many rollouts does it take to win 10 points more of the held-out games, by memory and by signals?',
      endpoint:
        'rollouts until the smoothed held-out curve is 10 points above its first point; without the bank and with it',
      arms,
      sampleSize: '4 seeds as a pilot; then as many as its deviation asks for',
      defaults: { seeds: 4 },
      iterations: 30,
      evaluateEvery: 3,
    },
    (runs) => {
      const starts = runs.map(startOf);
      const frozen = starts.reduce((sum, start) => sum + start, 0) / starts.length;
      const rows = runs.map((run) => rowOf(run, frozen));
      return { rows, lines: linesOf(rows, frozen) };
    },
  );

/** Rollouts until a curve is 10 points higher; none: it never was. */
interface Reached {
  readonly without: number | undefined;
  readonly withBank: number | undefined;
}

type Row = ReturnType<typeof rowOf>;

/** Success of the policy as it was, in one play of each game: ± 8 points, so all runs together tell it better than each does. */
function startOf({ report }: StudyRun): number {
  return report.curve[0]?.success ?? 0;
}

function rowOf(run: StudyRun, frozen: number) {
  const { arm, seed, report } = run;
  const perIteration = report.episodes / Math.max(1, report.iterations);
  const start = startOf(run);
  const reached = (side: string, from: number): number | undefined => {
    // Before training the bank is empty: both sides begin at one point.
    const own = report.curve
      .filter((point) => point.side === side || point.iteration === 0)
      .map(({ iteration, success }) => ({ at: iteration, value: success }));
    const iteration = firstReached(own, from + wanted);
    return iteration === undefined ? undefined : iteration * perIteration;
  };
  const above = (from: number): Reached => ({ without: reached('none', from), withBank: reached('entries', from) });
  const last = report.curve.findLast(({ side }) => side === 'none')?.success ?? start;
  return {
    arm,
    seed,
    start,
    aboveOwn: above(start),
    aboveFrozen: above(frozen),
    rollouts: report.episodes,
    gain: last - start,
  };
}

function linesOf(rows: readonly Row[], frozen: number): string[] {
  const count = (value: number | undefined): string => value?.toFixed(0) ?? 'not reached';
  const counts = (arm: string, { without, withBank }: Reached): string[] => [
    count(without),
    arm.endsWith('memory') ? count(withBank) : '–',
  ];
  const points = (share: number): string => (100 * share).toFixed(1);
  const others = Object.keys(arms).slice(1);
  return [
    `frozen: ${points(frozen)} % of ${rows.length} first points`,
    ...table([
      ['arm', 'seed', 'start', 'to +10 of it', 'with the bank', 'to +10 of frozen', 'with the bank', 'in all', 'gain'],
      ...rows.map((row) => [
        row.arm,
        String(row.seed),
        points(row.start),
        ...counts(row.arm, row.aboveOwn),
        ...counts(row.arm, row.aboveFrozen),
        row.rollouts.toFixed(0),
        points(row.gain),
      ]),
    ]),
    '',
    'above the own first point, as planned:',
    ...others.map((arm) => timesFewer(rows, arm, ({ aboveOwn }) => aboveOwn)),
    'above the mean of all first points:',
    ...others.map((arm) => timesFewer(rows, arm, ({ aboveFrozen }) => aboveFrozen)),
  ];
}

/** Rollouts of plain GRPO over those of an arm, seed by seed, each as it is played: with the bank where the arm has one. */
function timesFewer(rows: readonly Row[], arm: string, endpoint: (row: Row) => Reached): string {
  const reached = (row: Row): number | undefined => endpoint(row)[row.arm.endsWith('memory') ? 'withBank' : 'without'];
  const pairs = rows
    .filter((row) => row.arm === arm)
    .map((row) => ({
      own: reached(row),
      plain: reached(rows.find((other) => other.arm === 'plain' && other.seed === row.seed) ?? row),
    }));
  const logs = pairs.flatMap(({ own, plain }) =>
    own === undefined || plain === undefined || own === 0 || plain === 0 ? [] : [Math.log(plain / own)],
  );
  const missed = `${pairs.filter(({ own }) => own === undefined).length} of ${pairs.length} runs did not get there, and ${pairs.filter(({ plain }) => plain === undefined).length} of plain`;
  if (logs.length === 0) return `${arm}: cannot be compared with plain; ${missed}`;
  const { mean, interval, deviation, runs } = overSeeds(logs);
  const times = (log: number): string => Math.exp(log).toFixed(2);
  const asked = deviation > 0 ? `; a factor of 2 is seen by ${unitsForMean(Math.log(2), deviation)} seeds` : '';
  return `${arm}: ${times(mean)} times fewer rollouts than plain [${times(interval.low)}, ${times(interval.high)}], geometric mean of ${runs} seed pairs that both got there; ${missed}${asked}`;
}
